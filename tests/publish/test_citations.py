from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from pybtex.richtext import Text

from ht_sim.publish.citations import cited_on, read_bibliography
from ht_sim.publish.prose import read_text

OWN = Path(__file__).parents[2] / "content" / "references.bib"
TWO = """@article{zhang2019, author = {Zhang, Hongyi and Ma, T.}, title = {B <b>},
  year = 2019, journal = {Journal}, volume = 1, number = 2, pages = {3--4}}
@misc{ba2016,
  author = {Ba, Jimmy Lei and Kiros, J. R. and Hinton, G. E.},
  title = {Layer {N}ormalization?}, year = 2016, eprint = {1607.06450},
  doi = {10.1/x},
}
"""


def problems(text: str) -> list[str]:
    return [str(one) for one in read_bibliography("r.bib", text)[1]]


def entry(key: str, author: str, title: str = "T", more: str = "") -> str:
    return f"@misc{{{key}, author={{{author}}}, title={{{title}}}, year=2000{more}}}\n"


def labels(*entries: str) -> dict[str, str]:
    found, wrong = read_bibliography("r.bib", "".join(entries))
    assert not wrong
    return {key: one.label for key, one in found.items()}


@pytest.mark.parametrize(
    "tex",
    [
        *("A-B (C); D, E/F: 1+1?", "A  B", "A -- B", "O'Brien ``x''", "Caf{\\'e}"),
        *("a~b", "{N}orm", "50\\% \\& more", "$x_1$"),
    ],
)
def test_a_title_is_what_pybtex_makes_of_it(tex: str) -> None:
    found, wrong = read_bibliography("r.bib", entry("a2000", "Roe, R.", tex))
    words = str(Text.from_latex(tex)).replace("~", "\N{NO-BREAK SPACE}")
    assert not wrong
    assert f"<cite>{escape(words)}</cite>" in found["a2000"].html


def test_an_entry_is_set_and_escaped() -> None:
    found, wrong = read_bibliography("r.bib", TWO)
    assert not wrong
    assert list(found) == ["ba2016", "zhang2019"]
    assert found["zhang2019"].html.replace("\N{NO-BREAK SPACE}", " ") == (
        "H. Zhang and T. Ma (2019). <cite>B &lt;b&gt;</cite>. Journal 1(2), 3–4."
    )
    assert found["ba2016"].html.replace("\N{NO-BREAK SPACE}", " ") == (
        "J. L. Ba, J. R. Kiros and G. E. Hinton (2016). "
        "<cite>Layer Normalization?</cite> "
        '<a href="https://doi.org/10.1/x" rel="noopener">doi:10.1/x</a> '
        '<a href="https://arxiv.org/abs/1607.06450" rel="noopener">'
        "arXiv:1607.06450</a>"
    )


def test_the_entry_itself_can_be_downloaded() -> None:
    found = read_bibliography("r.bib", TWO)[0]
    assert found["ba2016"].bibtex.startswith("@misc{ba2016,\n")
    assert found["ba2016"].bibtex.endswith("  doi = {10.1/x},\n}\n")
    again = read_bibliography("r.bib", found["ba2016"].bibtex)[0]
    assert again["ba2016"] == found["ba2016"]


def test_labels_count_authors() -> None:
    assert labels(
        entry("one", "van Laarhoven, T."),
        entry("two", "Ioffe, S. and Szegedy, C."),
        entry("three", "De, S. and Smith, S. L. and Brock, A."),
        entry("many", "Touvron, H. and others"),
        entry("team", "{Gemma Team}"),
        entry("accent", 'G{\\"o}del, K.'),
    ) == {
        "three": "De et al. 2000",
        "team": "Gemma Team 2000",
        "accent": "Gödel 2000",
        "two": "Ioffe & Szegedy 2000",
        "many": "Touvron et al. 2000",
        "one": "van Laarhoven 2000",
    }


def test_labels_that_would_be_the_same_get_letters_by_title() -> None:
    found = labels(entry("x", "De, S.", "Zebra"), entry("y", "De, S.", "Ape"))
    assert found == {"y": "De 2000a", "x": "De 2000b"}
    html = read_bibliography("r.bib", entry("x", "De, S.") + entry("y", "De, S."))[0]
    assert "(2000a)" in html["x"].html


def test_the_order_ignores_accents_and_case() -> None:
    names = ["Łuk, A.", "Zed, A.", "Çam, A.", "Dee, A.", "lum, A."]
    found = labels(*(entry(name[0], name) for name in names))
    assert list(found) == ["Ç", "D", "Ł", "l", "Z"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            entry("a", "B") + "\n@misc{c,\n  title = x}",
            "r.bib:4:11: cannot read the BibTeX: undefined string: x",
        ),
        (
            entry("a", "B") + entry("a", "C"),
            "r.bib:2:7: the source 'a' stands twice",
        ),
        (entry("a", "B") + entry("A", "C"), "r.bib:2:7: the source 'A' stands twice"),
        (
            "@misc{a,\n author = {B},\n",
            "r.bib:1:1: cannot read the BibTeX: an entry that is not closed",
        ),
        ("\n@misc{a, year=1, author={B}}", "r.bib:2:7: the source 'a' has no title"),
        ("@misc{a, title={x}, author={B}}", "r.bib:1:7: the source 'a' has no year"),
        ("@misc{a, title={x}, year=1}", "r.bib:1:7: the source 'a' has no author"),
        ("@misc{a, title={x}, title={y}, year=1, author={B}}", "r.bib:1:7: entry"),
        ("@misc{a b, title={x}}", "r.bib:1:10: cannot read the BibTeX; expected '='"),
        ("@misc{a, year=1}", "r.bib:1:7: the source 'a' has no title and no author"),
        (
            entry("a", "B,C,D,E,F"),
            "r.bib:1:18: cannot read the BibTeX: Too many commas in 'B,C,D,E,F'",
        ),
        ("@misc{a title={x}}", "r.bib:1:8: no comma after the key 'a'"),
        ("@misc(a, title={x}, year=1)", "r.bib:1:7: the source 'a' has no author"),
    ],
)
def test_messages_have_their_place(text: str, message: str) -> None:
    assert [one for one in problems(text) if one.startswith(message)]


def test_line_ends_change_nothing() -> None:
    assert read_bibliography("r", TWO.replace("\n", "\r\n")) == read_bibliography(
        "r", TWO
    )


def test_a_source_knows_where_it_is_cited() -> None:
    text = 'A [@a, §1; @b]. [C]{cited="@a"}\n\n:::{figure} fig\n:::\n'
    page = read_text("p.md", "p", text)[0]
    caption = read_text("fig", "fig", "D [@a, Fig. 2].")[0]
    found = cited_on([page], {"fig": caption})
    assert [(one.page, one.anchor, one.source.place) for one in found["a"]] == [
        ("p", "cite-p-1", "§1"),
        ("p", "cite-p-3", ""),
        ("p", "cite-fig-1", "Fig. 2"),
    ]
    assert list(found) == ["a", "b"]


def test_the_bibliography_of_the_site_is_whole() -> None:
    text = OWN.read_text(encoding="utf-8")
    found, wrong = read_bibliography("content/references.bib", text)
    assert not wrong
    assert len(found) == 49
    assert found["brock2021"].label == "Brock et al. 2021a"
    assert found["brock2021nfnet"].label == "Brock et al. 2021b"
    for key, one in found.items():
        assert re.fullmatch(r"[a-z]+(19|20)\d\d[a-z]*", key)
        assert not set(one.html) & set("{}\\~")
    numbers = re.findall(r"eprint = \{(.*)\}", text)
    assert all(re.fullmatch(r"\d{4}\.\d{4,5}", number) for number in numbers)
    assert len(numbers) == len(set(numbers)) >= 37
