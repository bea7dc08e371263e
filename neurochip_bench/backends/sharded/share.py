"""What a process has of a network in shards: the cells and connections of its own, and how signals come to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Callable, List, Tuple

import numpy as np

from model.arrays import Array, Codes, Integers
from model.coupling import padded
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.backends.sharded.cut import Cut, cut
from neurochip_bench.backends.sharded.exchange import Exchange, asked, exchange, heard_at, lengths
from neurochip_bench.backends.sharded.late import lag_of, soonest
from neurochip_bench.backends.sharded.layout import Sizes, laid_out
from neurochip_bench.backends.sharded.order import close_together
from neurochip_bench.backends.sharded.parts import Part, wanted

Agree = Callable[[Integers], Integers]  # of numbers to the largest of each that any process has


@dataclass(frozen=True)
class Graph:
    """The connections of a process's shards.

    form    how signals come from other shards
    sizes   of the arrays of every shard
    lag     steps that one exchange serves, see `late`
    asks    (shards * foreign,) what its shards want, see `exchange.asked`
    arrays  of the formulation, shards side by side along the last axis
    """

    form: Exchange
    sizes: Sizes
    lag: int
    asks: Codes
    arrays: List[Array]

    @property
    def alike(self) -> Tuple[Exchange, Sizes, int]:
        """What a program is compiled for."""
        return self.form, self.sizes, self.lag


def graph(
    kernel: str, cut: Cut, shards: range, parts: List[Part], coupling: str, slots: int, steps_per_ms: int, agree: Agree
) -> Graph:
    """The `Graph` of some shards with their parts.

    Raises ValueError where a sum would not keep its order.
    """
    wants = [wanted(part, shard, cut) for shard, part in zip(shards, parts)]
    form = exchange(agree(lengths(wants, shards, cut)), cut)
    mine = [max(part.widest for part in parts), max(len(part.seats) for part in parts)]
    first = min(soonest(part, shard, cut) for shard, part in zip(shards, parts))
    widest, edges, late = agree(np.array([*mine, -first]))
    if coupling == "padded" and (why := too_wide(int(widest))):
        raise ValueError(why)
    sizes = Sizes(cut.seats, cut.seats + form.foreign, int(widest), int(edges), slots)
    weighed = KERNELS[kernel].synaptic or bool(parts[0].weights.ndim)
    pieces = [
        laid_out(coupling, part, heard_at(form, part.sources, want, shard, cut), sizes, weighed)
        for shard, part, want in zip(shards, parts, wants)
    ]
    arrays = [beside(list(same)) for same in zip(*pieces)]
    lag = lag_of(-int(late), steps_per_ms) if coupling == "padded" and form.kind else 1
    return Graph(form, sizes, lag, beside([asked(form, w, s, cut) for s, w in zip(shards, wants)]), arrays)


def too_wide(neighbours: int) -> str | None:
    """None, or why the padded table of a network over several devices may not have so many: XLA orders those sums."""
    if neighbours <= padded.SUMMED_SINGLY:
        return None
    return (
        f"coupling 'padded' over several devices: a cell has {neighbours} neighbours, and the order in which more than "
        f"{padded.SUMMED_SINGLY} are summed depends on the number of devices: expected 'gather-scatter'"
    )


def beside(arrays: List[Array]) -> Array:
    """Arrays of shards side by side; a scalar is the same for all."""
    return np.concatenate(arrays, axis=-1) if arrays[0].ndim else arrays[0]


def cut_of(network: Network, shards: int, multiple: int) -> Cut:
    """The cut of a network by its own numbers or, of one that a user brings, by others if fewer signals cross then."""
    own = cut(network.cells, shards, multiple)
    if network.topology is not None or not network.connected or shards == 1:
        return own  # drawn on a torus, whose neighbours in space are neighbours in number
    return min(own, cut(network.cells, shards, multiple, close_together(network)), key=partial(crossing, network))


def crossing(network: Network, cut: Cut) -> int:
    """Signals that cross a border, each once for every shard that wants it."""
    sources, targets = cut.places(network.sources), cut.places(network.targets)
    owner = cut.shard_of(targets)
    foreign = cut.shard_of(sources) != owner
    return len(np.unique(owner[foreign] * cut.cells + sources[foreign]))
