"""The types of SONATA's cells and edges: tables beside the files, whose numbers hold where an edge has none itself."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, List

import numpy as np

from model.arrays import Floats, Integers
from neurochip_bench.networks.sonata_groups import DELAY, HARMLESS, MODELS, WEIGHT, Models

Types = Dict[int, Dict[str, str]]  # columns of a type's line by its id
NOTHING = (None, "", "NULL")


def types_of(path: Path, key: str) -> Types:
    """The lines of a file of types, if it is there, by their ids; SONATA separates by spaces."""
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as opened_:
            rows: List[Dict[str, str]] = list(csv.DictReader(opened_, delimiter=" ", skipinitialspace=True))
        numbers = [int(row[key]) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read: {error}: expected a table with {key}") from None
    again = [number for i, number in enumerate(numbers) if number in numbers[:i]]
    if again:
        raise ValueError(f"{path}: two lines say what {key} {again[0]} is: expected each once")
    return dict(zip(numbers, rows))


def refuse_unmapped(path: Path, types: Types, known: tuple[str, ...]) -> None:
    """Refuse, by name, what a type says and nothing here takes."""
    for number, row in types.items():
        for name, value in row.items():
            given = value not in NOTHING
            if given and name not in (*known, *HARMLESS, "node_type_id") and not str(name).endswith("_query"):
                raise ValueError(f"{path}: type {number} says {name} {value!r}, which is not mapped: expected none")


def models_of(types: Types) -> Models:
    """What a table says of the models of its cells."""
    return {name: {row[name] for row in types.values() if row.get(name) not in NOTHING} for name in MODELS}


def one_model(path: Path, models: Models) -> None:
    """Refuse cells that another file drives, and those of several models: a network has one kernel."""
    for name, said in models.items():
        if "virtual" in said:
            raise ValueError(f"{path}: has cells of {name} 'virtual': expected cells that are run")
        if len(said) > 1:
            raise ValueError(
                f"{path}: has cells of {name} {', '.join(sorted(said))}: expected one, a network has one kernel"
            )


def with_types(path: Path, kind: Integers, part: dict[str, Floats], types: Types) -> dict[str, Floats]:
    """An edge's own numbers, or those of its type where it has none."""
    for name in (WEIGHT, DELAY):
        by_type = {number: row[name] for number, row in types.items() if row.get(name) not in NOTHING}
        numbers = {number: _finite(path, number, name, value) for number, value in by_type.items()}
        typed = np.array([numbers.get(int(number), np.nan) for number in kind])
        if not np.isnan(typed).all():
            mine = part.get(name, np.full(len(kind), np.nan))
            part[name] = np.where(np.isnan(mine), typed, mine)
    return part


def _finite(path: Path, number: int, name: str, value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise ValueError(f"{path}: {name} of type {number} is {value!r}: expected a finite number")
    return found
