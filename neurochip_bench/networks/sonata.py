"""Networks in SONATA's files, a folder with nodes.h5 and edges.h5; what no kernel here has is refused by its name.

Dai et al. (2020), PLoS Comput Biol 16:e1007696. Cells of all populations stand one after another in the order of their
names; ids of edges count within a population. Weights are taken as the kernel's unit, delays as ms.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterator, Tuple

import numpy as np

from model.arrays import Floats, Integers
from model.kernels import KERNELS
from model.network import ids
from model.network.assemble import kernel_of, made
from neurochip_bench.networks.given import Given
from neurochip_bench.networks.sonata_groups import DELAY, WEIGHT, Node, column_of, models_in, of_groups
from neurochip_bench.networks.sonata_types import models_of, one_model, refuse_unmapped, types_of, with_types

NODES, EDGES = "nodes.h5", "edges.h5"
OF_A_NODE = ("node_type_id", "node_id", "node_group_id", "node_group_index")
OF_AN_EDGE = ("edge_type_id", "source_node_id", "target_node_id", "edge_group_id", "edge_group_index")
BESIDE = ("indices",)  # which only find edges faster

Starts = Dict[str, Tuple[int, int]]  # a population's first cell, and how many it has


def load(folder: Path, kernel: str | None = None) -> Given:
    """The network in a folder; `kernel` is which one's, since SONATA's models are others'.

    Raises ValueError, a sentence with file and name or value, and ModuleNotFoundError without h5py.
    """
    name = kernel_of(str(folder), None, kernel)
    with opened(folder / NODES) as nodes:
        starts, cells, parameters = _cells(folder, nodes, tuple(KERNELS[name].parameters))
    with opened(folder / EDGES) as edges:
        sources, targets, weights, delays = _edges(folder, edges, starts)
    if delays is not None and not KERNELS[name].synaptic:
        if delays.any():
            raise ValueError(f"{folder / EDGES}: gives {name}'s gap junctions a delay, which have none: expected 0")
        delays = None
    late = {"weights": weights, "delays": delays, "parameters": parameters}
    return Given(made(str(folder), name, cells, (sources, targets), None, **late))


@contextmanager
def opened(path: Path) -> Iterator[Node]:
    """An HDF5 file; raises ValueError where it is none, or where what is looked for in it is of another kind."""
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path}: {'is no HDF5 file' if path.exists() else 'is not there'}: {error}") from None
    with file:
        try:
            yield file
        except (AttributeError, IndexError, KeyError, OSError, TypeError) as error:
            raise ValueError(f"{path}: is not laid out as SONATA's files are: {error}") from error


def _cells(folder: Path, nodes: Node, known: tuple[str, ...]) -> tuple[Starts, int, dict[str, Floats]]:
    """(where each population starts, cells, parameters) of all populations."""
    path, table = folder / NODES, folder / "node_types.csv"
    types, starts, cells, parts = types_of(table, "node_type_id"), {}, 0, []
    refuse_unmapped(table, types, ())
    one_model(table, models_of(types))
    populations = _populations(path, nodes, "nodes")
    one_model(path, models_in(populations.values()))
    for name, population in populations.items():
        _only(path, f"nodes/{name}", population, OF_A_NODE)
        count = len(_values(path, population, "node_type_id"))
        if "node_id" in population and not np.array_equal(population["node_id"][()], np.arange(count)):
            raise ValueError(f"{path}: nodes/{name}/node_id is in another order: expected 0 to {count - 1}")
        starts[name], cells = (cells, count), cells + count
        parts.append(of_groups(path, population, "node", "dynamics_params", count))
    return starts, cells, _parameters(path, parts, known)


def _parameters(path: Path, parts: list[dict[str, Floats]], known: tuple[str, ...]) -> dict[str, Floats]:
    """The parameters that are there, one number per cell each."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    for name in names:
        if name not in known:
            raise ValueError(f"{path}: dynamics_params has {name!r}: expected some of {', '.join(known)}")
        if any(name not in part or np.isnan(part[name]).any() for part in parts):
            raise ValueError(f"{path}: dynamics_params/{name} is not there for every cell: expected it in all or none")
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _edges(folder: Path, edges: Node, starts: Starts) -> tuple[Integers, Integers, Floats | None, Floats | None]:
    """(sources, targets, weights, delays) of all populations; None for what none of them has."""
    path, types = folder / EDGES, types_of(folder / "edge_types.csv", "edge_type_id")
    refuse_unmapped(folder / "edge_types.csv", types, (WEIGHT, DELAY))
    ends: dict[str, list[Integers]] = {"source": [], "target": []}
    parts = []
    for name, population in _populations(path, edges, "edges").items():
        _only(path, f"edges/{name}", population, (*OF_AN_EDGE, *BESIDE))
        for end, found in ends.items():
            found.append(_end(path, name, population, f"{end}_node_id", starts))
        count = len(ends["source"][-1])
        if len(ends["target"][-1]) != count:
            raise ValueError(f"{path}: edges/{name} has {count} sources and {len(ends['target'][-1])} targets")
        part = of_groups(path, population, "edge", "", count)
        kind = _values(path, population, "edge_type_id") if types else np.zeros(count, np.int64)
        parts.append(with_types(folder / "edge_types.csv", kind, part, types))
    sources, targets = (np.concatenate(found) if found else np.empty(0, np.int64) for found in ends.values())
    return sources, targets, column_of(path, parts, WEIGHT), column_of(path, parts, DELAY)


def _end(path: Path, name: str, population: Node, key: str, starts: Starts) -> Integers:
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
    return ids.places(ids.whole(population[key][()], place), cells, 0, place, sayable=False) + start


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
        raise ValueError(f"{path}: {population.name} has no {key}: expected one each")
    values: Integers = population[key][()]
    return values
