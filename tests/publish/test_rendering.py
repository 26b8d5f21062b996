"""Pages as HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ht_sim.estimates import Estimate, exact
from ht_sim.publish.checks import check
from ht_sim.publish.citations import read_bibliography
from ht_sim.publish.known import Known
from ht_sim.publish.markup import to_html
from ht_sim.publish.prose import Page, read_page, read_text
from ht_sim.publish.rendering import Context, Rendered, render

BIBLIOGRAPHY = read_bibliography(
    "r.bib",
    "@misc{ioffe2015, author={Ioffe, S. and Szegedy, C.}, title={B}, year=2015}"
    "@misc{ba2016, author={Ba, J. and Kiros, J. and Hinton, G.}, title={L}, year=2016}",
)[0]
FACTS = {
    "ridge.slope": Estimate(-0.494, -0.512, -0.474, repeats=20),
    "ridge.gain": Estimate(-0.2, -0.3, -0.1, repeats=20, paired=True),
    "ridge.error": Estimate(0.0791, 0.076, 0.082, repeats=1),
    "ridge.tiny": exact(-1.2e-5),
    "spread.n": exact(1797),
}
FIGURES = {
    slug: lambda options, slug=slug: f'<figure id="{slug}" class="{options["width"]}">'
    for slug in ("passes", "ridge")
}
SHOWN = ":::{figure} passes\n:::\n\n"


def page(body: str, slug: str = "dropout", title: str = "Drop & keep") -> Page:
    front = f"---\ntitle: {title}\norder: 1\nsummary: s\n---\n"
    read, problems = read_page(f"content/{slug}.md", front + body)
    assert not problems
    return read


def rendered(body: str, *others: Page) -> Rendered:
    """Render a page in which nothing is wrong."""
    whole = page(body)
    pages = [whole, *others]
    shown = dict.fromkeys((slug for one in pages for slug in one.figures), "f.py")
    known = Known(FACTS, shown | dict.fromkeys(FIGURES, "f.py"), BIBLIOGRAPHY)
    wrong = [str(one) for one in check(pages, known) if "no page shows" not in one.what]
    assert not wrong
    result = render(whole, Context(pages, FACTS, BIBLIOGRAPHY, FIGURES))
    balanced(result.html)
    return result


def html(body: str, *others: Page) -> str:
    return rendered(body, *others).html.replace("\N{NO-BREAK SPACE}", " ")


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert tag not in ("script", "style", "iframe")
        if tag not in ("br", "hr", "img", "figure"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def balanced(text: str) -> None:
    """Check that tags nest and that no token and no directive is left."""
    reader = _Balance()
    reader.feed(text)
    reader.close()
    assert not reader.open
    assert not re.search("[\ue000-\uf8ff]|\\{fact\\}`r|:::", text)
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("source", "value", "title"),
    [
        ("ridge.slope:.2f", "−0.49", "95 % interval −0.51 to −0.47, 20 repeats"),
        ("ridge.slope:+.1f", "−0.5", "95 % interval −0.5 to −0.5, 20 repeats"),
        ("ridge.error:.1%", "7.9 %", "95 % interval 7.6 % to 8.2 %, 1 repeat"),
        ("ridge.error:+.2f", "+0.08", "95 % interval +0.08 to +0.08, 1 repeat"),
        ("ridge.slope.low:.2f", "−0.51", ""),
        ("ridge.slope.repeats:.0f", "20", ""),
        ("spread.n:,.0f", "1,797", ""),
        ("ridge.tiny:.1e", "−1.2 × 10⁻⁵", ""),
        ("ridge.tiny:.2f", "0.00", ""),
    ],
)
def test_a_fact_is_written_out(source: str, value: str, title: str) -> None:
    shown = f' title="{title}"' if title else ""
    text = html(f"{{fact}}`{source}`").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert text == f'<p><span class="fact"{shown}>{value}</span></p>'


def test_an_interval_is_written_out_where_there_is_one() -> None:
    text = html("{interval}`ridge.slope:.2f` {interval}`spread.n:.0f`")
    assert text == (
        '<p><span class="fact" title="95\u202f% interval −0.51 to −0.47, 20 repeats">'
        '−0.49 <span class="spread">(−0.51 to −0.47)</span></span> '
        '<span class="fact">1797</span></p>'
    )
    assert "7.9\u202f% <span" in (share := html("{interval}`ridge.error:.1%`"))
    assert "(7.6 to 8.2\u202f%)" in share


def test_citations_link_to_the_references() -> None:
    result = rendered("A [@ioffe2015, §3.1 & 4; @ba2016]. B [@ba2016].")
    assert result.html == (
        '<p>A <span class="citation">(<a href="references.html#ref-ioffe2015" '
        'id="cite-dropout-1">Ioffe &amp; Szegedy 2015</a>, §3.1 &amp; 4; '
        '<a href="references.html#ref-ba2016" id="cite-dropout-2">Ba et al. 2016</a>)'
        '</span>. B <span class="citation">(<a href="references.html#ref-ba2016" '
        'id="cite-dropout-3">Ba et al. 2016</a>)</span>.</p>'
    )
    assert [(one.source.key, one.anchor) for one in result.cited] == [
        ("ioffe2015", "cite-dropout-1"),
        ("ba2016", "cite-dropout-2"),
        ("ba2016", "cite-dropout-3"),
    ]


def test_claims_are_marked_and_listed() -> None:
    result = rendered(
        '[It *falls*, [hot]{.hot}, @fig-passes.]{shown="ridge.gain.high < 0"}\n'
        '[Half [@ba2016].]{cited="@ba2016, §1"} [So]{disputed="@ba2016; @ioffe2015"}!'
        "\n\n" + SHOWN
    )
    first, second, third = result.claims
    assert (first.page, first.anchor, first.kind) == (
        "dropout",
        "claim-dropout-1",
        "shown",
    )
    assert first.html.replace("\N{NO-BREAK SPACE}", " ") == (
        'It <em>falls</em>, <span class="hot">hot</span>, '
        '<a href="dropout.html#passes">Figure 1</a>.'
    )
    assert first.evidence == "<code>ridge.gain.high &lt; 0</code>: -0.1 &lt; 0"
    assert '<span class="claim shown" id="claim-dropout-1">It <em>' in result.html
    assert (second.kind, third.kind) == ("cited", "disputed")
    assert " id=" not in second.html + second.evidence + third.evidence
    assert (
        '</span> <span class="citation">(<a href="references.html#ref-ba2016" '
        'id="cite-dropout-1">Ba et al. 2016</a>, §1)</span>.</span>' in result.html
    )
    assert ' <span class="citation disputed">(disputed: <a ' in result.html
    assert result.html.count("</span></span>!") == 1


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("A.", "A (B).</span>"),
        ("A", "A (B)</span>"),
        ("A?", "A? (B)</span>"),
        ("A..", "A.. (B)</span>"),
        ("A\\.", "A. (B)</span>"),
        ("*A.*", "<em>A.</em> (B)</span>"),
    ],
)
def test_sources_stand_before_the_full_stop(words: str, end: str) -> None:
    text = html(f'[{words}]{{cited="@ba2016"}}')
    cited = re.sub(r'<span class="citation">\(.*?\)</span>', "(B)", text)
    assert cited == f'<p><span class="claim cited" id="claim-dropout-1">{end}</p>'


def test_headings_have_ids_and_may_be_claims() -> None:
    result = rendered(
        '## It *falls* by $x$ {#falls shown="ridge.gain.high < 0"}\n\n'
        '### Said [@ba2016] {cited="@ba2016"}\n\n## Plain\ntext'
    )
    assert (
        '<h2 id="falls" class="claim shown">It <em>falls</em> by <math' in result.html
    )
    assert '<h3 id="said" class="claim cited">Said <span' in result.html
    assert '<h2 id="plain">Plain</h2>\n<p>text</p>' in result.html
    assert [(one.level, one.id) for one in result.headings] == [
        (2, "falls"),
        (3, "said"),
        (2, "plain"),
    ]
    assert all(" id=" not in one.html for one in result.headings)
    assert [(one.anchor, one.kind) for one in result.claims] == [
        ("falls", "shown"),
        ("said", "cited"),
    ]
    assert [(one.anchor, one.visible) for one in result.cited] == [
        ("said", False),
        ("cite-dropout-1", True),
    ]


def test_figures_stand_alone_and_are_numbered_by_page() -> None:
    other = page(
        ":::{figure} passes\n:::\n\n:::{figure} ridge\n:::\n", "drift", "Drift"
    )
    body = "See @fig-passes, @fig-ridge.\n" + SHOWN.replace(
        ":::\n\n", ":width: wide\n:::"
    )
    text = html(body, other)
    assert '<figure id="passes" class="wide">' in text
    assert "<p><figure" not in text
    assert '<a href="#passes">Figure 1</a>' in text
    assert '<a href="drift.html#ridge">Figure 2 of Drift</a>' in text


def test_links_become_pages() -> None:
    text = html(
        "[*a*](drift.md#passes) [b](drift.md) [c](#passes) [d](https://x.org/a_b_c?d&e)"
        " <https://x.org/md.md>\n\n" + SHOWN,
        page(SHOWN, "drift"),
    )
    assert '<a href="drift.html#passes"><em>a</em></a>' in text
    assert '<a href="drift.html">b</a> <a href="#passes">c</a>' in text
    assert '<a href="https://x.org/a_b_c?d&amp;e" rel="noopener">d</a>' in text
    assert (
        '<a href="https://x.org/md.md" rel="noopener">https://x.org/md.md</a>' in text
    )


def test_boxes_hold_markdown() -> None:
    text = html(
        "a\n::: {.predict}\nWhat *now*?\n\n- one\n\n::: {.aside}\nb\n:::\n:::\nc"
    )
    assert text == (
        '<p>a</p>\n<aside class="box predict">\n<p>What <em>now</em>?</p>\n<ul>\n'
        '<li>one</li>\n</ul>\n<aside class="box aside">\n<p>b</p>\n</aside>\n</aside>\n'
        "<p>c</p>"
    )


def test_maths_is_left_alone_by_markdown() -> None:
    text = html("*a $x_1 * y_2 * z$ b* __$a$__ $a$_b_ $\\{x\\}$ 1")
    assert re.sub(r"<math.*?</math>", "M", text) == (
        "<p><em>a M b</em> <strong>M</strong> M<em>b</em> M 1</p>"
    )


def test_display_maths_is_a_block() -> None:
    text = html("a\n$$\nx\n$$\nb\n\n- item\n\n    $$y$$\n")
    assert re.sub(r"<math.*?</math>", "M", text) == (
        '<p>a</p>\n<div class="maths-block">M</div>\n<p>b</p>\n<ul>\n<li>\n'
        '<p>item</p>\n<div class="maths-block">M</div>\n</li>\n</ul>'
    )
    assert '<math display="block" alttext="x">' in text


def test_a_bar_in_maths_or_code_ends_no_cell() -> None:
    text = html("| a | b |\n|---|--:|\n| $|x|$ and `|` | \\| [x]{.hot} |\n")
    assert text.count("<td") == 2
    assert '<div class="table"><table>' in text
    assert '<td class="align-right">| <span class="hot">x</span></td>' in text


def test_code_is_shown_as_it_is() -> None:
    text = html(
        "`{fact}`, `` `x` ``, `<b>&amp;`\n\n```python\ndef f():  # $ [@no]\n```\n\n"
        "~~~\n```\n<p>\n~~~\n"
    )
    assert (
        "<code>{fact}</code>, <code>`x`</code>, <code>&lt;b&gt;&amp;amp;</code>" in text
    )
    assert '<span class="k">def</span>' in text
    assert '<span class="c1"># $ [@no]</span>' in text
    assert "```\n&lt;p&gt;\n</pre>" in text


def test_code_in_a_list_stays_in_it() -> None:
    text = html("1. a\n\n    ```\n    x\n      y\n    ```\n\n2. b\n")
    assert "x\n  y\n</pre></div>\n</li>" in text
    assert text.count("<ol>") == 1


def test_footnotes_have_the_name_of_the_page_in_their_ids() -> None:
    text = html("A[^n] b.\n\n[^n]: The *note* [@ba2016].\n")
    assert (
        '<sup id="fnref-dropout-n"><a class="footnote-ref" href="#fn-dropout-n"' in text
    )
    assert '<li id="fn-dropout-n">' in text
    assert "The <em>note</em> <span" in text


def test_escapes_and_signs_stand_for_themselves() -> None:
    text = html(r"\$5 \[a] \*b\* \@c \{d \<e> 1 < 2 > 1 & x [f] a@b.c \\ 2*3 'q' \x")
    assert text == (
        "<p>$5 [a] *b* @c {d &lt;e&gt; 1 &lt; 2 &gt; 1 &amp; x [f] a@b.c \\ 2*3 'q' "
        "\\x</p>"
    )


def test_comments_are_left_out() -> None:
    text = html("a<!-- $ [@no] -->b <!-- x\n\n## y\n\n--> c\n\n<!-- z -->\nd")
    assert re.sub(r"\s+", " ", text) == "<p>ab c</p> <p>d</p>"


def test_a_caption_speaks_for_the_page_that_shows_it() -> None:
    shown = page(SHOWN)
    caption, problems = read_text("passes.py", "passes", "As @fig-passes [@ba2016].")
    assert not problems
    context = Context([page("", "home"), shown], FACTS, BIBLIOGRAPHY, FIGURES)
    text = render(caption, context, home=shown).html
    assert '<a href="#passes">Figure\N{NO-BREAK SPACE}1</a>' in text
    assert 'id="cite-passes-1"' in text


def test_pictures_have_alt_text() -> None:
    text = html('![A "graph" of $](a_b_c.png)')
    assert '<img src="a_b_c.png" alt="A &quot;graph&quot; of $" loading="lazy">' in text


def test_the_same_text_gives_the_same_bytes() -> None:
    body = "## A\n\n[x]{.hot} [@ba2016] $x$ {fact}`spread.n:.0f`[^a]\n\n[^a]: b\n"
    first = rendered(body)
    to_html.cache_clear()
    assert rendered(body) == first


@pytest.mark.parametrize(
    "body",
    [
        "*a [b*]{.hot} c*",
        "**a [@ba2016] b**",
        "> quote $x$\n> [@ba2016]",
        "_[a]{.hot}_ **[b](#passes)**",
        "1. [a]{.hot}\n2. `b`\n\n    c\n\n    - $d$",
        "&lt;script&gt; &#60;b&#62;",
        "[[[[[a]]]]] ]]] [[",
        "***a** b*",
        "a\u200bb é 中文 🙂 \N{RIGHT-TO-LEFT MARK}",
        "| a |\n|---|\n| [@ba2016] |\n| {fact}`spread.n:.0f` |",
        "a  \nb<br>c",
        "---\n\n***",
    ],
)
def test_odd_text_still_nests(body: str) -> None:
    whole = page(body + "\n\n" + SHOWN)
    if check([whole], Known(FACTS, {"passes": "f"}, BIBLIOGRAPHY)):
        return
    balanced(render(whole, Context([whole], FACTS, BIBLIOGRAPHY, FIGURES)).html)


def test_a_heading_right_after_a_table_or_list_is_a_heading() -> None:
    text = html("|a|b|\n|---|---|\n|c|d|\n## One\n- e\n### Two\n")
    assert '<h2 id="one">One</h2>' in text
    assert '<h3 id="two">Two</h3>' in text


def test_no_line_begins_with_the_stop_behind_maths() -> None:
    text = html("Is it $x$? In $y$ and ($z$).\n\n" + SHOWN)
    assert text.count('<span class="together">') == 1
    assert "</math>?</span> In <math" in text.replace("\n", "")
    assert "</math>)." in text


def test_an_answer_stays_folded_until_it_is_asked_for() -> None:
    text = html("::: {.predict}\nHow many?\n:::\n\n::: {.answer}\nTwo.\n:::")
    assert text.startswith(
        '<aside class="box predict">\n<p>How many?</p>\n</aside>\n'
        '<details class="box answer"><summary>The answer</summary>\n'
        "<p>Two.</p>\n</details>\n"
    )


def test_answers_stand_again_at_the_end_of_the_page_under_their_numbers() -> None:
    question, answer = "::: {.predict}\nHow?\n:::\n\n", "::: {.answer}\n%s\n:::\n\n"
    claim = '[It falls.]{shown="ridge.gain.high < 0"}'
    text = html(question * 2 + answer % claim + "Words.\n\n" + question + answer % "Z.")
    words, end = text.split("<p>Words.</p>")
    assert 'id="claim-' in words
    gathered = end[end.index('<section class="answers">') :]
    assert re.findall("<li value=.(.).>", gathered) == ["2", "3"]
    assert 'class="claim shown"' in gathered
    assert "<p>Z.</p></li>" in gathered.replace("\n", "")
    assert " id=" not in gathered
    assert "<summary>" not in gathered


def test_a_page_without_answers_gathers_none() -> None:
    assert "answers" not in html("::: {.predict}\nHow?\n:::")
