"""The table at the end: per model, connectivity and size the fastest backend that is right, and who ties with it."""

from __future__ import annotations

import io
import math
from typing import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from neurochip_bench.accuracy import FAITHFUL, MEASURES, RIGHT, UNDEFINED, UNJUDGED, USABLE
from neurochip_bench.accuracy.units import STANDARD, name_in
from neurochip_bench.accuracy.verdict import usable_limit
from neurochip_bench.keep import distance
from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.words import STAND_IN, UNSTEADY

UNSURE = " ~"  # beside a time that may be another's doing
WIDE = 150  # columns that a table may take, however narrow the terminal
HEADS = ("network", "cells", "fastest right", "coupling", "verdict", "RTF", "ns/cell/step", *distance.HEADS)
NUMBERS = ("cells", *HEADS[5:])
FLOOR = "× floor: of the least that this machine's cores need (a bound: no program need reach it, docs/report.md)."
REAL_TIME = "Largest network that is right and runs in real time (real-time factor, RTF = wall s / model s, below 1):"
NOTHING = Floor()


def lines(records: Sequence[Record], width: int, floor: Floor = NOTHING) -> list[str]:
    """The lines of the summary of the records of a session's timed or judged rows, on a machine of such a floor."""
    stood_in = [r for r in records if r.device == STAND_IN]
    timed = [r for r in records if r.rtf is not None and r not in stood_in]
    right = [r for r in timed if r.verdict in RIGHT]
    wrong = [r for r in records if r.verdict not in (*RIGHT, UNDEFINED)]
    judged = [r for r in records if r.verdict in RIGHT]
    parts = []
    if right:
        parts = [render(fastest(right, floor), max(width, WIDE)), *explained(right, floor)]
        if len({ran_on(r) for r in right}) > 1:
            parts += [head_of(timed), render(side_by_side(timed, floor), max(width, WIDE))]
        parts += real_time(right)
    if right and any(r.timing in UNSTEADY for r in timed):
        parts.append(f"{UNSURE.strip()}: noisy or contended, the time may be another's doing (docs/noise.md).")
    if stood_in:
        parts.append(f"{len(stood_in)} rows ran on a stand-in for a chip: not ranked, their times say nothing.")
    elif not timed:
        parts.append(f"{len(judged)} of {len(records)} rows are right; nothing was timed.")
    retried = [f"  {r.tries} tries: {label(r)}" for r in records if (r.tries or 1) > 1]
    if retried:
        parts += ["Run more than once, of which the last counts:", *retried]
    if wrong:
        found = dict.fromkeys(f"  {r.verdict}: {label(r)}{worst(r)}" for r in wrong)
        parts += ["Not right, not ranked:", *found]
    return [line for part in parts for line in part.splitlines()]


def label(record: Record) -> str:
    """What a row ran, in words."""
    coupling = f" ({record.coupling})" if record.coupling else ""
    own = f"{record.network}, " if record.network else ""
    return f"{own}{record.model} {record.connectivity} {record.cells:,} cells on {ran_on(record)}{coupling}"


def worst(record: Record) -> str:
    """The measure that is furthest beyond what is usable, in words; nothing where none was taken."""
    beyond = [(error / limit, name, error, limit) for name, error, limit in errors(record)]
    if not beyond:
        return ""
    _, name, error, limit = max(beyond, key=lambda found: found[0])
    size = f"{error:.3g}" if math.isfinite(error) else "not finite"
    return f", {name_in(record.units, name)} {size}, usable up to {limit:.3g}"


def errors(record: Record) -> Iterator[tuple[str, float, float]]:
    """(name, error, largest usable error) of each measure that was taken; an error that is not finite is infinite."""
    for name in MEASURES:
        floor, step_error, error = record[f"floor_{name}"], record[f"step_error_{name}"], record[name]
        if record.verdict != UNJUDGED and None not in (floor, step_error):
            yield name, math.inf if error is None else error, usable_limit(floor, step_error)


def network_of(record: Record) -> str:
    """Which kind of network a row ran, in words."""
    own = f"{record.network}, " if record.network else ""
    return f"{own}{record.model} {record.connectivity}{' with delays' if record.delay_max_ms else ''}"


def groups(records: Sequence[Record]) -> dict[str, dict[int, list[Record]]]:
    """Records by kind of network, then by cells, in the order they came."""
    result: dict[str, dict[int, list[Record]]] = {}
    for record in records:
        result.setdefault(network_of(record), {}).setdefault(record.cells or 0, []).append(record)
    return result


def fastest(records: Sequence[Record], floor: Floor = NOTHING) -> Table:
    """The table of the fastest right rows of each network, a line for each that ties."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    told = any(floor.times(record) for record in records)
    for name in HEADS if told else HEADS[:-1]:
        table.add_column(name, justify="right" if name in NUMBERS else "left", no_wrap=True)
    for network, by_cells in groups(records).items():
        for cells, rows in sorted(by_cells.items()):
            tied = distance.leading(rows)
            for record in tied:
                where = (network, f"{cells:,}") if record is tied[0] else ("", "")
                times = (distance.seconds(record) / distance.seconds(tied[0]), *([floor.times(record)] if told else []))
                table.add_row(*where, *cells_of(record), *map(distance.said, times))
        table.add_section()
    return table


def cells_of(record: Record) -> tuple[str | None, ...]:
    """What ran, how right and how fast it was."""
    times = f"{record.rtf:.3g}{unsure(record)}", f"{record.ns_per_cell_step:.3g}"
    return (ran_on(record), record.coupling, record.verdict, *times)


def explained(records: Sequence[Record], floor: Floor) -> Iterator[str]:
    """What the lines of the table of the fastest mean, where there are such."""
    every = [rows for by_cells in groups(records).values() for rows in by_cells.values()]
    if any(len(distance.leading(rows)) > 1 for rows in every):
        yield distance.TIED
    if any(floor.times(record) for record in records):
        yield FLOOR


def head_of(records: Sequence[Record]) -> str:
    """What stands above the table of all timed rows: only signs that are in it are explained."""
    found = {str(record.verdict) for record in records}
    signs = ["u: usable"] * (USABLE in found) + ["!: not right"] * bool(found - {FAITHFUL, USABLE})
    said = f"; {', '.join([*signs, 'the others are faithful'])}" if signs else ", all faithful"
    return f"All of them, ns per cell and step{said}:"


def side_by_side(records: Sequence[Record], floor: Floor = NOTHING) -> Table:
    """The table of all timed rows, one column per backend; the best time where a backend ran several couplings."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    backends = list(dict.fromkeys(ran_on(r) for r in records))
    told = any(map(floor.of, records))
    heads = [backend.replace("-", "\n", 1) for backend in backends]
    for name in ("network", "cells", *heads, *(["floor"] if told else [])):
        table.add_column(name, justify="left" if name == "network" else "right", no_wrap=True)
    for network, by_cells in groups(records).items():
        for cells, rows in sorted(by_cells.items()):
            best = {ran_on(r): r for r in sorted(rows, key=distance.seconds, reverse=True)}
            least = next(filter(None, map(floor.of, rows)), None)
            known = [distance.said(least)] if told else []
            table.add_row(network, f"{cells:,}", *(time_of(best.get(key)) for key in backends), *known)
        table.add_section()
    return table


def time_of(record: Record | None) -> str:
    """A row's time with a sign of its verdict, and one of what the time is worth."""
    if record is None:
        return ""
    sign = {FAITHFUL: "", USABLE: " u"}.get(str(record.verdict), " !")
    return f"{record.ns_per_cell_step:.3g}{sign}{unsure(record)}"


def unsure(record: Record) -> str:
    """The sign of a time that may be another's doing, or nothing."""
    return UNSURE if record.timing in UNSTEADY else ""


def real_time(records: Sequence[Record]) -> list[str]:
    """One line a kind of network: the largest right network that runs in real time; none without a kind that has it."""
    said = []
    for network, by_cells in groups(records).items():
        best = {cells: min(rows, key=distance.seconds) for cells, rows in by_cells.items()}
        if not all(str(record.units or STANDARD).endswith(", ms") for record in best.values()):
            continue  # there is no real time of a model whose time is none
        fits = [cells for cells, record in best.items() if distance.seconds(record) <= 1.0]
        answer = f"{max(fits):,} cells, {ran_on(best[max(fits)])}" if fits else "none of the sizes run"
        said.append(f"  {network}: {answer}")
    return [REAL_TIME, *said] if said else []


def render(table: Table, width: int) -> str:
    """A table as text without colours."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(table)
    return text.getvalue()
