"""The cells of Arbor, from a state: one compartment, one mechanism. Imported where Arbor is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Mapping

import arbor
import numpy as np

from model.arrays import Floats
from neurochip_bench.backends.libraries import Handle

OWN = ("g_Na", "g_K", "g_L", "E_Na", "E_K", "E_L")
GATES = ("m", "h", "n")
MIDDLE = "(location 0 0.5)"
AREA = 100.0  # um2 of a cell: over it 1 nA is 1 mA/cm2
units = arbor.units


class Cells(arbor.recipe):
    """Cells in Arbor's words, with a value of each parameter and a row of the state for each.

    currents   (milliseconds, N) uA/cm2
    catalogue  the file of the compiled mechanism
    """

    def __init__(
        self, parameters: Mapping[str, Floats], rows: Floats, currents: Floats, catalogue: Path, dt: float
    ) -> None:
        super().__init__()
        self.parameters, self.rows, self.currents = parameters, rows, currents
        self.times = held_times(len(self.currents), dt)
        self.properties = arbor.neuron_cable_properties()
        self.properties.catalogue = arbor.load_catalogue(catalogue)
        side = math.sqrt(AREA / math.pi)  # a cylinder as long as it is wide
        self.tree = arbor.segment_tree()
        self.tree.append(arbor.mnpos, arbor.mpoint(0, 0, 0, side / 2), arbor.mpoint(side, 0, 0, side / 2), tag=1)

    def num_cells(self) -> int:
        """How many."""
        return int(self.rows.shape[1])

    def cell_kind(self, gid: int) -> Handle:
        """Of compartments."""
        return arbor.cell_kind.cable

    def global_properties(self, kind: Handle) -> Handle:
        """With the mechanism."""
        return self.properties

    def probes(self, gid: int) -> list[Handle]:
        """What can be sampled of a cell."""
        gates = [arbor.cable_probe_density_state(MIDDLE, "hh1952", gate, gate) for gate in GATES]
        return [arbor.cable_probe_membrane_voltage(MIDDLE, "V"), *gates]

    def cell_description(self, gid: int) -> Handle:
        """A cell, its drive, and what notices its spikes."""
        given = {name: float(values[gid]) for name, values in self.parameters.items()}
        V, *gates = self.rows[:, gid].tolist()
        own = {name: given[name] for name in OWN} | {f"{gate}_start": x for gate, x in zip(GATES, gates)}
        decor = arbor.decor()
        decor.set_property(Vm=V * units.mV, cm=0.01 * given["C_m"] * units.F / units.m2)
        decor.paint("(all)", arbor.density("hh1952", own))
        decor.place(MIDDLE, arbor.i_clamp(list(zip(self.times, self.held(gid)))))
        decor.place(MIDDLE, arbor.threshold_detector(given["threshold"] * units.mV), "spikes")
        return arbor.cable_cell(self.tree, decor, arbor.label_dict(), arbor.cv_policy_single())

    def held(self, gid: int) -> list[Handle]:
        """The current of a cell, twice for each millisecond, see `held_times`."""
        return [1e-3 * current * units.nA for current in np.repeat(self.currents[:, gid], 2).tolist()]


def held_times(milliseconds: int, dt: float) -> list[Handle]:
    """Both ends of each millisecond; a current that is held in between changes half a step before its first step."""
    edges = np.maximum(np.arange(milliseconds + 1) - dt / 2, 0.0).tolist()
    return [edge * units.ms for i in range(milliseconds) for edge in edges[i : i + 2]]
