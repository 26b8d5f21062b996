"""Every kind of slip, made in the miniature project: what a build says of it.

Slips that do not disturb each other are made together and told by one build. Each row
has its own lines; a build must say the lines of all its rows, in order, and no others.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_build import ROOT, copied, edit, run, tree

Said = Callable[[str], list[str]]

LONGEST = 5.0  # seconds for a build one of whose pages is 4000 brackets
MINI = ROOT / "tests" / "mini"
NUMBER = "expected a fact, a citation, or TeX where it belongs to the set-up"
THIRD_WALK = (MINI / "mini/experiments/third_walk.py").read_text()
CHANGED = THIRD_WALK[THIRD_WALK.index("noise +") : THIRD_WALK.index("repeats=4")]
ORDERS = itertools.count(100)
TRACEBACK = ": Traceback (most recent call last):"
STAGE = re.compile(r"(simulate|draw|write) +\d+ of \d+ ")
PLACE = re.compile(r"(.*?):(\d+):(\d+): ")


@dataclass(frozen=True)
class Slip:
    """Something done wrong, and the lines that tell of it.

    ``files`` are new: their names and texts. ``edits`` are (file, old text, new text).
    In the lines, an ``@`` at the start stands for the file that comes first.
    """

    name: str
    files: tuple[tuple[str, str | bytes], ...]
    edits: tuple[tuple[str, str, str], ...]
    lines: tuple[str, ...]

    @property
    def told(self) -> list[str]:
        first = (*self.files, *self.edits)[0][0]
        return [re.sub("^@", first, line) for line in self.lines]

    def make(self, root: Path) -> None:
        for file, text in self.files:
            data = text if isinstance(text, bytes) else text.encode()
            (root / file).write_bytes(data)
        for file, old, new in self.edits:
            edit(root / file, old, new)


def page(name: str, text: str | bytes, *lines: str) -> Slip:
    """A page of its own, from its first line on."""
    return Slip(name, ((f"content/{name}.md", text),), (), lines)


def prose(name: str, body: str, *lines: str) -> Slip:
    """A page of its own; the body begins on line 6."""
    head = f"---\ntitle: A page\norder: {next(ORDERS)}\nsummary: A page.\n---\n"
    return page(name, head + body + "\n", *lines)


def edited(name: str, file: str, old: str, new: str, *lines: str) -> Slip:
    """A change to a file that there is."""
    return Slip(name, (), ((file, old, new),), lines)


def experiment(name: str, old: str, new: str, *lines: str) -> Slip:
    """An experiment like the third walk but for one text, and a page that quotes it."""
    slug = name.replace("_", "-")
    return _module(f"mini/experiments/{name}.py", "experiments/third_walk.py", old, new,
                   f"{{fact}}`{slug}.gap:.1f`", lines)  # fmt: skip


def figure(name: str, old: str, new: str, *lines: str) -> Slip:
    """A figure like the walk but for one text, and a page that shows it."""
    slug = name.replace("_", "-")
    return _module(f"mini/figures/{name}.py", "figures/walk.py", old, new,
                   f":::{{figure}} {slug}\n:::\n", lines)  # fmt: skip


def _module(
    file: str, like: str, old: str, new: str, body: str, lines: tuple[str, ...]
) -> Slip:
    text = (MINI / "mini" / like).read_text()
    assert text.count(old) == 1, old
    name = f"{Path(file).parent.name}-{Path(file).stem}".replace("_", "-")
    shown = prose(name, body)
    return Slip(name, ((file, text.replace(old, new)), *shown.files), (), lines)


PROSE = [
    # front matter
    page(
        "front-missing",
        "A page.\n",
        "@:1:1: a page starts with front matter; expected a line ---, YAML, a line ---",
    ),
    page(
        "front-yaml",
        "---\ntitle: [A\norder: 1\n---\n",
        "@:3:6: cannot read the YAML: expected ',' or ']', but got ':'",
    ),
    page(
        "front-list",
        "---\n- title\n---\n",
        "@:2:1: front matter is not a list of keys; expected title: …",
    ),
    page(
        "front-unknown-key",
        "---\ntitel: A\norder: 81\nsummary: s\n---\n",
        "@:2:1: unknown key 'titel' (did you mean 'title'?); expected title, order, "
        "summary, able, meets, template",
    ),
    page(
        "front-missing-key",
        "---\ntitle: A\norder: 82\n---\n",
        "@:1:1: front matter without 'summary'; expected text",
    ),
    page(
        "front-wrong-type",
        "---\ntitle: 0.5\norder: last\nsummary: s\nable: one\n---\n",
        "@:2:8: 'title' is of the wrong kind; expected text",
        "@:3:8: 'order' is of the wrong kind; expected a whole number",
        "@:5:7: 'able' is of the wrong kind; expected a list of texts",
    ),
    page(
        "front-template",
        "---\ntitle: A\norder: 83\nsummary: s\ntemplate: pge\n---\n",
        "@:5:11: unknown template 'pge' (did you mean 'page'?); expected page, home, "
        "references",
    ),
    page(
        "front-number",
        "---\ntitle: A\norder: 84\nsummary: By 7.9 % less.\n---\n",
        f"@:4:13: number typed in prose: '7.9 %'; {NUMBER}",
    ),
    page(
        "front-order",
        "---\ntitle: A\norder: 1\nsummary: s\n---\n",
        "content/other.md:3:8: two pages of the same order; expected another; have "
        "content/front-order.md",
    ),
    # directives
    prose(
        "directive-unknown",
        "::: {.predcit}\n:::",
        "@:6:1: unknown box .predcit (did you mean 'predict'?); expected predict, "
        "answer, takeaway, aside",
    ),
    prose(
        "directive-role",
        "{intervall}`first-walk.few:.3f`",
        "@:6:1: unknown role 'intervall' (did you mean 'interval'?); expected fact, "
        "interval",
    ),
    prose(
        "directive-unclosed",
        "::: {.predict}\nWhat?",
        "@:6:1: a box that is not closed; expected a line :::",
    ),
    prose(
        "directive-option",
        ":::{figure} walk\n:widht: wide\n:::",
        "@:7:1: unknown option 'widht' (did you mean 'width'?); expected width",
    ),
    prose(
        "directive-width",
        ":::{figure} walk\n:width: wid\n:::",
        "@:7:1: unknown width 'wid' (did you mean 'wide'?); expected text, wide, page",
    ),
    # figures
    prose(
        "figure-unknown",
        ":::{figure} wlak\n:::",
        "@:6:13: unknown figure 'wlak'; expected a figure; have 'arms', 'walk' (did "
        "you mean 'walk'?)",
    ),
    prose(
        "figure-reference",
        "See @fig-arm.",
        "@:6:5: unknown figure 'arm'; expected a figure; have 'arms', 'walk' (did you "
        "mean 'arms'?)",
    ),
    prose(
        "figure-twice",
        ":::{figure} walk\n:::\n\n:::{figure} walk\n:::",
        "@:9:13: the id 'walk' stands twice; expected each figure once on a page",
    ),
    # mathematics
    prose(
        "tex-command",
        r"The $x + \sgima$.",
        r"@:6:10: unknown TeX command \sgima (did you mean '\sigma'?)",
    ),
    prose(
        "tex-arity",
        r"The $\frac{a}$.",
        r"@:6:6: \frac has 1 of its 2 arguments",
    ),
    prose(
        "tex-unbalanced",
        "The ${a$.",
        "@:6:6: { is not closed; expected }",
    ),
    prose(
        "tex-unclosed",
        "The $a + 0.5.",
        "@:6:5: maths that is not closed: $; expected $…$, or \\$",
    ),
    prose(
        "tex-blank-line",
        "$$\na\n\n\nb + 0.5\n \nc\n$$\n\nSo $x.",
        "@:6:1: a blank line within maths; expected $$…$$ without one",
        "@:15:4: maths that is not closed: $; expected $…$, or \\$",
    ),
    prose(
        "tex-unclosed-before-closed",
        "$$\na\n\n$$\n0.5\n$$\n\nWords, and 0.5.",
        "@:6:1: maths that is not closed: $$; expected $$…$$, or \\$",
        f"@:13:12: number typed in prose: '0.5'; {NUMBER}",
    ),
    # sources
    prose(
        "citation-unknown",
        "So [@knuth1947, §1].",
        "@:6:6: unknown source 'knuth1947' (did you mean 'knuth1974'?); expected a key "
        "of the bibliography",
    ),
    prose("citation-of-what-cannot-be-read", "So [@unread; @unnamed; @nobody]."),
    edited(
        "bibtex-twice",
        "content/references.bib",
        "@article{knuth1974,",
        "@misc{knuth1974,\n  author = {A. B.},\n  title = {C},\n  year = 1999,\n}\n"
        "@misc{unnamed, title = {D}, year = 2000}\n"
        "@misc{nobody author = {E}, title = {D}, year = 2000}\n"
        "@misc{unread,\n  author = {A. B.}\n  title = {0.5},\n}\n@article{knuth1974,",
        "@:10:3: cannot read the BibTeX; expected '}'",
        "@:12:10: the source 'knuth1974' stands twice",
    ),
    # facts
    prose(
        "fact-unknown",
        "{fact}`first-walk.fw:.2f` and {fact}`frst-walk.few:.2f`",
        "@:6:8: unknown fact 'first-walk.fw'; expected a fact of an experiment; have "
        "'first-walk.few', 'first-walk.many' (did you mean 'first-walk.few'?)",
        "@:6:38: unknown fact 'frst-walk.few'; expected a fact of an experiment; have "
        "'first-walk', 'second-walk', 'third-walk' (did you mean 'first-walk.few'?)",
    ),
    prose(
        "fact-format",
        "{fact}`first-walk.few:.3q`",
        "@:6:23: unknown format '.3q'; expected .2f, .1%, ,.0f or .1e",
    ),
    # claims
    prose(
        "claim-false",
        '[It grows.]{shown="third-walk.gap.low > 2"}',
        "@:6:20: the claim does not hold; expected third-walk.gap.low > 2; have 1 > 2, "
        "which is false",
    ),
    prose(
        "claim-malformed",
        '[It grows.]{shown="third-walk.gap.low >"}',
        "@:6:39: cannot read the inequality 'third-walk.gap.low >'; expected "
        "comparisons of facts and numbers with < <= > >= and + - * / abs()",
    ),
    prose(
        "claim-without-fact",
        '[It grows.]{shown="1 < 2"}',
        "@:6:20: a claim must rest on a fact; expected a fact in it",
    ),
    prose(
        "claim-by-the-mean",
        '[It grows.]{shown="third-walk.gap > 2"}',
        "@:6:20: a comparison on the mean of 'third-walk.gap'; expected its interval: "
        ".low above, or .high below",
    ),
    # links, pictures, headings, HTML, numbers
    prose(
        "link-anchor",
        "[there](other.md#gpa)",
        "@:6:9: unknown place '#gpa' on other (did you mean 'gap'?); expected the id "
        "of a heading or figure",
    ),
    prose("link-to-what-cannot-be-read", "[a](encoding.md#b) [c](long.md#d)"),
    prose(
        "picture-without-alt",
        "![](a.png)",
        "@:6:1: a picture without alt text; expected ![what it shows](file)",
    ),
    prose(
        "id-twice",
        "## Here {#here}\n\n## There {#here}",
        "@:8:1: the id 'here' stands twice; expected another {#id}",
    ),
    prose(
        "html",
        '<div style="width: 0.5em">Words</div>',
        '@:6:1: HTML in prose: <div style="width: 0.5em">; expected Markdown, code, '
        r"or \<",
    ),
    prose(
        "number",
        "It falls by 7.9 % in\nall, four times as fast.",
        f"@:6:13: number typed in prose: '7.9 %'; {NUMBER}",
        f"@:7:6: number typed in prose: 'four times'; {NUMBER}",
    ),
    edited(
        "number-in-caption",
        "mini/figures/walk.py",
        "Six repeats, $n$ steps each.",
        "Six repeats, 0.5 and {fact}`first-walk.few:.3q`.",
        f"@:48:13: number typed in prose: '0.5'; {NUMBER}",
        "@:48:13: unknown format '.3q'; expected .2f, .1%, ,.0f or .1e",
    ),
    edited(
        "number-in-step",
        "mini/figures/walk.py",
        "Now *many*, [@knuth1974, §1].",
        "Now 0.7, [@knut1974] and {fact}`first-walk.fewer:.2f`.",
        f"@:52:11: number typed in prose: '0.7'; {NUMBER}",
        "@:52:11: unknown fact 'first-walk.fewer'; expected a fact of an experiment; "
        "have 'first-walk.few', 'first-walk.many' (did you mean 'first-walk.few'?)",
        "@:52:11: unknown source 'knut1974' (did you mean 'knuth1974'?); expected a "
        "key of the bibliography",
    ),
    edited(
        "claim-in-finding",
        "mini/figures/arms.py",
        'finding="The second arm is one higher.",\n    shown="third-walk.gap.low > 0"',
        'finding="The second arm is 0.5 higher.",\n    shown="third-walk.gap.low > 2"',
        f"@:31:13: number typed in prose: '0.5'; {NUMBER}",
        "@:32:11: the claim does not hold; expected third-walk.gap.low > 2; have 1 > "
        "2, which is false",
    ),
    # what cannot be read at all
    page(
        "encoding",
        "---\ntitle: A\norder: 85\n---\n\nÄ r\xe9sum\xe9 of 0.5 {#b}\n".encode(
            "latin-1"
        ),
        "@:6:1: the byte 0xC4 is not UTF-8; expected a text in UTF-8",
    ),
    page(
        "encoding-within",
        b"---\ntitle: A\n---\n\xc3\x84 r\xe9sum\n",
        "@:4:4: the byte 0xE9 is not UTF-8; expected a text in UTF-8",
    ),
    prose(
        "long",
        "## D\n\n" + "x `0.5` 0.5\n" * 20_000,
        "@:1:1: a page this long; expected at most 200 kB; have 240 kB",
    ),
    prose("brackets", "[" * 4000),
    prose("stars", "*" * 4000),
    prose(
        "Capitals",
        "A page.",
        "@:1:1: a page cannot be called 'Capitals'; expected small letters and "
        "digits, with hyphens between words",
    ),
]
UNUSED = [
    Slip(
        "figure-unused",
        (("mini/figures/spare.py", (MINI / "mini/figures/arms.py").read_text()),),
        (),
        (
            "@:1:1: no page shows the figure 'spare'; expected :::{figure} spare on a "
            "page",
        ),
    ),
    edited(
        "experiment-unused",
        "content/other.md",
        "{fact}`second-walk.mean:.0f`",
        "two",
        "mini/experiments/second_walk.py:1:1: no figure and no page uses the "
        "experiment 'second-walk'",
    ),
    prose(
        "link-page",
        "[there](ohter.md)",
        "@:6:9: unknown page 'ohter.md'; have 'index.md', 'link-page.md', "
        "'other.md', 'references.md' (did you mean 'other.md'?)",
    ),
    Slip(
        "bibtex-encoding",
        (
            (
                "content/references.bib",
                (MINI / "content/references.bib")
                .read_text()
                .replace("Donald", "D\xf6nald")
                .encode("latin-1"),
            ),
        ),
        (),
        ("@:2:21: the byte 0xF6 is not UTF-8; expected a text in UTF-8",),
    ),
    Slip(
        "brief",
        (("content/data/brief.toml", "a = 1\nb =\n"),),
        (),
        ("@:2:4: cannot read the TOML: Invalid value",),
    ),
]
FAULTS = [
    experiment(
        "axis_empty",
        "(0.0, 1.0)),)",
        "()),)",
        "@:26:10: grid: the axis 'arm' has no values; expected one or more",
    ),
    experiment(
        "axis_twice",
        "(0.0, 1.0)),)",
        "(0.0, 1.0, 0.0)),)",
        "@:26:10: grid: the axis 'arm' has the value 0 twice",
    ),
    experiment(
        "axis_no_tuple",
        "(0.0, 1.0)),)",
        "(0.5)),)",
        "@:26:10: grid: the values of 'arm' are no tuple; expected a tuple of numbers, "
        "with a comma",
    ),
    experiment(
        "grid_no_tuple",
        "(0.0, 1.0)),)",
        "(0.0, 1.0)))",
        "@:26:11: grid: one axis; expected a tuple of them, with a comma",
    ),
    experiment(
        "dims_axis",
        'dims={"value": ("repeat",)}',
        'dims={"arm": ("repeat", "arm")}',
        "@:27:10: dims: 'arm' of the array 'arm' is an axis of the grid, which comes "
        "by itself",
        "@:27:10: dims: the array 'arm' has the name of an axis of the grid",
    ),
    experiment(
        "dims_text",
        '("repeat",)}',
        '("repeat")}',
        "@:27:10: dims: 'value' has a text; expected a tuple of names, with a comma",
    ),
    experiment(
        "no_repeats",
        "repeats=4",
        "repeats=0",
        "@:28:13: repeats: 0; expected a whole number from 1",
    ),
    experiment(
        "seed",
        "seed=3",
        "seed=-3",
        "@:29:10: seed: -3; expected a whole number from 0",
    ),
    experiment(
        "axis_of_words",
        "(0.0, 1.0)),)",
        '("low", "high")),)',
        "@:26:10: grid: the axis 'arm' has a value that is no number",
    ),
    experiment(
        "same_axes",
        "(0.0, 1.0)),)",
        '(0.0, 1.0)), Axis("arm", "a", "", (2.0,)))',
        "@:26:10: grid: the axis 'arm' stands twice",
    ),
    experiment(
        "input_gone",
        "facts=facts,",
        'facts=facts,\n    inputs={"a": "content/data/sampel.txt"},',
        "@:32:12: inputs: no file 'content/data/sampel.txt' (did you mean "
        "'content/data/sample.txt'?)",
    ),
    figure(
        "no_state",
        'default={"steps": 100.0}',
        'default={"steps": 50.0}',
        "@:43:13: default: {'steps': 50.0} is no state; the controls have {'steps': "
        "[10.0, 100.0, 1000.0]}",
    ),
    figure(
        "no_experiment",
        '("first-walk",)',
        '("frst-walk",)',
        "@:39:17: experiments: unknown experiment 'frst-walk' (did you mean "
        "'first-walk'?)",
    ),
    figure(
        "one_state",
        'printed=({"steps": 10.0}, {"steps": 1000.0})',
        'printed=({"steps": 10.0})',
        "@:44:14: printed: one state; expected a tuple of them, with a comma",
    ),
    figure(
        "one_step",
        "    steps=(\n",
        '    steps=(),\n    shares=("stpes",),\n)\nREST = dict(\n    steps=(\n',
        "@:53:12: shares: no control is called 'stpes' (did you mean 'steps'?)",
    ),
    figure(
        "step_nowhere",
        '{"steps": STEPS[-1]}',
        '{"steps": 7.0}',
        "@:52:11: steps: {'steps': 7.0} is no state; the controls have {'steps': "
        "[10.0, 100.0, 1000.0]}",
    ),
    figure(
        "one_control",
        "QUICK),",
        "QUICK)",
        "@:41:9: controls: one control; expected a tuple of them, with a comma",
    ),
    prose(
        "and-prose-too",
        "A [@knuth1974, 0.5",
        "@:6:3: a citation that is not closed; expected [@key, §1]",
    ),
]
MODULES = [
    experiment(
        "syntax",
        "EXPERIMENT = Exp",
        "EXPERIMENT = = Exp",
        "@:25:14: invalid syntax",
    ),
    experiment(
        "name",
        "EXPERIMENT = Exp",
        "EXPERIMENTS = Exp",
        "@:1:1: no EXPERIMENT here; expected EXPERIMENT = Experiment(…)",
    ),
    experiment(
        "argument",
        "repeats=4",
        "repeat=4",
        "@:25:1: cannot import this: TypeError: Experiment.__init__() got an "
        "unexpected keyword argument 'repeat'",
    ),
    Slip(
        "slug-twice",
        (("mini/experiments/third-walk.py", THIRD_WALK),),
        (),
        (
            "mini/experiments/third_walk.py:1:1: the slug 'third-walk' stands twice; "
            "expected another file name; have mini/experiments/third-walk.py",
        ),
    ),
    edited(
        "in-what-is-imported",
        "mini/shared.py",
        "return 2.0 * value",
        "return 2.0 * (value",
        "@:8:18: '(' was never closed",
    ),
]
RUNS = [
    experiment(
        "raises",
        'return {"value": noise',
        'if point["arm"]:\n        raise RuntimeError("no arm")\n'
        '    return {"value": noise',
        "raises[arm=1]: Traceback (most recent call last):",
        '  File "ROOT/mini/experiments/raises.py", line 18, in simulate',
        '    raise RuntimeError("no arm")',
        "RuntimeError: no arm",
    ),
    experiment(
        "not_finite",
        'noise + point["arm"]}',
        "noise + np.inf}",
        "@:14:1: simulate() gave 'value' with NaN or infinite values "
        "(not-finite[arm=0] and 1 more)",
    ),
    experiment(
        "short",
        'noise + point["arm"]}',
        "noise[1:]}",
        "@:14:1: simulate() gave 'value' with 3 along 'repeat'; expected 4 "
        "(short[arm=0] and 1 more)",
    ),
    experiment(
        "uneven",
        CHANGED,
        CHANGED.replace("noise +", "noise[: 2 + int(point['arm'])] +").replace(
            "repeat", "some"
        ),
        "@:14:1: simulate() gave 'value' of different shapes at different points; "
        "expected one; have (2,), (3,)",
    ),
    experiment(
        "no_estimate",
        'paired_difference(arrays["value"][1], arrays["value"][0])',
        "0.5",
        "@:20:1: facts() gives 'gap' as 0.5; expected an Estimate",
    ),
    experiment(
        "fact_not_finite",
        'paired_difference(arrays["value"][1], arrays["value"][0])',
        'Estimate(1.0, 0.0, float("inf"), 4)',
        "@:20:1: facts() gives 'gap' as Estimate(value=1.0, low=0.0, high=inf, "
        "repeats=4, paired=False); expected finite numbers",
    ),
    experiment(
        "facts_raise",
        'arrays["value"][1]',
        'arrays["valeu"][1]',
        "@:22:1: facts() raises KeyError: 'valeu'",
    ),
    figure(
        "draws_nothing",
        "    return figure",
        "    return None",
        "@:14:1: draw() gives None; expected a matplotlib Figure",
    ),
    figure(
        "draw_raises",
        "    return figure",
        "    raise ValueError(7)",
        "draw-raises: Traceback (most recent call last):",
        '  File "ROOT/mini/figures/draw_raises.py", line 23, in draw',
        "    raise ValueError(7)",
        "ValueError: 7",
    ),
    figure(
        "colour",
        "look.HEAT[3]",
        '"red" if state["steps"] > 10 else look.HEAT[3]',
        "@:14:1: draw() at steps 100: the colour #ff0000 is no token; the nearest is "
        "look.CONTROL (#c23a1b)",
    ),
    figure(
        "alt_raises",
        "of {state['steps']:g} steps in six",
        "of {state['stesp']:g} steps in six",
        "@:28:1: alt() raises KeyError: 'stesp' at steps 10",
    ),
    figure(
        "numbers_change_their_names",
        '"steps walked", f',
        "f\"{len(results)} {state['steps'] > 10}\", f",
        "@:57:1: <lambda>() gives [('1 True', '100')] at steps 100; expected rows of a "
        "name and a value, with the same names in every state",
    ),
    figure(
        "frames_differ",
        "look.new_figure(300, 160)",
        'look.new_figure(300 + state["steps"] / 10, 160)',
        "@:51:11: the frames of the GIF differ in size; expected one size",
    ),
    figure(
        "spoken_is_empty",
        "return f\"{state['steps']:g} steps: mean {mean:.2f}\"",
        'return "" if mean < 0.1 else "A mean."',
        "@:31:1: spoken() gives '' at steps 1000; expected a sentence",
    ),
    prose(
        "and-prose-of-failures",
        '{fact}`raises.gone:.1f`, [so]{shown="facts-raise.gap > 0"}, @fig-colour, 0.5',
        f"@:6:74: number typed in prose: '0.5'; {NUMBER}",
    ),
]
TOGETHER = [
    experiment(
        "again_twice",
        "(0.0, 1.0)),)",
        "(0.0, 1.0, 0.0)),)",
        "@:26:10: grid: the axis 'arm' has the value 0 twice",
    ),
    figure(
        "again_no_experiment",
        '("first-walk",)',
        '("frst-walk",)',
        "@:39:17: experiments: unknown experiment 'frst-walk' (did you mean "
        "'first-walk'?)",
    ),
    prose(
        "and-what-is-cited",
        "So [@knuth1947], {fact}`frst-walk.few:.2f`.",
        "@:6:6: unknown source 'knuth1947' (did you mean 'knuth1974'?); expected a key "
        "of the bibliography",
        "@:6:25: unknown fact 'frst-walk.few'; expected a fact of an experiment; have "
        "'again-twice', 'first-walk', 'second-walk', 'third-walk' (did you mean "
        "'first-walk'?)",
    ),
]
IMPORTS = [
    experiment(
        "broken",
        "EXPERIMENT = Exp",
        "EXPERIMENT = = Exp",
        "@:25:14: invalid syntax",
    ),
    figure(
        "broken",
        "EXHIBIT = Exh",
        "EXHIBIT = = Exh",
        "@:38:11: invalid syntax",
    ),
    prose(
        "and-what-is-written",
        "A $x.",
        "@:6:3: maths that is not closed: $; expected $…$, or \\$",
    ),
    experiment(
        "beside_twice",
        "(0.0, 1.0)),)",
        "(0.0, 1.0, 0.0)),)",
        "@:26:10: grid: the axis 'arm' has the value 0 twice",
    ),
    figure(
        "beside_no_experiment",
        '("first-walk",)',
        '("frst-walk", "broken")',
        "@:39:17: experiments: unknown experiment 'frst-walk' (did you mean "
        "'first-walk'?)",
    ),
    prose(
        "and-what-is-named",
        "So [@knuth1947], {fact}`frst-walk.few:.2f` and @fig-brokn.",
        "@:6:6: unknown source 'knuth1947' (did you mean 'knuth1974'?); expected a key "
        "of the bibliography",
        "@:6:25: unknown fact 'frst-walk.few'; expected a fact of an experiment; have "
        "'beside-twice', 'broken', 'first-walk', 'second-walk', 'third-walk' (did you "
        "mean 'first-walk'?)",
        "@:6:48: unknown figure 'brokn'; expected a figure; have 'arms', "
        "'beside-no-experiment', 'broken', 'walk' (did you mean 'broken'?)",
    ),
]


BUILDS = {
    "prose": PROSE,
    "unused": UNUSED,
    "faults": FAULTS,
    "modules": MODULES,
    "runs": RUNS,
    "together": TOGETHER,
    "imports": IMPORTS,
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Makes all slips of a build, once; gives what the build then says."""
    built = copied(tmp_path_factory.mktemp("messages") / "mini")
    assert run(built).returncode == 0
    before, known = tree(built), dict[str, list[str]]()

    def lines(name: str) -> list[str]:
        if name not in known:
            root = shutil.copytree(built, tmp_path_factory.mktemp(name) / "mini")
            for slip in BUILDS[name]:
                slip.make(root)
            started = time.perf_counter()
            done = run(root)
            assert name != "prose" or time.perf_counter() - started < LONGEST
            assert (done.returncode, done.stderr) == (1, "")
            assert tree(root) == before
            told = done.stdout.replace(str(root), "ROOT").splitlines()
            known[name] = [line for line in told if not STAGE.match(line)]
        return known[name]

    return lines


@pytest.mark.parametrize(
    ("build", "slip"),
    [
        pytest.param(build, slip, id=slip.name)
        for build, slips in BUILDS.items()
        for slip in slips
        if slip.lines
    ],
)
def test_a_slip_is_told(said: Said, build: str, slip: Slip) -> None:
    lines, told = said(build), slip.told
    if told[0].endswith(TRACEBACK):
        first = lines.index(told[0])
        assert lines[first : first + len(told)] == told
    else:
        assert [line for line in lines if line in told] == told


@pytest.mark.parametrize("build", BUILDS)
def test_nothing_else_is_told_and_all_is_in_order(said: Said, build: str) -> None:
    blocks = sorted((slip.told for slip in BUILDS[build]), key=lambda told: told[:1])
    failures = [told for told in blocks if told and told[0].endswith(TRACEBACK)]
    placed = [line for told in blocks if told not in failures for line in told]
    count = f"{len(placed)} problems"
    if failures:
        count += f" and {len(failures)} failed"
    assert said(build) == [
        *sorted(placed, key=_order),
        *itertools.chain(*failures),
        f"{count}; ROOT/out is unchanged",
    ]


def _order(line: str) -> tuple[str, int, int, str]:
    found = PLACE.match(line)
    assert found, line
    return found[1], int(found[2]), int(found[3]), line


def test_an_error_in_a_template_stops_the_build(tmp_path: Path) -> None:
    root, own = copied(tmp_path / "mini"), tmp_path / "own"
    shutil.copytree(ROOT / "ht_sim", own / "ht_sim")
    shutil.copytree(ROOT / "templates", own / "templates")
    edit(own / "templates/page.html", "{{ page.title_html", "{{ page.titel")
    done = run(root, PYTHONPATH=f"{root}{os.pathsep}{own}")
    assert done.returncode == 1
    assert "titel" in done.stdout
    assert tree(root) == {}
