"""The formulations by name, and the graph laid out for one of them."""

from __future__ import annotations

from typing import List, Mapping, Protocol, Sequence, Tuple

from model.arrays import Array, Arrays, Codes, Integers, Precision, Reals
from model.checks import one_of
from model.coupling import dense, future_input, gather_scatter, one_hot, padded, past_spikes
from model.kernels import DT, KERNELS
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations


class Formulation(Protocol):
    """A module that couples cells without delays."""

    @property
    def ARRAYS(self) -> Tuple[str, ...]:  # noqa: N802 - a constant of a module
        """Names of the arrays."""

    def arrays(self, network: Network, synaptic: bool) -> Arrays:
        """The graph laid out."""

    def footprint(self, network: Network, itemsize: int) -> int:
        """Bytes that this takes on a device, with what is computed from it."""

    def current(self, ops: Operations, edge: Edge, arrays: Sequence[Array], signal: Array) -> Array:
        """Sum (N,) over the connections of each cell."""


class Delayed(Protocol):
    """A module that couples cells with delays, by a ring buffer."""

    @property
    def ARRAYS(self) -> Tuple[str, ...]:  # noqa: N802 - a constant of a module
        """Names of the arrays."""

    def arrays(self, network: Network, delays: Integers, slots: int) -> Arrays:
        """The graph laid out, of delays (E,) in steps."""

    def footprint(self, network: Network, itemsize: int) -> int:
        """Bytes that this takes on a device, with what is computed from it, the ring left out."""

    def current(
        self,
        ops: Operations,
        edge: Edge,
        arrays: Sequence[Array],
        signal: Array,
        ring: Array,
        slot: Array,
        shape: Tuple[int, int],
    ) -> Tuple[Array, Array]:
        """(sum (N,) of what arrives at each cell, ring after it)."""


FORMULATIONS: Mapping[str, Formulation] = {
    "gather-scatter": gather_scatter,
    "padded": padded,
    "one-hot": one_hot,
    "dense": dense,
}

DELAYED: Mapping[str, Delayed] = {
    "gather-scatter": future_input,
    "padded": past_spikes,
}  # what becomes of a formulation with delays

LIMIT = 2**30  # bytes


def slots_of(network: Network, dt: float) -> int:
    """Slots of the ring buffer that a network's delays need with a step of `dt` ms; 0 without delays."""
    delays = network.delay_steps(dt)
    return 0 if delays is None else int(delays.max()) + 1


def array_names(name: str, slots: int) -> Tuple[str, ...]:
    """Names of the arrays of formulation `name`, with or without slots."""
    return DELAYED[name].ARRAYS if slots else FORMULATIONS[name].ARRAYS


def refusal(name: str, network: Network, dtype: Precision, dt: float = DT) -> str | None:
    """None, or a sentence: formulation `name` knows no delays, or would need too much for a connected network."""
    slots = slots_of(network, dt)
    if slots and name not in DELAYED:
        return f"coupling {name!r} knows no delays: expected {' or '.join(DELAYED)} for this network"
    footprint = DELAYED[name].footprint if slots else FORMULATIONS[name].footprint
    size = footprint(network, dtype.itemsize) + slots * network.cells * dtype.itemsize
    if size <= LIMIT:
        return None
    held = f" and {slots} slots of delay" if slots else ""
    return (
        f"coupling {name!r} would need {size / 2**30:.1f} GiB for {network.cells} cells with "
        f"{network.connections} connections{held}: expected at most {LIMIT / 2**30:.0f} GiB, use another formulation"
    )


def lay_out(name: str, network: Network, dtype: Precision, dt: float = DT) -> List[Reals | Codes]:
    """The arrays of formulation `name` for a connected network, floating-point ones in `dtype`.

    Raises ValueError for an unknown name, for one that knows no delays where there are, and where the arrays would
    take more than 1 GiB.
    """
    one_of("coupling", name, FORMULATIONS)
    reason = refusal(name, network, dtype, dt)
    if reason:
        raise ValueError(reason)
    delays = network.delay_steps(dt)
    if delays is not None:
        arrays = DELAYED[name].arrays(network, delays, slots_of(network, dt))
    else:
        arrays = FORMULATIONS[name].arrays(network, KERNELS[network.kernel].synaptic)
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]
