"""Networks in SONATA's files: what is mapped, and what is refused by its name."""

from __future__ import annotations

import numpy as np
import pytest

from neurochip_bench.networks.read import read

h5py = pytest.importorskip("h5py")

PLAIN = {
    "nodes": {
        "exc": {"node_type_id": [100, 100, 100], "0": {"dynamics_params": {"C_m": [1.0, 1.1, 1.2]}}},
        "inh": {"node_type_id": [200, 200], "0": {"dynamics_params": {"C_m": [2.0, 2.1]}}},
    },
    "edges": {
        "exc_inh": {
            "edge_type_id": [1, 1],
            "source_node_id": ([0, 2], "exc"),
            "target_node_id": ([1, 0], "inh"),
            "0": {"syn_weight": [0.1, 0.2], "delay": [1.0, 2.0]},
        },
        "inh_exc": {
            "edge_type_id": [2],
            "source_node_id": ([1], "inh"),
            "target_node_id": ([0], "exc"),
            "0": {"syn_weight": [-0.3], "delay": [0.5]},
        },
    },
}


def put(group, content):
    """Write nested groups; a pair is a data set and the population that its ids are of."""
    for name, value in content.items():
        if isinstance(value, dict):
            put(group.create_group(name), value)
        else:
            ids, population = value if isinstance(value, tuple) else (value, None)
            made = group.create_dataset(name, data=ids)
            if population is not None:
                made.attrs["node_population"] = population


def circuit(folder, path="", value=None, **tables):
    """A folder of SONATA's files with one place of `PLAIN` changed; `tables` are its files of types."""
    content = {name: _copy(part) for name, part in PLAIN.items()}
    *groups, last = path.split("/") if path else [""]
    place = content
    for name in groups:
        place = place.setdefault(name, {})
    if path and value is None:
        del place[last]
    elif path:
        place[last] = value
    for name, part in content.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            put(file.create_group(name), part)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def _copy(part):
    return {name: _copy(value) if isinstance(value, dict) else value for name, value in part.items()}


def test_populations_stand_one_after_another(tmp_path):
    network = read(circuit(tmp_path), "hh").network
    assert network.cells == 5
    assert network.parameters["C_m"].tolist() == [1.0, 1.1, 1.2, 2.0, 2.1]
    assert (network.sources.tolist(), network.targets.tolist()) == ([0, 2, 4], [4, 3, 0])
    assert network.weights.tolist() == [0.1, 0.2, -0.3]
    assert network.delays.tolist() == [1.0, 2.0, 0.5]


def test_groups_are_mapped_by_their_indices(tmp_path):
    both = {
        "edge_type_id": [1, 1],
        "source_node_id": ([0, 2], "exc"),
        "target_node_id": ([1, 0], "inh"),
        "edge_group_id": [1, 0],
        "edge_group_index": [0, 0],
        "0": {"syn_weight": [0.7], "delay": [1.0]},
        "1": {"syn_weight": [0.9], "delay": [3.0]},
    }
    network = read(circuit(tmp_path, "edges/exc_inh", both), "hh").network
    assert network.weights.tolist() == [0.9, 0.7, -0.3]
    assert network.delays.tolist() == [3.0, 1.0, 0.5]


def test_numbers_of_a_type_hold_where_an_edge_has_none(tmp_path):
    types = "edge_type_id syn_weight delay target_query\n1 0.5 4.0 pop\n2 0.6 4.0 NULL\n"
    network = read(circuit(tmp_path, "edges/exc_inh/0", {}, edge_types=types), "hh").network
    assert network.weights.tolist() == [0.5, 0.5, -0.3]
    assert network.delays.tolist() == [4.0, 4.0, 0.5]


WRONG = {
    "parameter": ("nodes/exc/0/dynamics_params/V_peak", [1.0] * 3, {}, "nodes.h5: dynamics_params has 'V_peak'"),
    "for-some": ("nodes/inh/0", {}, {}, "dynamics_params/C_m is not there for every cell"),
    "node-attribute": ("nodes/exc/0/rotation", [1.0] * 3, {}, "nodes.h5: /nodes/exc/0/rotation is not mapped"),
    "edge-attribute": ("edges/inh_exc/0/nsyns", [3], {}, "edges.h5: /edges/inh_exc/0/nsyns is not mapped"),
    "edge-dynamics": ("edges/inh_exc/0/dynamics_params", {"tau": [1.0]}, {}, "dynamics_params/tau is not mapped"),
    "dataset": ("edges/inh_exc/gap", [1], {}, "edges.h5: edges/inh_exc/gap is not mapped"),
    "id": ("edges/inh_exc/source_node_id", ([2], "inh"), {}, r"edges/inh_exc/source_node_id\[0\] is 2: .* 0 to 1$"),
    "population": (
        "edges/inh_exc/source_node_id",
        ([1], "lgn"),
        {},
        "is of population 'lgn': expected one of exc",
    ),
    "no-ids": ("edges/inh_exc/target_node_id", None, {}, "edges/inh_exc has no target_node_id"),
    "order": ("nodes/inh/node_id", [1, 0], {}, "nodes/inh/node_id is in another order: expected 0 to 1"),
    "weights-of-some": ("edges/inh_exc/0/syn_weight", None, {}, "syn_weight is not there for every edge"),
    "not-finite": ("edges/inh_exc/0/delay", [np.nan], {}, r"/edges/inh_exc/0/delay\[0\] is nan: expected ms from 0"),
    "early": ("edges/exc_inh/0/delay", [1, -2], {}, r"edges.h5: /edges/exc_inh/0/delay\[1\] is -2: expected ms from 0"),
    "words": (
        "edges/inh_exc/0/delay",
        [b"late"],
        {},
        r"/edges/inh_exc/0/delay is object .*: expected finite",
    ),
    "shorter": ("edges/exc_inh/0/delay", [1.0], {}, "edges/exc_inh/0/delay has 1 values: expected 2"),
    "virtual": ("", None, {"node_types": "node_type_id model_type\n100 virtual\n"}, "model_type 'virtual'"),
    "models": (
        *("", None, {"node_types": "node_type_id model_template\n100 nest:a\n200 nest:b\n"}),
        "has cells of model_template nest:a, nest:b: expected one",
    ),
    "type": ("", None, {"edge_types": "edge_type_id model_syn\n1 exp2\n2 exp2\n"}, "type 1 says model_syn 'exp2'"),
    "virtual-cells": ("nodes/exc/0/model_type", [b"virtual"] * 3, {}, "nodes.h5: has cells of model_type 'virtual'"),
    "models-of-cells": (
        "nodes/exc/0/model_template",
        [b"a", b"b", b"a"],
        {},
        "nodes.h5: has cells of model_template a, b",
    ),
    "type-number": (
        *("edges/exc_inh/0", {}, {"edge_types": "edge_type_id syn_weight delay\n1 much 4\n2 1 1\n"}),
        "edge_types.csv: syn_weight of type 1 is 'much': expected a finite number",
    ),
    "type-twice": (
        *("", None, {"edge_types": "edge_type_id delay\n1 1\n1 2\n"}),
        "edge_types.csv: two lines say what edge_type_id 1 is",
    ),
    "layout": ("nodes/exc/node_type_id", {}, {}, "nodes.h5: is not laid out as SONATA's files are: "),
    "layout-of-edges": ("edges/exc_inh", [1.0], {}, "edges.h5: is not laid out as SONATA's files are: "),
    "types": ("", None, {"edge_types": "type\n1\n"}, "edge_types.csv: cannot be read: .*expected a table with"),
}


@pytest.mark.parametrize(("path", "value", "tables", "sentence"), WRONG.values(), ids=WRONG)
def test_what_is_not_mapped_is_refused_by_its_name(tmp_path, path, value, tables, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        read(circuit(tmp_path, path, value, **tables), "hh")
    assert str(tmp_path) in str(refused.value)


def test_folder_without_its_files_or_a_kernel_is_refused(tmp_path):
    with pytest.raises(ValueError, match="says no kernel"):
        read(circuit(tmp_path))
    (tmp_path / "edges.h5").unlink()
    with pytest.raises(ValueError, match=r"edges.h5: is not there"):
        read(tmp_path, "hh")
    (tmp_path / "edges.h5").write_text("no HDF5")
    with pytest.raises(ValueError, match=r"edges.h5: is no HDF5 file"):
        read(tmp_path, "hh")


def test_gap_junctions_have_no_delay(tmp_path):
    with pytest.raises(ValueError, match="gives io's gap junctions a delay"):
        read(circuit(tmp_path, "nodes", {"inh": {"node_type_id": [1] * 2}, "exc": {"node_type_id": [1] * 3}}), "io")
