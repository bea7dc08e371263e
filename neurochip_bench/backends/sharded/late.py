"""Spikes with a delay travel together, just in time: one exchange for as many steps as the shortest delay allows.

Of past spikes each shard has a ring buffer, in which its own stand beside those of others, see
`model.coupling.past_spikes`. What crosses a border is looked up `lag` steps later at the earliest: what others had in
`lag` steps is sent after the last of these, and put where each spike would have been put in its own step: the sums, and
their order, are the same.
"""

from __future__ import annotations

from typing import List, Sequence

import numpy as np

from model.arrays import Array
from neurochip_bench.backends.jax_ops import JaxOps
from neurochip_bench.backends.libraries import Library
from neurochip_bench.backends.sharded.cut import Cut
from neurochip_bench.backends.sharded.exchange import EVERYTHING, Exchange, ahead, everything
from neurochip_bench.backends.sharded.parts import Part

NEVER = np.iinfo(np.int32).max  # steps until a spike is wanted where none is


def soonest(part: Part, shard: int, cut: Cut) -> int:
    """Steps after which a shard looks up a spike of another at the earliest."""
    if part.delays is None:
        return 0
    foreign = cut.shard_of(part.sources) != shard
    return int(part.delays[foreign].min()) if foreign.any() else NEVER


def lag_of(soonest: int, steps_per_ms: int) -> int:
    """Steps that one exchange serves: the most that the shortest delay allows and that divide a millisecond."""
    return max(steps for steps in range(1, steps_per_ms + 1) if steps_per_ms % steps == 0 and steps <= max(1, soonest))


class Waiting(JaxOps):
    """The named operations of a shard whose spikes wait to be sent: a slot of the ring has room for those of others."""

    def __init__(self, jax: Library, dtype: np.dtype, heard: int) -> None:
        super().__init__(jax, dtype)
        self._heard = heard

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer with a shard's own `row` in place of its part of a slot."""
        return self._lax.dynamic_update_slice(ring, row, (slot * self._heard,))


def caught_up(
    jax: Library, form: Exchange, ring: Array, slot: Array, sends: Array, *, slots: int, heard: int, lag: int
) -> Array:
    """The ring after `lag` steps with the spikes that others had in them; `slot` is that of the next step.

    Slots are used backwards: the step before it had the slot behind it.
    """
    lax = jax.lax
    behind = [(slot + back) % slots for back in range(1, lag + 1)]
    own: List[Array] = [lax.dynamic_slice(ring, (at * heard,), (form.seats,)) for at in behind]
    for at, received in zip(behind, _received(jax, form, own, sends)):
        ring = lax.dynamic_update_slice(ring, received, (at * heard + form.seats,))
    return ring


def _received(jax: Library, form: Exchange, own: Sequence[Array], sends: Array) -> Array:
    """(steps, foreign) what a shard receives of some steps, in one message from each that sends."""
    steps = jax.numpy.stack(own)
    if form.kind == EVERYTHING:
        return everything(jax, form, steps)
    return jax.numpy.concatenate(ahead(jax, form, steps[:, sends]), axis=1)
