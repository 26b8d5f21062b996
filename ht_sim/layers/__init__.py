"""The mathematics of each layer in plain numpy, forward and backward.

Notation: ``N`` examples and ``D`` features, an array of activations being (N, D).
Leading axes may stand before them, (..., N, D): a stack of networks that are
worked out together. ``dx`` means dLoss/dx and has the shape of ``x``; where many
dropout masks share an ``x``, there is a ``dx`` for each.

Training and evaluation are separate functions, because how they differ is what
this project explains. A function that has a backward partner returns (y, cache),
batch norm its running statistics too, and the partner takes (dy, cache). Random
numbers are arguments. The arrays' floating-point type is kept: float32 in, float32 out.

A layer imports numpy, and what undoes broadcasting; import each from its own module.
"""
