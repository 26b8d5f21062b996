"""The Chromium that tests look at pages with; a plugin that conftest.py names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ht_sim import chromium

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; they are skipped without one, and fail in CI."""
    program = chromium.find()
    if program is None and chromium.must_be_there():
        pytest.fail(chromium.MISSING)
    if program is None:
        pytest.skip(chromium.MISSING)
    is_linux_root = sys.platform == "linux" and os.geteuid() == 0
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=program, args=QUIET, chromium_sandbox=not is_linux_root
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page in a context of its own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
