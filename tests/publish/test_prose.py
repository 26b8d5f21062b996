"""Reading pages and holding them against what exists."""

from __future__ import annotations

import re

import numpy as np
import pytest

from ht_sim.estimates import Estimate, exact
from ht_sim.publish.checks import check
from ht_sim.publish.citations import read_bibliography
from ht_sim.publish.known import Known
from ht_sim.publish.numbers import TYPED
from ht_sim.publish.prose import Page, heading_ids, read_page, read_text

FRONT = "---\ntitle: Dropout\norder: 1\nsummary: s\n---\n"  # the body is line 6 on
BIBLIOGRAPHY = read_bibliography(
    "r.bib",
    "@misc{ioffe2015, author={Ioffe, S. and Szegedy, C.}, title={B}, year=2015}"
    "@misc{ba2016, author={Ba, J.}, title={L}, year=2016}",
)[0]
KNOWN = Known(
    facts={
        "ridge.slope": Estimate(-0.49, -0.51, -0.47, repeats=20),
        "ridge.gain": Estimate(-0.2, -0.3, -0.1, repeats=20, paired=True),
        "ridge.lost": exact(float("nan")),
        "spread.n": exact(1797),
    },
    figures={"passes": "ht_sim/figures/passes.py"},
    bibliography=BIBLIOGRAPHY,
    brief=("two-tricks",),
)
SHOWN = ":::{figure} passes\n:::\n"


def found(body: str, known: Known = KNOWN, front: str = FRONT) -> list[str]:
    """Return every message for one page that also shows the figure."""
    label = "content/dropout.md"
    shows = "" if "{figure}" in body else "\n\n" + SHOWN
    page, problems = read_page(label, front + body + shows)
    return [
        str(one).removeprefix(f"{label}:") for one in problems + check([page], known)
    ]


GOOD = """## A slope of one half {#slope shown="ridge.slope.high < -0.4"}

It is {fact}`ridge.slope:.2f` or {interval}`ridge.slope:.2f`, over
{fact}`ridge.slope.repeats:.0f` repeats of {fact}`spread.n:,.0f` images.
[It *falls* by $-\\frac{1}{2}$.]{shown="ridge.gain.high < 0 and spread.n > 1000"}
[By 50 % at 0.5, ten times.]{cited="@ioffe2015, §3.1; @ba2016"} [@ba2016, Tab. 1].
[It is so.]{disputed="@ioffe2015, §2; @ba2016"} See @fig-passes, [there](#slope),
[again](dropout.md#passes:rate=0.3), [out](https://example.org/a_b(c)?d=0.5#e).
`code 0.5 $ [@x]`, `` a ` b ``, \\$5, \\[a\\], a@example.org, 1,797 images, 2 × 2,
§3.1, the 15th percentile, in 2014, [hot]{.hot}, many times, sometimes.<br>[^note]

### A smaller one

$$
\\sum_i x_i = 0.5
$$

| a | b |
|---|--:|
| $|x|$ | `|` |

```python
x = 0.5  # {fact}`no` $ [@no] :::
```

::: {.predict}
What *happens*?

::: {.aside}
Nested.
:::
:::

<!-- A comment with $ and 0.5

## and a heading -->

[^note]: Its text, $0.1$.

1. one
2. two

    - nested
"""


def test_a_good_page_has_no_problem() -> None:
    assert found(GOOD) == []


def test_line_ends_and_byte_order_mark_change_nothing() -> None:
    text = FRONT + GOOD
    read = read_page("a.md", text)
    for odd in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        assert read_page("a.md", odd) == read


MESSAGES = [
    # citations
    (
        "A [@iofe2015].",
        "6:5: unknown source 'iofe2015' (did you mean 'ioffe2015'?); expected a key "
        "of the bibliography",
    ),
    ("A\nb [@ba2016; no].", "7:12: cannot read the source 'no'; expected @key"),
    ("A [@ba2016", "6:3: a citation that is not closed; expected [@key, §1]"),
    ("A [see @ba2016].", "6:8: a citation without brackets; expected [@key, §1], or"),
    ("A @ba2016.", "6:3: a citation without brackets; expected [@key, §1], or \\@"),
    ('[A.]{cited="@no, §1"}', "6:14: unknown source 'no'; expected a key"),
    ('[A.]{cited="ba2016"}', "6:13: cannot read the source 'ba2016'; expected @key"),
    ('[A.]{cited=""}', "6:13: cannot read the source ''; expected @key, its place"),
    (
        '[A.]{disputed="@ba2016, §1"}',
        "6:16: a dispute with one side; expected two sources or more",
    ),
    # facts
    (
        "A {fact}`ridge.slop:.2f`",
        "6:10: unknown fact 'ridge.slop'; expected a fact of an experiment; have "
        "'ridge.gain', 'ridge.lost', 'ridge.slope' (did you mean 'ridge.slope'?)",
    ),
    (
        "{fact}`bn.slope:.2f`",
        "6:8: unknown fact 'bn.slope'; expected a fact of an experiment; have "
        "'ridge', 'spread' (did you mean 'ridge.slope'?)",
    ),
    ("{fact}`ridge.lost:.2f`", "6:8: the fact 'ridge.lost' is nan; expected a number"),
    ("{fact}`ridge.slope`", "6:8: cannot read the fact 'ridge.slope'; expected exp"),
    ("{fact}`ridge.slope:2f`", "6:20: unknown format '2f'; expected .2f, .1%, ,.0f"),
    ("{fact}`ridge.slope:.2f", "6:1: a fact that is not closed; expected {fact}`"),
    (
        "{fact}`ridge.slope.lwo:.2f`",
        "6:20: unknown part .lwo; expected .value, .low, .high, .repeats",
    ),
    ("{interval}`ridge.slope.low:.2f`", "6:24: unknown part .low; expected .value"),
    (
        "{fcat}`ridge.slope:.2f`",
        "6:1: unknown role 'fcat' (did you mean 'fact'?); expected fact, interval",
    ),
    # claims
    (
        '[A.]{shown="ridge.slope.high < -0.5"}',
        "6:13: the claim does not hold; expected ridge.slope.high < -0.5; have -0.47 "
        "< -0.5",
    ),
    (
        '## A {shown="ridge.slope > 0"}',
        "6:14: the claim does not hold; expected ridge.slope > 0; have -0.49 > 0",
    ),
    ('[A.]{shown="ridge.slope == 0"}', "6:25: unknown sign '=' in an inequality; exp"),
    ('[A.]{shown="1 < 2"}', "6:13: a claim must rest on a fact; expected a fact in"),
    (
        '[A.]{shown="1 < 2 < spread.m"}',
        "6:21: unknown fact 'spread.m'; expected a fact of an experiment; have "
        "'spread.n' (did you mean 'spread.n'?)",
    ),
    (
        '[A.]{shown="ridge.gain < 0"}',
        "6:13: a comparison on the mean of 'ridge.gain'; expected its interval: .low "
        "above, or .high below",
    ),
    (
        '[A.]{show="ridge.slope < 0"}',
        "6:12: unknown attribute 'show' (did you mean 'shown'?); expected shown, "
        "cited, disputed",
    ),
    (
        '[A.]{shown="ridge.slope < 0" cited="@ba2016"}',
        "6:5: a claim of more than one kind; expected shown or cited or disputed",
    ),
    ('A.{shown="ridge.slope < 0"}', "6:3: attributes with no sentence before them"),
    ('A.] {shown="ridge.slope < 0"}', "6:5: attributes with no sentence before them"),
    ("[A.]{shown=ridge.slope}", "6:5: cannot read these attributes; expected {sh"),
    ('[A.]{shown="ridge.slope < 0"', "6:5: cannot read these attributes; expected {"),
    ('[]{shown="ridge.slope < 0"}', "6:1: brackets without words"),
    ("[a]{.ho}", "6:4: unknown class .ho (did you mean 'hot'?); expected hot, dropped"),
    ("[a]{#id}", '6:4: cannot read these attributes; expected {shown="…"}'),
    # figures
    (
        "See @fig-pass.",
        "6:5: unknown figure 'pass'; expected a figure; have 'passes' (did you mean "
        "'passes'?)",
    ),
    (
        ":::{figure} pases\n:::",
        "6:13: unknown figure 'pases'; expected a figure; have 'passes' (did you mean "
        "'passes'?)",
    ),
    (SHOWN + "\n" + SHOWN, "9:13: the id 'passes' stands twice; expected each fig"),
    (":::{figure} passes\n", "6:1: a figure that is not closed; expected a line :::"),
    (
        ":::{figure} passes\ntext\n:::",
        "7:1: words within a figure, whose caption stands in its module; expected "
        ":width: …, or a line :::",
    ),
    (":::{figure} passes\ntext\n\n::: {.aside}\n:::", "6:1: a figure that is not clos"),
    (":::{figure}\n:::", "6:1: a figure without a name; expected :::{figure} its-slug"),
    (
        ":::{figure} passes\n:widht: wide\n:::",
        "7:1: unknown option 'widht' (did you mean 'width'?); expected width",
    ),
    (
        ":::{figure} passes\n:width: broad\n:::",
        "7:1: unknown width 'broad'; expected text, wide, page",
    ),
    # boxes
    ("::: {.predict}\ntext", "6:1: a box that is not closed; expected a line :::"),
    ("text\n\n:::", "8:1: ::: closes nothing"),
    (
        "::: {.predcit}\n:::",
        "6:1: unknown box .predcit (did you mean 'predict'?); expected predict, "
        "answer, takeaway, aside",
    ),
    ("::: predict\n", "6:1: cannot read this line of colons; expected ::: {.predict}"),
    # maths
    ("A $x + \\foo$.", "6:8: unknown TeX command \\foo"),
    ("A\n\n$$\nx +\n\\frac{a}\n$$", "10:1: \\frac has 1 of its 2 arguments"),
    ("A $x", "6:3: maths that is not closed: $; expected $…$, or \\$"),
    ("A $x$2", "6:3: maths that is not closed: $; expected $…$, or \\$"),
    ("A $ x$", "6:3: maths that is not closed: $; expected $…$, or \\$"),
    ("$$\nx\n", "6:1: maths that is not closed: $$; expected $$…$$, or \\$"),
    ("A $$x$$ b", "6:3: $$ within a line; expected lines of its own, or $…$"),
    ("$$ $$", "6:3: empty maths; expected TeX between the dollar signs, or \\$"),
    # links and pictures
    (
        "[a](drpout.md)",
        "6:5: unknown page 'drpout.md'; have 'dropout.md' (did you mean 'dropout.md'?)",
    ),
    (
        "## Here\n\n[a](#her)",
        "8:5: unknown place '#her' on dropout (did you mean 'here'?); expected the id "
        "of a heading or figure",
    ),
    ("[a](dropout.md#no)", "6:5: unknown place '#no' on dropout; expected the id of"),
    ("[a](javascript:alert)", "6:5: cannot link to 'javascript:alert'; expected page"),
    ("[a](http://x.org)", "6:5: cannot link to 'http://x.org'; expected page.md, page"),
    ("[a](//x.org)", "6:5: cannot link to '//x.org'; expected page.md, page.md#place"),
    ("[a]()", "6:5: cannot link to ''; expected page.md, page.md#place, #place or"),
    ("[a](b c)", "6:4: a link target that is not closed; expected (target) without"),
    ("[a](#b", "6:4: a link target that is not closed; expected (target) without sp"),
    ("[](#passes)", "6:1: a link without words"),
    ("[a [@ba2016]](#passes)", "6:4: a link within a link"),
    ("[a][b]", "6:1: a link whose target stands elsewhere; expected [text](target)"),
    ("[a]: https://x.org", "6:1: a link target apart from its link; expected [text]("),
    ("![](a.png)", "6:1: a picture without alt text; expected ![what it shows](file)"),
    ("![a](https://x.org/a.png)", "6:1: a picture from elsewhere: 'https://x.org/a."),
    ("![a](b", "6:1: cannot read this picture; expected ![what it shows](file)"),
    # headings
    ("# A", "6:1: a page's title stands in its front matter; expected ##"),
    ("### A", "6:1: a heading that skips a level; expected ##; have ###"),
    ("## A\n\n#### B", "8:1: a heading that skips a level; expected ###; have ####"),
    ("## A\n\n## A", "8:1: the id 'a' stands twice; expected another {#id}"),
    ("## A {#passes}", "8:13: the id 'passes' stands twice; expected each figure once"),
    ("##A", "6:1: not a heading; expected ## and a space, or \\#"),
    ("## ", "6:1: a heading without words"),
    ("## A {.x}", "6:6: cannot read these attributes; expected {#id}, {#id shown="),
    ("A\n---", "7:1: a line of dashes under words; expected ## before a heading"),
    ("- # a", "6:1: a heading that is not at the start of its line; expected a line"),
    ("> ## a", "6:1: a heading that is not at the start of its line; expected a li"),
    # footnotes, lists, code, HTML
    ("A[^a]", "6:2: a footnote without text: [^a]; expected [^a]: … on a line"),
    ("[^a]: b", "6:1: a footnote that nothing points to: [^a]"),
    ("A[^a]\n\n[^a]: b\n\n[^a]: c", "10:1: the footnote [^a] stands twice; expected"),
    ("words\n- item", "7:1: a list right after words; expected a blank line before it"),
    ("- a\n  - b", "7:1: an indented list item that Markdown does not nest; expected"),
    ("A `b", "6:3: code that is not closed; expected another `, or \\`"),
    ("```python\nx", "6:1: a code block that is not closed; expected a line ```"),
    ("```python {.x}\n```", "6:4: 'python {.x}' after a fence; expected one language,"),
    ("```python x\n```", "6:4: 'python x' after a fence; expected one language, or n"),
    ("```pyhton\n```", "6:1: unknown language 'pyhton'; expected a language such as"),
    ("A <!-- b", "6:3: a comment that is not closed; expected -->"),
    ("A <script>x</script>", "6:3: HTML in prose: <script>; expected Markdown, code"),
    ('<b onclick="x">', '6:1: HTML in prose: <b onclick="x">; expected Markdown, c'),
    ('<p style="x">', '6:1: HTML in prose: <p style="x">; expected Markdown, code,'),
    ("<!DOCTYPE x>", "6:1: HTML in prose: <!; expected Markdown, code, or \\<"),
    # numbers
    (
        "It is 7.9\n% of it.",
        "6:7: number typed in prose: '7.9 %'; expected a fact, a citation, or TeX "
        "where it belongs to the set-up",
    ),
    ('[It is 0.5.]{shown="ridge.slope < 0"}', "6:8: number typed in prose: '0.5'"),
    ("## Ten times", "6:4: number typed in prose: 'Ten times'"),
    ("[It is 0.5](#passes)", "6:8: number typed in prose: '0.5'"),
    ("| a |\n|---|\n| 0.5 |", "8:3: number typed in prose: '0.5'"),
    ("[0.5]{.hot}", "6:2: number typed in prose: '0.5'"),
    ("::: {.predict}\n0.5\n:::", "7:1: number typed in prose: '0.5'"),
    # what does not nest, what is strange, what is too long
    ("*[a*]{.hot}", "6:2: begins inside something and ends outside it; expected a sp"),
    ("| [a | b]{.hot} |\n|---|---|\n", "6:3: begins inside something and ends out"),
    ("- a\n\n    ::: {.predict}\n\nb\n\n:::", "8:5: begins inside something and ends"),
    ("1. " * 3000 + "a", "6:1: lists or quotes that nest too deep for Markdown"),
    ("A\ue000b", "6:2: the character U+E000 has no place in prose"),
    ("A\x00b", "6:2: the character U+0000 has no place in prose"),
    ("x" * 20001, "6:1: a line this long; expected at most 20000 characters; have"),
    ("x\n" * 100_000, "1:1: a page this long; expected at most 200 kB; have 200 kB"),
]


@pytest.mark.parametrize(("body", "message"), MESSAGES)
def test_messages_have_their_place(body: str, message: str) -> None:
    (one,) = found(body)
    assert one.startswith(message)


FOLLOW_ONS = [
    ("{intervall}`ridge.slope:.3f`", "6:1: unknown role 'intervall'"),
    ("{fact}`ridge.slope:.3q`", "6:20: unknown format '.3q'"),
    ("{fact}`ridge.slope:.3f, by 0.5", "6:1: a fact that is not closed"),
    ("A `b 0.5", "6:3: code that is not closed"),
    ("A $x = 0.5", "6:3: maths that is not closed: $"),
    ("$$\nx = 0.5 |\ny", "6:1: maths that is not closed: $$"),
    ('A.{shown="ridge.slope < 0.5"}', "6:3: attributes with no sentence before them"),
    ('[By 0.5 %.]{cite="@ba2016"}', "6:19: unknown attribute 'cite'"),
    ("[By 0.5 %.]{cited=\"@ba2016'}", "6:12: cannot read these attributes"),
    ("## By 0.5 {cited=@ba2016}", "6:11: cannot read these attributes"),
    ("## A {#there .x}\n\n[a](#there)", "6:6: cannot read these attributes"),
    ("<p style='width: 0.5em'>x</p>", "6:1: HTML in prose: <p style='width: 0.5em'>"),
    ("A [@ba2016, by 0.5", "6:3: a citation that is not closed"),
    ("[a](b by 0.5", "6:4: a link target that is not closed"),
    ("![a](b by 0.5", "6:1: cannot read this picture"),
    ("[^a]\n\n```\n0.5\n\n[^a]: b", "8:1: a code block that is not closed"),
    ("A <!-- 0.5\n\n## A 0.5", "6:3: a comment that is not closed"),
    ("::: predict\nWhat?\n:::", "6:1: cannot read this line of colons"),
    (":::{figure} passes\nRates 0.5.\n\n:::", "7:1: words within a figure"),
    ("[By.]{shown='1 < 0.5'} *[a*]{.hot}", "6:6: cannot read these attributes"),
    ('[A.]{shown="ridge.gain > 0"}', "6:13: a comparison on the mean of 'ridge.gain'"),
    ('[A.]{shown="0 < a.b and a.b < 9"}', "6:17: unknown fact 'a.b'"),
    (
        "A 0.5\ue000 `b` $0.5$ [a](#b)",
        "6:6: the character U+E000 has no place in prose",
    ),
]


@pytest.mark.parametrize(("body", "message"), FOLLOW_ONS)
def test_what_cannot_be_read_is_told_once(body: str, message: str) -> None:
    (one,) = found(body)
    assert one.startswith(message)


PIECES = [
    *"[](){}`$#|*\\\n",
    "0.5 ",
    "::: ",
    "<b>",
    "<!--",
    "{fact}`",
    '{shown="',
    "[^a]",
]


def test_a_broken_page_has_no_two_problems_at_one_place(
    rng: np.random.Generator,
) -> None:
    for _ in range(300):
        at, length = rng.integers(len(GOOD)), rng.integers(8)
        body = GOOD[:at] + PIECES[rng.integers(len(PIECES))] + GOOD[at + length :]
        told = [one for one in found(body) if "a link within a link" not in one]
        places = [one.split(" ")[0] for one in told]
        assert len(set(places)) == len(places), (body, told)


def test_the_rest_of_a_page_is_read_on() -> None:
    body = "A [@b 0.5\nand 0.5 {fact}`a.b:.3q` [@no] <b>0.5</b> 0.6.\n\nA $x.\n"
    assert [one.split(";")[0] for one in sorted(found(body))] == [
        "6:3: a citation that is not closed",
        "7:20: unknown format '.3q'",
        "7:27: unknown source 'no'",
        "7:31: HTML in prose: <b>",
        "7:42: number typed in prose: '0.6'",
        "7:5: number typed in prose: '0.5'",
        "9:3: maths that is not closed: $",
    ]


def test_facts_of_experiments_that_failed_are_not_judged() -> None:
    failed = Known({}, KNOWN.figures, BIBLIOGRAPHY, missing={"ridge"})
    body = '{fact}`ridge.any:.2f` [A.]{shown="ridge.slope > 0"} {fact}`spread.n:.0f`'
    (one,) = found(body, failed)
    assert one.startswith("6:60: unknown fact 'spread.n'")


def test_all_problems_are_told_at_once() -> None:
    body = "A [@no] {fact}`no.no:.2f` $\\foo$ 0.5 <b> @fig-no [a](no.md).\n"
    assert len(found(body)) == 7


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("title: Ten times more", "2:8: number typed in prose: 'Ten times'"),
        ("title: A\nable: [a, 'b 0.5']", "3:14: number typed in prose: '0.5'"),
        ("title: >\n  By\n  0.5 %", "4:3: number typed in prose: '0.5 %'"),
        (
            "title: A\nmeets: [two-trick]",
            "3:9: 'meets' names an unknown line 'two-trick' (did you mean "
            "'two-tricks'?)",
        ),
    ],
)
def test_front_matter_is_prose_too(front: str, message: str) -> None:
    whole = f"---\n{front}\norder: 1\nsummary: s\n---\n"
    (one,) = found("", front=whole)
    assert one.startswith(message)


TYPED_BY_HAND = """
7.9 % | 7,9 % | 50% | 50 % | 3 per cent | 3 percent | ten percent
0.5 | .5 | 1,000.5 | 1.2.3 | 1e-5 | 3e8 | 5&nbsp;% | 4 percentage points
three times | 3 times | 10-times | twenty-five times | a hundred times | **3** times
threefold | 3× | 1.5 × | ×30
"""
PLAIN = """
1,797 images | four layers | in 2014. Then | 28 × 28 pixels | 2×2 | §3.1 | Fig. 7
15th percentile | many times | sometimes | one at a time | step 1. | three timesteps
x2.5x | manifold | 3 to 5 layers
"""


@pytest.mark.parametrize("text", re.split(r" \| |\n", TYPED_BY_HAND.strip()))
def test_a_number_that_needs_a_source_is_seen(text: str) -> None:
    assert TYPED.search(f"It is {text} here")


@pytest.mark.parametrize("text", re.split(r" \| |\n", PLAIN.strip()))
def test_a_plain_number_may_be_typed(text: str) -> None:
    assert not TYPED.search(f"It is {text} here")


def page(slug: str, body: str) -> Page:
    read, problems = read_page(f"content/{slug}.md", FRONT + body)
    assert not problems
    return read


def test_pages_are_held_against_each_other() -> None:
    first = page("dropout", "[a](drift.md#there) [b](drift.md#gone)\n")
    second = page("drift", "## There\n")
    twice = read_page("content/more/drift.md", FRONT)[0]
    assert [str(one) for one in check([first, second, twice], KNOWN)] == [
        "content/dropout.md:6:25: unknown place '#gone' on drift; expected the "
        "id of a heading or figure",
        "content/more/drift.md:1:1: the page 'drift' stands twice; expected one file "
        "a page; have content/drift.md",
        "ht_sim/figures/passes.py:1:1: no page shows the figure 'passes'; expected "
        ":::{figure} passes on a page",
    ]


def test_references_can_be_linked_to_where_they_are_listed() -> None:
    front = FRONT.replace("---\n", "---\ntemplate: references\n", 1)
    listing = read_page("content/references.md", front)[0]
    link = page("dropout", SHOWN + "\n[a](references.md#ref-ba2016)\n")
    assert check([listing, link], KNOWN) == []


def test_a_caption_is_checked_like_a_page() -> None:
    caption, problems = read_text("ht_sim/figures/passes.py", "passes", "A 0.5 [@no].")
    shown = page("dropout", SHOWN)
    assert not problems
    assert [str(one) for one in check([shown], KNOWN, [caption])] == [
        "ht_sim/figures/passes.py:1:3: number typed in prose: '0.5'; expected a fact, "
        "a citation, or TeX where it belongs to the set-up",
        "ht_sim/figures/passes.py:1:9: unknown source 'no'; expected a key of the "
        "bibliography",
    ]


def test_ids_come_from_the_words_of_a_heading() -> None:
    body = (
        "## It's *two* [words]{.hot}, $x$ `y` [@ba2016]\n\n## Über 3 Größen\n\n"
        '## Own {#own-id}\n\n## ?\n\n## Held {shown="ridge.slope < 0"}\n'
    )
    assert list(heading_ids(page("a", body)).values()) == [
        "its-two-words",
        "über-3-größen",
        "own-id",
        "section",
        "held",
    ]


UNCLOSED = ("[", "![", "[@", "[^", "$", "$$", "`", "{fact}`", "<!--", "<a", "*", "::: ")


@pytest.mark.parametrize(
    "text", [*UNCLOSED, "|", "\\", "{", "&", "]", ")", "#", "~~~", "> ", "0,"]
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    for body in (text, f"a {text}", text * 3, text * 4000, f"{text}\n\n" * 50):
        found(body[:19_999])


def test_nesting_ends() -> None:
    deep = "[" * 300 + "a" + "]{.hot}" * 300
    assert found(deep) == []
