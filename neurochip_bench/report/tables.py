"""The tables of the report as data: what a page, a CSV file and Markdown are made of."""

from __future__ import annotations

from dataclasses import dataclass

from neurochip_bench.report.figures import delays, energy, setup, speedup, stress, validation
from neurochip_bench.report.figures.lines import points
from neurochip_bench.report.origin import commit, libraries
from neurochip_bench.report.values import is_number, mapping, text


@dataclass(frozen=True)
class Table:
    """A table: heads with their units, and rows of strings, numbers, booleans and None."""

    key: str
    title: str
    heads: list[str]
    rows: list[list]
    note: str = ""

    def for_people(self):
        """(heads, rows, which columns are numbers); machines by their labels, without them where there is only one."""
        machine = self.heads.index("machine") if "machine" in self.heads else None
        alone = machine is not None and not any(getattr(row[machine], "label", "") for row in self.rows)
        keep = [i for i in range(len(self.heads)) if not (alone and i == machine)]
        rows = [[getattr(row[i], "label", row[i]) for i in keep] for row in self.rows]
        numeric = [any(is_number(row[i]) for row in self.rows) for i in keep]
        return [self.heads[i] for i in keep], rows, numeric


def tables(pool):
    """The `Table`s that have rows, in the order of the page."""
    makers = (runs, fastest, times, setups, speedups, validations, stresses, energies, delayed, wrong, failed)
    made = [make(pool) for make in makers]
    return [table for table in made if table.rows]


def runs(pool):
    """Which runs, when, of which commit, with which versions."""
    heads = ["file", "ran on", "when", "commit", "Python", "libraries", "rows", "counted", "right", "failed"]
    rows = []
    for i, run in enumerate(pool.runs):
        mine = [row for row in pool.rows if row.run == i]
        machine = pool.machine_of[i].title
        right = sum(row.right for row in mine)
        counts = (len(run.rows), len(mine), right, sum(row.reason is not None for row in mine))
        origin = (text(run.path.name), machine, text(run.datetime), commit(run))
        rows.append([*origin, text(mapping(run.machine).get("python_version")), libraries(mine), *counts])
    note = "The oldest first. Of a row that several runs of a machine have, the newest run's counts."
    return Table("runs", "Runs", heads, rows, note)


def fastest(pool):
    """The fastest right row of each network, and what comes next."""
    heads = ["model", "connectivity", "cells", "backend", "machine", "verdict", "wall s / model s", "ns/cell/step"]
    heads += ["compile s", "next", "times slower"]
    rows = []
    for model, connectivity in pool.networks:
        for ranked in pool.fastest(model, connectivity).values():
            best, second = ranked[0], ranked[1] if len(ranked) > 1 else None
            after = [second.series, second.rtf / best.rtf] if second else [None, None]
            numbers = [best.rtf, best.number("ns_per_cell_step"), best.number("compile_s")]
            rows.append([*best.network, best.backend, best.machine, best.verdict, *numbers, *after])
    return Table("fastest", "The fastest right backend of each network", heads, rows)


def times(pool):
    """Every timed row, right or not."""
    heads = ["model", "connectivity", "cells", "backend", "coupling", "machine", "experiment", "verdict"]
    heads += ["wall s / model s", "median ms", "ns/cell/step", "peak MB", "error / usable", "measure"]
    rows = []
    for row in sorted(pool.timed, key=lambda row: (pool.networks.index(row.network[:2]), row.cells, row.rtf)):
        where = [*row.network, row.backend, row.word("coupling"), row.machine, row.experiment, row.verdict]
        median = row.stat("median")
        error, measure = row.worst
        numbers = [row.rtf, median and 1e3 * median, row.number("ns_per_cell_step"), row.number("peak_memory_mb")]
        rows.append([*where, *numbers, error if measure else None, measure])
    return Table("times", "Every timed row", heads, rows)


def setups(pool):
    """Setup times by their parts."""
    heads = ["model", "connectivity", "cells", "backend", "machine", "verdict", "build s", "export s", "compile s"]
    rows = []
    for row in pool.of("setup", "run", "scaling", "speedup"):
        parts = setup.parts(row)
        if parts and None not in row.network:
            rows.append([*row.network, row.backend, row.machine, row.verdict, *parts, sum(parts)])
    heads += ["first run s", "all s"]
    return Table("setup", "Setup times", heads, rows, "Compiling without exporting; the first run beyond a later one.")


def speedups(pool):
    """Speedup over the CPU, connected io networks of every size."""
    found = points(pool, "io", "connected")
    bases = speedup.baselines(found)
    rows = []
    for lists in found.values():
        for row in (row for part in lists for row in part):
            base = bases.get((row.machine, row.cells))
            if base:
                rows.append([row.cells, row.backend, row.machine, row.verdict, row.rtf, base / row.rtf])
    heads = ["cells", "backend", "machine", "verdict", "wall s / model s", f"times {speedup.BASELINE}"]
    return Table("speedup", "Speedup over the CPU, io connected", heads, rows)


def validations(pool):
    """Quantiles of the deviation over a long run."""
    heads = ["model", "connectivity", "cells", "backend", "machine", "verdict", "model ms"]
    heads += [f"{span} {name} mV" for span, *_ in validation.SPANS for name in validation.QUANTILES]
    heads += ["phase first rad", "phase last rad", "phase growing"]
    rows = []
    for row in pool.judged("validation"):
        numbers = [row.number(f"{span}_{name}_mv") for span, *_ in validation.SPANS for name in validation.QUANTILES]
        phases = [row.number("phase_first_rad"), row.number("phase_last_rad"), row.flag("phase_growing")]
        where = [*row.network, row.backend, row.machine, row.verdict, row.number("model_ms")]
        rows.append([*where, *numbers, *phases])
    return Table("validation", "Deviation over a long run", heads, rows)


def stresses(pool):
    """The stress test."""
    heads = [
        "backend",
        "machine",
        "verdict",
        "model ms",
        "stable",
        "spikes",
        "lost",
        "surplus",
        "rms shift ms",
        "rms mV",
        "largest mV",
    ]
    keys = ("stress_spikes", "lost", "surplus", "spike_rms_shift_ms", "rms_mv", "largest_mv")
    rows = [
        [row.backend, row.machine, row.verdict, row.number("model_ms"), row.flag("stable"), *map(row.number, keys)]
        for row in sorted(pool.judged("stress"), key=stress.deviation)
    ]
    return Table("stress", "Stress test", heads, rows)


def energies(pool):
    """Power and energy."""
    heads = ["model", "connectivity", "cells", "backend", "machine", "verdict", "scope", "meter", "W", "idle W"]
    heads += ["J / model s", "without idle J / model s", "nJ/cell/step", "window s"]
    keys = ("power_w", "idle_w", "energy_j_per_model_s", "energy_net_j_per_model_s", "energy_nj_per_cell_step")
    rows = []
    for row in sorted(pool.of("energy"), key=lambda row: energy.joules(row) or 0.0):
        who = [*row.network, row.backend, row.machine, row.verdict]
        what = [row.word("energy_scope"), row.word("energy_meter")]
        rows.append([*who, *what, *map(row.number, (*keys, "energy_window_s"))])
    return Table("energy", "Energy", heads, rows)


def delayed(pool):
    """Networks with delays."""
    heads = [
        "model",
        "connectivity",
        "cells",
        "backend",
        "machine",
        "verdict",
        "form",
        "longest ms",
        "wall s / model s",
    ]
    rows = []
    for row in pool.of("delays"):
        what = [row.word("delay_form"), delays.longest(row), row.rtf]
        rows.append([*row.network, row.backend, row.machine, row.verdict, *what])
    return Table("delays", "Delays on connections", heads, rows)


def wrong(pool):
    """Rows that finished and are not right."""
    heads = ["row", "machine", "verdict", "measure furthest beyond", "error / usable"]
    rows = []
    for row in pool.not_right():
        error, measure = row.worst
        rows.append([row.name, row.machine, row.verdict, measure, error if measure else None])
    return Table("not-right", "Not right, never ranked", heads, rows)


def failed(pool):
    """Rows that did not finish, and why."""
    rows = [[row.name, row.machine, row.reason or "no reason given"] for row in pool.failed()]
    return Table("failed", "Did not finish", ["row", "machine", "reason"], rows)
