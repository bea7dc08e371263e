"""The groups of attributes in SONATA's files: a number each of cells or edges, whichever group they are of."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, Set

import numpy as np

from model.arrays import Floats

WEIGHT, DELAY = "syn_weight", "delay"
MODELS = ("model_type", "model_template")  # which cells say of themselves, or their type
HARMLESS = ("x", "y", "z", *MODELS, "pop_name", "population", "ei", "location", "edge_type_id")

Node = Any  # an h5py group or data set, which ships no types
Models = Dict[str, Set[str]]  # the words of each of `MODELS`


def models_in(populations: Iterable[Node]) -> Models:
    """What the cells of populations say of their models themselves."""
    groups = [population[name] for population in populations for name in population if name.isdecimal()]
    said = {name: [np.unique(group[name].asstr()[()]) for group in groups if name in group] for name in MODELS}
    return {name: {str(word) for words in found for word in words} for name, found in said.items()}


def of_groups(path: Path, population: Node, kind: str, inner: str, count: int) -> dict[str, Floats]:
    """{attribute: a number each, NaN where its group has none} of all groups of a population."""
    groups = [name for name in population if name.isdecimal()]
    group_id, index = (population.get(f"{kind}_{what}") for what in ("group_id", "group_index"))
    if len(groups) > 1 and (group_id is None or index is None):
        raise ValueError(
            f"{path}: {population.name} has groups {', '.join(groups)}: expected {kind}_group_id and _index"
        )
    found: dict[str, Floats] = {}
    for group in groups:
        mine = np.arange(count) if group_id is None else np.flatnonzero(group_id[()] == int(group))
        at = mine if index is None else index[()][mine]
        for name, values in _attributes(path, population[group], inner).items():
            if len(at) and (at.min() < 0 or at.max() >= len(values)):
                raise ValueError(f"{path}: {population.name}/{group}/{name} has {len(values)} values: expected {count}")
            found.setdefault(name, np.full(count, np.nan))[mine] = values[at]
    return found


def _attributes(path: Path, group: Node, inner: str) -> dict[str, Floats]:
    """{name: values} of a group of attributes, those below `inner` if there is such; harmless ones are left out."""
    found: dict[str, Floats] = {}
    for name in group:
        if name in HARMLESS:
            continue
        if hasattr(group[name], "keys"):
            if name != (inner or "dynamics_params"):
                raise ValueError(f"{path}: {group.name}/{name} is not mapped: expected {inner or 'numbers per edge'}")
            values = {key: group[name][key][()] for key in group[name]}
            if not inner and values:
                raise ValueError(
                    f"{path}: {group.name}/{name}/{next(iter(values))} is not mapped: expected {WEIGHT}, {DELAY}"
                )
            found.update(values)
        elif inner or name not in (WEIGHT, DELAY):
            raise ValueError(f"{path}: {group.name}/{name} is not mapped: expected {inner or f'{WEIGHT}, {DELAY}'}")
        else:
            found[name] = group[name][()]
    for name, array in found.items():
        place = f"{path}: {group.name}/{name}"
        if array.ndim != 1 or array.dtype.kind not in "iuf":
            raise ValueError(f"{place} is {array.dtype} {array.shape}: expected finite numbers, one each")
        early = array < 0 if name == DELAY else np.zeros(len(array), bool)
        bad = np.flatnonzero(~np.isfinite(array) | early)
        if len(bad):
            wanted = "ms from 0" if name == DELAY else "a finite number"
            raise ValueError(f"{place}[{bad[0]}] is {array[bad[0]]}: expected {wanted}")
    return found


def column_of(path: Path, parts: list[dict[str, Floats]], name: str) -> Floats | None:
    """A number per edge, None where no edge has one."""
    if not any(name in part for part in parts):
        return None
    if any(name not in part or np.isnan(part[name]).any() for part in parts):
        raise ValueError(f"{path}: {name} is not there for every edge: expected it for all or none")
    return np.concatenate([part[name] for part in parts])
