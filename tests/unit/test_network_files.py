"""Networks in files: what is written is read again, and each wrong file ends in a sentence with place and value."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.kernels import KERNELS
from model.network import Network, build
from neurochip_bench.networks import npz, tables

ARRAYS = ("state", "sources", "targets", "weights")


def same(one: Network, other: Network) -> bool:
    """Whether two networks are the same in every number."""
    late = (one.delays is None) == (other.delays is None)
    late = late and (one.delays is None or np.array_equal(one.delays, other.delays))
    numbers = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)
    parameters = all(np.array_equal(value, other.parameters[name]) for name, value in one.parameters.items())
    drawn = (one.kernel, one.topology, one.seed) == (other.kernel, other.topology, other.seed)
    return late and numbers and parameters and drawn


@st.composite
def networks(draw: st.DrawFn) -> Network:
    kernel, cells, edges = draw(st.sampled_from(list(KERNELS))), draw(st.integers(1, 9)), draw(st.integers(0, 12))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    model = KERNELS[kernel]
    late = rng.uniform(0, 5, edges) if model.synaptic and draw(st.booleans()) else None
    per_cell = {next(iter(model.parameters)): rng.random(cells)} if draw(st.booleans()) else {}
    weights = rng.random(edges) if draw(st.booleans()) else None
    sources, targets = rng.integers(0, cells, (2, edges))
    return Network(kernel, model.initial(cells, rng), sources, targets, weights, per_cell, delays=late)


@given(networks())
def test_network_that_is_saved_is_the_one_that_is_loaded(tmp_path_factory, network):
    path = tmp_path_factory.mktemp("npz") / "mine.npz"
    network.save(path)
    assert same(Network.load(path), network)
    assert same(npz.load(path, network.kernel).network, network)


def test_standard_network_keeps_how_it_was_drawn_its_stimulus_and_its_length(tmp_path):
    network, stimulus = build("hh", 4, delays=(1, 3)), np.ones((7, 64), np.float32)
    network.save(tmp_path / "mine.npz", stimulus, 5)
    given = npz.load(tmp_path / "mine.npz")
    assert same(given.network, network)
    assert np.array_equal(given.stimulus, stimulus)
    assert given.milliseconds == 5


def test_npz_holds_plain_arrays_alone(tmp_path):
    build("io", 4).save(tmp_path / "mine.npz")
    with np.load(tmp_path / "mine.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


EDGES = {"kernel": "hh", "cells": 4, "sources": [0, 1, 3], "targets": [1, 2, 0]}


def by_hand(folder, **changes):
    """An NPZ file by hand; a change to None leaves an array out."""
    arrays = {name: value for name, value in {**EDGES, **changes}.items() if value is not None}
    np.savez(folder / "mine.npz", **arrays)
    return folder / "mine.npz"


def test_ids_that_were_read_as_float64_are_ids(tmp_path):
    read = npz.load(by_hand(tmp_path, sources=np.array([0.0, 1.0, 3.0]))).network
    assert read.sources.tolist() == [0, 1, 3]


def test_ids_that_start_at_1_are_told_from_others_before_one_equals_n(tmp_path):
    shifted = {"sources": [1, 2, 3], "targets": [2, 3, 1]}  # none is 0, and none is 4, which no cell of four has
    with pytest.raises(ValueError, match=r"mine.npz: ids of cells go from 1 to 3, none is 0: expected first_id"):
        npz.load(by_hand(tmp_path, **shifted))
    assert npz.load(by_hand(tmp_path, **shifted, first_id=1)).network.sources.tolist() == [0, 1, 2]
    assert npz.load(by_hand(tmp_path, **shifted, first_id=0)).network.sources.tolist() == [1, 2, 3]
    assert npz.load(by_hand(tmp_path, **shifted), first_id=1).network.sources.tolist() == [0, 1, 2]
    assert npz.load(by_hand(tmp_path, **shifted, first_id=0), first_id=1).network.sources.tolist() == [1, 2, 3]


@pytest.mark.parametrize("kernel", [name for name, kernel in KERNELS.items() if kernel.synaptic])
def test_synaptic_current_that_nobody_gave_is_zero(tmp_path, kernel):
    state = KERNELS[kernel].initial(4, np.random.default_rng(0))
    read = npz.load(by_hand(tmp_path, kernel=kernel, state=state)).network
    assert np.array_equal(read.state[:-1], state)
    assert not read.state[-1].any()
    made = Network(kernel, state, [0], [1])
    assert np.array_equal(made.state, read.state)


def test_state_that_nobody_gave_is_the_kernels(tmp_path):
    first, second = (npz.load(by_hand(tmp_path)).network for _ in range(2))
    assert first.cells == 4
    assert np.array_equal(first.state, second.state)
    assert len(set(first.state[0])) == 4


NPZ_WRONG = {
    "id": ({"targets": [1, 2, 4]}, r"mine.npz: targets\[2\] is 4: expected .* from 0 to 3; ids that start at 1 need"),
    "negative": ({"sources": [0, -1, 3]}, r"mine.npz: sources\[1\] is -1: expected .* from 0 to 3"),
    "fraction": ({"sources": [0, 1.5, 3]}, r"mine.npz: sources\[1\] is 1.5: expected a cell's id, a whole number"),
    "not-finite": ({"sources": [0, np.nan, 3]}, r"mine.npz: sources\[1\] is nan"),
    "words": ({"sources": ["a", "b", "c"]}, r"mine.npz: sources\[0\] begins <U1"),
    "fewer": ({"targets": [1, 2]}, r"mine.npz: targets has 2 entries: expected 3"),
    "weights": ({"weights": [1.0, np.inf, 1.0]}, r"mine.npz: weights holds inf at \(1,\): expected finite"),
    "weights-count": ({"weights": [1.0, 1.0]}, r"mine.npz: weights has shape \(2,\)"),
    "delays": ({"delays": [1.0, -2.0, 1.0]}, r"mine.npz: delays holds -2: expected ms from 0"),
    "delays-of-gaps": ({"kernel": "io", "delays": 1.0}, "mine.npz: delays is given for io"),
    "state": ({"state": np.zeros((3, 4))}, r"mine.npz: state of a connected hh network has shape \(3, 4\)"),
    "parameter": ({"parameters.g_Nax": 1.0}, "mine.npz: unknown parameter 'g_Nax': expected one of g_Na"),
    "array": ({"weight": 1.0}, "mine.npz: holds an array 'weight': expected some of kernel, cells, state"),
    "no-targets": ({"targets": None}, "mine.npz: holds no 'targets'"),
    "no-cells": ({"cells": None}, "mine.npz: does not say how many cells there are: expected 'state'"),
    "no-kernel": (
        {"kernel": None},
        "mine.npz: says no kernel: expected one of io, hh, lif, in the file or by",
    ),
    "kernel": ({"kernel": "izh"}, "mine.npz: unknown kernel 'izh': expected one of io, hh, lif"),
    "kernel-number": ({"kernel": 3}, r"mine.npz: kernel is int64 \(\): expected a word"),
    "cells": ({"cells": 2.5}, "mine.npz: cells is 2.5: expected a whole number"),
    "cells-of-state": ({"state": np.zeros((5, 3))}, "mine.npz: cells is 4: expected 3, as state has columns"),
    "cells-of-parameter": ({"parameters.g_Na": np.ones(3)}, r"mine.npz: parameters\['g_Na'\] has shape \(3,\)"),
    "length": ({"milliseconds": 0}, "mine.npz: milliseconds is 0: expected a whole number of at least 1"),
    "length-endless": ({"milliseconds": np.inf}, "mine.npz: milliseconds is inf: expected a whole number"),
    "stimulus": ({"stimulus": np.zeros((3, 5))}, r"mine.npz: stimulus .* has shape \(3, 5\): expected \(3, 4\)"),
    "stimulus-short": (
        {"stimulus": np.zeros((3, 4)), "milliseconds": 9},
        "mine.npz: its stimulus has 3 ms: expected 9",
    ),
}


@pytest.mark.parametrize(("changes", "sentence"), NPZ_WRONG.values(), ids=NPZ_WRONG)
def test_wrong_npz_is_refused_by_file_place_and_value(tmp_path, changes, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        npz.load(by_hand(tmp_path, **changes))
    assert "\n" not in str(refused.value)


def test_file_of_another_kernel_than_was_asked_for_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"mine.npz: says kernel 'hh': expected 'lif', which was asked for"):
        npz.load(by_hand(tmp_path), "lif")
    assert npz.load(by_hand(tmp_path, kernel=None), "lif").network.kernel == "lif"


@pytest.mark.parametrize("content", [b"", b"pre,post\n0,1\n", b"PK\x03\x04 cut off"])
def test_what_is_no_npz_is_refused_by_its_name(tmp_path, content):
    (tmp_path / "mine.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"mine.npz: is no NPZ file of plain arrays"):
        Network.load(tmp_path / "mine.npz", "hh")


def test_npz_whose_compressed_bytes_are_broken_is_refused_by_its_name(tmp_path):
    path = tmp_path / "mine.npz"
    build("io", 4).save(path)
    whole = path.read_bytes()
    for place in range(62, 110, 4):  # in what is deflated
        path.write_bytes(whole[:place] + bytes(whole[place + i] ^ 255 for i in range(8)) + whole[place + 8 :])
        with pytest.raises(ValueError, match=r"mine.npz: "):
            Network.load(path)


def test_pickle_is_refused_and_not_run(tmp_path):
    np.savez(tmp_path / "mine.npz", **EDGES, state=np.array([{"a": print}], dtype=object))
    with pytest.raises(ValueError, match=r"mine.npz: is no NPZ file of plain arrays: .*allow_pickle"):
        npz.load(tmp_path / "mine.npz")


def test_array_alone_is_no_npz(tmp_path):
    with (tmp_path / "mine.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r"mine.npz: is no NPZ file"):
        npz.load(tmp_path / "mine.npz")


HEAD = "# kernel: hh\n"


def csv(folder, edges, cells=None):
    """CSV files by hand."""
    (folder / "mine.csv").write_text(edges, encoding="utf-8")
    if cells is not None:
        (folder / "mine.cells.csv").write_text(cells, encoding="utf-8")
    return folder / "mine.csv"


def test_csv_of_a_network_is_the_network(tmp_path):
    network = build("hh", 4, delays=(1, 3)).but(weights=np.linspace(0.1, 0.2, 320), topology=None, seed=None)
    edges = "\n".join(
        f"{s},{t},{w!r},{d!r}"
        for s, t, w, d in zip(
            *(getattr(network, name).tolist() for name in ("sources", "targets", "weights", "delays"))
        )
    )
    cells = "\n".join(",".join(map(repr, column)) for column in network.state.T.tolist())
    path = csv(tmp_path, f"{HEAD}pre,post,weight,delay\n{edges}\n", f"V,m,h,n,I_syn\n{cells}\n")
    assert same(tables.load(path).network, network)


def test_cells_of_a_csv_have_parameters_and_ids_of_any_kind(tmp_path):
    path = csv(tmp_path, "pre,post\n101,7\n7,103\n", "id,I_in\n101,1\n7,2\n103,3\n")
    read = tables.load(path, "hh").network
    assert (read.sources.tolist(), read.targets.tolist()) == ([0, 1], [1, 2])
    assert read.parameters["I_in"].tolist() == [1, 2, 3]
    assert read.state.shape == (5, 3)


def test_ids_of_18_digits_are_told_apart(tmp_path):
    one, two = 720575940621039145, 720575940621039146  # one number in float64
    path = csv(tmp_path, f"pre,post\n{one},{two}\n", f"id\n{two}\n{one}\n")
    read = tables.load(path, "hh").network
    assert (read.sources.tolist(), read.targets.tolist()) == ([1], [0])


def test_csv_of_a_spreadsheet_is_read(tmp_path):
    (tmp_path / "mine.csv").write_bytes("pre, post\r\n0.0, 1.0\r\n\r\n1,0\r\n".encode("utf-8-sig"))
    assert tables.load(tmp_path / "mine.csv", "lif").network.sources.tolist() == [0, 1]


def test_csv_says_what_no_column_does(tmp_path):
    path = csv(tmp_path, "# kernel: hh\n# first_id: 1\n# cells: 5\n# milliseconds: 20\n# a remark\npre,post\n1,2\n")
    given = tables.load(path)
    assert (given.network.kernel, given.network.cells, given.milliseconds) == ("hh", 5, 20)
    assert given.network.sources.tolist() == [0]


CSV_WRONG = {
    "word": ("pre,post\n0,1\n0,x\n", "mine.csv, line 4: post is 'x': expected a finite number"),
    "fraction": ("pre,post\n0,1\n0,1.5\n", "mine.csv, line 4: post is 1.5: expected a cell's id, a whole number"),
    "weight": ("pre,post,weight\n0,1,0.1\n0,1,nan\n", "mine.csv, line 4: weight is 'nan': expected a finite number"),
    "delay": ("pre,post,delay\n0,1,1\n\n0,1,-3\n", "mine.csv, line 5: delay is -3: expected ms from 0"),
    "too-many": ("pre,post\n0,1\n0,1,2\n", "mine.csv, line 4: has 3 values: expected 2, pre,post"),
    "columns": ("source,target\n0,1\n", r"mine.csv: its columns are source, target: expected pre,post\[,weight\]"),
    "no-post": ("pre,weight\n0,1\n", "mine.csv: its columns are pre, weight: expected pre,post"),
    "twice": ("pre,post,pre\n0,1,2\n", "mine.csv: its columns are pre, post, pre: expected each name once"),
    "empty": ("", "mine.csv: is empty: expected the names of columns"),
    "start": ("pre,post\n1,2\n2,3\n", "mine.csv: ids of cells go from 1 to 3, none is 0: expected first_id"),
    "negative": ("pre,post\n0,-2\n", "mine.csv, line 3: post is -2: expected a cell's id, from 0"),
    "cells": (
        "# cells: 2\npre,post\n0,1\n0,2\n",
        "line 5: post is 2: .* from 0 to 1; ids that start at 1",
    ),
    "names": (
        "pre,post\n0,720575940621039145\n",
        "mine.csv: has ids up to 720575940621039145 of 2 cells: expected a file of cells beside it, with their ids",
    ),
    "beyond": ("pre,post\n0,99999999999999999999\n", "mine.csv, line 3: post is 1e\\+20: expected a cell's id"),
    "cells-many": ("# cells: 99999999999\npre,post\n0,1\n", "mine.csv: cells is 99999999999: expected .* 2147483647"),
    "cells-word": ("# cells: two\npre,post\n0,1\n", "mine.csv: cells is 'two': expected a whole number"),
}


@pytest.mark.parametrize(("content", "sentence"), CSV_WRONG.values(), ids=CSV_WRONG)
def test_wrong_csv_is_refused_by_file_line_and_value(tmp_path, content, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        tables.load(csv(tmp_path, HEAD + content))
    assert "\n" not in str(refused.value)


CELLS_WRONG = {
    "column": ("g_NA\n1\n1\n", "mine.cells.csv: has a column 'g_NA': expected some of id, g_Na"),
    "state": ("V,m,h\n1,1,1\n1,1,1\n", "mine.cells.csv: has no column 'n': expected all of V, m, h, n, I_syn, or none"),
    "value": ("I_in\n1\nmuch\n", "mine.cells.csv, line 3: I_in is 'much': expected a finite number"),
    "fewer": ("I_in\n1\n", "mine.csv, line 3: post is 1: expected a cell's id, from 0 to 0"),
    "id": ("id\n0\n5\n", "mine.csv, line 3: post is 1: expected the id of a cell"),
    "id-twice": ("id\n0\n0\n", "mine.cells.csv, line 3: id is 0, as above: expected each id once"),
}


@pytest.mark.parametrize(("content", "sentence"), CELLS_WRONG.values(), ids=CELLS_WRONG)
def test_wrong_cells_are_refused_by_file_line_and_value(tmp_path, content, sentence):
    with pytest.raises(ValueError, match=sentence):
        tables.load(csv(tmp_path, f"{HEAD}pre,post\n0,1\n", content))


def test_cells_that_are_said_are_as_many_as_have_a_line(tmp_path):
    with pytest.raises(ValueError, match=r"mine.csv: cells is 7: expected 2, as .*mine.cells.csv has lines"):
        tables.load(csv(tmp_path, f"{HEAD}# cells: 7\npre,post\n0,1\n", "I_in\n1\n2\n"))


def test_absent_file_is_refused_by_its_name(tmp_path):
    for load, name in ((npz.load, "no.npz"), (tables.load, "no.csv")):
        with pytest.raises(ValueError, match=re.escape(name) + ": cannot be read: No such file"):
            load(tmp_path / name)
