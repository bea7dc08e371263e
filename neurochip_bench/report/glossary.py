"""What the words mean that no reader knows from elsewhere: the models' short names, and the unit of all times."""

from __future__ import annotations

from typing import NamedTuple

from neurochip_bench.report.collected import Collected

MODELS = {
    "io": "cells of the inferior olive, each of a soma, an axon hillock and a dendrite, joined by gap junctions",
    "hh": "Hodgkin-Huxley neurons, points that are joined by synapses",
    "lif": "leaky integrate-and-fire neurons, points that are joined by synapses",
}


class Entry(NamedTuple):
    """A word, and what it means."""

    word: str
    meaning: str


TIME = Entry(
    "seconds per simulated second",
    "seconds by the clock that one second of the simulated time takes (in tables: wall s / model s); 1 is real time, "
    "and below 1 is faster than life",
)


def glossary(collected: Collected) -> list[Entry]:
    """The models that the rows are of, in the project's order, and the unit of times where any row has one."""
    here = {row.model for row in collected.rows}
    models = [Entry(name, meaning) for name, meaning in MODELS.items() if name in here]
    return [*models, *([TIME] if any(row.timed for row in collected.rows) else [])]
