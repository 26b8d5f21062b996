"""Finds the browser that the tests look at the pages with.

Written with the standard library alone: it runs where nothing is installed yet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

MISSING = (
    "no Chromium was found, so no test can look at the pages; install Chromium or "
    "Google Chrome (Debian, Ubuntu: apt-get install chromium), or name its program in "
    "the environment variable HT_CHROMIUM"
)
_COMMANDS = (
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "chromium-browser",
    "msedge",
)
_APPLICATIONS = ("Chromium", "Google Chrome", "Microsoft Edge")
_PROGRAMS = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_WHERE_PLAYWRIGHT_KEEPS_IT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def must_be_there() -> bool:
    """Tell whether this is CI, where a test that is skipped goes unseen."""
    return os.environ.get("CI") == "true"


def find() -> str | None:
    """Return the program of an installed Chromium, Chrome or Edge."""
    named = os.environ.get("HT_CHROMIUM")
    on_path = (shutil.which(command) for command in _COMMANDS)
    elsewhere = (str(place) for place in _usual_places() if place.is_file())
    return next(filter(None, (named, *on_path, *elsewhere)), None)


def _usual_places() -> Iterator[Path]:
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            for name in _APPLICATIONS:
                yield folder / f"{name}.app/Contents/MacOS/{name}"
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if variable in os.environ:
            yield from (Path(os.environ[variable]) / program for program in _PROGRAMS)


def download(python: str, settings: Mapping[str, str]) -> str | None:
    """Return playwright's own Chromium, downloaded first where it is not there.

    The download takes five minutes at most; None says that it failed. ``settings``
    is the environment that says where playwright keeps its browsers.
    """
    told = subprocess.run(
        [python, "-c", _WHERE_PLAYWRIGHT_KEEPS_IT],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    program = Path(told.stdout.strip() or os.devnull)
    if told.returncode == 0 and not program.is_file():
        try:
            subprocess.run(
                [python, "-m", "playwright", "install", "chromium"],
                env=settings,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=300,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    return str(program) if program.is_file() else None
