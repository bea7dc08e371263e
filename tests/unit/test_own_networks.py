"""Networks of one's own as rows: which are run, what does not go with them, by whom they are judged, what is kept."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model.network import Network, build, drive
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.cli.group import main
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.pool import pool
from neurochip_bench.keep import conditions
from neurochip_bench.keep.entry import record_of
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.networks.describe import lines
from neurochip_bench.networks.edges import duplicates, one_way, self_edges
from neurochip_bench.networks.own import by_name, own
from neurochip_bench.networks.read import read
from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import times as times_figure
from neurochip_bench.report.tables import times
from neurochip_bench.suite import networks, own_truth, rows
from neurochip_bench.suite.judges import FLOAT32
from neurochip_bench.suite.keeping import Kept
from neurochip_bench.suite.own_truth import By, OwnTruths, ways
from tests.helpers.saved_runs import save, timed
from tests.helpers.sessions import TELLING, ran, told

ROOT = Path(__file__).parents[2]
HH = build("hh", 4).but(topology=None, seed=None)


def saved(folder, name="mine.npz", network=HH, **given):
    network.save(folder / name, **given)
    return folder / name


def ready(folder, *arguments, **given):
    return own(saved(folder, **given), *arguments)


class Config:
    """What pytest's configuration is asked for here."""

    def __init__(self, *paths, **option):
        asked = {"kernel": None, "stimulus": None, "milliseconds": None, "side": None, "quick": False, "markexpr": ""}
        self.option = SimpleNamespace(network=[str(path) for path in paths], **{**asked, **option})
        self.stash = pytest.Stash()
        self.args: list[str] = []

    def getoption(self, name, default):
        return getattr(self.option, name, default)


def asked(coupling=None):
    """Options of a command line."""
    return SimpleNamespace(coupling=coupling, devices=None, processes=None)


def configured(*paths, **option):
    config = Config(*paths, **option)
    networks.pytest_configure(config)
    return config


# Which rows


def test_ids_begin_with_the_files_stem_and_rows_have_the_markers_of_what_is_in_it(tmp_path):
    params = rows.own_params([ready(tmp_path, name="my net-2.npz")], asked("padded,dense"))
    ids = [param.id for param in params]
    assert "my_net_2-jax-cpu-f32-n=64-padded" in ids
    assert "my_net_2-numpy-cpu-f64-n=64-dense" in ids
    assert len(set(ids)) == len(ids)
    assert all({"hh", "connected"} <= {mark.name for mark in param.marks} for param in params)
    assert {"cpu", "gpu"} <= {mark.name for param in params for mark in param.marks}


def test_id_of_a_row_is_pinned(tmp_path):
    (param,) = (p for p in rows.own_params([ready(tmp_path)], asked()) if p.id == "mine-jax-cpu-f32-n=64")
    assert param.values == ("hh", True, "jax-cpu-f32", "mine", None, 1)


@pytest.mark.parametrize(("cells", "expected"), [(rows.NUMPY_CELLS, True), (rows.NUMPY_CELLS + 1, False)])
def test_numpy_runs_up_to_2500_cells(tmp_path, cells, expected):
    large = Network("lif", np.zeros((1, cells)), [], [])
    found = [param.id for param in rows.own_params([ready(tmp_path, network=large)], asked("padded"))]
    assert any("numpy" in name for name in found) is expected
    assert f"mine-jax-cpu-f64-n={cells}" in found  # no coupling where nothing is connected, and nothing is thinned


# What is refused


def test_no_kernel_named_anywhere_is_a_usage_error_that_one_option_mends(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("pre,post\n0,1\n")
    with pytest.raises(pytest.UsageError, match=r"mine.csv: says no kernel: expected one of io, hh, lif, .* --kernel"):
        configured(path)
    assert configured(path, kernel="lif").stash[NETWORKS]["mine"].network.kernel == "lif"


def test_kernel_is_that_of_the_files_that_say_none_and_has_to_be_of_one(tmp_path):
    path, said = tmp_path / "bare.csv", saved(tmp_path)
    path.write_text("pre,post\n0,1\n")
    found = configured(said, path, kernel="lif").stash[NETWORKS]
    assert {name: network.network.kernel for name, network in found.items()} == {"mine": "hh", "bare": "lif"}
    with pytest.raises(pytest.UsageError, match=r"mine.npz: says kernel 'hh': expected 'lif', which was asked for"):
        configured(said, kernel="lif")


def test_two_files_of_one_stem_and_one_that_is_a_kernels_are_refused(tmp_path):
    (tmp_path / "b").mkdir()
    one, two = saved(tmp_path), saved(tmp_path / "b")
    with pytest.raises(pytest.UsageError, match=r"mine.npz and .*b/mine.npz would both be 'mine': expected two names"):
        configured(one, two)
    with pytest.raises(pytest.UsageError, match=r"hh.npz: its name is a kernel's: expected another than io, hh, lif"):
        configured(saved(tmp_path, "hh.npz"))
    assert set(configured(one, saved(tmp_path, "other.npz")).stash[NETWORKS]) == {"mine", "other"}


BESIDE = {
    "side": ({"side": "4"}, "--side beside --network: expected one of them"),
    "quick": ({"quick": True}, "--quick beside --network: expected one of them"),
    "experiment": ({"markexpr": "cpu and scaling"}, "-m scaling beside --network: expected no experiment"),
    "experiments": ({"markexpr": "experiment"}, "-m experiment beside --network: expected no experiment"),
    "milliseconds": ({"milliseconds": 0}, "--milliseconds 0: expected a whole number from 1"),
    "stimulus": (
        {"stimulus": "no.npy"},
        "--stimulus no.npy: No such file or directory: expected drive, none or",
    ),
}


@pytest.mark.parametrize(("option", "sentence"), BESIDE.values(), ids=BESIDE)
def test_what_does_not_go_with_networks_is_refused_in_a_sentence(tmp_path, option, sentence):
    with pytest.raises(pytest.UsageError, match=sentence):
        configured(saved(tmp_path), **option)


@pytest.mark.parametrize(("name", "value"), [("kernel", "hh"), ("stimulus", "none"), ("milliseconds", 5)])
def test_options_of_a_network_need_one(name, value):
    with pytest.raises(pytest.UsageError, match=f"--{name} goes with --network"):
        configured(**{name: value})


def test_experiment_that_is_asked_for_by_its_path_is_refused(tmp_path):
    config = configured(saved(tmp_path))
    config.args = [str(tmp_path / "test_scaling.py")]
    item: Any = SimpleNamespace(path=tmp_path / "test_scaling.py", get_closest_marker=lambda name: name == "experiment")
    with pytest.raises(pytest.UsageError, match=r"test_scaling.py beside --network: expected no experiment"):
        networks.pytest_collection_modifyitems(config, [item])
    config.args = [str(tmp_path)]
    networks.pytest_collection_modifyitems(config, [item])


@pytest.mark.parametrize("name", ["mine.txt", "absent"])
def test_file_of_no_known_form_is_refused(tmp_path, name):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(pytest.UsageError, match=rf"{name}: is no.* expected an NPZ or a CSV file, or a folder"):
        configured(tmp_path / name)


# What they are run with


def test_stimulus_and_length_come_with_the_file_or_by_options(tmp_path):
    given = np.full((20, 64), 3.0, np.float32)
    with (tmp_path / "put.npy").open("wb") as file:
        np.save(file, 2 * given)
    path, bare = saved(tmp_path, stimulus=given, milliseconds=10), saved(tmp_path, "bare.npz")
    assert own(path).milliseconds == 10
    assert np.array_equal(own(path).stimulus, given[:10])
    assert own(path, None, None, 20).milliseconds == 20
    assert np.array_equal(own(bare).stimulus, drive(HH, 100))
    assert np.array_equal(own(path, None, "drive").stimulus, drive(HH, 10))
    assert own(path, None, "none").stimulus is None
    assert np.array_equal(own(bare, None, str(tmp_path / "put.npy")).stimulus, 2 * given)
    with pytest.raises(ValueError, match=r"mine.npz: its stimulus has 20 ms: expected 21, the run's length"):
        own(path, None, None, 21)


def test_digest_changes_with_whatever_changes_a_result_and_with_nothing_else(tmp_path):
    weights, late = np.full(320, 0.06), np.full(320, 2.0)
    others = [
        HH.but(weights=weights * 2),
        HH.but(delays=late),
        HH.but(parameters={"g_L": 0.31}),
        HH.but(state=HH.state - 1),
    ]
    found = [ready(tmp_path, name=f"n{i}.npz", network=network).digest for i, network in enumerate((HH, *others))]
    found += [own(saved(tmp_path), None, None, 50).digest, own(saved(tmp_path), None, "none").digest]
    assert len(set(found)) == len(found)
    assert ready(tmp_path, name="another.npz").digest == found[0]


def test_one_way_gap_junctions_are_said_once_in_the_header_and_the_record(tmp_path, recwarn):
    io = build("io", 4)
    lame = Network("io", io.state, io.sources[1:], io.targets[1:])
    config = configured(saved(tmp_path, network=lame), saved(tmp_path, "whole.npz", io), saved(tmp_path, "hh2.npz"))
    header = networks.pytest_report_header(config)
    assert [line.count("1 gap junctions act one way only") for line in header] == [1, 0, 0]
    assert [network.one_way for network in config.stash[NETWORKS].values()] == [1, 0, None]
    record = record_of(row_of(config), 1)
    assert (record["one_way"], record["network"], record["cells"]) == (1, "mine", 64)
    assert not recwarn.list


def row_of(config):
    params = {"kernel": "io", "connected": True, "backend": "jax-cpu-f32", "network": "mine", "coupling": None}
    return SimpleNamespace(name="test_run[x]", config=config, callspec=SimpleNamespace(params=params))


def test_edges_are_counted():
    network = Network("io", build("io", 4).state, [0, 0, 1, 2, 3], [1, 1, 0, 2, 1])
    assert (one_way(network), duplicates(network), self_edges(network)) == (1, 1, 1)


# By whom they are judged


@pytest.fixture
def here(monkeypatch):
    """Only these backends are here."""

    def only(*names):
        for backend in BACKENDS.values():
            monkeypatch.setattr(type(backend), "missing", lambda self: None if self.id in names else "not here")

    return only


SMALL = By(ORACLE, FLOAT32, 100)
JAX, TENSORFLOW = ("jax-cpu-f32", "jax-cpu-f64"), ("tensorflow-cpu-f32", "tensorflow-cpu-f64")


def of_size(folder, cells, milliseconds=100):
    return own(saved(folder, network=Network("lif", np.zeros((1, cells)), [], [])), None, None, milliseconds)


def test_numpy_judges_what_takes_it_about_a_minute(tmp_path, here):
    here(*JAX, *TENSORFLOW)
    assert list(ways(of_size(tmp_path, 2500), BACKENDS["jax-cpu-f32"])) == [SMALL]


@pytest.mark.parametrize(
    ("judged", "present", "first"),
    [
        ("jax-cpu-f32", (*JAX, *TENSORFLOW), By("tensorflow-cpu-f64", "tensorflow-cpu-f32", 100)),
        ("tensorflow-cpu-f32", (*JAX, *TENSORFLOW), By("jax-cpu-f64", "jax-cpu-f32", 100)),
        ("onnxruntime-cpu-f32", (*JAX, *TENSORFLOW), By("jax-cpu-f64", "jax-cpu-f32", 100)),
        ("jax-cpu-f32", JAX, By(ORACLE, FLOAT32, 50)),  # no other library gives F: as much as NumPy does in time
    ],
)
def test_beyond_that_a_stand_in_judges_with_f_by_another_library(tmp_path, here, judged, present, first):
    here(*present)
    found = list(ways(of_size(tmp_path, 5000), BACKENDS[judged]))
    assert found[0] == first
    assert found[-1] == By(ORACLE, FLOAT32, 50)
    assert all(BACKENDS[by.floor].library != BACKENDS[judged].library for by in found)


def test_stand_in_that_numpy_contradicts_is_not_believed(tmp_path, here, monkeypatch):
    here(*JAX, *TENSORFLOW)
    monkeypatch.setattr(own_truth, "run_of", lambda name, *rest: name)
    monkeypatch.setattr(own_truth, "agree", lambda run, truth: truth == ORACLE and run != "tensorflow-cpu-f64")
    monkeypatch.setattr(OwnTruths, "_known", lambda self, own, by: by)
    network, truths = of_size(tmp_path, 5000), OwnTruths(Kept(None))
    assert truths.of(network, BACKENDS["jax-cpu-f32"]) == By("jax-cpu-f64", "tensorflow-cpu-f32", 100)
    monkeypatch.setattr(own_truth, "agree", lambda run, truth: False)
    assert OwnTruths(Kept(None)).of(network, BACKENDS["jax-cpu-f32"]) == By(ORACLE, FLOAT32, 50)


def test_verdict_is_by_yardsticks_of_the_very_network_which_are_kept(tmp_path, monkeypatch):
    network = ready(tmp_path, None, None, 5)
    oracle = BACKENDS[ORACLE]
    run = BACKENDS[FLOAT32].prepare(network.network).run(5, network.stimulus)
    (tmp_path / "kept").mkdir()
    verdict, floor_by = OwnTruths(Kept(tmp_path / "kept")).judge(run, network, oracle)
    assert (verdict.word, verdict.by, verdict.own, verdict.milliseconds) == ("faithful", ORACLE, True, 5)
    assert floor_by == FLOAT32
    monkeypatch.setattr(own_truth, "computed", None)  # which would be asked for again
    again, _ = OwnTruths(Kept(tmp_path / "kept")).judge(run, network, oracle)
    assert again == verdict
    run.trace[3:] += 1.0
    assert OwnTruths(Kept(tmp_path / "kept")).judge(run, network, oracle)[0].word == "unusable"
    with pytest.raises(TypeError):
        OwnTruths(Kept(tmp_path / "kept")).judge(run, own(saved(tmp_path), None, "none", 5), oracle)


# What is kept, compared and shown


def test_run_goes_on_only_with_the_same_files(tmp_path):
    path = saved(tmp_path)
    config: Any = Config(path)
    config.rootpath, config.invocation_params = tmp_path, SimpleNamespace(args=())
    before = conditions.conditions(config)
    assert conditions.conditions(config) == before
    saved(tmp_path, network=HH.but(weights=0.06))
    assert "mine.npz" in conditions.differences(before, conditions.conditions(config))


def row(digest="aaaaaaaa", **changes):
    made = timed("hh-connected-jax-cpu-f32-n=64", network="mine", network_digest=digest, **changes)
    name = "test_run[mine-jax-cpu-f32-n=64]"
    return {**made, "name": name, "fullname": f"tests/perf/test_run.py::{name}"}


def test_rows_of_one_id_whose_networks_differ_are_compared_neither_in_time_nor_in_result(compared):
    code, text = compared([row(seconds=[0.001])], [row("bbbbbbbb", verdict="usable", seconds=[9.0])])
    assert code == 0
    assert "mine is another network (digest aaaaaaaa → bbbbbbbb): neither time nor result is compared, rows: 1" in text
    assert "another network" in text
    assert "→ usable" not in text
    assert "times: none compared" in text
    code, text = compared([row(seconds=[0.001])], [row(verdict="usable", seconds=[9.0])])
    assert "is another network" not in text
    assert "faithful → usable" in text


def test_gate_is_not_kept_where_networks_differ_and_a_wrong_result_fails_all_the_same(compared):
    code, text = compared([row()], [row("bbbbbbbb")], "--fail-slower", "10%")
    assert code == 4
    assert "times do not compare (another network)" in text
    assert compared([row(verdict="unusable")], [row("bbbbbbbb", verdict="unusable")])[0] == 1


def test_processes_of_one_side_that_ran_different_networks_are_refused(tmp_path):
    paths = [save(tmp_path / f"{digest}.json", [row(digest)], hour=i) for i, digest in enumerate(("aaaa", "bbbb"))]
    with pytest.raises(CompareError, match=r"ran networks of digests aaaa, bbbb: expected one"):
        pool(paths)


def test_page_has_such_a_network_as_a_kind_of_its_own(tmp_path):
    standard = timed("hh-connected-jax-cpu-f32-n=64", rtf=0.5)
    collected = collect([save(tmp_path / "a.json", [standard, row(rtf=0.1)])])
    assert [kind.title for kind in collected.networks] == ["hh, connected", "mine (aaaaaa), hh, connected"]
    assert len({kind.key for kind in collected.networks}) == 2
    table = times(collected).for_people()
    assert table.heads[0] == "network"
    assert [line[0] for line in table.rows] == [None, "mine (aaaaaa)"]
    alone = times(collect([save(tmp_path / "b.json", [standard])])).for_people()
    assert "network" not in alone.heads


@pytest.mark.parametrize(("lengths", "said"), [([5], "of 5 ms"), ([100, 5], "of 5 or 100 ms"), ([], "of 100 ms")])
def test_figure_of_times_says_how_long_its_runs_were(tmp_path, lengths, said):
    rows = [row(digest=f"{length:04}", rtf=0.1, model_ms=length) for length in lengths]
    paths = [save(tmp_path / f"{i}.json", [each]) for i, each in enumerate(rows)]
    assert f"(best round {said}, transfers" in times_figure.figure(collect(paths)).caption


# What is said of a file


def test_command_says_what_was_read_and_writes_it(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("pre,post\n" + "".join(f"{i},1\n" for i in range(1, 31)) + "2,1\n3,3\n")
    out = tmp_path / "mine.npz"
    assert main(["network", str(tmp_path / "mine.csv"), "--kernel", "io", "--first-id", "1", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    for line in (
        "kernel io, 30 cells, 32 connections",
        "in-degrees: 0 to 31, median 0; cells without an input: 28",
        "hubs, cells with 10 inputs or more: 1 (cell 0 has 31)",
        "from a cell to itself: 2; duplicates, which add: 1",
        "gap junctions that act one way only: 30",
        "weights: 0.05 mS/cm2",
        "run length: not said",
        "coupling padded: ",
    ):
        assert line in said
    assert Network.load(out).connections == 32


def test_command_says_units_of_what_a_file_changed(tmp_path, capsys):
    path = saved(tmp_path, network=HH.but(delays=2.0, parameters={"g_L": 0.4}), stimulus=np.ones((3, 64)))
    assert main(["network", str(path)]) == 0
    said = capsys.readouterr().out
    assert "weights: 0.05 uA/cm2" in said
    assert "delays: 2 ms, at most 80 steps of 0.025 ms" in said
    assert "coupling 'dense' knows no delays" in said
    assert "g_L: 0.4 mS/cm2, the kernel's is 0.3" in said
    assert "stimulus: 3 ms, 1" in said
    assert "run length: 3 ms" in said


def test_command_refuses_nonsense_in_a_sentence_and_writes_nothing(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("pre,post\n0,1\n0,one\n")
    command = ["network", str(tmp_path / "mine.csv"), "--kernel", "hh", "-o", str(tmp_path / "out.npz")]
    assert main(command) == 4
    assert "mine.csv, line 3: post is 'one': expected a finite number\n" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()


def test_example_of_the_page_is_the_network_that_the_page_tells_of(tmp_path, monkeypatch):
    page = (ROOT / "docs" / "own-network.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(script, {})
    told = list(lines(read(tmp_path / "mine.npz")))
    assert "hubs, cells with 50 inputs or more: 11 (cell 0 has 200" in "".join(told)
    assert [line for line in told if line not in page] == []


def test_names_are_safe_in_ids(tmp_path):
    assert set(by_name([ready(tmp_path, name="Ünï [1]-x.npz")])) == {"n_1_x"}


def test_session_runs_the_network_and_no_other(tmp_path):
    path = saved(tmp_path)
    rows = ["tests/perf", "-m", "cpu", "--network", str(path), "--milliseconds", "2", "-k", "numpy"]
    code, output = ran(tmp_path, *rows, plugin=TELLING, save=False)
    assert code == 0, output
    assert "network mine: 64 hh cells, 320 connections" in output
    assert "mine, hh connected" in output
    found = told(output)
    expected = {f"{test}[mine-numpy-cpu-{p}-n=64]" for test in ("test_run", "test_prepare") for p in ("f32", "f64")}
    assert set(found) == expected
    for record in found.values():
        assert (record["network"], record["network_digest"]) == ("mine", own(path, None, None, 2).digest)
        assert (record["judged_by"], record["floor_by"], record["judged_ms"]) == (ORACLE, FLOAT32, 2)
