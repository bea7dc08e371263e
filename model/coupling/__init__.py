"""How a signal reaches the neighbours: four formulations of the same sum over the connections of a cell.

Each is a module of three functions: `arrays(network, synaptic)` lays the graph out, `footprint(network, itemsize)`
says what that takes, `current(ops, edge, arrays, signal)` computes the sum on a backend.
"""

from __future__ import annotations

from model.checks import one_of
from model.coupling import dense, gather_scatter, one_hot, padded
from model.kernels import KERNELS

FORMULATIONS = {
    "gather-scatter": gather_scatter,
    "padded": padded,
    "one-hot": one_hot,
    "dense": dense,
}

LIMIT = 2**30  # bytes


def refusal(name, network, dtype):
    """None, or a sentence that says what formulation `name` would need for a connected network."""
    size = FORMULATIONS[name].footprint(network, dtype.itemsize)
    if size <= LIMIT:
        return None
    return (
        f"coupling {name!r} would need {size / 2**30:.1f} GiB for {network.cells} cells with "
        f"{network.connections} connections: expected at most {LIMIT / 2**30:.0f} GiB, use another formulation"
    )


def lay_out(name, network, dtype):
    """The arrays of formulation `name` for a connected network, floating-point ones in `dtype`.

    Raises ValueError for an unknown name, and where the arrays would take more than 1 GiB.
    """
    formulation = FORMULATIONS[one_of("coupling", name, FORMULATIONS)]
    reason = refusal(name, network, dtype)
    if reason:
        raise ValueError(reason)
    arrays = formulation.arrays(network, KERNELS[network.kernel].synaptic)
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays]


__all__ = ["FORMULATIONS", "LIMIT", "lay_out", "refusal"]
