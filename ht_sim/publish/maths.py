r"""TeX to MathML, the part of it that browsers draw without help."""

from __future__ import annotations

import re
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

from ht_sim.publish.mathml import clean
from ht_sim.publish.tex import TexError, check_tex


def to_mathml(tex: str, *, display: bool = False) -> str:
    r"""Return one ``<math>`` element; its TeX source is the ``alttext``.

    Raises
    ------
    TexError : with the offset in ``tex`` of what cannot be set
    """
    check_tex(tex)
    known = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex.replace("\n", " "))
    known = re.sub(r"\\mathrm\{([A-Za-z]{2,})\}", r"\\operatorname{\1}", known)
    try:
        tree = convert_to_element(known, display="block" if display else "inline")
    except RecursionError:
        raise TexError(0, "a formula that is too deep") from None
    except Exception as error:  # the translator's errors have no class in common
        words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__)
        raise TexError(0, words.lower().removesuffix(" error")) from None
    clean(tree)
    tree.attrib = {"display": "block"} if display else {}
    tree.set("alttext", " ".join(tex.split()))
    return tostring(tree, encoding="unicode", short_empty_elements=False)
