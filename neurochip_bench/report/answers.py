"""Which hardware? Plain words from the rows: what is fast enough, what is fastest, and what it costs."""

from __future__ import annotations

import math
from typing import Iterator, Sequence

from neurochip_bench.keep.distance import TIE, TIED, leaders
from neurochip_bench.report.answer import Answer, Listed, Sentence
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures.energy import Metered, measured, scope
from neurochip_bench.report.missing import missing
from neurochip_bench.report.published import published
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import number, shown


def answers(collected: Collected) -> list[Answer]:
    """The `Answer`s of the rows collected."""
    return [real_time(collected), by_size(collected), crossover(collected), energy(collected), missing(collected)]


def real_time(collected: Collected) -> Answer:
    """The largest network in real time."""
    said = [largest_in_real_time(collected, kind) for kind in collected.networks]
    said += ["Seconds are seconds per simulated second, of the fastest right row of each size."] if said else []
    return Answer("real-time", "What is the largest network that runs in real time?", said or [nothing()])


def largest_in_real_time(collected: Collected, kind: NetworkKind) -> str:
    """The sentence for a kind of network."""
    ranked = {cells: rows[0] for cells, rows in collected.fastest(kind).items()}
    fits = [cells for cells, best in ranked.items() if best.rtf <= 1]
    over = [cells for cells in ranked if not fits or cells > max(fits)]
    if fits:
        best = ranked[max(fits)]
        sentence = f"{kind}: {max(fits):,} cells, {best.row.series} takes {shown(best.rtf)} s."
    elif ranked:
        sentence = f"{kind}: none of the sizes that ran."
    else:
        sentence = f"{kind}: nothing that ran is right."
    if over:
        return f"{sentence} The next size, {min(over):,}, takes {shown(ranked[min(over)].rtf)} s."
    return f"{sentence} It is the largest that was measured: more may fit." if fits and not kind.own else sentence


def nothing() -> str:
    """What is said where nothing was timed."""
    return "Not known: no row of these runs was both timed and right."


def by_size(collected: Collected) -> Answer:
    """The fastest right configuration of each size."""
    found = [Listed(str(kind), fastest_by_size(collected, kind)) for kind in collected.networks]
    said: list[Sentence] = [listed for listed in found if listed.lines]
    if any(" (or " in line for listed in found for line in listed.lines):
        said.append(f"(or …): {TIED[0].lower()}{TIED[1:]}")
    if any(" times its floor" in line for listed in found for line in listed.lines):
        said.append("A floor is what the cores need at least: a bound that no program need reach.")
    return Answer("fastest", "Which is the fastest that is right?", said or [nothing()])


def fastest_by_size(collected: Collected, kind: NetworkKind) -> list[str]:
    """A line for each size of a kind of network."""
    return [f"{cells:,} cells: {first(rows)}" for cells, rows in collected.fastest(kind).items()]


def first(ranked: Sequence[Timed]) -> str:
    """The fastest of a size, how far it is from its machine's floor, and who ties with it."""
    best, *tied = leaders(ranked, lambda timed: timed.rtf)
    close = [timed.row.series for timed in tied]
    beside = f" (or {', '.join(close)})" if close else "" if len(ranked) > 1 else " (nothing else is right there)"
    unsure = f", {best.row.unsteady}" if best.row.unsteady else ""
    floor = "" if best.times_floor is None else f", {shown(best.times_floor)} times its floor"
    return f"{best.row.series}, {shown(best.rtf)} s{floor}{unsure}{beside}"


def crossover(collected: Collected) -> Answer:
    """Where one backend overtakes another."""
    said = [sentence for kind in collected.networks for sentence in overtakings(collected, kind)]
    several = any(len(rows) > 1 for kind in collected.networks for rows in collected.fastest(kind).values())
    none = (
        "Nowhere that could be told: the same one leads at every size, or leads are too small."
        if several
        else "Not known: no two backends were right at one size."
    )
    return Answer("crossover", "Where does the lead change?", said or [none])


def overtakings(collected: Collected, kind: NetworkKind) -> Iterator[str]:
    """A sentence for each change of the lead from one size to the next that is larger than what noise does."""
    best, leaders = collected.best(kind), [rows[0] for rows in collected.fastest(kind).values()]
    for before, after in zip(leaders, leaders[1:]):
        if before.row.series == after.row.series:
            continue
        lost, won = best[before.row.series].get(after.cells), best[after.row.series].get(before.cells)
        where = f"{kind}: between {before.cells:,} and {after.cells:,} cells"
        if lost is None or won is None:
            absent, size = (before, after.cells) if lost is None else (after, before.cells)
            lead = f"the lead goes from {before.row.series} to {after.row.series}"
            yield f"{where} {lead}, but {absent.row.series} has no right row at {size:,} cells."
        elif won.rtf >= TIE * before.rtf and lost.rtf >= TIE * after.rtf:
            about = float(f"{crossing(before, lost, won, after):.1g}")
            yield f"{where}, at about {shown(about)}, {after.row.series} overtakes {before.row.series}."


def crossing(before: Timed, lost: Timed, won: Timed, after: Timed) -> float:
    """The size at which two lines cross, both axes logarithmic: one from `before` to `lost`, one from `won` to `after`.

    `before` and `won` are of the smaller size, `lost` and `after` of the larger one.
    """
    ahead, behind = math.log(won.rtf / before.rtf), math.log(lost.rtf / after.rtf)
    return before.cells * (after.cells / before.cells) ** (ahead / (ahead + behind))


def energy(collected: Collected) -> Answer:
    """Joules per simulated second."""
    found = [metered for metered in measured(collected) if metered.row.right and metered.row.cells]
    said = [joules_said(metered) for metered in sorted(found, key=lambda one: (_network(one), one.joules))]
    paper = ", ".join(f"{entry['device']} {entry['energy_j']} J" for entry in published()["energy"])
    said.append(f"Published for io connected, 729 cells, idle included: {paper}.")
    if len(said) == 1:
        said.insert(0, "Not measured: run `pytest -m energy --benchmark-save=energy` where a meter can be read.")
    return Answer("energy", "What does a simulated second cost in energy?", said)


def joules_said(metered: Metered) -> str:
    """The sentence for a row that was metered."""
    row, net = metered.row, number(metered.row.record.energy_net_j_per_model_s)
    beyond_idle = f", {shown(net)} J beyond idle" if net is not None else ""
    network = f"{row.model} {row.connectivity}, {row.cells:,} cells"
    return (
        f"{network}: {row.series} takes {shown(metered.joules)} J a second of model time ({scope(row)}{beyond_idle})."
    )


def _network(metered: Metered) -> str:
    return str((metered.row.model, metered.row.connectivity, metered.row.cells))
