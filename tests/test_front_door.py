"""``build.py`` as a program: what it says, what it exits with, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ht_sim import chromium
from ht_sim.publish.output import MARKER

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = """\
[project]
dependencies = {needed}
[dependency-groups]
test = []
"""
STAGES = """\
import json, os, sys
def build(root, options):
    print(json.dumps({
        "root": str(root),
        "options": {name: str(value) for name, value in vars(options).items()},
        "environment": dict(os.environ),
        "python": sys.executable,
    }))
    return 7
"""
SLEEP = """\
import signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
def ignore():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
def work(seconds):
    import os
    print(os.getpid(), flush=True)
    time.sleep(seconds)
def build(root, options):
    with ProcessPoolExecutor(2, get_context("spawn"), ignore) as workers:
        list(workers.map(work, [60, 60]))
"""
STUBBORN = """\
import os, signal, time
def build(root, options):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), os.getppid(), sep="\\n", flush=True)
    time.sleep(60)
"""
OLD = ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the real front door and a stand-in for the stages."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "ht_sim", root / "ht_sim")
    shutil.copy(ROOT / "build.py", root)
    (root / "ht_sim" / "stages.py").write_text(STAGES)
    (root / "pyproject.toml").write_text(PYPROJECT.format(needed=[]))
    return root


def run(
    root: Path, *arguments: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "build.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=folder or root,
        env=os.environ | environment,
        check=False,
    )


def only_line(text: str) -> str:
    assert text.count("\n") == 1, text
    assert text.endswith("\n"), text
    return text


def old_pythons() -> dict[str, str]:
    """Return the programs of the old Pythons that are installed here."""
    found = {}
    for version in OLD:
        kept = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
        for program in filter(None, [shutil.which(f"python{version}"), *kept]):
            asked = [str(program), "-c", "import sys; sys.exit(11)"]
            if subprocess.run(asked, capture_output=True, check=False).returncode == 11:
                found[version] = str(program)
    return found


def test_old_pythons_say_so_in_one_line() -> None:
    found = old_pythons()
    if not found:
        pytest.skip("no Python older than 3.11 is installed")
    for version, program in found.items():
        done = subprocess.run(
            [program, "-B", str(ROOT / "build.py")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert f"this is Python {version} at" in only_line(done.stderr)


def test_the_check_for_old_pythons_comes_first(tmp_path: Path) -> None:
    shutil.copy(ROOT / "build.py", tmp_path)  # beside no ht_sim that could be imported
    code = (
        "import sys, runpy; sys.version_info = (3, 10, 9)\n"
        "runpy.run_path('build.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert only_line(done.stderr).startswith("build.py: Python 3.11 or newer is needed")


def test_build_py_holds_no_syntax_that_old_pythons_lack() -> None:
    text = (ROOT / "build.py").read_text(encoding="ascii")
    assert not re.search(r"def .*->|\bf\"|:=|^from __future__|print\(", text, re.M)


def test_the_front_door_needs_the_standard_library_alone() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import ht_sim.command_line, ht_sim.provision"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_help_is_complete_and_short(checkout: Path) -> None:
    done = run(checkout, "--help")
    assert done.returncode == 0
    options = ("--out", "--only", "--jobs", "--site-url", "--explain", "--force")
    others = ("--quick", "--verify", "--reseed", "--scheduler", "--quiet", "--verbose")
    for word in ("serve", "test", *options, *others, ".venv"):
        assert word in done.stdout
    assert done.stdout.count("\n") <= 32
    assert {path.name for path in checkout.iterdir()} == {
        "build.py",
        "ht_sim",
        "pyproject.toml",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jobs", "0"], "--jobs: expected a whole number from 1; have '0'"),
        (["--jobs", "-1"], "--jobs"),
        (["--jobs", "two"], "have 'two'"),
        (["--jobs"], "--jobs: expected one argument"),
        (["--site-url", "example.org"], "such as https://example.org/site/; have"),
        (["--site-url", "ftp://example.org"], "have 'ftp://example.org'"),
        (["--site-url", "https:///pages"], "--site-url"),
        (["--site-url", "https://example.org/?a"], "--site-url"),
        (["--site-url", "https://example.org:port"], "--site-url"),
        (["--site-url", "https://[half"], "--site-url"),
        (["--out", ""], "--out: expected a folder; have ''"),
        (["--out", "build.py"], "build.py is a file"),
        (["--out", "build.py/site"], "build.py is a file"),
        (["--out", "."], "'.' holds other files"),
        (["--out", "ht_sim"], "'ht_sim' holds other files"),
        (["--out", "x" * 300], "cannot write in"),
        (["--unknown"], "unrecognized arguments: --unknown"),
        (["--job", "2"], "unrecognized arguments: --job"),
        (["tests"], "unrecognized arguments: tests"),
        (["--quick", "--reseed", "1"], "--reseed: not allowed with argument --quick"),
        (["--verify", "--quick"], "--quick: not allowed with argument --verify"),
    ],
)
def test_a_bad_option_is_one_line_and_exit_code_2(
    checkout: Path, arguments: list[str], said: str
) -> None:
    done = run(checkout, "build", *arguments)
    assert done.returncode == 2
    assert said in only_line(done.stderr)
    assert done.stdout == ""


def test_a_folder_that_cannot_be_written_is_one_line(checkout: Path) -> None:
    closed = checkout / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    if os.access(closed, os.W_OK):  # as it is for root, whom no mode keeps out
        closed = Path("/proc")
    if not closed.is_dir():
        pytest.skip("every folder can be written here")
    done = run(checkout, "--out", str(closed / "site"))
    assert done.returncode == 2
    assert "cannot write in" in only_line(done.stderr)


def test_the_stages_get_the_options_and_their_exit_code_is_passed_on(
    checkout: Path, tmp_path: Path
) -> None:
    options = ["--out", "new/site", "--only", "dropout-*", "--jobs", "3"]
    address = ["--site-url", "https://example.org/site"]
    done = run(checkout, *options, *address, folder=tmp_path)
    assert (done.returncode, done.stderr) == (7, "")
    told = json.loads(done.stdout)
    assert told["root"] == str(checkout)
    assert (
        told["options"].items()
        >= {
            "out": str(tmp_path / "new" / "site"),
            "only": "dropout-*",
            "jobs": "3",
            "site_url": "https://example.org/site/",
        }.items()
    )
    assert told["python"] == sys.executable
    assert told["environment"]["OPENBLAS_NUM_THREADS"] == "1"
    assert Path(told["environment"]["MPLCONFIGDIR"]).is_dir()
    assert told["environment"].get("PYTHONHASHSEED") == os.environ.get("PYTHONHASHSEED")


def test_without_options_the_site_goes_to_site(checkout: Path, tmp_path: Path) -> None:
    (checkout / "site").mkdir()
    (checkout / "site" / "page.html").touch()
    done = run(checkout, folder=tmp_path)
    assert (
        json.loads(done.stdout)["options"].items()
        >= {
            "out": str(checkout / "site"),
            "only": "None",
            "jobs": str(os.cpu_count()),
            "site_url": "None",
        }.items()
    )


def test_a_quick_build_goes_beside_the_site_where_nothing_else_is(
    checkout: Path,
) -> None:
    done = run(checkout, "--quick")
    assert json.loads(done.stdout)["options"]["out"] == str(checkout / "site-quick")
    (checkout / "site-quick").mkdir()
    (checkout / "site-quick" / "notes.txt").touch()
    done = run(checkout, "--quick")
    assert done.returncode == 2
    assert "holds other files" in only_line(done.stderr)


@pytest.mark.parametrize("holds", ["nothing", MARKER])
def test_an_empty_folder_and_one_of_ours_may_be_written(
    checkout: Path, holds: str
) -> None:
    out = checkout / "out"
    out.mkdir()
    if holds == MARKER:
        (out / MARKER).touch()
        (out / "page.html").touch()
    assert run(checkout, "--out", "out").returncode == 7


def test_without_network_it_ends_with_one_line_that_says_so(checkout: Path) -> None:
    (checkout / "pyproject.toml").write_text(PYPROJECT.format(needed=["ht-tiny>=1"]))
    (checkout / "requirements.lock").write_text(
        f"ht-tiny==1.0 --hash=sha256:{'0' * 64}\n"
    )
    done = run(
        checkout, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS=""
    )
    assert done.returncode == 1
    setting_up, failure = done.stderr.splitlines()
    assert re.search(r"setting up \.venv .*: \d+ s", setting_up)
    assert "check the network connection" in failure
    assert done.stdout == ""


def test_the_tests_run_in_the_checkout_with_the_arguments(
    checkout: Path, tmp_path: Path
) -> None:
    (checkout / "test_it.py").write_text(
        "import os\ndef test_it():\n    assert os.environ['HT_CHROMIUM'] == 'it'\n"
        "    assert os.environ['OMP_NUM_THREADS'] == '1'\n"
        "def test_fails():\n    assert False\n"
    )
    passes = run(
        checkout, "test", "-k", "test_it", "test_it.py::test_it", folder=tmp_path,
        HT_CHROMIUM="it",
    )  # fmt: skip
    assert passes.returncode == 0, passes.stdout + passes.stderr
    assert "1 passed" in passes.stdout
    fails = run(checkout, "test", folder=tmp_path, HT_CHROMIUM="it")
    assert fails.returncode == 1
    assert "1 failed, 1 passed" in fails.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="others have usual places to look")
@pytest.mark.parametrize(("in_ci", "code"), [("true", 1), ("", 0)])
def test_without_a_browser_one_line_says_so_and_ci_fails(
    checkout: Path, in_ci: str, code: int
) -> None:
    (checkout / "test_it.py").write_text("def test_it():\n    pass\n")
    done = run(
        checkout, "test", CI=in_ci, HT_CHROMIUM="", PATH="",
        PLAYWRIGHT_DOWNLOAD_HOST="http://127.0.0.1:9",
    )  # fmt: skip
    assert done.returncode == code
    assert chromium.MISSING in done.stderr.splitlines()[-1]
    assert ("1 passed" in done.stdout) == (code == 0)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("stages", [SLEEP, STUBBORN], ids=["sleep", "stubborn"])
@pytest.mark.parametrize("way", ["Ctrl-C", "interrupt", "terminate"])
def test_an_interrupt_ends_everything_within_two_seconds(
    checkout: Path, stages: str, way: str
) -> None:
    (checkout / "ht_sim" / "stages.py").write_text(stages)
    process = subprocess.Popen(
        [sys.executable, "build.py"],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    workers = [int(process.stdout.readline()) for _ in range(2)]
    started = time.monotonic()
    if way == "Ctrl-C":  # goes to all processes of the terminal
        os.killpg(process.pid, signal.SIGINT)
    elif way == "interrupt":
        process.send_signal(signal.SIGINT)
    else:
        process.terminate()
    _, said = process.communicate(timeout=10)
    assert time.monotonic() - started < 2
    assert process.returncode == 130
    assert said == "build.py: stopped\n"
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
