"""The set-up, in miniature checkouts whose packages are wheels made here."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from ht_sim import chromium, provision

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = """\
[project]
dependencies = ["ht-tiny>=1,<2"]
[dependency-groups]
test = ["ht-tool>=1,<2"]
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheels ht_tiny 1.0 and ht_tool 1.0."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in ("ht_tiny", "ht_tool"):
        info = f"{name}-1.0.dist-info"
        files = {
            f"{name}.py": "VALUE = 1\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            "Tag: py3-none-any\n",
        }
        record = "".join(f"{path},{_record(text)}\n" for path, text in files.items())
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            for path, text in files.items():
                wheel.writestr(path, text)
    return folder


def _record(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.rstrip(b'=').decode()},{len(text)}"


@pytest.fixture(autouse=True)
def without_network(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))


def lay_out(root: Path, wheels: Path) -> Path:
    (root / "pyproject.toml").write_text(PYPROJECT)
    locked = []
    for name, lock in (("ht_tiny", ""), ("ht_tool", "-test")):
        wheel = (wheels / f"{name}-1.0-py3-none-any.whl").read_bytes()
        digest = hashlib.sha256(wheel).hexdigest()
        locked.append(f"{name.replace('_', '-')}==1.0 --hash=sha256:{digest}\n")
        (root / f"requirements{lock}.lock").write_text("".join(locked))
    return root


@pytest.fixture
def bare(tmp_path: Path, wheels: Path) -> Path:
    """A checkout without .venv."""
    return lay_out(tmp_path, wheels)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    return lay_out(tmp_path_factory.mktemp("kept"), wheels)


@pytest.fixture
def whole(kept: Path) -> Path:
    """A checkout with .venv, kept from test to test, made again where one broke it."""
    provision.interpreter(kept)
    return kept


def has(python: str, module: str) -> bool:
    """Tell whether a Python imports a module and stands in its own environment."""
    code = f"import {module}, sys; sys.exit(sys.prefix == sys.base_prefix)"
    done = subprocess.run([python, "-c", code], capture_output=True, check=False)
    return done.returncode == 0


def stamp(root: Path) -> Path:
    return root / ".venv" / "holding-it-together.lock-hash"


def test_an_environment_that_has_the_packages_is_used_as_it_is(bare: Path) -> None:
    (bare / "pyproject.toml").write_text(
        PYPROJECT.replace("ht-tiny>=1,<2", "pytest").replace("ht-tool>=1,<2", "pytest")
    )
    assert provision.interpreter(bare) == sys.executable
    assert provision.interpreter(bare, tests=True) == sys.executable
    assert not (bare / ".venv").exists()


def test_a_first_run_without_network_fails_and_the_next_one_starts_again(
    bare: Path,
    wheels: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(bare / "nothing-here"))
    with pytest.raises(provision.SetUpFailed) as failure:
        provision.interpreter(bare)
    assert "\n" not in str(failure.value)
    assert "check the network connection" in str(failure.value)
    assert "ht-tiny==1.0" in str(failure.value)
    assert "ht-tiny==1.0" in (bare / ".cache" / "set-up.log").read_text()
    assert not stamp(bare).exists()
    left_over = bare / ".venv" / "left-over"
    left_over.touch()
    capsys.readouterr()

    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    python = provision.interpreter(bare)
    assert Path(python).is_relative_to(bare / ".venv")
    assert has(python, "ht_tiny")
    assert not has(python, "ht_tool")
    assert not left_over.exists()
    said = capsys.readouterr().err
    assert said.startswith("build.py: setting up .venv with the packages of")
    assert said.endswith(" s\n")
    assert said.count("\n") == 1

    made = stamp(bare).stat().st_mtime_ns
    assert provision.interpreter(bare) == python
    assert capsys.readouterr().err == ""
    assert stamp(bare).stat().st_mtime_ns == made


def test_the_tests_add_their_tools_to_the_environment(whole: Path) -> None:
    python = provision.interpreter(whole)
    kept = whole / ".venv" / "kept"
    kept.touch()
    assert provision.interpreter(whole, tests=True) == python
    assert has(python, "ht_tool")
    assert kept.exists()
    made = stamp(whole).stat().st_mtime_ns
    provision.interpreter(whole)
    assert stamp(whole).stat().st_mtime_ns == made, "the build needs no other"


def test_an_environment_without_stamp_is_made_again(whole: Path) -> None:
    stamp(whole).unlink()
    left_over = whole / ".venv" / "left-over"
    left_over.touch()
    assert has(provision.interpreter(whole), "ht_tiny")
    assert not left_over.exists()


def test_an_environment_is_whole_with_its_python_and_its_packages(whole: Path) -> None:
    assert provision.is_whole(whole)
    python = Path(provision.interpreter(whole))
    package = next((whole / ".venv").rglob("ht_tiny-1.0.dist-info"))
    for part in (python, package, stamp(whole)):
        away = part.rename(part.with_name("away"))
        assert not provision.is_whole(whole), part
        away.rename(part)
    assert provision.is_whole(whole)


@pytest.mark.parametrize(
    "changed", ["", "0 Python 3.11\n", "{digest} Python 3.10\n", "{digest}", "\udcff"]
)
def test_only_todays_stamp_counts(whole: Path, changed: str) -> None:
    kept = stamp(whole).read_bytes()
    text = changed.format(digest=kept.split()[0].decode())
    stamp(whole).write_bytes(text.encode(errors="surrogateescape"))
    assert not provision.is_whole(whole)
    stamp(whole).write_bytes(kept)
    assert provision.is_whole(whole)


def test_with_a_new_lock_an_environment_is_outdated(whole: Path) -> None:
    kept = [(lock, lock.read_bytes()) for lock in whole.glob("*.lock")]
    for lock, text in kept:
        lock.write_bytes(text + b"# another\n")
    assert not provision.is_whole(whole)
    for lock, text in kept:
        lock.write_bytes(text)
    assert provision.is_whole(whole)


def test_a_package_with_another_hash_is_refused(whole: Path) -> None:
    lock = whole / "requirements-test.lock"
    kept = lock.read_text()
    for path in (whole / ".venv").rglob("ht_tool*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    lock.write_text(re.sub(r"\w{4}\n$", "0000\n", kept))
    with pytest.raises(provision.SetUpFailed, match="DO NOT MATCH THE HASHES"):
        provision.interpreter(whole, tests=True)
    assert not stamp(whole).exists()
    lock.write_text(kept)


def test_two_first_runs_at_once_take_turns(bare: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ht_sim import provision\n"
        "print(provision.interpreter(Path(sys.argv[1])))"
    )
    with provision.alone(bare):
        runs = [
            subprocess.Popen(
                [sys.executable, "-c", code, str(bare)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        time.sleep(1.5)
        assert not (bare / ".venv").exists()
    ends = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    pythons = {out.strip() for out, _ in ends}
    assert len(pythons) == 1
    assert has(pythons.pop(), "ht_tiny")


def test_a_python_that_makes_no_environments_says_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [path for path in sys.path if not (Path(path) / "ensurepip").is_dir()]
    monkeypatch.setattr(sys, "path", others)
    with pytest.raises(provision.SetUpFailed, match="apt-get install python3-venv"):
        provision.interpreter(bare)
    assert not (bare / ".venv").exists()


def test_a_file_in_the_place_of_the_environment_is_one_line(bare: Path) -> None:
    (bare / ".venv").write_text("not a folder")
    with pytest.raises(provision.SetUpFailed) as failure:
        provision.interpreter(bare)
    assert "\n" not in str(failure.value)


def test_a_missing_lock_is_one_line(bare: Path) -> None:
    (bare / "requirements.lock").unlink()
    with pytest.raises(provision.SetUpFailed, match=r"requirements\.lock"):
        provision.interpreter(bare)


def test_the_environment_of_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    monkeypatch.setenv("PYTHONHASHSEED", "3")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    settings = provision.environment(tmp_path)
    for library in ("OPENBLAS_NUM", "OMP_NUM", "MKL_NUM", "VECLIB_MAXIMUM"):
        assert settings[f"{library}_THREADS"] == "1"
    assert settings["NUMEXPR_NUM_THREADS"] == "1"
    assert settings["MPLCONFIGDIR"] == str(tmp_path / ".cache" / "matplotlib")
    assert (tmp_path / ".cache" / "matplotlib").is_dir()
    assert settings["PYTHONHASHSEED"] == "3"
    assert "PYTHONDONTWRITEBYTECODE" not in settings
    assert os.environ["OMP_NUM_THREADS"] == "8"


def test_chromium_is_the_one_that_is_named_and_else_the_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / ("google-chrome.exe" if os.name == "nt" else "google-chrome")
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HT_CHROMIUM", raising=False)
    assert chromium.find() == str(program)
    monkeypatch.setenv("HT_CHROMIUM", "/another/chrome")
    assert chromium.find() == "/another/chrome"


@pytest.mark.parametrize(("value", "must"), [("true", True), ("", False)])
def test_only_in_ci_a_browser_must_be_there(
    value: str, must: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", value)
    assert chromium.must_be_there() is must
