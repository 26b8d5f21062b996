"""What a build says while it runs: a live line on a terminal, else a line a stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

Report = Callable[[str, int, int], None]
Outlook = Callable[[int, float], None]


class Reporter:
    """Tells of the stages of a build on one console.

    ``loudness`` is 0 for only what is wrong, 1 for the stages, 2 for every node too.
    """

    def __init__(self, loudness: int = 1, console: Console | None = None) -> None:
        self.loudness = loudness
        self.console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[tuple[Report, Outlook]]:
        """Give two functions to call as a stage goes on.

        One with (what was done, number done, number in all), one with (how many
        workers run, about how many seconds are left, infinite when not known).
        """
        started = time.perf_counter()
        latest = (0, 0)
        with Progress(
            TextColumn(f"{name:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            TextColumn("{task.fields[what]}", style="dim"),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal or self.loudness == 0,
        ) as progress:
            task = progress.add_task(name, total=None, what="", left="")

            def report(what: str, done: int, total: int) -> None:
                nonlocal latest
                latest = (done, total)
                progress.update(task, completed=done, total=total, what=what)
                if self.loudness > 1:
                    progress.console.print(f"{name} {what}", markup=False)

            def outlook(running: int, seconds: float) -> None:
                known = seconds < float("inf")
                left = f", about {seconds:.0f} s left" if known else ""
                progress.update(task, left=f"{running} at work{left}")

            yield report, outlook
        seconds = time.perf_counter() - started
        self.say(f"{name:<9} {latest[0]:>4} of {latest[1]:<4} {seconds:6.1f} s")

    def detail(self, text: str) -> None:
        """Print a line as it is, where every node is told too."""
        if self.loudness > 1:
            self.complain(text)

    def say(self, text: str) -> None:
        """Print a line as it is, unless all is to be quiet."""
        if self.loudness > 0:
            self.complain(text)

    def complain(self, text: str) -> None:
        """Print a line as it is, whatever the loudness."""
        self.console.print(text, markup=False)
