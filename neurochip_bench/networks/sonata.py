"""Networks in SONATA's files, a folder with nodes.h5 and edges.h5; what it says and no kernel here has is refused by name.

Dai et al. (2020), PLoS Comput Biol 16:e1007696. Cells of all populations stand one after another in the order of their
names; ids of edges count within a population. Weights are taken as the kernel's unit, delays as ms.
"""

from __future__ import annotations

import csv
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List

import numpy as np

from model.arrays import Floats, Integers
from model.kernels import KERNELS
from model.network import ids
from model.network.given import Given, kernel_of, made

NODES, EDGES = "nodes.h5", "edges.h5"
OF_A_NODE = ("node_type_id", "node_id", "node_group_id", "node_group_index")
OF_AN_EDGE = ("edge_type_id", "source_node_id", "target_node_id", "edge_group_id", "edge_group_index")
BESIDE = ("indices",)  # which only find edges faster
HARMLESS = ("x", "y", "z", "model_type", "model_template", "pop_name", "population", "ei", "location", "edge_type_id")
WEIGHT, DELAY = "syn_weight", "delay"

Node = Any  # an h5py group or data set, which ships no types
Types = Dict[int, Dict[str, str]]  # columns of a type's line by its id


def load(folder: Path, kernel: str | None = None) -> Given:
    """The network in a folder; `kernel` is which one's, since SONATA's models are others'.

    Raises ValueError, a sentence with file and name or value, and ModuleNotFoundError without h5py.
    """
    name = kernel_of(str(folder), None, kernel)
    with opened(folder / NODES) as nodes, opened(folder / EDGES) as edges:
        starts, cells, parameters = _cells(folder, nodes, tuple(KERNELS[name].parameters))
        sources, targets, weights, delays = _edges(folder, edges, starts)
    network = made(
        *(str(folder), name, cells, (sources, targets), None),
        weights=weights,
        delays=delays if delays is not None and KERNELS[name].synaptic else _none_late(folder, delays),
        parameters=parameters,
    )
    return Given(network)


@contextmanager
def opened(path: Path) -> Iterator[Node]:
    """An HDF5 file; raises ValueError where it is none."""
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path}: {'is no HDF5 file' if path.exists() else 'is not there'}: {error}") from None
    with file:
        yield file


def _cells(
    folder: Path, nodes: Node, known: tuple[str, ...]
) -> tuple[dict[str, tuple[int, int]], int, dict[str, Floats]]:
    """({population: (first cell, cells)}, cells, parameters) of all populations."""
    path, types = folder / NODES, _types(folder / "node_types.csv", "node_type_id")
    populations = _populations(path, nodes, "nodes")
    starts, cells, parts = {}, 0, []
    for name, population in populations.items():
        _only(path, f"nodes/{name}", population, OF_A_NODE)
        kind = _values(path, population, "node_type_id")
        _refuse_virtual(path, name, kind, types)
        starts[name], cells = (cells, len(kind)), cells + len(kind)
        parts.append(_of_groups(path, population, "node", "dynamics_params", len(kind)))
        _mapped_types(folder / "node_types.csv", types, ())
    names = list(dict.fromkeys(name for part in parts for name in part))
    for name in names:
        if name not in known:
            raise ValueError(f"{path}: dynamics_params has {name!r}: expected some of {', '.join(known)}")
        if any(name not in part or np.isnan(part[name]).any() for part in parts):
            raise ValueError(f"{path}: dynamics_params/{name} is not there for every cell: expected it in all or none")
    return starts, cells, {name: np.concatenate([part[name] for part in parts]) for name in names}


def _edges(
    folder: Path, edges: Node, starts: dict[str, tuple[int, int]]
) -> tuple[Integers, Integers, Floats | None, Floats | None]:
    """(sources, targets, weights, delays) of all populations; None for what none of them has."""
    path, types = folder / EDGES, _types(folder / "edge_types.csv", "edge_type_id")
    _mapped_types(folder / "edge_types.csv", types, (WEIGHT, DELAY))
    ends: dict[str, list[Integers]] = {"source": [], "target": []}
    parts = []
    for name, population in _populations(path, edges, "edges").items():
        _only(path, f"edges/{name}", population, (*OF_AN_EDGE, *BESIDE))
        for end, found in ends.items():
            found.append(_end(path, name, population, f"{end}_node_id", starts))
        count = len(ends["source"][-1])
        if len(ends["target"][-1]) != count:
            raise ValueError(f"{path}: edges/{name} has {count} sources and {len(ends['target'][-1])} targets")
        part = _of_groups(path, population, "edge", "", count)
        parts.append(_with_types(path, population, part, types, count))
    sources, targets = (np.concatenate(found) if found else np.empty(0, np.int64) for found in ends.values())
    return sources, targets, _column(path, parts, WEIGHT), _column(path, parts, DELAY)


def _end(path: Path, name: str, population: Node, key: str, starts: dict[str, tuple[int, int]]) -> Integers:
    """Cells at one end of a population's edges."""
    if key not in population:
        raise ValueError(f"{path}: edges/{name} has no {key}: expected one id per edge")
    said = population[key].attrs.get("node_population")
    said = said.decode() if isinstance(said, bytes) else said
    if said not in starts:
        raise ValueError(f"{path}: edges/{name}/{key} is of population {said!r}: expected one of {', '.join(starts)}")

    def place(entry: int) -> str:
        return f"{path}: edges/{name}/{key}[{entry}]"

    start, cells = starts[said]
    return ids.places(ids.whole(population[key][()], place), cells, 0, place) + start


def _populations(path: Path, file: Node, kind: str) -> dict[str, Node]:
    if kind not in file or not len(file[kind]):
        raise ValueError(f"{path}: has no group {kind!r} with a population: expected SONATA's layout")
    return {name: file[kind][name] for name in sorted(file[kind])}


def _only(path: Path, place: str, group: Node, known: tuple[str, ...]) -> None:
    """Refuse, by its name, what is neither known nor a group of attributes, which numbers name."""
    unknown = [name for name in group if name not in known and not name.isdecimal()]
    if unknown:
        raise ValueError(f"{path}: {place}/{unknown[0]} is not mapped: expected {', '.join(known)} and numbered groups")


def _values(path: Path, population: Node, key: str) -> Integers:
    if key not in population:
        raise ValueError(f"{path}: {population.name} has no {key}: expected one per cell")
    values: Integers = population[key][()]
    return values


def _of_groups(path: Path, population: Node, kind: str, inner: str, count: int) -> dict[str, Floats]:
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
        if array.ndim != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            raise ValueError(
                f"{path}: {group.name}/{name} is {array.dtype} {array.shape}: expected finite numbers, one each"
            )
    return found


def _types(path: Path, key: str) -> Types:
    """The lines of a file of types, if it is there, by their ids; SONATA separates by spaces."""
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as opened_:
            rows: List[Dict[str, str]] = list(csv.DictReader(opened_, delimiter=" ", skipinitialspace=True))
        return {int(row[key]): row for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read: {error}: expected a table with {key}") from None


def _mapped_types(path: Path, types: Types, known: tuple[str, ...]) -> None:
    """Refuse, by name, what a type says and nothing here takes."""
    for number, row in types.items():
        for name, value in row.items():
            given = value not in (None, "", "NULL")
            if given and name not in (*known, *HARMLESS, "node_type_id") and not str(name).endswith("_query"):
                raise ValueError(f"{path}: type {number} says {name} {value!r}, which is not mapped: expected none")


def _refuse_virtual(path: Path, name: str, kind: Integers, types: Types) -> None:
    for number in np.unique(kind):
        said = types.get(int(number), {}).get("model_type")
        if said == "virtual":
            raise ValueError(
                f"{path}: population {name!r} has cells of model_type 'virtual': expected cells that are run"
            )


def _with_types(path: Path, population: Node, part: dict[str, Floats], types: Types, count: int) -> dict[str, Floats]:
    """An edge's own numbers, or those of its type where it has none."""
    if not types:
        return part
    kind = _values(path, population, "edge_type_id")
    for name in (WEIGHT, DELAY):
        by_type = {number: row[name] for number, row in types.items() if row.get(name) not in (None, "", "NULL")}
        try:
            typed = np.array([float(by_type.get(int(number), "nan")) for number in kind])
        except ValueError:
            raise ValueError(f"{path.parent / 'edge_types.csv'}: {name} is no number in a type that is used") from None
        if not np.isnan(typed).all():
            mine = part.get(name, np.full(count, np.nan))
            part[name] = np.where(np.isnan(mine), typed, mine)
    return part


def _column(path: Path, parts: list[dict[str, Floats]], name: str) -> Floats | None:
    """A number per edge, None where no edge has one."""
    if not any(name in part for part in parts):
        return None
    if any(name not in part or np.isnan(part[name]).any() for part in parts):
        raise ValueError(f"{path}: {name} is not there for every edge: expected it for all or none")
    return np.concatenate([part[name] for part in parts])


def _none_late(folder: Path, delays: Floats | None) -> None:
    """Gap junctions have no delays; raises ValueError where one is given."""
    if delays is not None and delays.any():
        raise ValueError(f"{folder / EDGES}: delay is given to gap junctions, which have none: expected 0")
