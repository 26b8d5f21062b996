from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page

from ht_sim import colours, look
from ht_sim.publish import explorable
from ht_sim.publish.explorable import (
    Explorable,
    encode,
    still,
    with_drawing,
    with_spoken,
)
from ht_sim.publish.svg import NUMBER, shortest
from tests.publish.drawings import curve, document, network
from tests.publish.pictures import assert_same_picture

RATES = (0.0, 0.15, 0.3, 0.5, 0.6, 0.75, 0.9)
PASSES = 3
CURVES = 12


@cache
def network_frames() -> list[str]:
    return [look.svg(network(rate, seed)) for rate in RATES for seed in range(PASSES)]


@cache
def curve_frames() -> list[str]:
    return [look.svg(curve(k)) for k in range(CURVES)]


def published(*bodies: str, default: int = 0, slug: str = "a") -> Explorable:
    return encode(
        [document(body) for body in bodies],
        slug=slug,
        default=default,
        tokens=colours.NAMES,
    )


def tree(encoded: Explorable) -> ElementTree.Element:
    return ElementTree.fromstring(encoded.base)


def slots(encoded: Explorable) -> list[list[object]]:
    return json.loads(encoded.changes)["slots"]


# -- reading matplotlib's SVG


def test_style_becomes_attributes_and_colours_become_variables() -> None:
    root = tree(published('<path id="patch_1" style="fill: #1D2433; stroke: none"/>'))
    assert root[0].attrib == {"fill": "var(--ink)", "stroke": "none"}
    assert "style" not in ElementTree.tostring(root, encoding="unicode")


def test_automatic_ids_go_and_own_ids_become_classes() -> None:
    line = '<path d="M 0 0 L 1 1" style="fill: none; stroke: #1d2433"/>'
    root = tree(published(f'<g id="line2d_12">{line}</g><g id="unit">{line}</g>'))
    assert [child.tag for child in root] == ["path", "g"]
    assert root[1].attrib == {"class": "unit"}


def test_the_root_says_size_role_label_and_join() -> None:
    assert tree(published("<g/>")).attrib == {
        "viewBox": "0 0 100 50",
        "width": "100",
        "height": "50",
        "role": "img",
        "aria-labelledby": "a-alt",
        "stroke-linejoin": "round",
    }


def test_unsaid_black_text_is_ink_but_a_black_shape_is_refused() -> None:
    root = tree(published('<text style="font-size: 9px; font-family: x">t</text>'))
    assert root[0].attrib == {"fill": "var(--ink)", "font-size": "9"}
    with pytest.raises(ValueError, match="#000000 is no token; the nearest is"):
        published('<path d="M 0 0 L 1 1 z"/>')


def test_a_colour_that_is_no_token_is_named_with_its_state_and_neighbour() -> None:
    good, bad = '<path style="fill: #1257b0"/>', '<path style="fill: #1257b1"/>'
    with pytest.raises(
        ValueError,
        match=r"a, state 1: the colour #1257b1 is no token; the nearest is "
        r"var\(--batch-norm\) \(#1257b0\)",
    ):
        published(good, bad)


def test_a_picture_in_the_drawing_is_refused() -> None:
    with look.style():
        figure = look.new_figure(100, 100)
        figure.add_subplot().imshow(np.eye(3))
    with pytest.raises(ValueError, match="pcolormesh"):
        encode([look.svg(figure)], slug="a", default=0, tokens=colours.NAMES)


def test_mathematics_and_outlined_text_are_refused() -> None:
    with look.style():
        figure = look.new_figure(100, 100)
        figure.text(0.1, 0.1, r"$\alpha^2$")
        plain = look.new_figure(100, 100)
        plain.text(0.1, 0.1, "alpha")
    for frame in (look.svg(figure), look.svg_paths(plain)):
        with pytest.raises(ValueError, match="text must stay text"):
            encode([frame], slug="a", default=0, tokens=colours.NAMES)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, ".5"), (-0.5, "-.5"), (-0.001, "0"), (100, "100"), (10.005, "10.01")],
)
def test_numbers_are_written_shortest(value: float, text: str) -> None:
    assert shortest(value + 1e-9) == text


def test_path_steps_do_not_drift() -> None:
    x = 0.333333 + np.cumsum(np.full(500, 0.0149))
    path = "M " + " L ".join(f"{each:f} 1" for each in x)
    root = tree(published(f'<path d="{path}" style="fill: none; stroke: #1d2433"/>'))
    numbers = [float(n) for n in NUMBER.findall(root[0].attrib["d"])]
    places = np.cumsum(numbers[::2])
    assert np.abs(places - x).max() <= 0.005 + 1e-9


def test_a_line_back_to_the_start_goes_only_before_the_closing() -> None:
    def path(data: str) -> str:
        style = "fill: none; stroke: #1d2433"
        return tree(published(f'<path d="{data}" style="{style}"/>'))[0].attrib["d"]

    assert path("M 1 2 L 5 2 L 5 6 L 1 2 z") == "M1 2l4 0 0 4z"
    assert path("M 1 2 L 5 2 L 5 6 L 1 2") == "M1 2l4 0 0 4 -4 -4"
    assert path("M 1 2 L 5 2 z M 3 3 L 4 4") == "M1 2l4 0zM3 3l1 1"


def test_small_factors_of_transforms_are_not_rounded_away() -> None:
    root = tree(
        published(
            '<g transform="translate(1.006 2) scale(0.0156 -1)"><text>t</text></g>'
        )
    )
    assert root[0].attrib["transform"] == "translate(1.01 2) scale(.0156 -1)"


# -- ids


def clipped(hashed: str, width: int = 5) -> str:
    return (
        f'<g clip-path="url(#{hashed})"><text>t</text></g><defs>'
        f'<clipPath id="{hashed}"><rect width="{width}" height="5"/></clipPath></defs>'
    )


def test_hashes_that_differ_between_states_are_no_change() -> None:
    assert slots(published(clipped("p1a"), clipped("p2b"))) == []
    assert [
        slot[0] for slot in slots(published(clipped("p1a"), clipped("p2b", 6)))
    ] == ["width"]


def test_no_two_figures_share_an_id_and_every_reference_resolves() -> None:
    encoded = [
        encode(curve_frames()[:4], slug=slug, default=0, tokens=colours.NAMES)
        for slug in ("one", "two")
    ]
    texts = [each.base + with_spoken(each.changes, "abcd") for each in encoded]
    ids = [set(re.findall(r'\bid=\\?"([^"\\]+)', text)) for text in texts]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, own in zip(texts, ids, strict=True):
        assert set(re.findall(r'url\(#([^)]+)\)|href=\\?"#([^"\\]+)', text))
        named = re.findall(r'(?:url\(|href=\\?")#([^)"\\]+)', text)
        assert set(named) <= own
    base = re.findall(r'\bid="([^"]+)"', encoded[0].base)
    assert len(base) == len(set(base))


# -- the changes, by a decoder of the tests' own


def decoded(encoded: Explorable, state: int) -> str:
    """Return the drawing of one state with all numbers written alike."""
    data = json.loads(encoded.changes)
    root = tree(encoded)
    elements = list(root.iter())
    order = [
        s
        for i in range(data["stride"])
        for s in range(i, data["states"], data["stride"])
    ]
    place = order.index(state)
    for attribute, values, which, used in data["slots"]:
        listed = unpacked(values)
        for element, column in zip(np.cumsum(which), np.cumsum(used), strict=True):
            value = listed[used_in(data, data["columns"][column], place)]
            if attribute == "#text":
                elements[element].text = value
            elif attribute == "#markup":
                for child in list(elements[element]):
                    elements[element].remove(child)
                elements[element].extend(ElementTree.fromstring(f"<g>{value}</g>"))
            elif value is None:
                elements[element].attrib.pop(attribute, None)
            else:
                elements[element].set(attribute, value)
    return canonical(root)


def used_in(data: dict[str, Any], runs: Any, place: int) -> int:
    if isinstance(runs, str):
        both = (data["columns"][int(number)] for number in runs.split("|"))
        return max(used_in(data, one, place) for one in both)
    if not isinstance(runs[0], list):
        return np.repeat(runs[::2], runs[1::2])[place]
    row, column = divmod(place, data["states"] // data["stride"])
    return sum(switch <= column for switch in runs[row]) % 2


def unpacked(values: object) -> list[str]:
    if isinstance(values, list):
        return values
    assert isinstance(values, dict)
    rows = np.array(values["rows"])
    along, down = values["sums"]
    for _ in range(along):
        rows = np.cumsum(rows, axis=1)
    for _ in range(down):
        rows = np.cumsum(rows, axis=0)
    pieces = values["pieces"]
    return [
        "".join(
            text + (f"{row[i] / 100:.2f}" if i < len(row) else "")
            for i, text in enumerate(pieces)
        )
        for row in rows
    ]


def canonical(root: ElementTree.Element) -> str:
    text = ElementTree.canonicalize(ElementTree.tostring(root, encoding="unicode"))
    return NUMBER.sub(lambda number: f"{float(number[0]):.3f}", text)


def small_network_frames() -> list[str]:
    return [look.svg(network(rate, seed, 4)) for rate in RATES for seed in range(2)]


@pytest.mark.parametrize("frames", [small_network_frames, curve_frames])
def test_every_state_comes_back_from_another(
    frames: Callable[[], list[str]],
) -> None:
    drawn = frames()
    encoded = encode(drawn, slug="a", default=1, tokens=colours.NAMES)
    for state in range(len(drawn)):
        itself = encode(drawn, slug="a", default=state, tokens=colours.NAMES)
        assert decoded(encoded, state) == canonical(tree(itself)), state


def test_a_missing_attribute_is_null() -> None:
    encoded = published('<text x="1">t</text>', '<text x="1" rotate="2">t</text>')
    assert slots(encoded) == [["rotate", [None, "2"], [1], [0]]]


def test_a_text_that_changes_is_a_slot() -> None:
    encoded = published("<text>a &lt; b</text>", "<text>c</text>", default=1)
    assert slots(encoded) == [["#text", ["a < b", "c"], [1], [0]]]
    assert ">c<" in encoded.base


def test_only_children_that_states_do_not_share_are_swapped() -> None:
    tick = '<g id="xtick_{}"><text>{}</text></g>'
    few = "".join(tick.format(i, i) for i in range(2))
    many = "".join(tick.format(i, i) for i in range(3))
    label = '<g id="text_9"><text>label</text></g>'
    encoded = published(f"{few}{label}", f"{many}{label}")
    assert slots(encoded) == [
        ["#markup", ["", '<text fill="var(--ink)">2</text>'], [3], [0]]
    ]
    assert [child.tag for child in tree(encoded)] == ["text", "text", "g", "text"]


def test_elements_count_as_the_default_state_has_them() -> None:
    note = '<g id="note"><text>n</text></g>'
    last = '<g id="text_1"><text>{}</text></g>'
    states = (last.format("a"), note + last.format("b"))
    for default, place in ((0, 2), (1, 4)):
        encoded = published(*states, default=default)
        (text,) = (slot for slot in slots(encoded) if slot[0] == "#text")
        assert text[2] == [place]
        assert list(tree(encoded).iter())[place].text in ("a", "b")


def test_a_path_without_a_stroke_takes_no_slot_for_its_dash_and_width() -> None:
    bare = '<path style="fill: #1d2433"/>'
    lined = '<path style="fill: #1d2433; stroke: #1257b0; stroke-width: 3"/>'
    assert [slot[0] for slot in slots(published(bare, lined))] == ["stroke"]


def test_what_children_say_alike_stands_on_their_group() -> None:
    def line(y: int) -> str:
        style = "fill: none; stroke: #1d2433"
        return f'<path clip-path="url(#c)" d="M 0 {y} L 9 {y}" style="{style}"/>'

    clip = '<defs><clipPath id="c"><rect width="1" height="1"/></clipPath></defs>'
    group = tree(published(f'<g id="LineCollection_1">{line(1)}{line(2)}</g>{clip}'))[0]
    assert set(group.attrib) == {"clip-path", "fill", "stroke"}
    assert set(group[0].attrib) == {"d"}


def test_runs_are_long_whichever_control_changes_the_drawing() -> None:
    def changing(pick: Callable[[int, int], int]) -> dict[str, object]:
        states = [(i, j) for i in range(6) for j in range(4)]
        return json.loads(
            published(*(f"<text>{pick(i, j)}</text>" for i, j in states)).changes
        )

    assert changing(lambda i, j: i)["stride"] == 1
    by_last = changing(lambda i, j: j)
    assert by_last["columns"] == [[0, 6, 1, 6, 2, 6, 3, 6]]
    assert changing(lambda i, j: j > 1)["columns"] == [[[], [], [0], [0]]]
    rises = changing(lambda i, j: i > 2 * j)
    assert rises["columns"] == [[[1], [3], [5], []]]
    assert rises["stride"] == 4


def test_what_goes_when_either_of_two_goes_is_written_so() -> None:
    def state(*gone: int) -> str:
        return "".join(f"<text>{one}</text>" for one in gone)

    states = [(i, j) for i in range(4) for j in range(4)]
    drop = [(i > 2, j > 1, i > 2 or j > 1, i > 2 and j > 1) for i, j in states]
    data = json.loads(published(*(state(*map(int, each)) for each in drop)).changes)
    first, second, either, both = data["columns"]
    assert either == "0|1"
    assert not {str} & {type(first), type(second), type(both)}


def test_spoken_sentences_go_in_and_cannot_end_the_script() -> None:
    changes = published("<text>a</text>", "<text>b</text>").changes
    spoken = ["</script><!--", "µ = 2 – “x”"]
    text = with_spoken(changes, spoken)
    assert json.loads(text)["spoken"] == spoken
    assert "</" not in text
    assert "<!--" not in text
    with pytest.raises(ValueError, match="1 sentences for 2 states"):
        with_spoken(changes, ["one"])


def test_a_drawing_moves_into_the_changes_and_comes_back() -> None:
    encoded = published("<text>a &lt; b</text>", "<text>c</text>")
    empty, changes = with_drawing(encoded.changes, encoded.base)
    svg = ElementTree.fromstring(empty)
    assert len(svg) == 0
    assert svg.attrib == tree(encoded).attrib
    data = json.loads(changes)
    assert empty.replace("></svg>", f">{data['drawing']}</svg>") == encoded.base
    assert {**data, "drawing": None} == {**json.loads(encoded.changes), "drawing": None}
    assert "</" not in changes


# -- stills


def test_a_still_has_the_colours_of_its_theme_and_its_glyphs_in_scale() -> None:
    frame = look.svg_paths(curve(2))
    light = still(frame, slug="a-0", colours={})
    dark = still(frame, slug="a-0", colours=colours.DARK)
    assert look.BATCH_NORM in light
    assert look.BATCH_NORM not in dark
    assert colours.DARK[look.BATCH_NORM] in dark
    assert "var(" not in light
    assert 'transform="scale(.015625)"' in light
    assert ElementTree.fromstring(light).tag == "{http://www.w3.org/2000/svg}svg"
    assert still(frame, slug="a-0", colours={}) == light


def test_a_still_refuses_text_and_colours_its_theme_lacks() -> None:
    with pytest.raises(ValueError, match="outlines"):
        still(look.svg(curve(0)), slug="a", colours={})
    with pytest.raises(ValueError, match="a: the colour #1257b0 is no token"):
        still(look.svg_paths(curve(0)), slug="a", colours={"#123456": "#654321"})


# -- bytes


def test_the_bytes_do_not_depend_on_the_seed_of_hashes() -> None:
    script = (
        "from hashlib import sha256\n"
        "from ht_sim import colours, look\n"
        "from ht_sim.publish.explorable import encode, still\n"
        "from tests.publish.drawings import curve\n"
        "frames = [look.svg(curve(k)) for k in range(4)]\n"
        "made = encode(frames, slug='a', default=0, tokens=colours.NAMES)\n"
        "alone = still(look.svg_paths(curve(3)), slug='a', colours=colours.DARK)\n"
        "print(sha256((made.base + made.changes + alone).encode()).hexdigest())\n"
    )
    root = Path(explorable.__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1


def test_sizes_stay_small() -> None:
    def kilobytes(text: str) -> float:
        return len(gzip.compress(text.encode(), mtime=0)) / 1000

    net = encode(network_frames(), slug="a", default=0, tokens=colours.NAMES)
    assert kilobytes(net.base) < 7
    assert kilobytes(net.changes) / len(network_frames()) < 0.15
    lines = encode(curve_frames(), slug="a", default=0, tokens=colours.NAMES)
    assert kilobytes(lines.base) < 2.5
    assert kilobytes(lines.changes) / CURVES < 0.45


# -- pixels: of the rest, see test_gallery.py


def test_a_still_is_shown_as_matplotlib_drew_it(page: Page, tmp_path: Path) -> None:
    frame = look.svg_paths(curve(3))
    (tmp_path / "mine.svg").write_text(still(frame, slug="a", colours={}))
    (tmp_path / "theirs.svg").write_text(frame.replace("pt", "px"))
    shots = []
    for name in ("mine", "theirs"):
        (tmp_path / f"{name}.html").write_text(
            f'<!doctype html><img src="{name}.svg" width="430" height="250">'
        )
        page.goto((tmp_path / f"{name}.html").as_uri())
        shots.append(page.locator("img").screenshot())
    assert_same_picture(*shots)
