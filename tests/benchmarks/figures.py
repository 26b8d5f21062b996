# ruff: noqa: T201
"""What a figure weighs and what a step of it costs, beside two other ways to show it.

    python tests/benchmarks/figures.py [SITE] [STEPS]

For three figures of a built site, in one run and in one Chromium: the bytes of the
drawing with all its changes; of its states as WebP pictures at one picture dot a CSS
pixel; and of its states as frames of a Plotly figure, without plotly.js and with it.
Then what a step of the slider costs: the time in scripts, and the time of the page's
main thread (scripts, styles, layout, paint), less that of a step that changes nothing.

Plotly's frames hold the lines, areas and texts of matplotlib's own figure in two
decimals, lines of one style as one trace. They need ``pip install plotly==7.1.0``;
without it they are left out.
"""

from __future__ import annotations

import gzip
import io
import re
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from ht_sim import chromium, experiments, figures, look
from ht_sim.engine.store import Store
from ht_sim.project import Project
from ht_sim.results import collect, point_jobs
from tests.browser import QUIET

try:
    from tests.benchmarks import plotly_frames
except ImportError:
    plotly_frames = None

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("dropout-passes", "dropout-ridge", "dropout-steps")
SPENT = """(() => {
    window.spent = 0;
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = call => ask(time => {
        const started = performance.now();
        call(time);
        window.spent += performance.now() - started;
    });
    window.afterPaint = ask;
})()"""
STEP = """([id, index]) => new Promise(done => {
    const slider = document.getElementById(id);
    window.spent = 0;
    const started = performance.now();
    if (index !== null) {
        slider.value = index;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const handled = performance.now() - started;
    window.afterPaint(() => window.afterPaint(() => done(handled + window.spent)));
})"""
SWAP = """([index]) => new Promise(done => {
    const started = performance.now();
    if (index !== null) document.images[0].src = `${index}.webp`;
    const handled = performance.now() - started;
    window.afterPaint(() => window.afterPaint(() => done(handled)));
})"""


def gzipped(data: bytes) -> int:
    """Return how many bytes gzip sends."""
    return len(gzip.compress(data, 6, mtime=0))


@dataclass(frozen=True)
class Built:
    """One figure of a built site."""

    slug: str
    page: Path
    data: bytes  # the drawing and its changes
    states: int
    steps: int  # values of its first slider
    slider: str  # the id of that slider


def built(site: Path, slug: str) -> Built:
    """Find a figure on the site, and what the site sends for it."""
    shown = f'<figure id="{slug}"'
    page = next(one for one in site.glob("*.html") if shown in one.read_text("utf-8"))
    figure = page.read_text("utf-8").split(shown)[1].split("</figure>")[0]
    if source := re.search(r'data-src="([^"]+)"', figure):
        data = (site / source[1]).read_bytes()
    else:
        parts = re.findall(r'(?s)<svg.*?</svg>|class="changes">.*?</script>', figure)
        data = "".join(parts).encode()
    slider = re.search(rf'type="range" id="({slug}-\w+)".*?max="(\d+)"', figure)
    states = re.search(rb'"states":(\d+)', data)
    assert slider
    assert states
    return Built(slug, page, data, int(states[1]), int(slider[2]) + 1, slider[1])


# -- what a step costs ----------------------------------------------------------------


def main_thread(session: CDPSession) -> float:
    """Return the milliseconds that the main thread has worked so far."""
    told = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in told if one["name"] == "TaskDuration")


def costs(page: Page, play: str, first: list[Any], indices: Sequence[int]) -> Costs:
    """Step through values; return milliseconds of scripts and of the main thread."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    script, thread, idle = [], [], []
    for index in indices:
        for value, kept in ((None, idle), (index, thread)):
            before = main_thread(session)
            spent = page.evaluate(play, [*first, value])
            kept.append(main_thread(session) - before)
        script.append(spent)
    rest = statistics.median(idle)
    return Costs(script, [max(one - rest, 0) for one in thread])


@dataclass(frozen=True)
class Costs:
    """Milliseconds of each step."""

    script: Sequence[float]
    thread: Sequence[float]

    def __str__(self) -> str:
        spans = [np.percentile(one, (50, 95)) for one in (self.script, self.thread)]
        return "".join(f"{low:7.2f}{high:7.2f}  " for low, high in spans)


def walk(steps: int, count: int) -> list[int]:
    """Return values as a slider that is dragged to and fro takes them."""
    way = [*range(steps), *range(steps - 2, 0, -1)]
    return [way[(place + 1) % len(way)] for place in range(count)]


def pictures(page: Page, one: Built, folder: Path) -> list[bytes]:
    """Return every state as a WebP picture of the site's own drawing of it."""
    made = []
    for state in addresses(one):
        page.evaluate("hash => { location.hash = hash }", state)
        page.wait_for_timeout(60)
        shot = page.locator(f"#{one.slug} .frame svg").screenshot()
        data = io.BytesIO()
        Image.open(io.BytesIO(shot)).convert("RGB").save(data, "webp", quality=80)
        (folder / f"{len(made)}.webp").write_bytes(data.getvalue())
        made.append(data.getvalue())
    return made


def addresses(one: Built) -> Iterator[str]:
    """Give the address of each state."""
    exhibit = figures.discover()[one.slug]
    texts = {each.name: each for each in exhibit.controls}
    for state in exhibit.states():
        chosen = (
            f"{name}={texts[name].texts[texts[name].values.index(value)]}"
            for name, value in state.items()
        )
        yield f"#{one.slug}:{'&'.join(chosen)}"


# -- the same states drawn again ------------------------------------------------------


def states(slug: str) -> Iterator[Figure]:
    """Draw every state from the results that the build has kept."""
    exhibit, results = figures.discover()[slug], kept_results()
    with look.style():
        for state in exhibit.states():
            yield exhibit.draw(results, state)


@cache
def kept_results() -> Mapping[str, Any]:
    """Return the arrays of the experiments behind the figures."""
    project = Project(ROOT, "ht_sim")
    store = Store(project.cache / "store")
    shown = figures.discover()
    names = {name for slug in SHOWN for name in shown[slug].experiments}
    wanted = {n: one for n, one in experiments.discover().items() if n in names}
    jobs = point_jobs(project, wanted)
    known = {one.name: store.find(one.key) for each in jobs.values() for one in each}
    if None in known.values():
        raise SystemExit("not all results are known; build the site first")
    results = collect(project, wanted, jobs, known, store)
    return {name: one.arrays for name, one in results.items()}


# -- all together ------------------------------------------------------------------


def weight(way: str, data: Sequence[bytes]) -> str:
    """Tell what a way weighs; each file goes through gzip on its own."""
    raw, sent = sum(map(len, data)), sum(map(gzipped, data))
    return f"{way:<34}{raw / 1000:10.1f}{sent / 1000:10.1f}"


def report(context: BrowserContext, one: Built, steps: int, folder: Path) -> None:
    """Print the table of one figure."""
    page = context.new_page()
    page.add_init_script(SPENT)
    page.goto(f"{one.page.as_uri()}#{one.slug}:")
    page.wait_for_timeout(1500)
    walked = walk(one.steps, steps)
    ours = costs(page, STEP, [one.slider], walked)
    shots = pictures(page, one, folder)
    page.goto(swapping(folder, len(shots)))
    page.wait_for_timeout(500)
    swapped = costs(page, SWAP, [], [index % len(shots) for index in walked])
    print(f"\n{one.slug}, {one.states} states")
    print(f"{'':<34}{'kB':>10}{'kB gz':>10}{'script ms':>14}{'main thread ms':>16}")
    print(f"{'':<54}{'p50':>7}{'p95':>7}  {'p50':>7}{'p95':>7}")
    print(weight("ours", [one.data]) + str(ours))
    print(weight("WebP swap", shots) + str(swapped))
    if plotly_frames is not None:
        frames = plotly_frames.frames(states(one.slug))
        library = plotly_frames.library()
        print(weight("Plotly frames", [frames]))
        print(weight("Plotly frames with plotly.js", [frames, library]))


def swapping(folder: Path, count: int) -> str:
    """Write a page that holds every picture ready, and shows one."""
    ready = "".join(
        f'<link rel="preload" as="image" href="{i}.webp">' for i in range(count)
    )
    (folder / "swap.html").write_text(f'<!doctype html>{ready}<img src="0.webp">')
    return (folder / "swap.html").as_uri()


def main(site: Path, steps: int) -> None:
    """Print everything."""
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=QUIET, chromium_sandbox=False
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        print(f"Chromium {browser.version}, {steps} steps a figure")
        for slug in SHOWN:
            report(context, built(site, slug), steps, Path(folder))
        browser.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        Path(given[0] if given else ROOT / "site").resolve(),
        int(given[1]) if len(given) > 1 else 200,
    )
