"""Two builds from nothing, in two places and with different numbers of processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ht_sim.problems import Refused

_LEFT_OUT = (".git", ".venv", ".cache", "site", "site-quick", "__pycache__", "out")
_SCRIPT = """
import sys
from pathlib import Path
from ht_sim.command_line import Options
from ht_sim.stages import build
if __name__ == "__main__":
    root, jobs, package = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sys.exit(build(root, Options(root / "built", None, jobs, None), package))
"""


def verify(root: Path, package: str, jobs: int, say: Callable[[str], None]) -> int:
    """Build copies of a project twice; say which files differ; return how many.

    Raises Refused when a build fails, with what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        places = [
            (Path(folder) / "one", 1, "UTC"),
            (Path(folder) / "the other" / "deeper", max(2, jobs), "Pacific/Kiritimati"),
        ]
        built = []
        for place, processes, zone in places:
            say(f"building with --jobs {processes}")
            built.append(_built(root, place, package, processes, zone))
        names = sorted(built[0].keys() | built[1].keys())
        differing = [name for name in names if built[0].get(name) != built[1].get(name)]
        for name in differing:
            say(f"differs: {name}")
        say(f"{len(names)} files compared, {len(differing)} differ")
        return len(differing)


def _built(
    root: Path, place: Path, package: str, jobs: int, zone: str
) -> dict[str, bytes]:
    """Build a copy of the project in a place; return its files."""
    shutil.copytree(root, place, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    path = os.pathsep.join([str(place), *(one for one in sys.path if one)])
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(place), str(jobs), package],
        env=os.environ | {"PYTHONPATH": path, "TZ": zone, "PYTHONHASHSEED": str(jobs)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(f"the build to be compared failed:\n{done.stdout}{done.stderr}")
    out = place / "built"
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
