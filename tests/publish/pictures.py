"""An explorable in the browser beside matplotlib's own drawings of its states."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from ht_sim import colours
from ht_sim.publish.explorable import Explorable
from tests.publish.drawings import write_page
from tests.publish.gallery import Piece, frames

# Rounding to 0.01 px changes the antialiasing of lines, by as much as this of 255 in
# single pixels and by less in few; what is drawn elsewhere or otherwise differs more.
MOST, FAR, FEW = 64, 24, 100
GO = """hash => new Promise(done => {
    addEventListener("hashchange", () =>
        requestAnimationFrame(() => requestAnimationFrame(done)), { once: true });
    location.hash = hash;
})"""
PUT = "svg => { document.body.innerHTML = svg; return document.fonts.ready }"


def pixels(picture: bytes) -> NDArray[np.float64]:
    """Return a PNG as (height, width, 3), each from 0 to 255."""
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=float)


def assert_same_picture(mine: bytes, theirs: bytes, what: object = "") -> None:
    """Compare two pictures of one size, pixel by pixel."""
    assert pixels(theirs).std() > 4  # not two blank pictures
    apart = np.abs(pixels(mine) - pixels(theirs)).max(axis=2)
    assert apart.max() <= MOST, what
    assert (apart > FAR).sum() <= FEW, what


def from_matplotlib(frame: str, swap: Mapping[str, str]) -> str:
    """Return matplotlib's SVG for a page, in the colours of a theme.

    Browsers set text on whole pixels, so its places are rounded to 0.01 as ours are:
    97.4999 and 97.5 are a pixel apart.
    """
    svg = re.sub(r"^.*?(?=<svg)", "", frame, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?width="[\d.]+)pt(" height="[\d.]+)pt', r"\1px\2px", svg)
    svg = re.sub(
        r'(?<= [xy]=")[-\d.]+(?=" transform)|(?<= y=")[-\d.]+(?=")',
        lambda number: f"{float(number[0]):.2f}",
        svg,
    )
    return re.sub("#[0-9a-f]{6}", lambda hex: swap.get(hex[0], hex[0]), svg)


def assert_as_drawn(
    page: Page,
    folder: Path,
    piece: Piece,
    *,
    encoded: Explorable | None = None,
    dark: bool = False,
) -> None:
    """Compare states all over a grid, shown one after another, with matplotlib's."""
    swap = colours.DARK if dark else {}
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(write_page(folder, [piece.shown(encoded)]))
    page.evaluate("document.fonts.ready")
    reference = page.context.new_page()
    reference.emulate_media(color_scheme="dark" if dark else "light")
    empty = '<!doctype html><link rel="stylesheet" href="page.css"><body>'
    (folder / "reference.html").write_text(empty, encoding="utf-8")
    reference.goto((folder / "reference.html").as_uri())
    for state in piece.sampled():
        page.evaluate(GO, piece.hash(state))
        reference.evaluate(PUT, from_matplotlib(frames(piece)[state], swap))
        shots = [shown.locator("svg").first.screenshot() for shown in (page, reference)]
        assert_same_picture(*shots, piece.places()[state])
    reference.close()
