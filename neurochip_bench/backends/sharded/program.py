"""Programs of one network on many devices: a shard on each, one compiled function for all of them.

What a step hears of other shards comes by an exchange (`exchange.py`); everything else is each shard's own. Sums over
neighbours keep their order, and every array its form, so that results do not depend on the number of shards.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Mapping, Sequence, Tuple

import numpy as np

from model.arrays import Array, Codes, Integers, Reals
from model.checks import whole_number
from model.coupling import Couple, at_rest
from model.network import Network
from model.operations import Operations
from neurochip_bench.backends.jax_xla import JaxGpuProgram, JaxProgram, JaxTpuProgram, Rows
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.sharded import layout
from neurochip_bench.backends.sharded.exchange import AXIS, ahead, heard
from neurochip_bench.backends.sharded.hearing import Heard, HearingCouple
from neurochip_bench.backends.sharded.late import Waiting, caught_up
from neurochip_bench.backends.sharded.parts import parts
from neurochip_bench.backends.sharded.share import cut_of, graph
from neurochip_bench.backends.sharded.start import Group, met, started, told
from neurochip_bench.backends.stepping import Held
from neurochip_bench.backends.xla import MULTIPLE, milliseconds_of_a_call
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.settings import Settings

MATRIX = "a matrix of all cells is on one device: expected padded or gather-scatter"


class Sharded(JaxProgram):
    """A network in shards over devices, of this process or of a group of them; mixed in before a device's program."""

    options = ("devices", "group")
    unsupported: Mapping[str, str] = MappingProxyType({"one-hot": MATRIX, "dense": MATRIX})

    def __init__(
        self,
        dtype: np.dtype,
        network: Network,
        settings: Settings,
        *,
        devices: int = 1,
        group: Sequence[Any] = (),  # the fields of a `Group`, as a worker is handed them
    ) -> None:
        self._group = Group(*group)
        self.devices, self.processes = whole_number("devices", devices, 1), self._group.processes
        self._mine = self.devices // self.processes
        self._shards = range(self._group.process * self._mine, (self._group.process + 1) * self._mine)
        self.virtual_devices = self.platform == "cpu" and self._mine > 1
        super().__init__(dtype, network, settings)

    def _started(self) -> Library:
        jax, found = started(self.platform, self.devices, self._group)
        self._mesh = jax.sharding.Mesh(np.array(found), (AXIS,))
        self._device = found[self._shards[0]]
        return jax

    @classmethod
    def told(cls, text: str, group: Sequence[Any]) -> list[str]:  # the fields of a `Group`
        """What each process of a group says, see `start.told`; for that no device is needed."""
        met(cls.platform, Group(*group))
        return told(text, Group(*group))

    def best_coupling(self, network: Network) -> str:
        """As on one device; of a network that is drawn here, padded, as of any on a torus."""
        return "padded" if isinstance(network, Undrawn) else super().best_coupling(network)

    def _block_of(self, network: Network) -> int:
        return milliseconds_of_a_call(-(-network.cells // self.devices) * self._mine)

    def _lay_out(self, network: Network) -> list[Array]:
        self.cut = cut_of(network, self.devices, MULTIPLE)
        if isinstance(network, Undrawn):
            network.draw(*(int(self.cut.bounds[shard]) for shard in (self._shards.start, self._shards.stop)))
        if self.coupling is None:
            return []
        known = parts(network, self.cut, self._shards, self.settings.dt)
        how = self.coupling, self.slots, self.settings.steps_per_ms, self._agree
        found = graph(network.kernel, self.cut, self._shards, known, *how)
        self.shared = replace(found, arrays=[])
        self.exchange = self.shared.form.kind
        self.exchange_steps = self.shared.lag if self.exchange else None
        self.exchange_bytes = self.shared.form.sent(self.dtype.itemsize)
        return [a.astype(self.dtype) if a.dtype.kind == "f" else a for a in found.arrays]

    def _rebind(self, network: Network) -> None:
        before = dict(vars(self))
        try:
            super()._rebind(network)
            if self.coupling is not None and self.shared.alike != before["shared"].alike:
                raise ValueError("network's shards hear of others otherwise than the compiled ones: prepare it instead")
        except ValueError:
            vars(self).update(before)
            raise

    def _agree(self, numbers: Integers) -> Integers:
        """The largest of each number that any process has."""
        if self.processes == 1:
            return numbers
        from jax.experimental import multihost_utils

        return np.asarray(multihost_utils.process_allgather(numbers)).max(0)

    def _load(self) -> None:
        network = self.network
        seated = partial(self.cut.seated, self._shards, first=getattr(network, "begin", 0))
        rows = [seated(row) for row in self.rows(network)]
        self._rows = tuple(map(self._put, (*rows, *self._under_way())))
        self._armed = self._put(np.zeros(rows[0].shape))
        self._at_rest = self._put(np.zeros((self.block, *rows[0].shape)))
        self._arrays = {f"graph {i}": self._put(array) for i, array in enumerate(self.graph)}
        given = network.parameters.items()
        self._arrays.update({name: self._put(seated(value)) for name, value in given if value.ndim})
        if self.coupling is not None:
            self._arrays["sends"] = self._sends(self._put(self.shared.asks))
        self._now = 0

    def _under_way(self) -> Tuple[Array, ...]:
        if not self.slots:
            return ()
        ring, slot = at_rest(self.slots, self._ring())
        return np.tile(ring, self._mine), slot

    def _ring(self) -> int:
        assert self.coupling is not None
        return layout.ring_of(self.coupling, self.shared.sizes)

    def _sends(self, asks: Handle) -> Handle:
        """What each shard sends: what the others ask of it, which is sent back along the ring."""
        form, jax = self.shared.form, self._jax
        if not form.blocks:
            return asks
        back = self._over_shards(lambda a: jax.numpy.concatenate(ahead(jax, form, a, turn=-1)), (asks,), asks)
        return jax.jit(back)(asks)

    def _over_shards(self, function: Any, arguments: Any, results: Any) -> Any:  # functions and trees, as JAX has them
        tree = self._jax.tree.map
        specs, outs = tree(self._spec, arguments), tree(self._spec, results)
        return self._jax.shard_map(function, mesh=self._mesh, in_specs=specs, out_specs=outs, check_vma=False)

    def _spec(self, array: Array) -> Handle:
        """Shards lie side by side along the last axis; a number is everybody's."""
        dimensions = np.ndim(array)
        along = (*[None] * (dimensions - 1), AXIS) if dimensions else ()
        return self._jax.sharding.PartitionSpec(*along)

    def _put(self, value: Array) -> Handle:
        value = np.asarray(value)
        value = value.astype(self.dtype) if value.dtype.kind == "f" else value
        sharding = self._jax.sharding.NamedSharding(self._mesh, self._spec(value))
        if not value.ndim:
            return self._jax.make_array_from_callback((), sharding, lambda _: value)
        whole = (*value.shape[:-1], value.shape[-1] * self.processes)
        return self._jax.make_array_from_process_local_data(sharding, value, whole)

    def _applied(self, milliseconds: int, stimulus: Reals | None) -> Handle:
        if stimulus is None:
            return self._at_rest
        applied = np.zeros((self.block, self.network.cells), self.dtype)
        applied[:milliseconds] = stimulus
        return self._put(self.cut.seated(self._shards, applied))

    def _compile_anew(self) -> None:
        def milliseconds(*arguments: Handle) -> Handle:  # a function that JAX has never traced
            return self._milliseconds(*arguments)

        self._load()
        arguments = (np.int32(0), np.int32(0), self._rows, self._armed, self._at_rest, self._arrays)
        results = (self._rows, self._armed, self._at_rest, self._at_rest)
        function = self._jax.jit(self._over_shards(milliseconds, arguments, results), donate_argnums=(2, 3))
        self._run = function.lower(*arguments).compile()

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        applied = self._applied(milliseconds, stimulus)
        times = np.int32(self._now), np.int32(milliseconds)
        self._rows, self._armed, trace, codes = self._run(*times, self._rows, self._armed, applied, self._arrays)
        self._now += milliseconds
        trace, codes = (self.cut.back(self._everybody(a)[:milliseconds]) for a in (trace, codes))
        return trace, codes

    def _state(self) -> Reals:
        rows = self._rows[: len(self.network.state)]
        return self.cut.back(np.stack([self._everybody(row) for row in rows]))

    def _everybody(self, array: Handle) -> Array:
        """An array of all shards on this host."""
        if self.processes == 1:
            return np.asarray(array)
        from jax.experimental import multihost_utils

        return np.asarray(multihost_utils.process_allgather(array, tiled=True))

    def _held(self, arrays: Mapping[str, Array], stimulus: Array) -> Held:
        held = super()._held(arrays, stimulus)
        return held if self.coupling is None else held._replace(graph=[*held.graph, arrays["sends"]])

    def _millisecond(self, first: Array, held: Held, rows: Rows, armed: Array) -> Tuple[Rows, Array, Array]:
        lag = self.shared.lag if self.coupling is not None else 1
        if lag == 1:
            return super()._millisecond(first, held, rows, armed)
        ring = {"slots": self.slots, "heard": self._ring(), "lag": lag}

        def body(block: Array, carried: Tuple[Rows, Array, Array]) -> Tuple[Rows, Array, Array]:
            (*rows, past, slot), armed, code = self._steps(first, block * lag, (block + 1) * lag, held, *carried)
            past = caught_up(self._jax, self.shared.form, past, slot, held.graph[-1], **ring)
            return (*rows, past, slot), armed, code

        start = (rows, armed, self._jax.numpy.zeros_like(armed))
        return self._jax.lax.fori_loop(np.int32(0), np.int32(self.settings.steps_per_ms // lag), body, start)

    def hearing(self, signal: Array, heard: Array) -> Heard:
        """The operations of a shard that hears so much of its own and of others' signals."""
        return Heard(self._jax, self.dtype, signal, heard, self.coupling == "padded")

    def couple(self, ops: Operations, held: Held, under_way: Sequence[Array], cells: int) -> Couple:
        """`couple` of a step of a shard."""
        *arrays, sends = held.graph or (None,)
        shape = (self.slots, self._ring() if self.slots else cells)
        if self.coupling is not None and self.shared.lag > 1:
            waiting = Waiting(self._jax, self.dtype, self._ring())
            return Couple(waiting, self.kernel.edge, self.settings.coupling, arrays, under_way, shape)

        def hear(signal: Array) -> Heard:
            return self.hearing(signal, heard(self._jax, self.shared.form, signal, sends))

        return HearingCouple(hear, ops, self.kernel.edge, self.settings.coupling, arrays, under_way, shape)


class ShardedCpuProgram(Sharded):
    """A network in shards over CPUs: virtual ones where a process has several."""


class ShardedGpuProgram(Sharded, JaxGpuProgram):
    """A network in shards over NVIDIA GPUs."""


class ShardedTpuProgram(Sharded, JaxTpuProgram):
    """A network in shards over the chips of a TPU."""
