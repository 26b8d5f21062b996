from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ht_sim.layers import activations, dropout
from ht_sim.layers.batch_norm import (
    batch_norm_backward,
    batch_norm_eval,
    batch_norm_train,
    start_statistics,
)
from ht_sim.layers.dense import dense_backward, dense_forward
from ht_sim.layers.layer_norm import layer_norm_backward, layer_norm_forward
from ht_sim.layers.rms_norm import rms_norm_backward, rms_norm_forward
from ht_sim.layers.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from ht_sim.layers.squared_error import squared_error_backward, squared_error_forward
from ht_sim.networks import Architecture, backward, forward_train
from ht_sim.norms import BatchNorm
from ht_sim.optimisers import Adam, Momentum, Optimiser

FILE = Path(__file__).parent / "oracles" / "layers.json"
ORACLES: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


def _case(name: str) -> dict[str, Any]:
    """Give a case with lists of numbers as arrays; lists of arrays stay lists."""
    ragged = ("masks", "parameters", "gradients", "running")
    return {
        key: value if key in ragged else np.array(value)
        for key, value in ORACLES[name].items()
    }


def _assert_close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def test_the_file_says_which_version_made_it() -> None:
    assert ORACLES["made_with"]["torch"].startswith("2.13.0")


def test_dense() -> None:
    case = _case("dense")
    y, cache = dense_forward(case["x"], case["weights"], case["bias"])
    _assert_close(y, case["y"])
    gradients = dense_backward(case["dy"], cache)
    _assert_close(gradients.dx, case["dx"])
    _assert_close(gradients.dweights, case["dweights"])
    _assert_close(gradients.dbias, case["dbias"])


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid"])
def test_activations(name: str) -> None:
    case = _case(name)
    y, cache = getattr(activations, f"{name}_forward")(case["x"])
    _assert_close(y, case["y"])
    dx = getattr(activations, f"{name}_backward")(case["dy"], cache)
    _assert_close(dx, case["dx"])


def test_inverted_dropout() -> None:
    case = _case("inverted_dropout")
    y, cache = dropout.inverted_dropout_train(case["x"], case["mask"], case["p_drop"])
    _assert_close(y, case["y"])
    _assert_close(dropout.inverted_dropout_backward(case["dy"], cache), case["dx"])
    _assert_close(dropout.inverted_dropout_eval(case["x"]), case["y_eval"])


def test_classic_dropout() -> None:
    case = _case("classic_dropout")
    y, cache = dropout.classic_dropout_train(case["x"], case["mask"])
    _assert_close(y, case["y"])
    _assert_close(dropout.classic_dropout_backward(case["dy"], cache), case["dx"])
    y_eval = dropout.classic_dropout_eval(case["x"], case["p_drop"])
    _assert_close(y_eval, case["y_eval"])


def test_softmax_cross_entropy() -> None:
    case = _case("softmax_cross_entropy")
    loss, cache = softmax_cross_entropy_forward(case["logits"], case["labels"])
    _assert_close(loss, case["loss"])
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    _assert_close(dlogits, case["dlogits"])


def test_squared_error() -> None:
    case = _case("squared_error")
    loss, cache = squared_error_forward(case["outputs"], case["targets"])
    _assert_close(loss, case["loss"])
    _assert_close(squared_error_backward(np.ones_like(loss), cache), case["doutputs"])


def test_batch_norm() -> None:
    case = _case("batch_norm")
    gamma, beta = case["gamma"], case["beta"]
    start = start_statistics(gamma)
    y, running, cache = batch_norm_train(
        case["x"], gamma, beta, start, decay=0.8, eps=1e-3
    )
    _assert_close(y, case["y"])
    _assert_close(running.mean, case["running_mean"])
    _assert_close(running.variance, case["running_variance"])
    gradients = batch_norm_backward(case["dy"], cache)
    _assert_close(gradients.dx, case["dx"])
    _assert_close(gradients.dgamma, case["dgamma"])
    _assert_close(gradients.dbeta, case["dbeta"])
    y_eval = batch_norm_eval(case["x"], gamma, beta, running, eps=1e-3)
    _assert_close(y_eval, case["y_eval"])


def test_layer_norm() -> None:
    case = _case("layer_norm")
    y, cache = layer_norm_forward(case["x"], case["gain"], case["bias"], eps=1e-3)
    _assert_close(y, case["y"])
    gradients = layer_norm_backward(case["dy"], cache)
    _assert_close(gradients.dx, case["dx"])
    _assert_close(gradients.dgain, case["dgain"])
    _assert_close(gradients.dbias, case["dbias"])


def test_rms_norm() -> None:
    case = _case("rms_norm")
    y, cache = rms_norm_forward(case["x"], case["gain"], eps=1e-3)
    _assert_close(y, case["y"])
    gradients = rms_norm_backward(case["dy"], cache)
    _assert_close(gradients.dx, case["dx"])
    _assert_close(gradients.dgain, case["dgain"])


@pytest.mark.parametrize(
    ("name", "optimiser"), [("momentum", Momentum(0.1, 0.9)), ("adam", Adam(0.1))]
)
def test_optimisers(name: str, optimiser: Optimiser) -> None:
    case = _case(name)
    values = case["start"].copy()
    state = optimiser.start(values)
    for number, (gradient, expected) in enumerate(
        zip(case["gradients"], case["values"], strict=True), 1
    ):
        optimiser.step(values, np.array(gradient), state, number)
        _assert_close(values, np.array(expected))


def test_network() -> None:
    case = _case("network")
    forward = forward_train(
        [(np.array(weights), np.array(bias)) for weights, bias in case["parameters"]],
        case["x"],
        [np.array(mask) for mask in case["masks"]],
        float(case["p_drop"]),
    )
    _assert_close(forward.logits, case["logits"])
    loss, cache = softmax_cross_entropy_forward(forward.logits, case["labels"])
    _assert_close(loss, case["loss"])
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    gradients = backward(dlogits, forward).parameters
    for ours, theirs in zip(gradients, case["gradients"], strict=True):
        for value, expected in zip(ours, theirs, strict=True):
            _assert_close(value, expected)


def test_network_with_batch_norm_and_skips() -> None:
    case = _case("normed_network")
    forward = forward_train(
        [tuple(np.array(value) for value in layer) for layer in case["parameters"]],
        case["x"],
        architecture=Architecture("tanh", BatchNorm(decay=0.8, eps=1e-3), True),
    )
    _assert_close(forward.logits, case["logits"])
    for ours, (mean, variance) in zip(forward.running, case["running"], strict=True):
        assert ours is not None
        _assert_close(ours.mean, mean)
        _assert_close(ours.variance, variance)
    gradients = backward(case["dlogits"], forward).parameters
    for layer, layer_expected in zip(gradients, case["gradients"], strict=True):
        for value, expected in zip(layer, layer_expected, strict=True):
            _assert_close(value, expected)


def test_making_the_file_again_gives_the_same_numbers() -> None:
    pytest.importorskip("torch")
    from tests.oracles.make_oracles import make

    again = make()
    assert again.keys() == ORACLES.keys()
    for name in again.keys() - {"made_with"}:
        ours, theirs = list(_leaves(ORACLES[name])), list(_leaves(again[name]))
        assert [place for place, _ in ours] == [place for place, _ in theirs]
        _assert_close([v for _, v in ours], [v for _, v in theirs])


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Go through every number, with its place."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _leaves(value[key], f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{place}[{index}]")
    else:
        yield place, float(value)
