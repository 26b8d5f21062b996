"""The command line of ``build.py``: its commands, its options and their values."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from ht_sim.publish.output import MARKER

USAGE = """python build.py [build] [options]
       python build.py serve [--port N] [options]
       python build.py test [pytest arguments]"""
DESCRIPTION = """Build the site, serve it while it is written, or run the tests. On the
first run, packages that are missing are put into .venv."""

PREPARED = {"build": "stages", "serve": "serving"}


@dataclass(frozen=True)
class Options:
    """What a build was asked for."""

    out: Path
    only: str | None
    jobs: int
    site_url: str | None
    explain: str | None = None
    force: str | None = None
    reseed: int = 0
    scheduler: str | None = None
    verify: bool = False
    quick: bool = False
    loudness: int = 1  # 0 only what is wrong, 1 the stages, 2 every node too


def split(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command and what follows it.

    The commands are ``build``, which is meant where none is given, ``serve``, ``test``,
    and ``stages`` and ``serving``: what ``build`` and ``serve`` run in the interpreter
    that they have prepared.
    """
    if arguments and arguments[0] in {"build", "serve", "test", *PREPARED.values()}:
        return arguments[0], list(arguments[1:])
    return "build", list(arguments)


def parse(arguments: Sequence[str], root: Path) -> Options:
    """Return the options; a bad one ends the program with one line and exit code 2."""
    parser = _Parser(
        prog="build.py",
        usage=USAGE,
        description=DESCRIPTION,
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, width=80),
    )
    site = (root / "site").resolve()
    out = parser.add_argument(
        "--out",
        metavar="DIR",
        type=lambda text: _out(text, site),
        help="where the site goes: a folder that is new, empty or from an earlier "
        "build (default: site/ beside build.py, or site-quick/ with --quick)",
    )
    parser.add_argument(
        "--only",
        metavar="PATTERN",
        help="rebuild only the pages, figures and experiments that match, such as "
        "'dropout-*', and the pages that show them",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_jobs,
        default=os.cpu_count() or 1,
        help="how many processes work at once (default: one a processor, here "
        "%(default)s)",
    )
    parser.add_argument(
        "--site-url",
        metavar="URL",
        type=_site_url,
        help="the address the site will have, for the few links that must be absolute",
    )
    _add_engine_options(parser)
    options = parser.parse_args(arguments)
    if options.out is None:
        folder = root / "site-quick" if options.quick else site
        try:
            options.out = _out(str(folder), site)
        except argparse.ArgumentTypeError as error:
            parser.error(str(argparse.ArgumentError(out, str(error))))
    return Options(**vars(options))


def split_port(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Return the port to serve on, 8000 unless told, and the options of the builds."""
    parser = _Parser(prog="build.py", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=_port, default=8000)
    known, rest = parser.parse_known_args(arguments)
    return known.port, rest


def _add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how, and whether, things run."""
    parser.add_argument(
        "--explain",
        metavar="PATTERN",
        nargs="?",
        const="*",
        help="build nothing; say of each point, figure and page, or of those that "
        "match, whether it is fresh, and if not, what changed",
    )
    parser.add_argument(
        "--force",
        metavar="PATTERN",
        help="make what matches again, known or not",
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--quick",
        action="store_true",
        help="build with fewer repeats and points, for a first look; every page says "
        "so, and a claim that does not hold is a warning",
    )
    kind.add_argument(
        "--verify",
        action="store_true",
        help="build twice from nothing, in two folders with different --jobs, and "
        "compare every byte",
    )
    kind.add_argument(
        "--reseed",
        metavar="K",
        type=_count,
        default=0,
        help="shift every seed by K: the claims must hold all the same",
    )
    parser.add_argument(
        "--scheduler",
        metavar="URL",
        help="run on the Dask cluster at this address, such as tcp://host:8786",
    )
    loudness = parser.add_mutually_exclusive_group()
    for name, value, words in (
        ("--quiet", 0, "say only what is wrong"),
        ("--verbose", 2, "name each point, figure and page as it is done"),
    ):
        loudness.add_argument(
            name,
            dest="loudness",
            action="store_const",
            const=value,
            default=1,
            help=words,
        )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (help: python build.py --help)\n")


def _out(text: str, site: Path) -> Path:
    """Return a folder that may be written: new, empty, ours, or ``site`` itself."""
    try:
        out = Path(text).resolve()
        nearest = next(path for path in (out, *out.parents) if path.exists())
        if not text or not nearest.is_dir():
            raise argparse.ArgumentTypeError(
                f"expected a folder; have {text!r}"
                + (text and f", and {nearest} is a file")
            )
        if nearest == out != site and not _ours_or_empty(out):
            raise argparse.ArgumentTypeError(
                f"expected a folder that is new, empty or from an earlier build; "
                f"{text!r} holds other files"
            )
        with tempfile.TemporaryFile(dir=nearest):
            return out
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"cannot write in {text!r}: {error.strerror}"
        ) from error


def _ours_or_empty(folder: Path) -> bool:
    return (folder / MARKER).is_file() or not any(folder.iterdir())


def _jobs(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 1; have {text!r}")


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a port below 65536; have {text!r}")


def _count(text: str) -> int:
    if text.isdecimal():
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 0; have {text!r}")


def _site_url(text: str) -> str:
    """Return an address of a site, with a slash at its end."""
    try:
        url = urlsplit(text)
        known = url.scheme in {"http", "https"} and url.hostname
        plain = not (url.query or url.fragment or set(text) & set(" \"'<>"))
        _ = url.port
    except ValueError:
        known = plain = False
    if known and plain:
        return text.rstrip("/") + "/"
    raise argparse.ArgumentTypeError(
        f"expected an address such as https://example.org/site/; have {text!r}"
    )
