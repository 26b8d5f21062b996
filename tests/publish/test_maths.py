from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ht_sim.publish.mathml import ALLOWED
from ht_sim.publish.maths import to_mathml
from ht_sim.publish.tex import TexError

GLOBAL = {"class", "displaystyle", "scriptlevel"}
CONSTRUCTS = (
    r"\frac{a}{b}",
    r"\tfrac12",
    r"\frac{\frac{a}{b}}{c}",
    r"\dfrac{1}{2} \binom{n}{k}",
    r"\hat{x}_i = \frac{x_i - \mu_B}{\sqrt{\sigma^2_B + \epsilon}}",
    r"\sqrt[3]{x}",
    r"\sum_{i=1}^{m} x_i \prod_j y_j \int_0^1 f",
    r"\mathbb{E}[X] \in \mathbb{R}^{N \times D}",
    r"\operatorname{Var}(x)",
    r"\operatorname*{argmin}_w L",
    r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{aligned} a &= b \\ &= c \end{aligned}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{bmatrix} a \end{bmatrix}",
    r"\lVert w \rVert_2 + |x| + \lvert y \rvert + \|z\|",
    r"X^\top X + \alpha^{\top}",
    r"a \odot b \cdot c \times d \pm e \le f \neq g \approx h \propto k",
    r"\left( \frac{a}{b} \right) \left. x \right|_{y=0} \left\{ z \right\}",
    r"\mathcal{N}(0, 1) \mathbf{w} \mathrm{d}x \mathit{a} \mathsf{b} \mathtt{c}",
    r"\bm{x} \boldsymbol{\gamma} \bm{W}^{(1)}",
    r"f'(x) + f'' + g'_i",
    r"\bar{x} \tilde{x} \vec{v} \dot{y} \ddot{y} \overline{x+y} \widehat{ab}",
    r"\underbrace{x + y}_{\text{sum}} \overbrace{z}^{n} \overset{!}{=}",
    r"\lim_{n \to \infty} \log x \exp(-x) 2\sin x",
    r"x \sim p(y \mid z) \quad a,\, b \; c \! d \qquad e",
    r"\langle x, y \rangle \lfloor x \rfloor \lceil y \rceil",
    r"\nabla_w L = \frac{\partial L}{\partial w}",
    r"\displaystyle \sum_i \textstyle x \big( y \big) \Bigl[ z \Bigr]",
    r"1{,}797 \approx 10\,\% \$ \& \_ \{a\} \#",
    r"\text{if } x < 3 \textbf{bold} \textit{italic}",
    r"\phantom{x} \ldots \cdots \vdots",
    r"α + é ≤ 2",
)


def letters(tex: str) -> str:
    return "".join(ElementTree.fromstring(to_mathml(tex)).itertext())


@pytest.mark.parametrize("display", [False, True])
@pytest.mark.parametrize("tex", CONSTRUCTS)
def test_what_the_site_uses_becomes_core_mathml(tex: str, display: bool) -> None:
    html = to_mathml(tex, display=display)
    tree = ElementTree.fromstring(html)
    for element in tree.iter():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= {*ALLOWED[element.tag], *GLOBAL}
        assert element.get("mathvariant") in (None, "normal")
        assert "\\" not in (element.text or "")
        if element.tag in ("mfrac", "msub", "msup", "mover", "munder", "mroot"):
            assert len(element) == 2
        if element.tag in ("msubsup", "munderover"):
            assert len(element) == 3
    assert tree.get("display") == ("block" if display else None)
    assert tree.get("alttext") == tex
    assert " style=" not in html
    assert "/>" not in html


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\bm{x}\boldsymbol{\gamma}\bm{W}", "𝒙𝜸𝑾"),
        (r"\mathbf{x}\mathbb{R}\mathcal{B}\mathbb{1}", "𝐱ℝℬ𝟙"),
        (r"\mathit{h}\mathbf{12}", "ℎ𝟏𝟐"),
        (r"\text{a <b> & c}", "a <b> & c"),
        (r"x \sim y", "x∼y"),
    ],
)
def test_letters_are_unicode(tex: str, text: str) -> None:
    assert letters(tex).replace("\N{NO-BREAK SPACE}", " ") == text


def test_text_cannot_become_markup() -> None:
    html = to_mathml(r"\text{<script>alert(1)</script>&lt;img>}")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_roman_letters_stand_upright_and_others_do_not() -> None:
    html = to_mathml(r"\mathrm{d} x")
    assert '<mi mathvariant="normal">d</mi><mi>x</mi>' in html


def test_signs_and_names_have_the_spaces_of_tex() -> None:
    assert '<mo form="prefix">−</mo><mn>1</mn>' in to_mathml("x = -1")
    assert "<mo>−</mo><mn>1</mn>" in to_mathml("x - 1")
    assert '<mo form="prefix">−</mo><mi>x</mi>' in to_mathml(r"\exp(-x)")
    after = '<mo lspace="0.167em" rspace="0.167em">log</mo>'
    assert after in to_mathml(r"2 \log x")
    assert '<mo lspace="0" rspace="0">Var</mo>' in to_mathml(r"\operatorname{Var}(x)")
    assert '<mo lspace="0" rspace="0">,</mo>' in to_mathml("1{,}797")


def test_a_missing_delimiter_takes_no_room() -> None:
    html = to_mathml(r"\left. x \right|")
    assert '<mo lspace="0" rspace="0"></mo><mi>x</mi>' in html


def test_bars_come_in_pairs() -> None:
    html = to_mathml(r"\lVert x \rVert")
    assert re.findall(r'form="(\w+)"', html) == ["prefix", "postfix"]
    assert "form" not in to_mathml("p(a|b)")


def test_limits_move_with_the_style() -> None:
    for tex in (r"\sum_i x", r"\max_i x", r"\frac{\sum_i x}{2}"):
        html = to_mathml(tex)
        assert "<munder>" in html
        assert 'movablelimits="true"' in html
    assert "<msub>" in to_mathml(r"\log_2 x")


def test_accents_stay_close() -> None:
    html = to_mathml(r"\bar{x} \hat{y}")
    assert html.count('<mover accent="true">') == 2


def test_columns_are_aligned_by_class() -> None:
    html = to_mathml(r"\begin{aligned} a &= b \end{aligned}")
    assert '<mtable displaystyle="true" class="aligned">' in html
    assert '<mtd class="align-right">' in html
    assert '<mtd class="align-left">' in html


@pytest.mark.parametrize(
    ("tex", "offset", "what"),
    [
        ("", 0, "empty maths"),
        (" \n ", 0, "empty maths"),
        (r"a + \foo", 4, r"unknown TeX command \foo"),
        (r"\sgima x", 0, r"unknown TeX command \sgima"),
        (r"\farc{a}{b}", 0, r"unknown TeX command \farc (did you mean '\frac'?)"),
        (r"x \color{red}", 2, r"unknown TeX command \color"),
        (r"\href{javascript:x}{y}", 0, r"unknown TeX command \href"),
        (r"\style{color:red}{y}", 0, r"unknown TeX command \style"),
        (r"\class{a}{y}", 0, r"unknown TeX command \class"),
        (r"\def\a{b}", 0, r"unknown TeX command \def"),
        (r"\boxed{x}", 0, r"unknown TeX command \boxed"),
        (r"\label{x}", 0, r"unknown TeX command \label"),
        (r"\sum\limits_i x", 4, r"unknown TeX command \limits"),
        (r"a \not= b", 2, r"unknown TeX command \not"),
        (r"\frac\mathbf12", 0, "a command without all of its parts"),
        (r"1 + \frac{a}", 4, r"\frac has 1 of its 2 arguments"),
        (r"\frac", 0, r"\frac has 0 of its 2 arguments"),
        (r"{\hat}", 1, r"\hat has 0 of its 1 argument"),
        (r"\sqrt", 0, r"\sqrt has 0 of its 1 argument"),
        (r"x^", 1, "^ has 0 of its 1 argument"),
        (r"x_^2", 1, "_ has 0 of its 1 argument"),
        (r"x^2^3", 0, "double superscripts"),
        (r"x_2_3", 0, "double subscripts"),
        (r"a + {b", 4, "{ is not closed"),
        (r"a}", 1, "} closes nothing"),
        (r"\left( x", 0, r"\left is not closed"),
        (r"x \right)", 2, r"\right closes nothing"),
        (r"\left x \right)", 0, r"\left needs a delimiter"),
        (r"a & b", 2, "& outside a table"),
        (r"a \\ b", 2, r"\\ outside a table"),
        (r"a % b", 2, "a bare % in TeX"),
        (r"a # b", 2, "a bare # in TeX"),
        (r"\begin{cases} 1", 0, r"\begin{cases} is not closed"),
        (r"\begin{case} 1 \end{case}", 0, "unknown environment 'case'"),
        (r"\begin{cases} 1 \end{matrix}", 20, r"\end{matrix} closes \begin{cases}"),
        (r"\text{a $b$}", 0, r"\text needs plain words"),
        (r"\text x", 0, r"\text needs plain words"),
        ("{" * 60 + "x" + "}" * 60, 39, "groups more than 40 deep"),
        ("x" * 5001, 0, "a formula of over 5000 characters"),
    ],
)
def test_what_cannot_be_set_is_told_with_its_place(
    tex: str, offset: int, what: str
) -> None:
    with pytest.raises(TexError) as error:
        to_mathml(tex)
    assert error.value.what.startswith(what)
    assert error.value.offset == offset
