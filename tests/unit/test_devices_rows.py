"""Rows over several devices: which there are, what they are called, and what is refused or skipped in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded.remote import ALONE, many, over
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.match import of_its_network
from neurochip_bench.compare.pool import pooled
from neurochip_bench.compare.side import SideRow
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record, saved_form
from neurochip_bench.keep.saved import SavedRow, SavedRun
from neurochip_bench.report.history.series import read
from neurochip_bench.suite import devices, rows, selection
from neurochip_bench.tools import delays
from tests.helpers.saved_runs import save, timed

JAX = BACKENDS["jax-cpu-f32"]
RECORD = Record(model="io", connectivity="connected", backend="jax-cpu-f32", cells=64, rtf=1.0, verdict="faithful")


def option(text=None, coupling=None, processes=None):
    return SimpleNamespace(side="9", coupling=coupling, quick=False, devices=text, processes=processes)


def ids(**given):
    return [param.id for param in rows.Rows(kernels=("io",)).params(option(**given))]


def test_a_row_over_several_devices_ends_in_their_number_and_one_device_is_the_row_as_ever():
    found = ids(text="1,2,4", coupling="padded")
    assert "io-connected-jax-cpu-f32-n=729-padded" in found
    assert "io-connected-jax-cpu-f32-n=729-padded-devices=4" in found
    assert "io-unconnected-jax-cpu-f32-n=729-devices=2" in found
    assert {i for i in found if "devices=" not in i} <= set(ids(coupling="padded"))


def test_backends_of_one_device_are_left_out_and_one_line_names_them():
    found = ids(text="2")
    assert found
    assert all("-jax-" in i for i in found)
    line = devices.left_out(BACKENDS.values())
    assert "tensorflow-cpu-f32" in line
    assert "jax" not in line
    assert "\n" not in line


def test_benchmarks_that_are_no_rows_of_a_backend_of_many_devices_are_left_out():
    assert devices.in_shards(item({"backend": "jax-cpu-f32", "devices": 1}))
    assert not devices.in_shards(item({"backend": "tensorflow-cpu-f32", "devices": 1})), "a form of one backend"
    assert not devices.in_shards(item({"backend": "jax-cpu-f32"})), "listing 3 is on one device"
    assert not devices.in_shards(item({"backend": "brian2-cpu-f64", "devices": 1})), "a peer"


@pytest.mark.parametrize(("text", "asked"), [("2", [True, False]), (None, [True, True])])
def test_beside_devices_a_benchmark_of_one_device_is_not_asked_for(text, asked):
    option = SimpleNamespace(devices=text, markexpr="cpu")
    stash: dict[object, dict[str, object]] = {selection.NETWORKS: {}}
    config = SimpleNamespace(args=[], rootpath=Path("/here"), stash=stash, option=option, getoption=lambda *_: False)
    over_many, on_one = item({"backend": "jax-cpu-f32", "devices": 2}), item({"backend": "tensorflow-cpu-f32"})
    for each in (over_many, on_one):
        each.path, each.config = config.rootpath / selection.PERF / "test_run.py", config
    assert [selection.asked_for(config, each) for each in (over_many, on_one)] == asked
    if text:
        assert selection.how_to_ask(on_one) == "without --devices"


@pytest.mark.parametrize("text", ["", "0", "1,,2", "many", "1.5", "-1"])
def test_what_is_no_number_of_devices_is_refused(text):
    with pytest.raises(pytest.UsageError, match="expected whole numbers from 1, or 'all'"):
        devices.parse(text)


@pytest.mark.parametrize(
    ("text", "processes", "expected"), [("all", 1, [1]), ("all", 3, [3]), ("2,1,2,all", 1, [2, 1])]
)
def test_all_is_one_cpu_of_each_process(text, processes, expected):
    assert devices.of_backend(text, JAX, processes) == expected


def item(given, *, group=ALONE, markers=(), text="1,2,4"):
    config = SimpleNamespace(stash={devices.GROUP: group}, option=SimpleNamespace(devices=text))
    return SimpleNamespace(
        callspec=SimpleNamespace(params=given),
        config=config,
        get_closest_marker=lambda name: name if name in markers else None,
    )


def test_more_devices_than_there_are_is_a_skip_that_says_how_many_there_are(monkeypatch):
    monkeypatch.setattr(devices, "here", lambda backend: 2)
    given = {"backend": "jax-gpu-f32", "devices": 4}
    assert devices.lacking(item(given)) == "devices=4: there are 2"
    assert devices.lacking(item({**given, "devices": 2})) is None
    assert devices.lacking(item(given, group=Group("h:1", 2, 0))) is None, "each of two processes has two"


def test_a_number_that_processes_cannot_share_is_a_skip():
    group = Group("127.0.0.1:1", 2, 1)
    for number in (1, 3):
        why = devices.lacking(item({"backend": "jax-cpu-f32", "devices": number}, group=group))
        assert "multiple of the 2 processes" in why
    assert devices.lacking(item({"backend": "jax-cpu-f32", "devices": 4}, group=group)) is None


def test_energy_is_refused_in_a_sentence():
    assert "energy is that of one device" in devices.lacking(item({"backend": "jax-cpu-f32"}, markers=("energy",)))
    for asked in ("energy and cpu", "(energy or io) and cpu"):
        config = SimpleNamespace(option=SimpleNamespace(devices="2", markexpr=asked), stash={})
        with pytest.raises(pytest.UsageError, match="a meter reads one device"):
            devices.pytest_configure(config)


def options(**given):
    none = dict.fromkeys(("coordinator", "processes", "process_id", "devices"))
    return SimpleNamespace(**{**none, **given})


def test_processes_are_named_whole_or_not_at_all():
    whole = {"coordinator": "127.0.0.1:7733", "processes": 2, "process_id": 1, "devices": "2"}
    assert devices.group(options(**whole)) == Group("127.0.0.1:7733", 2, 1)
    assert devices.group(options(devices="2")) == Group()
    for name in whole:
        with pytest.raises(pytest.UsageError, match="go together"):
            devices.group(options(**{**whole, name: None}))
    with pytest.raises(pytest.UsageError, match="expected from 0 to 1"):
        devices.group(options(**{**whole, "process_id": 2}))


def test_on_one_device_of_one_process_a_backend_is_itself():
    assert over(JAX, 1) is JAX
    assert over(JAX, 2) is over(JAX, 2), "one clock, one worker"
    assert over(JAX, 2).program.devices == 2
    assert over(JAX, 2).id == JAX.id
    assert not many(BACKENDS["tensorflow-cpu-f32"])


def test_a_matrix_over_devices_is_refused_in_a_sentence():
    assert "expected padded or gather-scatter" in over(JAX, 2).refuses("dense")
    assert over(JAX, 2).refuses("padded") is None


def test_words_say_how_many_devices_and_that_they_are_virtual():
    assert ran_on(RECORD) == ran_on(replace(RECORD, devices=1)) == "jax-cpu-f32"
    assert ran_on(replace(RECORD, devices=4, virtual_devices=True)) == "jax-cpu-f32 x4 virtual"
    assert ran_on(replace(RECORD, devices=4, processes=4, virtual_devices=False)) == "jax-cpu-f32 x4 of 4 processes"


def test_the_table_of_delays_says_how_many_devices():
    row = saved(replace(RECORD, experiment="delays", devices=2, virtual_devices=True))
    assert "`jax-cpu-f32 x2 virtual`" in "\n".join(delays.lines([row]))


def test_a_line_of_the_history_says_how_many_devices_once(tmp_path):
    from neurochip_bench.report.history import figure  # loads what draws, which nothing else of this module needs

    row = timed(devices=2, virtual_devices=True)
    longer = {key: row[key].replace("n=64", "n=64-padded-devices=2") for key in ("name", "fullname")}
    save(tmp_path / "a" / "run.json", [{**row, **longer}])
    (series,) = read(tmp_path).series
    assert figure.name(series) == "jax-cpu-f32 x2 virtual padded"


def saved(record, key="test_run[a]"):
    return SavedRow(key, key, record, {"min": 1.0})


def test_rows_over_other_numbers_of_devices_are_no_pair_and_no_pool():
    one, four = (SideRow("a", "a", [saved(replace(RECORD, devices=n))], 1.0) for n in (1, 4))
    before = SideRow("a", "a", [saved(RECORD)], 1.0)
    assert of_its_network(one) == of_its_network(before) != of_its_network(four)
    runs = [SavedRun("a", [saved(replace(RECORD, devices=4, processes=n))]) for n in (1, 2)]
    with pytest.raises(CompareError, match="ran in 1 and in 2 processes"):
        pooled(runs)


@pytest.mark.slow  # two processes compile: five seconds; test_devices_hosts.py has such a run
@pytest.mark.skipif(JAX.missing() is not None, reason="JAX is not installed")
def test_a_session_over_two_devices_saves_judged_rows_that_say_so(tmp_path):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/perf/test_run.py", "-m", "cpu"]
    asked = ["-k", "not prepare and lif-connected-jax-cpu-f32", "--devices", "1,2", "--side", "4"]
    storage = ["--benchmark-save=d", f"--benchmark-storage={tmp_path}", "-p", "tests.helpers.prompt"]
    done = subprocess.run([*command, *asked, *storage], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "left out beside --devices: backends of one device (numpy-cpu-f64" in done.stdout
    (path,) = tmp_path.glob("*/*.json")
    one, two = sorted(json.loads(path.read_text())["benchmarks"], key=lambda row: row["extra_info"]["devices"])
    assert one["name"] == "test_run[lif-connected-jax-cpu-f32-n=64]"
    assert two["name"] == "test_run[lif-connected-jax-cpu-f32-n=64-devices=2]"
    said = {
        name: two["extra_info"][name] for name in ("devices", "processes", "virtual_devices", "exchange", "verdict")
    }
    assert said == {
        "devices": 2, "processes": 1, "virtual_devices": True, "exchange": "permutes", "verdict": "faithful",
    }  # fmt: skip
    assert two["extra_info"]["exchange_bytes"] > 0
    assert set(saved_form(Record())) <= set(two["extra_info"])
