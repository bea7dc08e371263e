"""Processes of one run: what launched them, what has to be the same in all, and what the supervisor of one does."""

from __future__ import annotations

import json
import os
import socket
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from _pytest.compat import CallableBool

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded import start
from neurochip_bench.backends.sharded.remote import ALONE, over
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.keep import supervise
from neurochip_bench.keep.apart import apart
from neurochip_bench.keep.conditions import lasting
from neurochip_bench.keep.journal import Journal
from neurochip_bench.suite import devices, hosts, launcher, quiet

SLURM = {  # of task 1 of `srun -N 2 -n 2`, Slurm 22.05
    "SLURM_JOB_ID": "1", "SLURM_STEP_NODELIST": "node[1-2]", "SLURM_NTASKS": "2", "SLURM_PROCID": "1",
    "SLURM_LOCALID": "0", "SLURM_STEP_NUM_NODES": "2", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NODELIST": "node[1-2]",
}  # fmt: skip
BATCH = {"SLURM_JOB_ID": "8", "SLURM_NODELIST": "node[1-2]", "SLURM_NTASKS": "2", "SLURM_PROCID": "0"}  # no srun
MPIRUN = {  # of task 1 of `mpirun -n 2`, Open MPI 4.1
    "OMPI_MCA_orte_hnp_uri": "652804096.0;tcp://192.0.2.2:45759;tcp6://[fd00::2]:39741",
    "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_LOCAL_RANK": "1",
}  # fmt: skip
GROUP = Group("127.0.0.1:7733", 2, 1)


@pytest.fixture
def environment(monkeypatch):
    """No launcher but what a test sets."""
    for name in [name for name in os.environ if name.startswith(("SLURM", "OMPI", "KUBERNETES", "TPU_"))]:
        monkeypatch.delenv(name)
    launcher.launched.cache_clear()
    yield monkeypatch
    launcher.launched.cache_clear()


@pytest.mark.skipif(BACKENDS["jax-cpu-f32"].missing() is not None, reason="JAX is not installed")
def test_tasks_of_slurm_are_found_by_jax(environment):
    for name, value in SLURM.items():
        environment.setenv(name, value)
    found = devices.group(options(devices="all"))
    assert (found.coordinator.partition(":")[0], *found[1:]) == ("node1", 2, 1)


@pytest.mark.skipif(BACKENDS["jax-cpu-f32"].missing() is not None, reason="JAX is not installed")
def test_tasks_of_mpirun_are_found_by_jax(environment, capsys):
    def here(command, limit_s):
        exec(command[-1], {})
        return True, capsys.readouterr().out.strip()

    environment.setattr(launcher, "survived", here)
    for name, value in MPIRUN.items():
        environment.setenv(name, value)
    found = devices.group(options(devices="2"))
    assert (found.coordinator.partition(":")[0], *found[1:]) == ("192.0.2.2", 2, 1)


def test_a_batch_script_of_several_tasks_is_itself_one(environment):
    for name, value in BATCH.items():
        environment.setenv(name, value)
    environment.setattr(launcher, "survived", lambda *of: pytest.fail("asked"))
    environment.setenv(launcher.WITHOUT, "1")
    assert devices.group(options(devices="2")) == ALONE


def test_without_devices_no_launcher_is_asked(environment):
    environment.setattr(devices, "launched", lambda: pytest.fail("asked"))
    assert devices.group(options()) == ALONE


@pytest.mark.parametrize("said", ["launched: None None None", "launched: node:1 1 0", "no such library", ""])
def test_a_task_alone_is_alone_whatever_jax_says(environment, said):
    environment.setattr(launcher, "looks_launched", lambda: True)
    environment.setattr(launcher, "survived", lambda *of: (True, said))
    assert launcher.launched() == ALONE


@pytest.mark.parametrize("sign", launcher.TASKS)
@pytest.mark.parametrize("looks", [True, False])
def test_tasks_that_jax_cannot_make_out_do_not_run_each_by_itself(environment, sign, looks):
    environment.setattr(launcher, "looks_launched", lambda: looks)
    environment.setattr(launcher, "survived", lambda *of: (True, "launched: None None None"))
    environment.setenv(sign, "4")
    with pytest.raises(pytest.UsageError, match="started 4 tasks, and JAX cannot make out where they meet"):
        launcher.launched()


@pytest.mark.parametrize(
    ("processes", "said"), [(0, "--processes 0: expected at least 1"), (2, "--process-id 2: expected")]
)
def test_numbers_of_processes_that_cannot_be_are_refused(processes, said):
    with pytest.raises(pytest.UsageError, match=said):
        devices.group(options(coordinator="10.0.0.1:7733", processes=processes, process_id=2, devices="2"))


def test_one_process_is_alone_wherever_it_would_meet_others():
    assert devices.group(options(coordinator="10.0.0.1:7733", processes=1, process_id=0, devices="2")) == ALONE


def test_processes_wait_for_each_other_less_than_a_minute_and_the_coordinator_is_at_its_address_alone(monkeypatch):
    asked: dict[str, Any] = {}
    jax = SimpleNamespace(distributed=SimpleNamespace(initialize=lambda *of, **given: asked.update(given)))
    for bind in ("bind_gloo", "bind_nccl"):
        monkeypatch.setattr(start, bind, lambda address: asked.update(bound=address))
    start.meet(jax, GROUP)
    assert asked["coordinator_bind_address"] == GROUP.coordinator
    assert asked["bound"] == "127.0.0.1"
    limits = ("initialization_timeout", "heartbeat_timeout_seconds", "shutdown_timeout_seconds")
    assert all(asked[limit] < 60 for limit in limits)


@pytest.mark.parametrize("named", [None, "eth7"])
def test_nccl_uses_the_interface_of_the_address_unless_the_user_names_one(monkeypatch, named):
    monkeypatch.setenv("NCCL_SOCKET_IFNAME", named or "")
    if named is None:
        monkeypatch.delenv("NCCL_SOCKET_IFNAME")
    start.bind_nccl("127.0.0.1")
    interface = next(name for name, held in psutil.net_if_addrs().items() if "127.0.0.1" in [a.address for a in held])
    assert os.environ["NCCL_SOCKET_IFNAME"] == (named or f"={interface}")


def options(**given):
    none = dict.fromkeys(("coordinator", "processes", "process_id", "devices"))
    return SimpleNamespace(**{**none, **given})


@pytest.mark.parametrize("address", ["here", "10.0.0.1", ":7733", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:port"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(pytest.UsageError, match="expected HOST:PORT"):
        devices.group(options(coordinator=address, processes=2, process_id=0, devices="2"))


def test_a_loopback_address_is_reached_by_itself():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert start.reaching(f"127.0.0.1:{free.getsockname()[1]}") == "127.0.0.1"


def test_where_processes_meet_is_no_condition_of_a_run():
    command = ["tests/perf", "--processes", "2"]
    assert lasting([*command, "--coordinator", "a:1", "--process-id=1", "--resume"]) == command


def test_processes_but_the_first_keep_nothing_where_they_were_asked_to(tmp_path):
    option = SimpleNamespace(benchmark_storage=f"file://{tmp_path}", benchmark_json=tmp_path / "x.json")
    with apart(option, "x"):
        assert str(tmp_path) not in option.benchmark_storage
        assert (option.benchmark_save, option.benchmark_json, option.outputs) == ("x", None, None)


class Session:
    """A session of process 1 with rows of its own, and what the others say."""

    def __init__(self, monkeypatch, rows, told):
        backend = over(BACKENDS["jax-cpu-f32"], 2, GROUP)
        monkeypatch.setattr(backend.program, "told", classmethod(lambda cls, text: told(text)))
        monkeypatch.setattr(BACKENDS["jax-cpu-f32"].program, "missing", classmethod(lambda cls: None))
        monkeypatch.setattr(hosts, "conditions", lambda config: {"machine": "mine", "sources": "abc"})
        stash: dict[Any, Any] = {hosts.GROUP: GROUP, hosts.CHOSEN: rows}
        option = SimpleNamespace(devices="2", collectonly=False)
        capture = SimpleNamespace(global_and_fixture_disabled=nullcontext)
        plugins = SimpleNamespace(get_plugin=lambda name: capture)
        self.config = SimpleNamespace(stash=stash, option=option, pluginmanager=plugins)
        params = {"backend": "jax-cpu-f32", "devices": 2}
        self.items = [
            SimpleNamespace(
                nodeid=row,
                config=self.config,
                callspec=SimpleNamespace(params=params),
                get_closest_marker=lambda name: None,
            )
            for row in rows
        ]


def first(rows, /, **changes):
    """What process 0 says, beside what process 1 does."""

    def told(text):
        mine = json.loads(text)
        return [json.dumps({"known": {**mine["known"], **changes}, "rows": rows}), text]

    return told


def test_rows_that_process_0_has_finished_are_left_out(monkeypatch):
    session: Any = Session(monkeypatch, ["a", "b", "c"], first(["b", "c"]))
    hosts.pytest_collection_finish(session)
    assert [item.nodeid for item in session.items] == ["b", "c"]


@pytest.mark.parametrize("process", [0, 1])
def test_only_the_first_process_shows_how_far_a_row_is_on_a_terminal_such_as_mpirun_gives_to_each(process):
    shown, _ = started(process)
    assert shown is (process == 0)


@pytest.mark.parametrize("process", [0, 1])
def test_an_internal_error_of_a_process_that_prints_nothing_is_said_on_stderr(process, capsys):
    _, registered = started(process)
    for plugin in registered:
        plugin.pytest_internalerror("RuntimeError: no such row")
    assert capsys.readouterr().err == "RuntimeError: no such row\n" * process


def started(process):
    """Whether a process of a run shows progress, and the plugins that it registers when its session starts."""
    reporter, writer = SimpleNamespace(isatty=CallableBool(True)), SimpleNamespace(_file=None)
    registered: list[Any] = []
    plugins = SimpleNamespace(get_plugin={"terminalreporter": reporter}.get, register=registered.append)
    stash = {devices.GROUP: GROUP._replace(process=process)}
    config = SimpleNamespace(stash=stash, get_terminal_writer=lambda: writer, pluginmanager=plugins)
    session: Any = SimpleNamespace(config=config)
    quiet.pytest_sessionstart(session)
    if writer._file:
        writer._file.close()
    return reporter.isatty(), registered


@pytest.mark.parametrize("what", ["sources", "rows", "commit"])
def test_processes_that_differ_say_in_what(monkeypatch, what):
    session: Any = Session(monkeypatch, ["a"], first(["a"], **{what: "other"}))
    with pytest.raises(pytest.UsageError, match=f"process 1 of this run has {what} .*expected 'other', as process 0"):
        hosts.pytest_collection_finish(session)


def test_a_process_that_nobody_meets_says_so_and_fails(monkeypatch, capsys):
    def told(text):
        raise RuntimeError("no coordinator")

    session: Any = Session(monkeypatch, ["a"], told)
    with pytest.raises(pytest.exit.Exception, match="do not come together: no coordinator") as ended:
        hosts.pytest_collection_finish(session)
    assert ended.value.returncode == 1
    assert "do not come together: no coordinator" in capsys.readouterr().err, "it prints nothing else"


def test_processes_at_different_rows_stop(monkeypatch):
    session: Any = Session(monkeypatch, ["a"], lambda text: ["b", text])
    with pytest.raises(RuntimeError, match="at different rows: b, a"):
        hosts.pytest_runtest_setup(session.items[0])


def test_a_supervisor_of_several_goes_on_behind_no_lost_row(monkeypatch, tmp_path, capfd):
    journal = Journal.create(tmp_path, "x", {})
    journal.finish("a", "passed", {})

    def child(arguments, folder, journal, limit_s):
        journal.start("b", {})
        return "took longer than 5 s and was killed (--row-limit)"

    monkeypatch.setattr(supervise, "child", child)
    assert supervise.supervise([], tmp_path, journal, 5.0, alone=False) == 1
    assert [*journal.read().finished] == ["a", "b"]
    said = capfd.readouterr().err
    assert "took longer than 5 s" in said
    assert "the same command with --resume goes on" in said
    assert "the run goes on behind it" not in said
