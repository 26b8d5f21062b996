"""Serving while writing: pages reload, failures stand over the last good page."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ht_sim.serving import WATCHED
from tests.test_build import ROOT, copied, tree

BUILD = """
import sys
from pathlib import Path
from ht_sim.command_line import Options
from ht_sim.stages import build
if __name__ == "__main__":
    root = Path(__file__).parent
    sys.exit(build(root, Options(root / "out", None, 1, None), "mini"))
"""
SERVE = """
import sys
from pathlib import Path
from ht_sim.serving import serve
if __name__ == "__main__":
    root = Path(sys.argv[1])
    sys.exit(serve(root, int(sys.argv[2]), root / "out", []))
"""
SECONDS = 20_000


@dataclass
class Served:
    """A miniature project that is being served, and where."""

    root: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """The address of its first page."""
        return f"http://127.0.0.1:{self.port}/mini/"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests; each leaves the sources as it found them."""
    root = copied(tmp_path_factory.mktemp("served") / "mini")
    for name in WATCHED:
        if not (root / name).exists() and "." not in name:
            (root / name).mkdir()
    (root / "build.py").write_text(BUILD)
    paths = f"{root}{os.pathsep}{ROOT}"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, root, str(port)],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"serving http://127\.0\.0\.1:(\d+)/mini/", line):
                break
        assert found
        assert int(found[1]) > port  # it was taken
    with process:
        yield Served(root, int(found[1]), process)
        process.terminate()


def asked(served: Served, path: str) -> tuple[int, bytes]:
    """Return the status and the body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", path)
    with closing(connection), connection.getresponse() as answer:
        return answer.status, answer.read()


def test_an_edit_reloads_the_page(served: Served, page: Page) -> None:
    page.goto(served.address)
    source = served.root / "content" / "index.md"
    before = source.read_text()
    source.write_text(before + "\nA sentence that was just written.\n")
    words = page.get_by_text("A sentence that was just written.")
    expect(words).to_be_visible(timeout=SECONDS)
    source.write_text(before)
    expect(words).to_be_hidden(timeout=SECONDS)


def test_a_failure_stands_over_the_last_good_page(served: Served, page: Page) -> None:
    page.goto(served.address)
    heading = page.locator("h1").first.inner_text()
    source = served.root / "content" / "index.md"
    before = source.read_text()
    source.write_text(before + "\nSee {fact}`first-walk.nothing:.1f`.\n")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("unknown fact", timeout=SECONDS)
    expect(alert).to_contain_text("content/index.md:")
    assert page.locator("h1").first.inner_text() == heading
    page.reload()
    expect(alert).to_be_visible(timeout=SECONDS)
    source.write_text(before)
    expect(alert).to_be_hidden(timeout=SECONDS)


def test_code_is_watched_too(served: Served, page: Page) -> None:
    page.goto(served.address)
    broken = served.root / "ht_sim" / "note.py"
    number = page.evaluate("performance.timeOrigin")
    broken.write_text("")
    source = served.root / "content" / "index.md"
    before = source.read_text()
    page.wait_for_function(
        "before => performance.timeOrigin !== before", arg=number, timeout=SECONDS
    )
    broken.unlink()
    assert source.read_text() == before


def test_what_is_served_reloads_and_what_is_on_disk_does_not(served: Served) -> None:
    status, body = asked(served, "/mini/index.html")
    assert status == 200
    assert b"/-/reload.js" in body
    for name, data in tree(served.root).items():
        assert b"/-/reload.js" not in data, name


def test_what_is_not_there(served: Served) -> None:
    assert asked(served, "/")[0] == 302
    for path in ("/mini/none/at/all", "/mini/../../build.py", "/mini/%2e%2e/build.py"):
        status, body = asked(served, path)
        assert status == 404
        assert b"Options" not in body
