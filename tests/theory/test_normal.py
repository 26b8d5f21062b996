from __future__ import annotations

import math

import numpy as np

from ht_sim.theory import normal


def test_normal_distribution_at_tabulated_places() -> None:
    np.testing.assert_allclose(
        normal.normal_cdf([0, 1.959963984540054, -1, -10]),
        [0.5, 0.975, 0.15865525393145705, 7.61985302416047e-24],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        normal.normal_pdf([0, 1, -1]),
        [0.3989422804014327, 0.24197072451914337, 0.24197072451914337],
        rtol=1e-14,
    )


def test_normal_functions_keep_shapes() -> None:
    assert normal.normal_cdf(np.zeros((2, 3))).shape == (2, 3)
    assert normal.normal_cdf(0.3).shape == normal.normal_pdf(0.3).shape == ()


def test_rectified_normal_mean_against_an_integral() -> None:
    mean, deviation = np.array([-1.0, 0.0, 0.7]), np.array([0.5, 2.0, 1.5])
    z = np.linspace(-12, 12, 200_001)[:, np.newaxis]
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    values = np.maximum(mean + deviation * z, 0) * density
    integral = values.sum(axis=0) * (z[1, 0] - z[0, 0])
    np.testing.assert_allclose(
        normal.rectified_normal_mean(mean, deviation), integral, rtol=1e-7
    )


def test_rectified_normal_mean_without_noise_is_relu() -> None:
    np.testing.assert_array_equal(
        normal.rectified_normal_mean([-2, 0, 3], 0), [0, 0, 3]
    )


def test_noise_only_raises_the_rectified_mean() -> None:
    mean = np.linspace(-3, 3, 13)
    quiet, noisy = (normal.rectified_normal_mean(mean, s) for s in (0.1, 1.0))
    assert (quiet >= np.maximum(mean, 0)).all()
    assert (noisy > quiet).all()
