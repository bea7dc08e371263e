"""A run of NEURON's, in a process of its own: `python -m neurochip_bench.peers.neuron_child IN.npz OUT.npz LIBRARY`.

NEURON has one model in a process and never unloads a mechanism. Cells are built by its Python interface, stepped by
its fixed-step method, and read back; only stepping and reading are timed.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Mapping, Sequence

import numpy as np
from neuron import h

from model.arrays import Array
from neurochip_bench.peers.neuron_cells import CELLS, value

Given = Mapping[str, Array]


def main(given: Given) -> dict[str, Array]:
    """Build, run and read back what `given` describes."""
    h.load_file("stdrun.hoc")
    count = given["rows"].shape[1]
    cells = [CELLS[str(given["kernel"])](given, i) for i in range(count)]
    kept: list[Any] = [connect(cells, given), held(cells, given)]  # what nobody holds is gone
    traces = [h.Vector().record(cell.recorded(0.5)._ref_v, 1.0) for cell in cells]
    crossings = [watched(cells, str(level), given) for level in given["levels"]]
    h.dt, h.steps_per_ms = float(given["dt"]), 1 / float(given["dt"])
    h.finitialize()
    for cell in cells:
        cell.start()
    h.fcurrent()
    milliseconds = int(given["milliseconds"])
    start = time.perf_counter()
    for _ in range(round(milliseconds / h.dt)):
        h.fadvance()
    last = [cell.recorded(0.5).v for cell in cells]
    trace = np.array([vector.as_numpy()[:milliseconds] for vector in traces]).T
    found = {
        f"{name}_{i}": np.array(pair[name].to_python(), float)
        for i, pair in enumerate(crossings)
        for name in ("times", "cells")
    }
    seconds = time.perf_counter() - start
    del kept
    state = np.array([cell.state() for cell in cells]).T
    return {"rows": state, "trace": np.concatenate([trace[1:], [last]]), "seconds": np.array(seconds), **found}


def connect(cells: Sequence[Any], given: Given) -> list[Any]:
    """The connections: NetCons onto each cell's synapse, or a point process for each end of a gap junction."""
    sources, targets = given["sources"].tolist(), given["targets"].tolist()
    weights = np.broadcast_to(given["weights"], len(sources)).tolist()
    made: list[Any] = []
    for source, target, weight in zip(sources, targets, weights):
        if str(given["kernel"]) == "io":
            end = h.Connexin36(cells[target].joined(0.5))
            end.w, end.share = weight, cells[target].share
            h.setpointer(cells[source].joined(0.5)._ref_v, "other", end)
        else:
            soma = cells[source].recorded
            end = h.NetCon(soma(0.5)._ref_v, cells[target].synapse, sec=soma)
            end.threshold, end.delay, end.weight[0] = float(value(given, "threshold", source)), 0.0, weight
        made.append(end)
    return made


def held(cells: Sequence[Any], given: Given) -> list[Any]:
    """The stimulus, played to each cell by steps."""
    if "stimulus" not in given:
        return []
    made = []
    for cell, values in zip(cells, given["stimulus"].T):
        vector = h.Vector(np.append(values, 0.0))
        vector.play(cell.applied, 1.0)
        made.append(vector)
    return made


def watched(cells: Sequence[Any], name: str, given: Given) -> dict[str, Any]:
    """Where the potential of each cell crosses a parameter of the model upwards: vectors of times and of cells."""
    found = {"times": h.Vector(), "cells": h.Vector()}
    for i, cell in enumerate(cells):
        seen = h.NetCon(cell.recorded(0.5)._ref_v, None, sec=cell.recorded)
        seen.threshold = value(given, name, i)
        seen.record(found["times"], found["cells"], i)
        found[f"_{i}"] = seen
    return found


if __name__ == "__main__":
    source, destination, library = sys.argv[1:]
    h.nrn_load_dll(library)
    with np.load(source) as file:
        result = main(dict(file))
    np.savez(destination, **result)
