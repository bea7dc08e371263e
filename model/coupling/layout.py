"""The formulations by name, and the graph laid out for one of them."""

from __future__ import annotations

from model.checks import one_of
from model.coupling import dense, future_input, gather_scatter, one_hot, padded, past_spikes
from model.kernels import DT, KERNELS

FORMULATIONS = {
    "gather-scatter": gather_scatter,
    "padded": padded,
    "one-hot": one_hot,
    "dense": dense,
}

DELAYED = {"gather-scatter": future_input, "padded": past_spikes}  # what becomes of a formulation with delays

LIMIT = 2**30  # bytes


def slots_of(network, dt):
    """Slots of the ring buffer that a network's delays need with a step of `dt` ms; 0 without delays."""
    delays = network.delay_steps(dt)
    return 0 if delays is None else int(delays.max()) + 1


def array_names(name, slots):
    """Names of the arrays of formulation `name`, with or without slots."""
    return (DELAYED if slots else FORMULATIONS)[name].ARRAYS


def refusal(name, network, dtype, dt=DT):
    """None, or a sentence: formulation `name` knows no delays, or would need too much for a connected network."""
    slots = slots_of(network, dt)
    if slots and name not in DELAYED:
        return f"coupling {name!r} knows no delays: expected {' or '.join(DELAYED)} for this network"
    formulation = (DELAYED if slots else FORMULATIONS)[name]
    size = formulation.footprint(network, dtype.itemsize) + slots * network.cells * dtype.itemsize
    if size <= LIMIT:
        return None
    held = f" and {slots} slots of delay" if slots else ""
    return (
        f"coupling {name!r} would need {size / 2**30:.1f} GiB for {network.cells} cells with "
        f"{network.connections} connections{held}: expected at most {LIMIT / 2**30:.0f} GiB, use another formulation"
    )


def lay_out(name, network, dtype, dt=DT):
    """The arrays of formulation `name` for a connected network, floating-point ones in `dtype`.

    Raises ValueError for an unknown name, for one that knows no delays where there are, and where the arrays would
    take more than 1 GiB.
    """
    one_of("coupling", name, FORMULATIONS)
    reason = refusal(name, network, dtype, dt)
    if reason:
        raise ValueError(reason)
    slots = slots_of(network, dt)
    if slots:
        arrays = DELAYED[name].arrays(network, network.delay_steps(dt).astype(int), slots)
    else:
        arrays = FORMULATIONS[name].arrays(network, KERNELS[network.kernel].synaptic)
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]
