"""A build that is killed, interrupted or short of disk leaves every page whole.

Run as a program, this file is the process that forks builds and kills them: that of
pytest may hold threads, which no fork survives.
"""

from __future__ import annotations

import json
import os
import posixpath
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ht_sim import command_line
from ht_sim.publish.output import MARKER, publish
from tests.test_build import copied, edit

if sys.platform == "win32":
    pytest.skip("forks and sends signals", allow_module_level=True)
import resource

ROOT = Path(__file__).resolve().parents[1]
EVENTS = {"os.mkdir", "os.chmod", "os.rename", "os.remove", "os.rmdir"}
Tree = dict[str, bytes]
started: list[subprocess.Popen[str]] = []


# -- the miniature project as a checkout of its own, with the real front door


def checkout(target: Path) -> Path:
    """Copy the miniature project, build.py and what git must not see."""
    root = copied(target)
    shutil.copy(ROOT / "build.py", root)
    edit(root / "build.py", "build(ROOT, options)", 'build(ROOT, options, "mini")')
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / ".gitignore", root)
    (root / "site").mkdir()
    shutil.copy(ROOT / "site" / ".gitignore", root / "site")
    return root


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start build.py in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, str(root / "build.py"), *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    started.append(process)
    return process


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """End what a failing test leaves."""
    yield
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    started.clear()


def run(root: Path, *arguments: str) -> tuple[int, str]:
    """Run build.py; return its exit code and all that it says."""
    process = start(root, *arguments)
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def change(root: Path) -> None:
    """Make an edit that changes pages and pictures and removes published files."""
    edit(root / "content/index.md", "title: A miniature", "title: Another")
    edit(root / "mini/figures/walk.py", "look.HEAT[3]", "look.HEAT[5]")
    edit(root / "mini/figures/arms.py", '"s"', '"o"')


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project before an edit, built."""
    root = checkout(tmp_path_factory.mktemp("old") / "mini")
    code, said = run(root)
    assert code == 0, said
    return root


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project after it, built from nothing."""
    root = checkout(tmp_path_factory.mktemp("new") / "mini")
    change(root)
    code, said = run(root)
    assert code == 0, said
    return root


@pytest.fixture
def project(old: Path, tmp_path: Path) -> Path:
    """A copy of the built project, with what it knows."""
    return shutil.copytree(old, tmp_path / "mini")


def tree(site: Path) -> Tree:
    """Return every file below a folder but the one that is git's."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name != ".gitignore"
    }


# -- what a reader finds


class Addresses(HTMLParser):
    """Finds the local addresses that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src", "srcset", "data-src"} and value:
                path = value.split("#")[0]
                self.found |= {path} if path and ":" not in path else set()


@cache
def loads(name: str, data: bytes) -> set[str]:
    """Return the files that a page or a stylesheet needs."""
    if name.endswith(".css"):
        urls = re.findall(r'url\("([^":#]+)"\)', data.decode())  # none of data: itself
        return {f"assets/{one}" for one in urls}
    if not name.endswith(".html"):
        return set()
    parser = Addresses()
    parser.feed(data.decode(errors="replace"))
    folder = posixpath.dirname(name)
    return {posixpath.normpath(posixpath.join(folder, one)) for one in parser.found}


def broken(site: Path, known: list[Tree], *, first: bool) -> list[str]:
    """Say what is wrong with the pages that are there.

    During a ``first`` build the pages that others link to may be yet to come.
    """
    wrong = []
    files = {
        name: data
        for name, data in tree(site).items()
        if not name.startswith(".staged/") and name not in {".journal", MARKER}
    }
    for name, data in files.items():
        if data not in [one.get(name) for one in known]:
            wrong.append(f"{name} is of neither site")
        wrong += [
            f"{name} loads {one}, which is not there"
            for one in sorted(loads(name, data) - files.keys())
            if not (first and one.endswith(".html"))
        ]
    return wrong


# -- the program that forks builds and kills them


def wait_for(child: Callable[[], object]) -> int:
    """Run something in a fork; return how it ended, as os.waitstatus_to_exitcode."""
    process = os.fork()
    if process == 0:
        code = 99
        try:
            child()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def die_before(number: int) -> None:
    """Kill this process before its operation on files of this number."""
    left = iter(range(number))

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        writes = event in EVENTS
        if event == "open":
            writes = bool(int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR))
        if writes and next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def die_within_a_write(size: int) -> None:
    """Let the kernel kill this process where it writes more than this into a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def every_operation(old: Path, new: Path, work: Path) -> dict[str, object]:
    """Publish, killed before each operation and within writes; then publish again.

    Tells how many operations a first publishing has, and a later one.
    """
    known = [tree(old / "site"), tree(new / "site")]
    files = {name: data for name, data in known[1].items() if name != MARKER}
    sizes = sorted({len(data) // 2 for data in files.values()})
    deaths = [(die_within_a_write, size) for size in sizes]
    deaths += [(die_before, number) for number in range(1000)]
    wrong: list[str] = []
    operations = []
    for first in (True, False):
        for die, number in deaths:
            out = work / f"{first}-{die.__name__}-{number}"
            if not first:
                shutil.copytree(old / "site", out)

            def child(die=die, number=number, out=out) -> None:
                die(number)
                publish(files, out)

            code = wait_for(child)
            found = broken(out, known, first=first)
            command_line.parse(["--out", str(out)], ROOT)  # exits where it is refused
            publish(files, out)
            if tree(out) != known[1]:
                found.append("the next build is not the clean one")
            if code not in {0, -signal.SIGKILL, -signal.SIGXFSZ}:
                found.append(f"exit code {code}")
            wrong += [f"{out.name}: {one}" for one in found]
            shutil.rmtree(out)
            if code == 0 and die is die_before:
                operations.append(number)
                break
    return {"operations": operations, "wrong": wrong}


def begin(root: Path) -> int:
    """Fork a build into a process group of its own; return its number."""
    process = os.fork()
    if process == 0:
        code = 99
        try:
            os.setpgid(0, 0)
            log = os.open(root.parent / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(root)
            sys.path.insert(0, str(root))
            from ht_sim.stages import build

            options = command_line.Options(root / "site", None, 1, None)
            code = build(root, options, "mini")
        finally:
            os._exit(code)
    os.setpgid(process, process)
    return process


def end(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def random_moments(old: Path, new: Path, work: Path) -> dict[str, object]:
    """Kill builds at thirty moments, a third of them first ones; then build again."""
    import ht_sim.stages  # so that no fork has to

    assert ht_sim.stages
    known = [tree(old / "site"), tree(new / "site")]
    chance = random.Random(2014)
    seconds: dict[bool, float] = {}
    wrong: list[str] = []
    killed = 0
    for number in range(-2, 60):  # the first two are timed, and live
        if killed == 30:
            break
        first = number % 3 == 1
        root = shutil.copytree(new, work / str(number))
        shutil.rmtree(root / "site")
        if first:
            shutil.rmtree(root / ".cache")
            (root / "site").mkdir()
            shutil.copy(old / "site" / ".gitignore", root / "site")
        else:
            shutil.copytree(old / "site", root / "site")
        started = time.perf_counter()
        process = begin(root)
        if number >= 0:
            time.sleep(chance.random() * seconds[first])
            os.killpg(process, signal.SIGKILL)
        code = end(process)
        if code == -signal.SIGKILL:
            killed += 1
        else:  # it came to its end
            seconds[first] = time.perf_counter() - started
        found = broken(root / "site", known, first=first) + git_status(root)
        if end(begin(root)) or tree(root / "site") != known[1]:
            found.append("the next build is not the clean one")
        wrong += [f"{number}: {one}" for one in found]
        shutil.rmtree(root)
    return {"killed": killed, "wrong": wrong}


def git_status(root: Path) -> list[str]:
    """Return what git sees; nothing where there is no git."""
    if not (root / ".git").exists():
        return []
    command = ["git", "status", "--porcelain"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [f"git sees {line}" for line in done.stdout.splitlines()]


def commit(root: Path) -> None:
    """Make a checkout a git repository that holds all it does not ignore."""
    if not shutil.which("git"):
        return
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    git = ["git", "-C", str(root)]
    subprocess.run([*git, "init", "-q", "--template="], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, *who, "commit", "-q", "-m", "all"], check=True)


def fork(what: str, old: Path, new: Path, work: Path) -> dict[str, object]:
    """Run this file as the program that forks; return its report."""
    done = subprocess.run(
        [sys.executable, __file__, what, str(old), str(new), str(work)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# -- kills


def test_a_kill_before_any_operation_leaves_whole_pages(
    old: Path, new: Path, tmp_path: Path
) -> None:
    report = fork("every_operation", old, new, tmp_path)
    assert report["wrong"] == []
    assert min(report["operations"]) > 50


def test_a_kill_at_any_moment_leaves_whole_pages(
    old: Path, new: Path, tmp_path: Path
) -> None:
    commit(new)
    (tmp_path / "work").mkdir()
    report = fork("random_moments", old, new, tmp_path / "work")
    assert report["wrong"] == []
    assert report["killed"] == 30


@pytest.mark.parametrize("fraction", [0.4, 0.8])
def test_a_killed_build_with_workers_is_made_up_for(
    old: Path, new: Path, tmp_path: Path, fraction: float
) -> None:
    root = shutil.copytree(new, tmp_path / "mini")
    shutil.rmtree(root / ".cache")
    shutil.rmtree(root / "site")
    shutil.copytree(old / "site", root / "site")
    process = start(root, "--jobs", "2")
    time.sleep(fraction * 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    known = [tree(old / "site"), tree(new / "site")]
    assert broken(root / "site", known, first=False) == []
    code, said = run(root, "--jobs", "2")
    assert code == 0, said
    assert tree(root / "site") == known[1]


HELD = """
    import tempfile, time
    from pathlib import Path
    tempfile.mkdtemp(prefix=f"{point['steps']:g}-", dir="ran")
    while point["steps"] == 1000 and Path("hold").exists():
        time.sleep(0.05)
    steps ="""


def start_held(root: Path) -> subprocess.Popen[str]:
    """Start a build and let it go on until all that is left is a point that waits."""
    edit(root / "mini/experiments/first_walk.py", "\n    steps =", HELD)
    (root / "ran").mkdir()
    (root / "hold").mkdir()
    done = len(results(root))
    process = start(root, "--jobs", "2")
    ends = time.monotonic() + 60
    while len(results(root)) < done + 2 and time.monotonic() < ends:
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("way", ["Ctrl-C", "interrupt"])
def test_an_interrupt_keeps_what_is_done(project: Path, way: str) -> None:
    before = tree(project / "site")
    process = start_held(project)
    interrupted = time.monotonic()
    if way == "Ctrl-C":  # goes to all processes of the terminal
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=10)
    assert time.monotonic() - interrupted < 2
    assert (process.returncode, said) == (130, "build.py: stopped\n")
    assert tree(project / "site") == before
    (project / "hold").rmdir()
    code, said = run(project, "--jobs", "1")
    assert code == 0, said
    ran = sorted(path.name.partition("-")[0] for path in (project / "ran").iterdir())
    assert ran == ["10", "100", "1000", "1000"]


def test_everything_ends_when_the_first_process_alone_is_killed(project: Path) -> None:
    process = start_held(project)
    process.kill()
    process.communicate(timeout=5)  # until nobody can write to its output any more


def test_two_builds_at_once_take_turns(project: Path) -> None:
    first = start_held(project)
    second = start(project, "--jobs", "1")
    assert second.stdout
    waits = second.stdout.readline()
    assert waits == "another build is running here; waiting for it to end\n"
    time.sleep(1)
    assert len([*(project / "ran").iterdir()]) == 3
    (project / "hold").rmdir()
    for process in (first, second):
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, "")
    ran = sorted(path.name.partition("-")[0] for path in (project / "ran").iterdir())
    assert ran == ["10", "100", "1000"]


def test_a_build_that_fails_finishes_what_one_before_it_began(project: Path) -> None:
    before = tree(project / "site")
    journal = {"place": ["index.html"], "delete": ["files/walk.gif"]}
    (project / "site" / ".staged").mkdir()
    (project / "site" / ".staged" / "index.html").write_bytes(b"new")
    (project / "site" / ".journal").write_text(json.dumps(journal))
    edit(project / "content/other.md", "title: The other page", "titel: The other page")
    code, said = run(project)
    assert code == 1, said
    assert said.splitlines()[-1].endswith(f"; {project / 'site'} is unchanged")
    del before["files/walk.gif"]
    assert tree(project / "site") == before | {"index.html": b"new"}


def test_a_failure_halfway_says_that_the_site_is_new_in_part(
    project: Path, new: Path
) -> None:
    change(project)
    shutil.rmtree(project / "site" / "assets")
    (project / "site" / "assets").symlink_to("nowhere")  # seen when files move there
    code, said = run(project)
    assert code == 1, said
    assert "Traceback" not in said
    assert said.splitlines()[-1] == (
        f"cannot go on: File exists: {project / 'site' / 'assets'}; {project / 'site'} "
        "is new in part, its pages whole; the next build finishes it"
    )
    (project / "site" / "assets").unlink()
    code, said = run(project)
    assert code == 0, said
    assert tree(project / "site") == tree(new / "site")


# -- damage and failures: one line, and the site stays


def results(root: Path) -> list[Path]:
    return sorted((root / ".cache/store/results").glob("*.json"))


def test_damaged_results_are_made_again_and_told(project: Path) -> None:
    before = tree(project / "site")
    records = [one for one in results(project) if "arrays.npz" in one.read_text()]
    for record, damaged in zip(records[:2], (b"", b"altered"), strict=True):
        address = next(iter(json.loads(record.read_text())["files"].values()))
        stored = project / ".cache/store/objects" / address[:2] / address[2:]
        stored.write_bytes(damaged)
    records[2].write_text(records[2].read_text()[:-9])
    code, said = run(project)
    assert code == 0, said
    assert said.count("the store was damaged: 3 results made again\n") == 1
    assert "0 files changed" in said
    assert tree(project / "site") == before
    assert "the store was damaged" not in run(project)[1]


def stopped(project: Path, before: Tree, code: int, said: str, why: str) -> None:
    """Expect one line that says why, and the site as it was."""
    told = [one for one in said.splitlines() if not re.match(r"\w+ +\d+ of ", one)]
    assert code == 1, said
    assert len(told) == 1, said
    assert told[0].startswith("cannot go on: "), said
    assert re.search(why, told[0]), said
    assert told[0].endswith(f"; {project / 'site'} is unchanged")
    assert tree(project / "site") == before


@pytest.mark.parametrize("where", ["site/.staged", ".cache/store"])
def test_a_full_disk_is_one_line(
    old: Path, new: Path, tmp_path: Path, where: str
) -> None:
    project = shutil.copytree(new, tmp_path / "mini")  # knows all that it needs
    shutil.rmtree(project / "site")
    shutil.copytree(old / "site", project / "site")
    before = tree(project / "site")
    if where == ".cache/store":
        shutil.rmtree(project / where)
    limited = 'ulimit -f 8 && exec "$0" -B build.py'  # blocks of 512 or 1,024 bytes
    done = subprocess.run(
        ["sh", "-c", limited, sys.executable],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    stopped(project, before, done.returncode, said, f"File too large: .*{where}/")
    assert [*project.rglob(".partial-*"), *project.rglob(".staged")] == []


def vanished_page(project: Path) -> str:
    (project / "content" / "gone.md").symlink_to(project / "nowhere")  # listed only
    return "content/gone.md"


def vanished_source(project: Path) -> str:
    removes = (
        "\n    from pathlib import Path"
        "\n    Path(__file__).unlink(missing_ok=True)\n    figure ="
    )
    edit(project / "mini/figures/arms.py", "\n    figure =", removes)
    return "mini/figures/arms.py"


@pytest.mark.parametrize("vanish", [vanished_page, vanished_source])
def test_a_file_that_vanishes_is_one_line(
    project: Path, vanish: Callable[[Path], str]
) -> None:
    before = tree(project / "site")
    file = vanish(project)
    code, said = run(project, "--jobs", "1")
    stopped(project, before, code, said, f"No such file or directory: .*{file}")


def test_a_file_where_the_site_should_be_is_one_line(project: Path) -> None:
    shutil.rmtree(project / "site")
    (project / "site").write_text("no folder")
    code, said = run(project, "--out", "site/deep")
    assert (code, said.count("\n")) == (2, 1)
    assert "site is a file" in said
    # It may come to be one later, too.
    options = f"Options(Path({str(project / 'site' / 'deep')!r}), None, 1, None)"
    late = f"stages(command_line.{options})"
    edit(project / "build.py", "sys.exit(main(sys.argv[1:]))", f"sys.exit({late})")
    code, said = run(project)
    assert code == 1
    assert said.splitlines()[-1].startswith("cannot go on: ")
    assert "Traceback" not in said
    assert (project / "site").read_text() == "no folder"


if __name__ == "__main__":
    forking = {one.__name__: one for one in (every_operation, random_moments)}
    print(json.dumps(forking[sys.argv[1]](*map(Path, sys.argv[2:]))))  # noqa: T201
