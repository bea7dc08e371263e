"""A run of NEURON's, in a process of its own: `python -m neurochip_bench.peers.neuron_child IN.npz OUT.npz LIBRARY`.

NEURON has one model in a process and never unloads a mechanism. Cells are built by its Python interface, stepped by
its fixed-step method, and read back; only stepping and reading are timed.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Mapping, Sequence

import numpy as np
from neuron import h

from model.arrays import Array
from neurochip_bench.peers.neuron_cells import CELLS, value

Given = Mapping[str, Array]


Handle = Any  # of NEURON's cells, sections and connections, which have no types


def main(given: Given) -> dict[str, Array]:
    """Build, run and read back what `given` describes."""
    h.load_file("stdrun.hoc")
    count = given["rows"].shape[1]
    cells = [CELLS[str(given["kernel"])](given, i) for i in range(count)]
    connections, played = connect(cells, given), held(cells, given)
    traces = [h.Vector().record(cell.recorded(0.5)._ref_v, 1.0) for cell in cells]
    watchers = [watch(cells, str(level), given) for watch, level in zip((by_netcon, by_counter), given["levels"])]
    h.dt, h.steps_per_ms = float(given["dt"]), 1 / float(given["dt"])
    starting = h.FInitializeHandler(0, lambda: [cell.start() for cell in cells])  # before what INITIAL reads
    h.ParallelContext().set_maxstep(10)  # which psolve asks for
    h.finitialize()
    milliseconds = int(given["milliseconds"])
    above = [end for end, source in zip(connections, given["sources"]) if is_above(cells[source], end)]
    start = time.perf_counter()
    activate(above, False)
    h.fadvance()
    activate(above, True)
    h.ParallelContext().psolve(milliseconds)
    last = [cell.recorded(0.5).v for cell in cells]
    trace = np.array([vector.as_numpy()[:milliseconds] for vector in traces]).T
    found = {
        f"{name}_{i}": values for i, seen in enumerate(watchers) for name, values in zip(("cells", "times"), seen())
    }
    seconds = time.perf_counter() - start
    del connections, played, starting  # what nobody holds is gone
    state = np.array([cell.state() for cell in cells]).T
    return {"rows": state, "trace": np.concatenate([trace[1:], [last]]), "seconds": np.array(seconds), **found}


def connect(cells: Sequence[Handle], given: Given) -> list[Handle]:
    """The connections: NetCons onto each cell's synapse, or a point process for each end of a gap junction."""
    sources, targets = given["sources"].tolist(), given["targets"].tolist()
    weights = np.broadcast_to(given["weights"], len(sources)).tolist()
    made: list[Handle] = []
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


def is_above(cell: Handle, connection: Handle) -> bool:
    """Whether a cell starts at a NetCon's threshold or above, which NEURON takes for a spike in its first step."""
    return hasattr(connection, "threshold") and cell.recorded(0.5).v >= connection.threshold


def activate(connections: Sequence[Handle], active: bool) -> None:
    """Let NetCons deliver, or not."""
    for connection in connections:
        connection.active(active)


def held(cells: Sequence[Handle], given: Given) -> list[Handle]:
    """The stimulus, played to each cell by steps."""
    if "stimulus" not in given:
        return []
    made = []
    for cell, values in zip(cells, given["stimulus"].T):
        vector = h.Vector(np.append(values, 0.0))
        vector.play(cell.applied, 1.0)
        made.append(vector)
    return made


def by_netcon(cells: Sequence[Handle], name: str, given: Given) -> Callable[[], tuple[Array, Array]]:
    """What tells, after a run, (cells, times) at which potentials crossed a parameter of the model upwards."""
    times, numbers, kept = h.Vector(), h.Vector(), []
    for i, cell in enumerate(cells):
        watcher = h.NetCon(cell.recorded(0.5)._ref_v, None, sec=cell.recorded)
        watcher.threshold = value(given, name, i)
        watcher.record(times, numbers, i)
        kept.append(watcher)

    def seen() -> tuple[Array, Array]:
        assert kept  # what nobody holds is gone
        return np.array(numbers.to_python(), int), np.array(times.to_python(), float)

    return seen


def by_counter(cells: Sequence[Handle], name: str, given: Given) -> Callable[[], tuple[Array, Array]]:
    """The same by APCount: all NetCons of a potential share one level."""
    kept = []
    for i, cell in enumerate(cells):
        counter, times = h.APCount(cell.recorded(0.5)), h.Vector()
        counter.thresh = value(given, name, i)
        counter.record(times)
        kept.append((counter, times))

    def seen() -> tuple[Array, Array]:
        found = [np.array(times.to_python(), float) for _, times in kept]
        return np.repeat(np.arange(len(found)), [len(one) for one in found]), np.concatenate(found)

    return seen


if __name__ == "__main__":
    source, destination, library = sys.argv[1:]
    h.nrn_load_dll(library)
    with np.load(source) as file:
        result = main(dict(file))
    np.savez(destination, **result)
