"""What shards send to each other in each step: by the bytes what is wanted, by permutes along a ring, or everything."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

import numpy as np

from model.arrays import Array, Codes, Integers
from neurochip_bench.backends.libraries import Library
from neurochip_bench.backends.sharded.cut import Cut

AXIS = "shards"
PERMUTES, EVERYTHING = "permutes", "everything"


class Exchange(NamedTuple):
    """How signals come from other shards, the same for every shard.

    kind    "permutes", "everything", or None where no connection crosses a border
    shards  their number
    seats   of each
    cells   of the one that has most
    blocks  (distance, signals): so many go to the shard that lies so far ahead in the ring; those of the shard that
            sends most, others fill up
    """

    kind: str | None
    shards: int
    seats: int
    cells: int
    blocks: Tuple[Tuple[int, int], ...] = ()

    @property
    def foreign(self) -> int:
        """Signals that a shard receives."""
        if self.kind == EVERYTHING:
            return self.shards * self.cells
        return sum(size for _, size in self.blocks)

    def sent(self, itemsize: int) -> int:
        """Bytes that all shards together send in a step."""
        each = (self.shards - 1) * self.cells if self.kind == EVERYTHING else self.foreign
        return self.shards * each * itemsize

    def begins(self) -> Dict[int, int]:
        """By distance where its block begins among what a shard receives."""
        starts = np.cumsum([0, *(size for _, size in self.blocks)])
        return {distance: int(start) for (distance, _), start in zip(self.blocks, starts)}


def exchange(most: Integers, cut: Cut) -> Exchange:
    """The `Exchange` that sends fewer bytes; `most` (shards,) is the longest list that goes so far ahead.

    Where every shard wants all that any other has, both send the same: everything then, which is one message of many.
    """
    blocks = tuple((distance, int(size)) for distance, size in enumerate(most) if size)
    if not blocks:
        return Exchange(None, cut.shards, cut.seats, cut.most)
    permutes = Exchange(PERMUTES, cut.shards, cut.seats, cut.most, blocks)
    everything = permutes._replace(kind=EVERYTHING, blocks=())
    return permutes if permutes.sent(1) < everything.sent(1) else everything


def lengths(wants: Sequence[Dict[int, Integers]], shards: range, cut: Cut) -> Integers:
    """(shards,) by how far it goes ahead in the ring, the longest list that some shards want."""
    most = np.zeros(cut.shards, np.int64)
    for shard, want in zip(shards, wants):
        for other, places in want.items():
            distance = (shard - other) % cut.shards
            most[distance] = max(most[distance], len(places))
    return most


def asked(form: Exchange, want: Dict[int, Integers], shard: int, cut: Cut) -> Codes:
    """(foreign,) the seats, in the shards that send them, of what a shard receives; 0 fills up."""
    table = np.zeros(form.foreign if form.kind == PERMUTES else 0, np.int32)
    for other, places in want.items() if form.kind == PERMUTES else ():
        begin = form.begins()[(shard - other) % cut.shards]
        table[begin : begin + len(places)] = cut.seat_of(places)
    return table


def heard_at(form: Exchange, places: Integers, want: Dict[int, Integers], shard: int, cut: Cut) -> Integers:
    """Where a shard finds the signals of places: on its own seats, and behind them among what it receives."""
    owner, found = cut.shard_of(places), cut.seat_of(places)
    if form.kind == EVERYTHING:
        return np.where(owner == shard, found, cut.seats + owner * cut.most + found)
    for other, sent in want.items():
        mine = owner == other
        begin = cut.seats + form.begins()[(shard - other) % cut.shards]
        found[mine] = begin + np.searchsorted(sent, places[mine])
    return found


def ahead(jax: Library, form: Exchange, outgoing: Array, turn: int = 1) -> List[Array]:
    """What a shard receives where each sends its blocks ahead in the ring, or, with `turn` -1, back."""
    begins, received = form.begins(), []
    for distance, size in form.blocks:
        block = outgoing[..., begins[distance] : begins[distance] + size]
        ways = [(shard, (shard + turn * distance) % form.shards) for shard in range(form.shards)]
        received.append(jax.lax.ppermute(block, AXIS, ways))
    return received


def everything(jax: Library, form: Exchange, signals: Array) -> Array:
    """(..., shards * cells) of the signals (..., seats) of all shards, without what fills up."""
    return jax.lax.all_gather(signals[..., : form.cells], AXIS, axis=signals.ndim - 1, tiled=True)


def heard(jax: Library, form: Exchange, signal: Array, sends: Array) -> Array:
    """A shard's own signals (seats,) and, behind them, those that it receives.

    The barrier keeps XLA from putting both together anew for each neighbour that is looked up.
    """
    if form.kind is None:
        return signal
    if form.kind == EVERYTHING:
        received = [everything(jax, form, signal)]
    else:
        received = ahead(jax, form, signal.at[sends].get(mode="promise_in_bounds"))
    return jax.lax.optimization_barrier(jax.numpy.concatenate([signal, *received]))
