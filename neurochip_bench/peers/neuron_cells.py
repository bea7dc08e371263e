"""The cells of NEURON: an area, a mechanism in each compartment (mechanisms/*.mod), and where the state lies."""

from __future__ import annotations

import math
from typing import Any, Mapping, Sequence

from neuron import h

from model.arrays import Array

AREA = 100.0  # um2 of hh's cell and of the olive's soma: over it 1 nA is 1 mA/cm2
Given = Mapping[str, Array]
Section = Any  # of NEURON's, which has no types


def value(given: Given, name: str, cell: int) -> float:
    """A parameter of a cell."""
    values = given[f"p_{name}"]
    return float(values[cell] if values.ndim else values)


def section(name: str, area: float, C_m: float) -> Section:
    """A compartment of an area in um2: a cylinder as long as it is wide."""
    made = h.Section(name=name)
    made.nseg = 1
    made.L = made.diam = math.sqrt(area / math.pi)
    made.cm = C_m
    return made


def insert(compartment: Section, mechanism: str, names: Sequence[str], given: Given, cell: int) -> Section:
    """A mechanism with its parameters."""
    compartment.insert(mechanism)
    made = getattr(compartment(0.5), mechanism)
    for name in names:
        setattr(made, name, value(given, name, cell))
    return made


class HhCell:
    """A point neuron, and its synaptic current where cells are connected."""

    gates = ("m", "h", "n")
    own = ("g_Na", "g_K", "g_L", "E_Na", "E_K", "E_L", "I_in")

    def __init__(self, given: Given, cell: int) -> None:
        self.rows = given["rows"][:, cell]
        self.recorded = self.stimulated = self.joined = section("cell", AREA, value(given, "C_m", cell))
        self.mechanism = insert(self.recorded, "hh1952", self.own, given, cell)
        self.applied = self.mechanism._ref_applied
        for gate, row in zip(self.gates, self.rows[1:]):
            setattr(self.mechanism, f"{gate}_start", row)
        self.synapse = None
        if len(self.rows) > 4:
            self.synapse = h.CurrentSynapse(self.recorded(0.5))
            self.synapse.tau, self.synapse.start = value(given, "tau_syn", cell), self.rows[4]

    def start(self) -> None:
        """Set the potential."""
        self.recorded(0.5).v = self.rows[0]

    def state(self) -> list[float]:
        """The rows of the state."""
        gates = [getattr(self.mechanism, gate) for gate in self.gates]
        return [self.recorded(0.5).v, *gates, *([self.synapse.I_syn] if self.synapse else [])]


class OliveCell:
    """Soma, axon hillock and dendrite, joined by resistances; their areas follow from p1 and p2."""

    soma_gates, axon_gates = ("k", "l", "h", "n", "x"), ("h_a", "x_a")
    dendrite_gates = ("Ca", "r", "s", "q")

    def __init__(self, given: Given, cell: int) -> None:
        self.rows = given["rows"][:, cell]
        g_int, p1, p2, S = (value(given, name, cell) for name in ("g_int", "p1", "p2", "S"))
        self.soma = section("soma", AREA, 1 / S)
        self.axon = section("axon", AREA * p2 / (1 - p2), 1 / S)
        self.dendrite = section("dendrite", AREA * (1 - p1) / p1, 1 / S)
        join(self.axon, self.soma, g_int / (1 - p2))
        join(self.dendrite, self.soma, g_int / p1)
        somatic = ("g_CaL", "g_ls", "g_Na_s", "g_Kdr", "g_K_s", "V_Na", "V_K", "V_Ca", "V_l")
        axonal = ("g_la", "g_Na_a", "g_K_a", "V_Na", "V_K", "V_l")
        dendritic = ("g_h", "g_KCa", "g_ld", "g_CaH", "V_K", "V_Ca", "V_h", "V_l", "I_app")
        self.channels = (
            (insert(self.soma, "olive_soma", somatic, given, cell), self.soma_gates, 1),
            (insert(self.axon, "olive_axon", axonal, given, cell), self.axon_gates, 7),
            (insert(self.dendrite, "olive_dendrite", dendritic, given, cell), self.dendrite_gates, 10),
        )
        self.recorded, self.joined = self.soma, self.dendrite
        self.applied = self.channels[2][0]._ref_applied
        self.share = (1 - p1) / p1
        for mechanism, gates, first in self.channels:
            for gate, row in zip(gates, self.rows[first:]):
                setattr(mechanism, f"{gate}_start", row)

    def start(self) -> None:
        """Set the potentials."""
        for compartment, row in ((self.soma, 0), (self.axon, 6), (self.dendrite, 9)):
            compartment(0.5).v = self.rows[row]

    def state(self) -> list[float]:
        """The rows of the state."""
        potentials = [compartment(0.5).v for compartment in (self.soma, self.axon, self.dendrite)]
        rows: list[float] = []
        for potential, (mechanism, gates, _) in zip(potentials, self.channels):
            rows += [potential, *(getattr(mechanism, gate) for gate in gates)]
        return rows


def join(child: Section, soma: Section, conductance: float) -> None:
    """Join a compartment to the middle of the soma by a conductance in mS/cm2 of the soma.

    Between the child's middle and its end lies half of it: its resistivity is chosen for that to be the whole.
    """
    child.connect(soma(0.5))
    megohm = 1e5 / (conductance * AREA)  # 1 / (mS/cm2 x um2)
    child.Ra = megohm * math.pi * (child.diam / 2) ** 2 / (0.01 * child.L / 2)


CELLS: Mapping[str, type[HhCell] | type[OliveCell]] = {"hh": HhCell, "io": OliveCell}
