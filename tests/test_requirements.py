"""Version ranges, installed packages, and that the locks agree with pyproject.toml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ht_sim.requirements import meets, name_and_ranges, requirements, unmet

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-test.lock")
PIN = re.compile(r"([\w.-]+)==(\S+)((?: ; .+?)?)((?: --hash=sha256:[0-9a-f]{64})+)")


@pytest.mark.parametrize(
    ("version", "ranges"),
    [
        ("2.4.6", ">=2.4.6"),
        ("2.10", ">=2.9"),
        ("2.4.6", ">=2.4.6,<3"),
        ("3", ">=3.0.0"),
        ("3.0.0", ">=3"),
        ("2.4.6.post1", ">=2.4.6"),
        ("2.4.6+cpu", ">=2.4.6"),
        ("3.1rc1", ">=3"),
        ("2.99", "<3"),
        ("1.0", "==1"),
        ("1.4.5", "~=1.4.2"),
        ("1.9", "~=1.4"),
        ("2", "~=2.0.0"),
        ("2026.6", ""),
        ("3.11.2.20261107", ">=3.11.2, <4"),
    ],
)
def test_a_version_lies_in_a_range(version: str, ranges: str) -> None:
    assert meets(version, ranges)


@pytest.mark.parametrize(
    ("version", "ranges"),
    [
        ("2.4.5", ">=2.4.6"),
        ("2.9", ">=2.10"),
        ("2.4.6rc1", ">=2.4.6"),
        ("2.4.6.dev3", ">=2.4.6"),
        ("3", ">=2.4.6,<3"),
        ("3.0rc1", "<3"),
        ("3.0.0", "<3"),
        ("1.0rc1", "==1"),
        ("1.0.1", "==1"),
        ("1.5", "~=1.4.2"),
        ("1.4.1", "~=1.4.2"),
        ("2.1", "~=2.0.0"),
        ("2.0", "~=1.4"),
        ("unknown", ">=0"),
    ],
)
def test_a_version_lies_outside_a_range(version: str, ranges: str) -> None:
    assert not meets(version, ranges)


@pytest.mark.parametrize("ranges", ["!=2", ">2", ">=2.x", "==2.*", "2"])
def test_a_range_of_another_kind_is_refused(ranges: str) -> None:
    with pytest.raises(ValueError, match="is not one of"):
        meets("2", ranges)


@pytest.mark.parametrize("requirement", ["numpy[extra]>=2", "numpy>=2; python>3", ""])
def test_a_requirement_of_another_kind_is_refused(requirement: str) -> None:
    with pytest.raises(ValueError, match="is not a name and its versions"):
        unmet([requirement])


def test_installed_packages_meet_what_they_meet(tmp_path: Path) -> None:
    for name, version in (("right", "2.5"), ("old_one", "1.9")):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    damaged = tmp_path / "damaged-2.0.dist-info"
    damaged.mkdir()
    (damaged / "METADATA").write_text("Name: damaged\n")
    needed = ["right>=2,<3", "Right", "old-one>=2", "absent", "damaged>=1"]
    assert unmet(needed, [str(tmp_path)]) == ["old-one>=2", "absent", "damaged>=1"]


def test_running_packages_are_found() -> None:
    assert unmet(["pytest>=1", "pytest<1", "no-such-package"]) == [
        "pytest<1",
        "no-such-package",
    ]


def pins(lock: str) -> list[tuple[str, str, str, str]]:
    """Return name, version, marker and hashes of each entry of a lock file."""
    text = re.sub(r" *#.*", "", (ROOT / lock).read_text(encoding="utf-8"))
    entries = re.sub(r" *\\\n *", " ", text).split("\n")
    found = []
    for entry in filter(None, map(str.strip, entries)):
        match = PIN.fullmatch(entry)
        assert match, f"{lock}: {entry[:80]} is not name==version with sha256 hashes"
        found.append((match[1], match[2], match[3], match[4]))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_hashes_and_no_address(lock: str) -> None:
    assert len(pins(lock)) > 10
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text
    assert "find-links" not in text


def test_lock_of_the_tests_contains_that_of_the_build() -> None:
    build, tests = (
        {(name, version, hashes) for name, version, _, hashes in pins(lock)}
        for lock in LOCKS
    )
    assert build < tests


@pytest.mark.parametrize(("lock", "tests"), [(LOCKS[0], False), (LOCKS[1], True)])
def test_locked_versions_lie_in_the_ranges(lock: str, tests: bool) -> None:
    locked: dict[str, list[str]] = {}
    for name, version, _, _ in pins(lock):
        locked.setdefault(name, []).append(version)
    for requirement in requirements(ROOT, tests=tests):
        name, ranges = name_and_ranges(requirement)
        assert re.search(r">=.*,<", ranges), f"{requirement}: both bounds are needed"
        versions = locked[name.lower()]
        assert all(meets(version, ranges) for version in versions), requirement
