"""GIFs of few flat colours: one palette for the whole animation, no dither."""

from __future__ import annotations

from collections.abc import Sequence

import imageio.v3 as iio
import numpy as np

_COLOURS = 128
_HOLD = 8
_MOST_BYTES = 1_000_000  # what a slide or a message takes without a second thought


def gif(frames: Sequence[np.ndarray], *, milliseconds: int) -> bytes:
    """Return an endless GIF; the last frame is held eight times as long.

    Parameters
    ----------
    frames : arrays (height, width, 3) of uint8, all of one shape
    milliseconds : how long each frame stands, a multiple of ten

    Raises
    ------
    ValueError : if the frames differ in size, or the file is larger than a megabyte
    """
    if len({frame.shape for frame in frames}) > 1:
        raise ValueError("the frames of the GIF differ in size; expected one size")
    stack = np.stack(frames)
    colours, index = _unique_colours(stack)
    palette = _palette(colours, np.bincount(index.ravel(), minlength=len(colours)))
    nearest = _nearest(colours, palette)
    durations = [milliseconds] * (len(stack) - 1) + [milliseconds * _HOLD]
    data: bytes = iio.imwrite(
        "<bytes>",
        nearest[index],
        extension=".gif",
        plugin="pillow",
        mode="P",
        palette=palette.ravel().tolist(),
        duration=durations,
        loop=0,
    )
    if len(data) > _MOST_BYTES:
        size = f"{len(data) / 1e6:.1f} MB in {len(stack)} frames"
        most = f"{_MOST_BYTES / 1e6:.1f} MB at most: fewer frames, or a plainer one"
        raise ValueError(f"the GIF takes {size}; expected {most}")
    return data


def _unique_colours(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct colours (K, 3) and each pixel's place among them."""
    red, green, blue = np.moveaxis(stack.astype(np.int64), -1, 0)
    packed, index = np.unique((red << 16) | (green << 8) | blue, return_inverse=True)
    colours = np.stack([packed >> 16, (packed >> 8) & 255, packed & 255], axis=1)
    return colours, index.reshape(stack.shape[:-1])


def _palette(colours: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Choose at most 128 of the colours: the commonest, each unlike those before.

    Flat figures hold few colours and many faint blends of them at edges; a blend
    that is within eight levels of a chosen colour is left to it.
    """
    chosen: list[np.ndarray] = []
    for place in np.argsort(-counts, kind="stable"):
        colour = colours[place]
        if all(np.abs(colour - other).max() > 8 for other in chosen):
            chosen.append(colour)
        if len(chosen) == _COLOURS:
            break
    return np.array(chosen, dtype=np.uint8)


def _nearest(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Return the place in the palette (K,) nearest to each colour."""
    gaps = colours[:, None, :] - palette[None, :, :].astype(np.int64)
    places: np.ndarray = (gaps**2).sum(axis=2).argmin(axis=1)
    return places.astype(np.uint8)
