"""What was not measured: devices, experiments, models, sizes."""

from __future__ import annotations

from typing import Iterator

from neurochip_bench.keep.words import EMULATED, EXPERIMENTS, HARDWARE
from neurochip_bench.report.answer import Answer
from neurochip_bench.report.collected import CONNECTIVITIES, MODELS, RUN_ALIKE, Collected
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.published import published
from neurochip_bench.report.row import NetworkKind

PAPER_LARGEST = 1_000_000  # cells


def missing(collected: Collected) -> Answer:
    """What was not measured: devices, experiments, models, sizes."""
    sentences = (
        devices(collected),
        experiments(collected),
        *beyond(collected),
        olives(collected),
        emulated(collected),
        failed(collected),
    )
    said = [sentence for sentence in sentences if sentence is not None]
    return Answer("missing", "What was not measured?", said or ["Nothing of the paper's plan is missing."])


def devices(collected: Collected) -> str | None:
    """The kinds of device on which no row finished."""
    here = {row.device for row in collected.rows if row.real and row.reason is None}
    absent = [name for name in HARDWARE if name not in here]
    if not absent:
        return None
    return f"Devices without a row: {', '.join(absent)}. What they would do is not known from these runs."


def experiments(collected: Collected) -> str | None:
    """The experiments of which no row finished."""
    done = {row.experiment for row in collected.rows if row.real and row.reason is None}
    done |= set(RUN_ALIKE) if collected.timed else set()  # they all time the same
    absent = [name for name in EXPERIMENTS if name not in done]
    if not absent:
        return None
    how = f"`pytest -m {absent[0]} --benchmark-save={absent[0]}` and so on"
    return f"Experiments without a row: {', '.join(absent)}; run {how}."


def olives(collected: Collected) -> str | None:
    """The inferior olives of which no network as large was right."""
    largest = max((cells for kind in collected.networks for cells in collected.fastest(kind)), default=0)
    names = [f"{name} ({low:,})" for name, (low, _) in published()["olive_cells"].items() if low > largest]
    if not names:
        return None
    return f"No network as large as the inferior olive of {' or '.join(names)} was timed and right."


def emulated(collected: Collected) -> str | None:
    """The rows whose times say nothing."""
    count = sum(row.device == EMULATED or not row.real for row in collected.rows)
    if not count:
        return None
    return f"{count} rows are emulated or ran on a stand-in for a chip: they are judged, and say nothing about time."


def failed(collected: Collected) -> str | None:
    """The rows that did not finish."""
    count = len(collected.failed())
    return f"{count} row{'s' * (count > 1)} did not finish: see the table." if count else None


def beyond(collected: Collected) -> Iterator[str]:
    """Sentences about the kinds of network that ran, up to which size, and where they ran and none was right."""
    groups: dict[int, list[str]] = {}
    for kind in (NetworkKind(model, connectivity) for model in MODELS for connectivity in CONNECTIVITIES):
        ran = tried(collected, kind)
        groups.setdefault(max(ran, default=0), []).append(str(kind))
        largest = max(collected.fastest(kind), default=0)
        wrong = [f"{cells:,} cells ({', '.join(ran[cells])})" for cells in sorted(ran) if cells > largest]
        if wrong:
            yield f"Run and not right: {kind} at {', '.join(wrong)}."
    for largest, names in sorted(groups.items()):
        if largest < PAPER_LARGEST:
            what = f"Not run beyond {largest:,} cells" if largest else "Not run at all"
            yield f"{what}: {', '.join(names)}. The paper goes to {PAPER_LARGEST:,} cells."


def tried(collected: Collected, kind: NetworkKind) -> dict[int, list[str]]:
    """{cells: what became of the rows that are not right, each once} of a kind of network, of every size that ran."""
    found: dict[int, dict[str, None]] = {}
    for row in collected.rows:
        if row.experiment in RUN_ALIKE and row.real and row.kind == kind and row.cells:
            what = "did not finish" if row.reason else "right, not timed" if row.right else word(row)
            found.setdefault(row.cells, {})[what] = None
    return {cells: list(words) for cells, words in found.items()}
