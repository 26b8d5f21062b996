"""GIFs: their frames, the colours they keep, and how large they may be."""

from __future__ import annotations

import imageio.v3 as iio
import numpy as np
import pytest

from ht_sim.publish.animation import gif

RED, BLUE = (200, 30, 20), (20, 30, 200)


def flat(colour: tuple[int, int, int]) -> np.ndarray:
    """One frame of one colour, (20, 30, 3)."""
    return np.full((20, 30, 3), colour, np.uint8)


def test_frames_come_back_as_they_were_and_the_last_is_held() -> None:
    frames = [flat(RED), flat(BLUE), flat(RED)]
    data = gif(frames, milliseconds=200)
    np.testing.assert_array_equal(iio.imread(data, index=None), frames)
    durations = [
        iio.immeta(data, extension=".gif", index=one)["duration"] for one in range(3)
    ]
    assert durations == [200, 200, 1600]


def test_a_file_that_is_too_large_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (2, 800, 900, 3), np.uint8)
    with pytest.raises(ValueError, match=r"1\.\d MB in 2 frames; expected 1\.0 MB at"):
        gif(list(noise >> 5 << 5), milliseconds=100)


def test_frames_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in size"):
        gif([flat(RED), flat(RED)[1:]], milliseconds=100)
