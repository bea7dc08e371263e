"""How a signal reaches the neighbours: four formulations of the same sum over the connections of a cell.

Each is a module of three functions: `arrays(network, synaptic)` lays the graph out, `footprint(network, itemsize)`
says what that takes, `current(ops, edge, arrays, signal)` computes the sum on a backend. Two of them have a form with
delays, in which a ring buffer goes through `current` as well, see docs/delays.md.
"""

from __future__ import annotations

from model.coupling.couple import Couple, at_rest
from model.coupling.layout import DELAYED, FORMULATIONS, LIMIT, array_names, lay_out, refusal, slots_of

__all__ = [
    "DELAYED",
    "FORMULATIONS",
    "LIMIT",
    "Couple",
    "array_names",
    "at_rest",
    "lay_out",
    "refusal",
    "slots_of",
]
