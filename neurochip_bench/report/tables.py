"""The tables of the report, in the order of the page."""

from __future__ import annotations

from neurochip_bench.experiments.validation import QUANTILES
from neurochip_bench.keep.distance import TIED, leaders
from neurochip_bench.report.beside import Beside, beside
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.columns import (
    CELLS,
    MODEL_MS,
    NETWORK,
    PER_STEP,
    RTF,
    TIMING,
    WHO,
    deviation,
    distances,
    milliseconds,
    of_peer,
    of_row,
    of_scaled,
    of_setup,
    of_speedup,
    part_column,
    quantity,
)
from neurochip_bench.report.figures import delays, energy, setup, speedup, stress, validation
from neurochip_bench.report.figures.lines import points
from neurochip_bench.report.origin import commit, libraries
from neurochip_bench.report.row import Row, Timed
from neurochip_bench.report.scaling import Scaled, scaled
from neurochip_bench.report.table import Column, Table, made
from neurochip_bench.report.values import mapping, text, whole

EFFICIENCY = (
    "Efficiency is the time that would be ideal, from the baseline, over the measured one; the baseline is the right "
    "row of the same backend and network over the fewest devices in the fewest processes."
)


def tables(collected: Collected) -> list[Table]:
    """The `Table`s that have rows."""
    of_experiments = (setups, speedups, validations, stresses, energies, delayed, devices, peers)
    makers = (runs, fastest, times, *of_experiments, wrong, failed)
    every = [make(collected) for make in makers]
    return [table for table in every if table.rows]


def runs(collected: Collected) -> Table:
    """Which runs, when, of which commit, with which versions."""
    mine: list[list[Row]] = [[row for row in collected.rows if row.run == i] for i in range(len(collected.runs))]
    columns: list[Column[int]] = [
        Column("file", lambda i: text(collected.runs[i].path.name)),
        Column("ran on", lambda i: collected.machine_of[i].title),
        Column("when", lambda i: text(collected.runs[i].datetime)),
        Column("commit", lambda i: commit(collected.runs[i])),
        Column("Python", lambda i: text(mapping(collected.runs[i].machine).get("python_version"))),
        Column("libraries", lambda i: libraries(mine[i])),
        Column("rows", lambda i: len(collected.runs[i].rows)),
        Column("counted", lambda i: len(mine[i])),
        Column("right", lambda i: sum(row.right for row in mine[i])),
        Column("failed", lambda i: sum(row.reason is not None for row in mine[i])),
    ]
    note = "The oldest first. Of a row that several runs of a machine have, the newest run's counts."
    return made("runs", "Runs", columns, range(len(collected.runs)), note)


def fastest(collected: Collected) -> Table:
    """The fastest right rows of each network: a row for each that ties."""
    networks = [rows for kind in collected.networks for rows in collected.fastest(kind).values()]
    tied = [timed for rows in networks for timed in leaders(rows, lambda timed: timed.rtf)]
    columns = [
        *map(of_row, (*NETWORK, *WHO)),
        RTF,
        of_row(PER_STEP),
        *distances(collected),
        of_row(TIMING),
        of_row(quantity("compile s", lambda record: record.compile_s)),
    ]
    return made("fastest", "The fastest right backends of each network", columns, tied, TIED)


def times(collected: Collected) -> Table:
    """Every timed row, right or not."""
    backend, machine, verdict = map(of_row, WHO)
    columns = [
        *map(of_row, NETWORK),
        backend,
        Column[Timed]("coupling", lambda timed: text(timed.row.record.coupling)),
        machine,
        verdict,
        RTF,
        of_row(PER_STEP),
        *distances(collected),
        of_row(TIMING),
        Column[Timed]("median ms", lambda timed: milliseconds(timed.row.seconds("median"))),
        Column[Timed]("experiment", lambda timed: timed.row.experiment),
        of_row(quantity("peak MB", lambda record: record.peak_memory_mb)),
        Column[Timed]("error / usable", lambda timed: timed.row.worst and timed.row.worst.ratio),
        Column[Timed]("measure", lambda timed: timed.row.worst and timed.row.worst.measure),
    ]
    order = sorted(collected.timed, key=lambda timed: (collected.networks.index(timed.kind), timed.cells, timed.rtf))
    return made("times", "Every timed row", columns, order)


def setups(collected: Collected) -> Table:
    """Setup times by their parts."""
    rows = [row for row in collected.of("setup", "run", "scaling", "speedup") if row.kind and row.cells]
    entries = [setup.Setup(row, parts) for row in rows if (parts := setup.parts(row)) is not None]
    columns = [
        *map(of_setup, (*NETWORK, *WHO)),
        *(part_column(i, name) for i, name in enumerate(setup.NAMES)),
        Column[setup.Setup]("all s", lambda entry: sum(entry.parts)),
    ]
    note = "Compiling without exporting; the first run beyond a later one."
    return made("setup", "Setup times", columns, entries, note)


def speedups(collected: Collected) -> Table:
    """Speedup over the CPU, connected io networks of every size."""
    columns = [
        *(of_speedup(of_row(column)) for column in (CELLS, *WHO)),
        of_speedup(RTF),
        of_speedup(of_row(TIMING)),
        Column[speedup.Speedup](f"times {speedup.BASELINE}", lambda entry: entry.times),
    ]
    entries = speedup.speedups(points(collected, speedup.KIND))
    return made("speedup", "Speedup over the CPU, io connected", columns, entries)


def validations(collected: Collected) -> Table:
    """Quantiles of the deviation over a long run."""
    columns = [
        *(*NETWORK, *WHO, MODEL_MS),
        *(deviation(span.key, name) for span in validation.SPANS for name in QUANTILES),
        quantity("phase first rad", lambda record: record.phase_first_rad),
        quantity("phase last rad", lambda record: record.phase_last_rad),
        Column[Row]("phase growing", lambda row: row.record.phase_growing),
    ]
    return made("validation", "Deviation over a long run", columns, collected.judged("validation"))


def stresses(collected: Collected) -> Table:
    """The stress test."""
    columns = [
        *(*WHO, MODEL_MS),
        Column[Row]("stable", lambda row: row.record.stable),
        quantity("spikes", lambda record: record.stress_spikes),
        quantity("lost", lambda record: record.lost),
        quantity("surplus", lambda record: record.surplus),
        quantity("rms shift ms", lambda record: record.spike_rms_shift_ms),
        quantity("rms mV", lambda record: record.rms_mv),
        quantity("largest mV", lambda record: record.largest_mv),
    ]
    return made("stress", "Stress test", columns, sorted(collected.judged("stress"), key=stress.deviation))


def energies(collected: Collected) -> Table:
    """Power and energy."""
    columns = [
        *(*NETWORK, *WHO),
        Column[Row]("scope", lambda row: text(row.record.energy_scope)),
        Column[Row]("meter", lambda row: text(row.record.energy_meter)),
        quantity("W", lambda record: record.power_w),
        quantity("idle W", lambda record: record.idle_w),
        quantity("J / model s", lambda record: record.energy_j_per_model_s),
        quantity("without idle J / model s", lambda record: record.energy_net_j_per_model_s),
        quantity("nJ/cell/step", lambda record: record.energy_nj_per_cell_step),
        quantity("window s", lambda record: record.energy_window_s),
    ]
    rows = sorted(collected.of("energy"), key=lambda row: energy.joules(row) or 0.0)
    return made("energy", "Energy", columns, rows)


def delayed(collected: Collected) -> Table:
    """Networks with delays."""
    columns = [
        *(*NETWORK, *WHO),
        Column[Row]("form", lambda row: text(row.record.delay_form)),
        Column[Row]("longest ms", delays.longest),
        Column[Row]("wall s / model s", lambda row: row.timed.rtf if row.timed else None),
    ]
    return made("delays", "Delays on connections", columns, collected.of("delays"))


def devices(collected: Collected) -> Table:
    """One network over several devices."""
    columns = [
        Column[Scaled]("experiment", lambda entry: entry.line.scales.experiment),
        *(of_scaled(column) for column in (*NETWORK[1:3], *WHO)),
        Column[Scaled]("devices", lambda entry: entry.devices),
        of_scaled(Column("virtual", lambda row: row.record.virtual_devices)),
        of_scaled(Column("processes", lambda row: whole(row.record.processes))),
        of_scaled(CELLS),
        of_scaled(PER_STEP),
        Column[Scaled]("efficiency", lambda entry: entry.efficiency),
        Column[Scaled]("baseline", lambda entry: entry.baseline),
        of_scaled(quantity("bytes exchanged / step", lambda record: record.exchange_bytes)),
        of_scaled(TIMING),
    ]
    return made("devices", "One network over several devices", columns, scaled(collected), EFFICIENCY)


def peers(collected: Collected) -> Table:
    """The field's own simulators beside the fastest right compiler of the same saved run."""
    columns = [
        *(of_peer(column) for column in (*NETWORK, *WHO, PER_STEP)),
        Column[Beside]("fastest right compiler", lambda entry: entry.best.row.ran_on if entry.best else None),
        Column[Beside]("its ns/cell/step", lambda entry: PER_STEP.value(entry.best.row) if entry.best else None),
        Column[Beside]("times faster", lambda entry: entry.times),
    ]
    return made("peers", "Beside the field's simulators", columns, beside(collected), "They are not ranked.")


def wrong(collected: Collected) -> Table:
    """Rows that finished and are not right."""
    columns = [
        Column[Row]("row", lambda row: row.name),
        *WHO[1:],
        Column[Row]("measure furthest beyond", lambda row: row.worst and row.worst.measure),
        Column[Row]("error / usable", lambda row: row.worst and row.worst.ratio),
    ]
    return made("not-right", "Not right, never ranked", columns, collected.not_right())


def failed(collected: Collected) -> Table:
    """Rows that did not finish, and why."""
    columns = [
        Column[Row]("row", lambda row: row.name),
        Column[Row]("machine", lambda row: row.machine),
        Column[Row]("reason", lambda row: row.reason or "no reason given"),
    ]
    return made("failed", "Did not finish", columns, collected.failed())
