"""Connections on a torus: cells of a cubic grid, joined to neighbours at random by distance.

Landsmeer et al. 2024, section 3.5. A pair of cells is a cell and one of the half of all offsets that no other
offset of the half mirrors, so that every undirected pair has one number and distinct pairs are drawn as numbers.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

import numpy as np

from model.arrays import Floats, Integers

PAIRS_PER_CELL = 5  # ten connections per cell on average, each shared by two cells


Shape = Tuple[int, int, int]


def reach(shape: Shape) -> int:
    """Largest distance in grid units, not attained: 4, or half the shortest side where that is less."""
    return min(4, min(shape) // 2)


def shells(reach: int) -> Tuple[List[int], List[Integers]]:
    """Squared distances below the reach, ascending, and for each its half of the offsets as an array (n, 3)."""
    extent = np.arange(-reach + 1, reach)
    offsets = np.stack(np.meshgrid(extent, extent, extent, indexing="ij"), axis=-1).reshape(-1, 3)
    squared = (offsets**2).sum(axis=1)
    first_half = offsets @ [extent.size**2, extent.size, 1] > 0
    near = sorted({int(d) for d in squared if 0 < d < reach**2})
    return near, [offsets[(squared == d) & first_half] for d in near]


def paper(r: Floats, cells: Integers, r_max: int) -> Floats:
    """Share of each distance as published: (e^(-r^2) - e^(-r_max^2)) n(r)."""
    return (np.exp(-(r**2)) - np.exp(-(float(r_max) ** 2))) * cells


def authors(r: Floats, cells: Integers, r_max: int) -> Floats:
    """Share of each distance as the authors ran it: e^(-(r/4)^2) times the thickness of its shell.

    A cell weighs that much over the number of cells at its distance, so that the number cancels from the share.
    """
    edges = np.concatenate([[0.0], (r[1:] + r[:-1]) / 2, [float(r_max)]])
    return np.exp(-((r / 4) ** 2)) * np.diff(edges)


TOPOLOGIES: Dict[str, Callable[[Floats, Integers, int], Floats]] = {"paper": paper, "authors": authors}


def pairs_per_shell(shares: Floats, available: Integers, total: int) -> Integers:
    """How many of `total` pairs each distance gets: by share, largest remainders first, the excess to the next.

    `shares` and `available` (pairs that exist) are arrays over the distances.
    """
    exact = shares / shares.sum() * total
    count = np.floor(exact).astype(np.int64)
    count[np.argsort(count - exact, kind="stable")[: total - count.sum()]] += 1
    for last in (None, -1):  # a second round takes what spilled over the last distance
        excess = 0 if last is None else total - count.sum()
        for i in range(len(count)):
            wanted = count[i] + excess
            count[i] = min(wanted, available[i])
            excess = wanted - count[i]
    return count


def draw(shape: Shape, topology: str, rng: np.random.Generator, begin: int, end: int) -> Integers:
    """Distinct pairs (5 n, 2) of a torus's cells, of which n, from `begin` to `end`, are the first of a pair."""
    cells, n = int(np.prod(shape)), end - begin
    squared, offsets = shells(reach(shape))
    half = np.array([len(o) for o in offsets])
    shares = TOPOLOGIES[topology](np.sqrt(squared), 2 * half, reach(shape))
    count = pairs_per_shell(shares, half * cells, PAIRS_PER_CELL * cells)
    pairs = []
    for shell, wanted in zip(offsets, count * end // cells - count * begin // cells):
        number = rng.choice(len(shell) * n, size=wanted, replace=False, shuffle=False)
        cell = begin + number % n
        pairs.append(np.stack([cell, neighbour(cell, shell[number // n], shape)], axis=1))
    return np.concatenate(pairs)


def neighbour(cell: Integers, offset: Integers, shape: Shape) -> Integers:
    """The cell at `offset` (..., 3) from `cell` on the torus; cells are numbered x + X (y + Y z), X Y Z their shape."""
    X, Y, _ = shape
    place = np.stack([cell % X, cell // X % Y, cell // (X * Y)], axis=-1)
    return ((place + offset) % shape) @ np.array([1, X, X * Y])
