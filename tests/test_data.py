from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ht_sim.data import digits, redrawn, stratified_split

DATA = Path(__file__).parents[1] / "content" / "data"
RAW = (DATA / "digits.csv").read_bytes()


def test_the_file_is_the_one_that_the_readme_describes() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(RAW).hexdigest() in readme


def test_digits_have_their_shapes_and_units() -> None:
    data = digits(RAW)
    assert data.images.shape == (1797, 64)
    assert data.images.dtype == np.float64
    assert (data.images.min(), data.images.max()) == (0, 1)
    assert data.labels.dtype == np.int64
    np.testing.assert_array_equal(
        np.bincount(data.labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


def test_the_first_digit_is_a_zero_drawn_as_a_ring() -> None:
    data = digits(RAW)
    image = data.images[0].reshape(8, 8)
    assert data.labels[0] == 0
    np.testing.assert_array_equal(image[0, :6] * 16, [0, 0, 5, 13, 9, 1])
    assert image[4, 3] == image[4, 4] == 0  # the hole


LINES = RAW.splitlines()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "1797 lines, got 0"),
        (b"\n".join(LINES[:-1]), "1797 lines, got 1796"),
        (
            b"\n".join([*LINES[:2], b"1,2,3", *LINES[3:]]),
            "line 3 of the digits has 3 numbers",
        ),
        (
            b"\n".join([b"0.5" + LINES[0][1:], *LINES[1:]]),
            r"line 1 of the digits: .*0\.5",
        ),
        (
            b"\n".join([b"17" + LINES[0][1:], *LINES[1:]]),
            "pixels of the digits are from 0 to 16, got 0 to 17",
        ),
        (
            b"\n".join([LINES[0][:-1] + b"-1", *LINES[1:]]),
            "labels of the digits are from 0 to 9, got -1 to 9",
        ),
    ],
)
def test_other_bytes_are_refused_with_a_reason(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digits(raw)


def test_parts_have_their_sizes_and_share_no_example(
    rng: np.random.Generator,
) -> None:
    labels = digits(RAW).labels
    parts = stratified_split(labels, (1000, 300, 497), rng)
    assert [len(part) for part in parts] == [1000, 300, 497]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(1797))


def test_parts_have_nearly_equal_class_shares() -> None:
    labels = digits(RAW).labels
    shares = np.bincount(labels) / len(labels)
    for seed in range(20):
        parts = stratified_split(labels, (600, 97, 300), np.random.default_rng(seed))
        for part in (*parts, parts[0][:50]):
            counts = np.bincount(labels[part], minlength=10)
            assert np.abs(counts - shares * len(part)).max() <= 1.5


def test_every_example_of_equal_classes_is_as_likely_to_be_picked() -> None:
    labels, draws = np.repeat([0, 1, 2], 5), 4000
    rng = np.random.default_rng(5)
    picked = np.zeros(15)
    for _ in range(draws):
        (part,) = stratified_split(labels, (4,), rng)
        picked[part] += 1
    share = 4 / 15
    standard_error = np.sqrt(share * (1 - share) / draws)
    assert np.abs(picked / draws - share).max() < 4.5 * standard_error


def test_a_split_depends_on_its_generator_alone() -> None:
    labels = digits(RAW).labels
    one, again, other = (
        stratified_split(labels, (100,), np.random.default_rng(seed))[0]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("sizes", [(3, 2), (5, -1)])
def test_sizes_that_do_not_fit_are_refused(
    rng: np.random.Generator, sizes: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="at most 4 together"):
        stratified_split(np.array([0, 0, 1, 1]), sizes, rng)


def test_a_share_of_labels_is_redrawn_and_a_tenth_of_it_is_right() -> None:
    labels = np.arange(40_000) % 10
    wrong = redrawn(labels, 0.2, np.random.default_rng(1)) != labels
    assert abs(wrong.mean() - 0.18) < 4 * np.sqrt(0.18 * 0.82 / wrong.size)


def test_what_is_drawn_does_not_depend_on_the_share() -> None:
    labels = np.arange(1000) % 10
    generators = [np.random.default_rng(2) for _ in range(3)]
    none, some, more = (
        redrawn(labels, share, one)
        for share, one in zip((0.0, 0.2, 0.6), generators, strict=True)
    )
    np.testing.assert_array_equal(none, labels)
    moved = some != labels
    assert moved.any()
    np.testing.assert_array_equal(some[moved], more[moved])
    assert len({one.integers(1 << 60) for one in generators}) == 1
