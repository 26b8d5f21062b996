# ruff: noqa: T201
"""Networks × steps a second: this project's training beside PyTorch's, on one machine.

    python tests/benchmarks/training.py [ROUNDS]

The set-up is that of ``dropout-rate``: 64-128-128-10 with ReLU, 400 examples, batches
of 50, dropout 0.5 on both hidden layers, gradient descent with momentum, float32.
All ways take turns in every round, alone and as two processes with one thread each.
Before anything is timed, all are held to the same loss curve on the same batches and
masks; when timed, PyTorch draws masks by its own dropout. The products that one step
needs, alone and at the step's own shapes, say what the processor could do at most.

The peers need ``pip install torch==2.13.0``; without it they are left out.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1"))

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from ht_sim.fast_training import fast_training_steps
from ht_sim.optimisers import Momentum
from ht_sim.parameters import initialise, stacked
from ht_sim.streams import streams_of_repeats
from ht_sim.training import WORDS, batch_indices, mask_words, training_steps

try:
    import torch
except ImportError:
    torch = None

SIZES, EXAMPLES, BATCH, RATE = (64, 128, 128, 10), 400, 50, 0.5
LEARNING_RATE, MOMENTUM = 0.02, 0.9
STEPS, CHECKED = 300, 40
LAYERS = list(pairwise(SIZES))


def task(count: int) -> tuple[Any, ...]:
    """Return the start, data and streams of ``count`` networks."""
    streams = streams_of_repeats(3, count)
    start = [initialise(SIZES, one.initialisation) for one in streams]
    x = np.random.default_rng(1).random((count, EXAMPLES, SIZES[0]))
    labels = np.random.default_rng(2).integers(0, 10, (count, EXAMPLES))
    return stacked(start, np.float32), x.astype(np.float32), labels, streams


def ours(way: Callable[..., Any], count: int, steps: int) -> np.ndarray:
    """Train with one of our two ways; return the losses, (networks, steps)."""
    taken = way(
        *task(count), steps=steps, batch_size=BATCH, p_drop=RATE,
        optimiser=Momentum(LEARNING_RATE, MOMENTUM),
    )  # fmt: skip
    return np.stack([step.losses for step in taken], axis=1)


def peer(count: int, steps: int, given_masks: bool = False) -> np.ndarray:
    """Train one network with PyTorch, or a stack by ``baddbmm``; return the losses."""
    torch.set_num_threads(1)
    start, x, labels, streams = task(count)
    alone = count == 1
    values = [torch.tensor(v[0] if alone else v) for layer in start for v in layer]
    for value in values:
        value.requires_grad_()
    optimiser = torch.optim.SGD(values, lr=LEARNING_RATE, momentum=MOMENTUM)
    data, targets = torch.from_numpy(x), torch.from_numpy(labels)
    orders = [batch_indices(EXAMPLES, BATCH, steps, one.batches) for one in streams]
    networks = torch.arange(count)[:, None]
    losses = []
    for chosen in zip(*orders, strict=True):
        batch = networks, torch.from_numpy(np.stack(chosen))
        h, wanted = data[batch], targets[batch]
        kept = masks(streams) if given_masks else None
        for place in range(0, len(values), 2):
            weights, bias = values[place : place + 2]
            if alone:
                h = torch.nn.functional.linear(h[0], weights.T, bias)[None]
            else:
                h = torch.baddbmm(bias[:, None], h, weights)
            if place < len(values) - 2:
                h = torch.relu(h)
                if kept is None:
                    h = torch.nn.functional.dropout(h, RATE)
                else:
                    h = h * kept[place // 2] / (1 - RATE)
        each = torch.nn.functional.cross_entropy(
            h.flatten(0, 1), wanted.flatten(), reduction="none"
        )
        loss = each.reshape(count, BATCH).mean(dim=1)
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
        losses.append(loss.detach().numpy())
    return np.stack(losses, axis=1)


def masks(streams: Any) -> list[Any]:
    """Draw the masks that our networks draw, (networks, batch, width) each."""
    hidden = SIZES[1:-1]
    words = np.stack([mask_words(one.masks, BATCH, sum(hidden)) for one in streams])
    split = np.split(words / WORDS >= RATE, np.cumsum(hidden)[:-1], axis=-1)
    return [torch.from_numpy(part) for part in split]


def products(count: int, steps: int) -> None:
    """Multiply what a step multiplies, and nothing else."""
    arrays = []
    for place, (D, M) in enumerate(LAYERS):
        x, w, dy = (
            np.ones((count, *shape), np.float32)
            for shape in ((BATCH, D), (D, M), (BATCH, M))
        )
        pairs = [(x, w, dy), (x.swapaxes(1, 2), dy, w)]
        pairs += [(dy, w.swapaxes(1, 2), x)] if place else []
        arrays += [(one, other, np.empty_like(out)) for one, other, out in pairs]
    for _ in range(steps):
        for one, other, out in arrays:
            np.matmul(one, other, out=out)


def flop() -> int:
    """Return the floating-point operations of the products of one network's step."""
    forward = [2 * BATCH * D * M for D, M in LAYERS]
    return 3 * sum(forward) - forward[0]


def ways() -> dict[str, tuple[int, Callable[[int], Any]]]:
    """Return every way by its name: how many networks it trains, and the call."""
    found: dict[str, tuple[int, Callable[[int], Any]]] = {}
    for count in (1, 2, 4, 8):
        found[f"fast, stack of {count}"] = (
            count,
            partial(ours, fast_training_steps, count),
        )
    found["readable, stack of 8"] = 8, partial(ours, training_steps, 8)
    if torch is not None:
        found["PyTorch, one at a time"] = 1, partial(peer, 1)
        for count in (2, 8, 80):
            found[f"PyTorch, baddbmm of {count}"] = count, partial(peer, count)
    found["the products alone, stack of 8"] = 8, partial(products, 8)
    return found


def rate(name: str) -> float:
    """Run one way; return its networks × steps a second."""
    count, call = ways()[name]
    steps = max(STEPS // count, 20) * 4
    call(5)
    started = time.perf_counter()
    call(steps)
    return count * steps / (time.perf_counter() - started)


def check() -> None:
    """Hold all ways to one loss curve on the same batches and masks."""
    curve = ours(training_steps, 8, CHECKED)
    others = {"fast": ours(fast_training_steps, 8, CHECKED)}
    if torch is not None:
        others["PyTorch, baddbmm"] = peer(8, CHECKED, given_masks=True)
        others["PyTorch, one"] = peer(1, CHECKED, given_masks=True)
    for name, losses in others.items():
        gap = np.abs(losses - curve[: len(losses)]).max()
        print(f"largest difference of the loss curves, {name}: {gap:.1e} nats")
        assert gap < 1e-4, name


def main(rounds: int) -> None:
    """Print everything."""
    check()
    rates: dict[tuple[int, str], list[float]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(rate, ["fast, stack of 1"] * 4))
        for _ in range(rounds):
            for name in ways():
                for processes in (1, 2):
                    both = sum(pool.map(rate, [name] * processes))
                    rates.setdefault((processes, name), []).append(both)
    for processes in (1, 2):
        print(f"\n{processes} process(es) with 1 thread; networks × steps a second")
        print(f"{'':<32}{'median':>9}{'best':>9}  GFLOP/s at best")
        for (number, name), found in rates.items():
            if number == processes:
                median, best = statistics.median(found), max(found)
                print(f"{name:<32}{median:9.0f}{best:9.0f}{best * flop() / 1e9:9.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
