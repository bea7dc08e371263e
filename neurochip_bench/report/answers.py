"""Which hardware? Plain words from the rows: what is fast enough, what is fastest, and what nobody measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurochip_bench.report.figures.energy import joules
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.machines import DEVICES
from neurochip_bench.report.pool import CONNECTIVITIES, MODELS, SAME
from neurochip_bench.report.published import published
from neurochip_bench.report.values import shown

TIE = 1.5  # one process each cannot tell less apart: the logarithm of a median of five varies by 0.12 between them
EXPERIMENTS = ("setup", "scaling", "speedup", "complexity", "validation", "stress", "energy", "delays")
PAPER_LARGEST = 1_000_000  # cells
POOLED = {"scaling", "speedup", "complexity"}  # a plain run times the same


@dataclass(frozen=True)
class Answer:
    """A question and its sentences; one that is a pair is a head and the lines below it."""

    key: str
    question: str
    sentences: list


def answers(pool):
    """The `Answer`s of a pool of rows."""
    return [real_time(pool), by_size(pool), crossover(pool), energy(pool), missing(pool)]


def real_time(pool):
    """The largest network in real time."""
    said = []
    for model, connectivity in pool.networks:
        ranked = pool.fastest(model, connectivity)
        fits = [cells for cells, rows in ranked.items() if rows[0].rtf <= 1]
        over = [cells for cells in ranked if not fits or cells > max(fits)]
        if fits:
            best = ranked[max(fits)][0]
            sentence = f"{model} {connectivity}: {max(fits):,} cells, {best.series} takes {shown(best.rtf)} s."
        elif ranked:
            sentence = f"{model} {connectivity}: none of the sizes that ran."
        else:
            sentence = f"{model} {connectivity}: nothing that ran is right."
        if over:
            sentence += f" The next size, {min(over):,}, takes {shown(ranked[min(over)][0].rtf)} s."
        elif fits:
            sentence += " It is the largest that was measured: more may fit."
        said.append(sentence)
    said += ["Seconds are wall seconds of a second of model time, the fastest right row of each size."] if said else []
    return Answer("real-time", "What is the largest network that runs in real time?", said or [nothing()])


def nothing():
    """What is said where nothing was timed."""
    return "Not known: no row of these runs was both timed and right."


def by_size(pool):
    """The fastest right configuration of each size."""
    said: list = []
    for model, connectivity in pool.networks:
        lines = [f"{cells:,} cells: {first(rows)}" for cells, rows in pool.fastest(model, connectivity).items()]
        if lines:
            said.append((f"{model} {connectivity}", lines))
    if any(" (or " in line for _, lines in said for line in lines):
        said.append(f"(or …): within {TIE:g} times of the fastest, too close to tell apart by one process each.")
    return Answer("fastest", "Which is the fastest that is right?", said or [nothing()])


def first(rows):
    """The fastest of a size, and who is too close to it to tell."""
    close = [row.series for row in rows[1:] if row.rtf <= TIE * rows[0].rtf]
    beside = f" (or {', '.join(close)})" if close else "" if len(rows) > 1 else " (nothing else is right there)"
    return f"{rows[0].series}, {shown(rows[0].rtf)} s{beside}"


def crossover(pool):
    """Where one backend overtakes another."""
    said = [sentence for network in pool.networks for sentence in overtakings(pool, *network)]
    several = any(len(rows) > 1 for n in pool.networks for rows in pool.fastest(*n).values())
    none = (
        "Nowhere that could be told: the same one leads at every size, or leads are too small."
        if several
        else nothing_to_compare()
    )
    return Answer("crossover", "Where does the lead change?", said or [none])


def nothing_to_compare():
    """What is said where no two backends met."""
    return "Not known: no two backends were right at one size."


def overtakings(pool, model, connectivity):
    """A sentence for each change of the lead from one size to the next that is larger than what noise does."""
    best, ranked = pool.best(model, connectivity), pool.fastest(model, connectivity)
    sizes = list(ranked)
    for small, large in zip(sizes, sizes[1:]):
        before, after = ranked[small][0], ranked[large][0]
        if before.series == after.series:
            continue
        lost, won = best[before.series].get(large), best[after.series].get(small)
        where = f"{model} {connectivity}: between {small:,} and {large:,} cells"
        if lost is None or won is None:
            absent, size = (before, large) if lost is None else (after, small)
            lead = f"the lead goes from {before.series} to {after.series}"
            yield f"{where} {lead}, but {absent.series} has no right row at {size:,} cells."
        elif won.rtf >= TIE * before.rtf and lost.rtf >= TIE * after.rtf:
            cells = crossing((small, large), (before.rtf, lost.rtf), (won.rtf, after.rtf))
            yield f"{where}, at about {shown(float(f'{cells:.1g}'))}, {after.series} overtakes {before.series}."


def crossing(sizes, first, second):
    """The size at which two lines through two points each cross, both axes logarithmic."""
    ahead, behind = math.log(second[0] / first[0]), math.log(first[1] / second[1])
    return sizes[0] * (sizes[1] / sizes[0]) ** (ahead / (ahead + behind))


def energy(pool):
    """Joules per simulated second."""
    said = []
    for row in sorted(
        (r for r in pool.of("energy") if r.right and joules(r) and r.cells), key=lambda r: (str(r.network), joules(r))
    ):
        scope, net = row.word("energy_scope") or "scope unknown", row.number("energy_net_j_per_model_s")
        beyond = f", {shown(net)} J beyond idle" if net is not None else ""
        network = f"{row.word('model')} {row.word('connectivity')}, {row.cells:,} cells"
        said.append(f"{network}: {row.series} takes {shown(joules(row))} J a second of model time ({scope}{beyond}).")
    paper = ", ".join(f"{entry['device']} {entry['energy_j']} J" for entry in published()["energy"])
    said.append(f"Published for io connected, 729 cells, idle included: {paper}.")
    if len(said) == 1:
        said.insert(0, "Not measured: run `pytest -m energy --benchmark-save=energy` where a meter can be read.")
    return Answer("energy", "What does a simulated second cost in energy?", said)


def missing(pool):
    """What was not measured: devices, experiments, models, sizes."""
    rows = [row for row in pool.rows if row.real and row.reason is None]
    here, done = {row.kind for row in rows}, {row.experiment for row in rows}
    absent = [name for name in DEVICES if name not in here]
    said = (
        [f"Devices without a row: {', '.join(absent)}. What they would do is not known from these runs."]
        if absent
        else []
    )
    ran = [name for name in EXPERIMENTS if name not in done and not (name in POOLED and pool.timed)]
    said += (
        [f"Experiments without a row: {', '.join(ran)}; run `pytest -m {ran[0]} --benchmark-save={ran[0]}` and so on."]
        if ran
        else []
    )
    said += beyond(pool)
    largest = max((cells for n in pool.networks for cells in pool.fastest(*n)), default=0)
    names = [f"{name} ({low:,})" for name, (low, _) in published()["olive_cells"].items() if low > largest]
    said += [f"No network as large as the inferior olive of {' or '.join(names)} was timed and right."] if names else []
    emulated = sum(row.kind == "emulated" or not row.real for row in pool.rows)
    said += (
        [f"{emulated} rows are emulated or ran on a stand-in for a chip: they are judged, and say nothing about time."]
        if emulated
        else []
    )
    failed = len(pool.failed())
    said += [f"{failed} row{'s' * (failed > 1)} did not finish: see the table."] if failed else []
    return Answer("missing", "What was not measured?", said or ["Nothing of the paper's plan is missing."])


def beyond(pool):
    """Sentences about the kinds of network that ran, up to which size, and where they ran and none was right."""
    groups: dict = {}
    for model in MODELS:
        for connectivity in CONNECTIVITIES:
            ran = tried(pool, model, connectivity)
            groups.setdefault(max(ran, default=0), []).append(f"{model} {connectivity}")
            largest = max(pool.fastest(model, connectivity), default=0)
            wrong = [f"{cells:,} cells ({', '.join(ran[cells])})" for cells in sorted(ran) if cells > largest]
            if wrong:
                yield f"Run and not right: {model} {connectivity} at {', '.join(wrong)}."
    for largest, names in sorted(groups.items()):
        if largest < PAPER_LARGEST:
            what = f"Not run beyond {largest:,} cells" if largest else "Not run at all"
            yield f"{what}: {', '.join(names)}. The paper goes to {PAPER_LARGEST:,} cells."


def tried(pool, model, connectivity):
    """{cells: what became of the rows that are not right} of a kind of network, of every size that ran."""
    found: dict = {}
    for row in pool.rows:
        if row.experiment in SAME and row.real and row.network[:2] == (model, connectivity) and row.cells:
            what = "did not finish" if row.reason else "right, not timed" if row.right else word(row)
            found.setdefault(row.cells, {})[what] = None
    return found
