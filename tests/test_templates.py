"""The templates: whole pages from plain values, strict, valid and self-contained."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ht_sim import colours, style
from ht_sim.publish import inline
from ht_sim.publish.views import (
    ControlView,
    Counts,
    Download,
    FigureView,
    GifView,
    Heading,
    PageLink,
    PageView,
    Reference,
    SiteView,
    StepView,
    StillView,
)

TEMPLATES = style.FONTS.parents[1]
STYLES = (TEMPLATES / "static" / "site.css").read_text(encoding="utf-8")
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
)
SVG = Markup(
    '<svg viewBox="0 0 592 330" width="592" height="330" role="img" '
    'aria-labelledby="masks-alt"><path d="M0 0H9" fill="var(--heat-3)"/></svg>'
)
LINKS = [
    PageLink("drift", "drift.html", 1, "drift", Markup("A signal <em>fades</em>"), ""),
    PageLink("dropout", "dropout.html", 2, "dropout", Markup("Silence"), ""),
    PageLink("claims", "claims.html", None, "claims", Markup("Every claim"), ""),
]
SITE = SiteView(
    title="Holding it Together",
    tagline="three small repairs",
    pages=LINKS,
    counts=Counts(experiments=3, figures=4, shown=5, cited=6, disputed=7),
    stylesheet="assets/site.css",
    faces="assets/typefaces.css",
    script="assets/site.js",
    search="assets/search.js",
    icon="assets/icon.svg",
    licence="CC BY 4.0",
    bibtex="@misc{holding, title = {A & B}}",
)
FIGURE = FigureView(
    slug="masks",
    number=2,
    width="text",
    base=SVG,
    finding=Markup("The answer barely moves."),
    caption=Markup("Each pass drops other units."),
    alt='Units, some "hollow" & <silent>.',
    spoken="drop rate 0.3: output 0.6",
    changes='{"states": 32}',
    controls=(
        ControlView("slider", "rate", "drop rate", "of 1", ("0", '"0.3"'), 1, (0, 0.3)),
        ControlView("button", "pass", "another pass", "", tuple("12345678"), 2),
        ControlView("toggle", "norm", "batch norm", "", ("off", "on"), 1),
        ControlView("choice", "unit", "nonlinearity", "", ("linear", "<tanh>"), 1),
    ),
    steps=(
        StepView(Markup("Set it to <i>0</i>."), "rate=0&pass=3"),
        StepView(Markup("Now 0.3."), "rate=%220.3%22&pass=3", printed=False),
    ),
    numbers=(("units <kept>", "9 of 16"), ("error", "8.0 (7.6 to 8.4)")),
    numbers_at='drop rate "0.3"',
    stills=(StillView("a/l.svg", "a/d.svg", "rate 0.3", "Three hollow", 592, 330),),
    gif=GifView("a/m.gif", "a/m.png", 592, 330, "Pass after pass"),
    downloads=(Download("CSV", "a/m.csv", 940), Download("SVG", "a/m.svg", 30400)),
    code="code/masks.html",
    code_names=("ht_sim/experiments/masks.py", "ht_sim/figures/masks.py"),
    seeds="20 repeats",
    command="python build.py --only masks",
    address="https://example.org/site/dropout.html#masks",
)


def figure(view: FigureView) -> Markup:
    return ENVIRONMENT.get_template("_figure.html").module.figure(view)


PAGE = PageView(
    slug="dropout",
    href="dropout.html",
    title="Silence <at> random",
    title_html=Markup("Silence <em>at</em> random"),
    number=2,
    label="dropout",
    summary="Units are switched off & on.",
    description='What "dropout" does.',
    body=Markup("<h2 id='a'>A section</h2><p>Words.</p>"),
    able=("what it does",),
    contents=(Heading("a", Markup("A section"), 2),),
    previous=LINKS[0],
    next=LINKS[2],
    references=(Reference("ref-hinton2012", Markup("Hinton, <i>Improving</i>.")),),
    first_figure=figure(FIGURE),
)
BARE = replace(
    PAGE,
    number=None,
    able=(),
    contents=(),
    previous=None,
    next=None,
    references=(),
    first_figure=None,
)
START = "<!doctype html><title>t</title>"
NAMES = ("page.html", "home.html", "references.html", "404.html")


def render(name: str, page: PageView) -> str:
    return ENVIRONMENT.get_template(name).render(site=SITE, page=page)


def parse(html: str) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(html)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[PAGE, BARE], ids=["full", "bare"])
def html(request: pytest.FixtureRequest, name: str) -> str:
    return render(name, request.param)


def test_every_page_is_valid_html(html: str) -> None:
    parse(html)


def test_every_page_has_its_landmarks_and_one_title(html: str) -> None:
    tree = parse(html)
    assert tree.get("lang") == "en-GB"
    assert len(tree.findall(".//h1")) == 1
    assert len(tree.findall(".//main")) == 1
    assert tree.find(".//title").text
    assert tree.find(".//a[@class='skip']").get("href") == "#main"
    assert tree.find(".//meta[@name='description']").get("content")
    viewport = tree.find(".//meta[@name='viewport']").get("content")
    assert "scal" not in viewport.replace("initial-scale=1", "")


def test_the_policy_comes_before_anything_that_it_governs(html: str) -> None:
    policy = html.index("Content-Security-Policy")
    assert policy < html.index("<link") < html.index("<body")
    assert policy < html.index("<script")
    content = parse(html).find(".//meta[@http-equiv]").get("content")
    assert content.split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self' data:",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_nothing_is_inline_and_nothing_is_elsewhere(html: str) -> None:
    for element in parse(html).iter():
        attributes = {str(key).lower(): value for key, value in element.items()}
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("src", "srcset", "data-src", "data-gif"):
            assert "//" not in attributes.get(key, "")
        if element.tag == "script":
            assert attributes.get("src") or attributes["type"] == "application/json"
            assert attributes.get("type") != "module"
    assert "<style" not in html


def test_ids_are_unique_and_references_to_them_hold(html: str) -> None:
    tree = parse(html)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in tree.iter():
        for key in ("for", "aria-labelledby", "aria-describedby"):
            assert set((element.get(key) or "").split()) <= set(ids), element.get(key)
        href = element.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in ids


def test_addresses_are_said_only_when_they_are_known() -> None:
    assert "canonical" not in render("page.html", PAGE)
    assert "og:" not in render("page.html", PAGE)
    address = "https://example.org/site/dropout.html"
    html = render("page.html", replace(PAGE, canonical=address))
    assert f'<link rel="canonical" href="{address}">' in html
    assert f'<meta property="og:url" content="{address}">' in html
    assert f'<p class="address">{address}</p>' in html
    assert "og:image" not in html
    html = render(
        "page.html", replace(PAGE, canonical=address, og_image=address + ".png")
    )
    assert f'<meta property="og:image" content="{address}.png">' in html


def test_the_404_page_works_at_any_depth() -> None:
    root = "https://example.org/site/"
    page = replace(BARE, root=root)
    for element in parse(render("404.html", page)).iter():
        for key in ("href", "src"):
            value = element.get(key)
            assert value is None or value.startswith((root, "#"))


def test_a_page_says_what_it_is() -> None:
    html = render("page.html", PAGE)
    assert "<title>Silence &lt;at&gt; random – Holding it Together</title>" in html
    assert "<h1>Silence <em>at</em> random</h1>" in html
    assert html.count('aria-current="page"') == 2  # in the masthead and in the map
    assert 'rel="prev" href="drift.html"' in html
    assert 'rel="next" href="claims.html"' in html
    assert html.index('id="masks"') < html.index("<p>Words.")


def test_the_home_page_stands_its_title_in_steps_and_counts() -> None:
    html = render("home.html", BARE)
    assert "<span>Holding</span> <span>it</span> <span>Together</span>" in html
    assert "18 claims: 5 shown, 6 cited, 7 disputed" in " ".join(html.split())
    assert html.count('class="chapters"') == 1


def test_a_figure_has_every_control_in_order_with_its_values() -> None:
    tree = parse(f"{START}{figure(FIGURE)}")
    controls = [
        element for element in tree.iter() if element.get("data-control") is not None
    ]
    assert [element.get("data-control") for element in controls] == [
        "rate",
        "pass",
        "norm",
        "unit",
    ]
    for element, control in zip(controls, FIGURE.controls, strict=True):
        assert json.loads(element.get("data-texts")) == list(control.texts)
    slider, button, toggle, choice = controls
    assert (slider.get("min"), slider.get("max"), slider.get("value")) == (
        "0",
        "1",
        "1",
    )
    assert slider.get("aria-valuetext") == FIGURE.spoken
    assert tree.find(".//output").text == '"0.3"'
    assert "".join(button.itertext()) == "another pass · 3 of 8"
    assert toggle.get("checked") is not None
    assert choice.find("legend").text == "nonlinearity"
    options = choice.findall("label/input")
    assert {one.get("name") for one in options} == {"masks-unit"}
    assert [one.get("checked") for one in options] == [None, ""]
    assert [one.tail.strip() for one in options] == ["linear", "<tanh>"]
    assert tree.find(".//div[@class='controls']").get("hidden") is not None
    assert tree.find(".//button[@data-reset]") is not None
    assert json.loads(tree.find(".//script").text) == {"states": 32}


def test_a_shared_control_carries_its_values() -> None:
    tree = parse(f"{START}{figure(FIGURE)}")
    slider, button, *_ = [e for e in tree.iter() if e.get("data-control") is not None]
    assert json.loads(slider.get("data-shared")) == [0, 0.3]
    assert button.get("data-shared") is None


def test_a_guide_has_a_button_and_a_sentence_for_each_step() -> None:
    tree = parse(f"{START}{figure(FIGURE)}")
    rows = tree.findall(".//ol[@class='steps']/li")
    assert [row.find("button").get("data-step") for row in rows] == [
        step.address for step in FIGURE.steps
    ]
    for number, row in enumerate(rows, start=1):
        assert row.find("button").get("hidden") is not None
        assert "".join(row.find("button").itertext()) == f"Step {number}"
        assert row.find("button").get("aria-describedby") == row[1].get("id")
    assert [row.get("class") for row in rows] == [None, "unprinted"]
    assert 'class="steps"' not in figure(replace(FIGURE, steps=()))


def test_the_table_names_its_state_and_says_what_brackets_hold() -> None:
    table = parse(f"{START}{figure(FIGURE)}").find(".//details[@class='numbers']")
    assert table.find("table/caption").text == FIGURE.numbers_at
    cells = [(row[0].text, row[1].text) for row in table.iter("tr")]
    assert cells == list(FIGURE.numbers)
    assert table.find("p") is not None
    exact = replace(FIGURE, numbers=FIGURE.numbers[:1])
    assert "In brackets" not in figure(exact)
    assert "numbers" not in figure(replace(FIGURE, numbers=()))


def test_a_figures_caption_opens_with_its_number_and_finding() -> None:
    tree = parse(f"{START}{figure(FIGURE)}")
    caption = " ".join("".join(tree.find(".//figcaption/p").itertext()).split())
    assert caption == (
        "Figure 2. The answer barely moves. Each pass drops other units."
    )
    assert tree.find(".//p[@id='masks-alt']").text == FIGURE.alt
    assert "0.9 kB" in figure(FIGURE)
    assert "30 kB" in figure(FIGURE)


def test_a_later_figure_names_the_script_that_holds_its_changes() -> None:
    html = figure(replace(FIGURE, changes=None, source="assets/masks.js"))
    assert 'data-src="assets/masks.js"' in html
    assert "application/json" not in html


def test_a_figure_without_controls_is_a_picture() -> None:
    html = figure(
        replace(FIGURE, controls=(), changes=None, stills=(), gif=None, address=None)
    )
    parse(f"{START}{html}")
    for word in ("data-explorable", "controls", "strip", "spoken", "address"):
        assert word not in html


def test_the_stylesheet_uses_declared_properties_and_own_fonts() -> None:
    declared = set(re.findall(r"(--[\w-]+):", STYLES + colours.css_tokens()))
    assert set(re.findall(r"var\((--[\w-]+)\)", STYLES)) <= declared
    for url in re.findall(r"url\(([^)]*)\)", STYLES):
        assert (TEMPLATES / "static" / url.strip('"')).is_file()
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(|@import", STYLES)
    assert STYLES.count("{") == STYLES.count("}")


@pytest.mark.parametrize("name", inline.STYLES)
def test_a_word_with_a_meaning_has_a_colour_and_a_mark(name: str) -> None:
    assert re.search(rf"^\.{name} {{ color: var\(--[\w-]+\); }}$", STYLES, re.MULTILINE)
    marks = re.findall(r":is\(([^)]*)\)::before \{([^}]*)\}", STYLES)
    drawn = [mark for names, mark in marks if f".{name}" in names.split(", ")]
    assert any('content: ""' in mark for mark in drawn)
    assert any("width" in mark and "border" in mark for mark in drawn)


def test_what_print_leaves_out_and_puts_in() -> None:
    paper = STYLES[STYLES.index("@media print") :]
    hidden = re.search(r"([^{}]+)\{ display: none !important; \}", paper)
    assert hidden is not None
    for name in (".masthead", ".contents", ".controls", ".made", ".turn"):
        assert name in hidden[1]
    assert ".js .strip { display: block; }" in paper
    assert ".address { display: block" in paper
