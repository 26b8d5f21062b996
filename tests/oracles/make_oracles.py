"""Write ``layers.json``: what PyTorch computes, for the layers to be held against.

Needs ``pip install torch==2.13.0`` and nothing else. Run: python make_oracles.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

FILE = Path(__file__).with_name("layers.json")
P_DROP = 0.4
Tensor = torch.Tensor


def make() -> dict[str, dict[str, Any]]:
    """Give the inputs, outputs and gradients of every case as nested lists."""
    draw = torch.Generator().manual_seed(2014)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=draw)

    def mask(*shape: int) -> Tensor:
        return torch.rand(*shape, dtype=torch.float64, generator=draw) >= P_DROP

    def labels() -> Tensor:
        return torch.randint(0, 3, (4,), generator=draw)

    oracles: dict[str, dict[str, Any]] = {"made_with": {"torch": torch.__version__}}
    oracles["dense"] = _layer(
        lambda x, weights, bias: torch.nn.functional.linear(x, weights.T, bias),
        {"x": normal(4, 5), "weights": normal(5, 3), "bias": normal(3)},
        normal(4, 3),
    )
    for name in ("relu", "tanh", "sigmoid"):
        oracles[name] = _layer(
            getattr(torch, name), {"x": 5 * normal(4, 6)}, normal(4, 6)
        )
    oracles["inverted_dropout"] = _dropout(mask(4, 6), normal(4, 6), normal(4, 6), True)
    oracles["classic_dropout"] = _dropout(mask(4, 6), normal(4, 6), normal(4, 6), False)
    oracles["softmax_cross_entropy"] = _cross_entropy(20 * normal(4, 3), labels())
    sizes = [(5, 7), (7, 6), (6, 3)]
    oracles["network"] = _network(
        normal(4, 5),
        labels(),
        [mask(4, 7), mask(4, 6)],
        [(normal(D, M), normal(M)) for D, M in sizes],
    )
    oracles["squared_error"] = _squared_error(normal(4, 3), normal(4, 3))
    start, gradients = normal(6), [normal(6) for _ in range(5)]
    oracles["momentum"] = _steps(
        lambda values: torch.optim.SGD(values, lr=0.1, momentum=0.9), start, gradients
    )
    oracles["adam"] = _steps(
        lambda values: torch.optim.Adam(values, lr=0.1), start, gradients
    )
    oracles["batch_norm"] = _batch_norm(
        normal(5, 3), normal(3), normal(3), normal(5, 3)
    )
    F = torch.nn.functional
    oracles["layer_norm"] = _layer(
        lambda x, gain, bias: F.layer_norm(x, (6,), gain, bias, eps=1e-3),
        {"x": normal(4, 6), "gain": normal(6), "bias": normal(6)},
        normal(4, 6),
    )
    oracles["rms_norm"] = _layer(
        lambda x, gain: F.rms_norm(x, (6,), gain, eps=1e-3),
        {"x": normal(4, 6), "gain": normal(6)},
        normal(4, 6),
    )
    hidden = [(normal(5, 5), normal(5), normal(5), normal(5)) for _ in range(3)]
    oracles["normed_network"] = _normed_network(
        normal(4, 5), normal(4, 3), [*hidden, (normal(5, 3), normal(3))]
    )
    return oracles


def _layer(
    forward: Callable[..., Tensor], inputs: dict[str, Tensor], dy: Tensor
) -> dict[str, Any]:
    """Run a layer forward, and backward from ``dy``."""
    leaves = {name: value.requires_grad_() for name, value in inputs.items()}
    y = forward(**leaves)
    y.backward(dy)
    case = {"y": y.tolist(), "dy": dy.tolist()}
    for name, value in leaves.items():
        case |= {name: value.tolist(), f"d{name}": value.grad.tolist()}
    return case


def _dropout(mask: Tensor, x: Tensor, dy: Tensor, inverted: bool) -> dict[str, Any]:
    """Drop by a given mask, which PyTorch's own dropout does not take."""
    scale = 1 / (1 - P_DROP) if inverted else 1
    case = _layer(lambda x: x * mask * scale, {"x": x}, dy)
    at_evaluation = x if inverted else x * (1 - P_DROP)
    return case | {
        "mask": mask.tolist(),
        "p_drop": P_DROP,
        "y_eval": at_evaluation.tolist(),
    }


def _cross_entropy(logits: Tensor, labels: Tensor) -> dict[str, Any]:
    logits.requires_grad_()
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    return {
        "logits": logits.tolist(),
        "labels": labels.tolist(),
        "loss": loss.item(),
        "dlogits": logits.grad.tolist(),
    }


def _batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, dy: Tensor) -> dict[str, Any]:
    """Run one batch of training, and evaluate with the running statistics after it."""
    layer = torch.nn.BatchNorm1d(3, eps=1e-3, momentum=0.2, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(gamma)
        layer.bias.copy_(beta)
    x.requires_grad_()
    y = layer(x)
    y.backward(dy)
    layer.eval()
    return {
        "x": x.tolist(),
        "gamma": gamma.tolist(),
        "beta": beta.tolist(),
        "dy": dy.tolist(),
        "y": y.tolist(),
        "dx": x.grad.tolist(),
        "dgamma": layer.weight.grad.tolist(),
        "dbeta": layer.bias.grad.tolist(),
        "running_mean": layer.running_mean.tolist(),
        "running_variance": layer.running_var.tolist(),
        "y_eval": layer(x).tolist(),
    }


def _squared_error(outputs: Tensor, targets: Tensor) -> dict[str, Any]:
    outputs.requires_grad_()
    loss = ((outputs - targets) ** 2).sum(dim=1).mean() / 2
    loss.backward()
    return {
        "outputs": outputs.tolist(),
        "targets": targets.tolist(),
        "loss": loss.item(),
        "doutputs": outputs.grad.tolist(),
    }


def _steps(
    optimiser_of: Callable[[list[Tensor]], torch.optim.Optimizer],
    start: Tensor,
    gradients: list[Tensor],
) -> dict[str, Any]:
    """Take a step for each gradient, and keep where each one led."""
    values = start.clone()
    optimiser = optimiser_of([values])
    places = []
    for gradient in gradients:
        values.grad = gradient.clone()
        optimiser.step()
        places.append(values.tolist())
    return {
        "start": start.tolist(),
        "gradients": [gradient.tolist() for gradient in gradients],
        "values": places,
    }


def _network(
    x: Tensor,
    labels: Tensor,
    masks: list[Tensor],
    parameters: list[tuple[Tensor, Tensor]],
) -> dict[str, Any]:
    """Run three layers with ReLU and inverted dropout, and all the way back."""
    for value in (value for layer in parameters for value in layer):
        value.requires_grad_()
    h = x
    for (weights, bias), mask in zip(parameters[:-1], masks, strict=True):
        h = torch.relu(h @ weights + bias) * mask / (1 - P_DROP)
    logits = h @ parameters[-1][0] + parameters[-1][1]
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    return {
        "x": x.tolist(),
        "labels": labels.tolist(),
        "p_drop": P_DROP,
        "masks": [mask.tolist() for mask in masks],
        "parameters": [[value.tolist() for value in layer] for layer in parameters],
        "logits": logits.tolist(),
        "loss": loss.item(),
        "gradients": [[value.grad.tolist() for value in layer] for layer in parameters],
    }


def _normed_network(
    x: Tensor, dlogits: Tensor, parameters: list[tuple[Tensor, ...]]
) -> dict[str, Any]:
    """Run residual tanh layers with batch norm and a read-out, and all the way back."""
    for value in (value for layer in parameters for value in layer):
        value.requires_grad_()
    h, running = x, []
    for weights, bias, gamma, beta in parameters[:-1]:
        mean, variance = torch.zeros_like(gamma), torch.ones_like(gamma)
        sums = torch.nn.functional.batch_norm(
            h @ weights + bias, mean, variance, gamma, beta, True, 1 - 0.8, 1e-3
        )
        h = h + torch.tanh(sums)
        running.append((mean.tolist(), variance.tolist()))
    logits = h @ parameters[-1][0] + parameters[-1][1]
    logits.backward(dlogits)
    return {
        "x": x.tolist(),
        "dlogits": dlogits.tolist(),
        "parameters": [[value.tolist() for value in layer] for layer in parameters],
        "logits": logits.tolist(),
        "running": running,
        "gradients": [[value.grad.tolist() for value in layer] for layer in parameters],
    }


def main() -> None:
    """Write the file, one case a line."""
    lines = [f"{json.dumps(name)}: {json.dumps(case)}" for name, case in make().items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
