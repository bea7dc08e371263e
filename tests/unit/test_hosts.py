"""Processes of one run: what launched them, what has to be the same in all, and what the supervisor of one does."""

from __future__ import annotations

import json
import os
import re
import socket
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest
from _pytest.compat import CallableBool

from neurochip_bench.backends import BACKENDS, jax_settings
from neurochip_bench.backends.remote import worker
from neurochip_bench.backends.sharded import program, start
from neurochip_bench.backends.sharded.remote import ALONE, RemoteSharded, over
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.keep import conditions, supervise
from neurochip_bench.keep.apart import apart
from neurochip_bench.keep.conditions import lasting
from neurochip_bench.keep.journal import Journal
from neurochip_bench.suite import devices, hosts, launcher, quiet
from neurochip_bench.suite.shards import float64_of

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
    monkeypatch.setattr(start, "share_cores", lambda group: None)
    start.meet(jax, GROUP)
    assert asked["coordinator_bind_address"] == GROUP.coordinator
    assert asked["bound"] == "127.0.0.1"
    limits = ("initialization_timeout", "heartbeat_timeout_seconds", "shutdown_timeout_seconds")
    assert all(asked[limit] < 60 for limit in limits)


@pytest.mark.parametrize(("asked", "threads"), [(None, "4"), ("8", "unchanged")])
def test_processes_that_have_the_same_cores_share_them_unless_the_user_says_how_many_threads(
    monkeypatch, asked, threads
):
    monkeypatch.setattr(start, "cores", lambda: 8)
    monkeypatch.setattr(start, "told", lambda text, group: [text, "another host", text])
    monkeypatch.setenv("OMP_NUM_THREADS", asked or "")
    monkeypatch.setenv(jax_settings.POOL, "unchanged")
    start.share_cores(GROUP)
    assert os.environ[jax_settings.POOL] == threads


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
        compared = option.benchmark_compare, option.benchmark_compare_fail
        assert compared == (None, None), "pytest-benchmark refuses the second without the first"
        assert (option.benchmark_histogram, option.benchmark_cprofile_dump) == (None, None)


class Session:
    """A session of process 1 with rows of its own, some of which may be skipped, and what the others say."""

    def __init__(self, monkeypatch, rows, told, missing=None, devices=2, group=GROUP):
        program = over(BACKENDS["jax-cpu-f32"], 2, group).program
        self.watching: list[Any] = []
        worker = SimpleNamespace(watch=self.watching.append)
        monkeypatch.setattr(program, "told", classmethod(lambda cls, text: told(text)))
        monkeypatch.setattr(program, "worker", classmethod(lambda cls: worker))
        monkeypatch.setattr(BACKENDS["jax-cpu-f32"].program, "missing", classmethod(lambda cls: missing))
        monkeypatch.setattr(hosts, "conditions", lambda config: {"machine": "mine", "sources": "abc"})
        stash: dict[Any, Any] = {hosts.GROUP: group, hosts.CHOSEN: dict.fromkeys(rows, ""), quiet.ALOUD: 2}
        option = SimpleNamespace(
            devices="2", collectonly=False, maxfail=0, benchmark_save="x", benchmark_autosave=None, benchmark_json=None
        )
        self.config = SimpleNamespace(stash=stash, option=option)
        self.shouldfail = self.shouldstop = self.exitstatus = False
        params = {"backend": "jax-cpu-f32", "devices": devices}
        self.items = [
            SimpleNamespace(
                nodeid=row,
                config=self.config,
                session=self,
                callspec=SimpleNamespace(params=params),
                get_closest_marker=lambda name: None,
            )
            for row in rows
        ]


def first(rows, /, chosen=None, **changes):
    """What process 0 says, beside what process 1 does."""

    def told(text):
        mine = json.loads(text)
        here = {"known": {**mine["known"], **changes}, "chosen": chosen or mine["chosen"], "left": rows}
        return [json.dumps(here), text]

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


@pytest.mark.parametrize(
    ("error", "said"), [(pytest.exit.Exception("the disk is full"), "the disk is full\n"), (KeyboardInterrupt(), "")]
)
def test_a_process_that_prints_nothing_says_why_it_ends_itself(error, said, capsys):
    (plugin,) = started(1)[1]
    plugin.pytest_keyboard_interrupt(SimpleNamespace(value=error))
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("what", ["sources", "commit", "maxfail"])
def test_processes_that_differ_say_in_what(monkeypatch, what):
    session: Any = Session(monkeypatch, ["a"], first(["a"], **{what: "other"}))
    with pytest.raises(
        pytest.UsageError, match=f"process 1 of this run has {what} '.*': expected 'other', as process 0"
    ):
        hosts.pytest_collection_finish(session)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"a": "", "c": ""}, "has row 2 'b': expected 'c', as process 0 has"),
        ({"a": ""}, "has row 2 'b': expected absent, as process 0 has"),
        ({"a": "", "b": "devices=4: there is 1"}, "0 of this run skips b, which process 1 runs: devices=4: there is 1"),
    ],
)
def test_processes_whose_rows_differ_name_the_first_that_does(monkeypatch, chosen, said):
    session: Any = Session(monkeypatch, ["a", "b"], first(["a"], chosen=chosen))
    with pytest.raises(pytest.UsageError, match=f"process .*{said}"):
        hosts.pytest_collection_finish(session)


def test_a_process_all_of_whose_rows_are_skipped_comes_and_says_why(monkeypatch):
    session: Any = Session(monkeypatch, ["a"], first(["a"], chosen={"a": ""}), devices=3)
    assert hosts.shared(session.items[0]) is None
    session.config.stash[hosts.CHOSEN]["a"] = "devices=4: there are 2"
    said = "process 1 of this run skips a, which process 0 runs: devices=4: there are 2"
    with pytest.raises(pytest.UsageError, match=said):
        hosts.pytest_collection_finish(session)


def test_why_a_row_is_skipped_is_told_only_where_it_is():
    mark = pytest.mark.skip(reason="there are 2").mark
    items: Any = [SimpleNamespace(get_closest_marker=lambda name, mark=mark: mark) for mark in (mark, None)]
    assert [hosts.skipped(item) for item in items] == ["there are 2", ""]


def test_a_process_without_jax_does_not_let_the_others_wait(monkeypatch):
    session: Any = Session(monkeypatch, ["a"], first(["a"]), missing="JAX is not installed")
    with pytest.raises(pytest.UsageError, match="process 1 of this run cannot meet the others: JAX is not installed"):
        hosts.pytest_collection_finish(session)


@pytest.mark.parametrize("process", [0, 1])
def test_a_death_while_a_row_is_judged_is_said_at_once_and_once(monkeypatch, capfd, process):
    session: Any = Session(monkeypatch, ["a", "b"], first(["a", "b"]), group=GROUP._replace(process=process))
    hosts.pytest_collection_finish(session)
    hosts.pytest_runtest_protocol(*session.items)
    (gone,) = session.watching
    gone("no heartbeats")
    sentence = "the run has lost one of its 2 processes: no heartbeats; what was finished is kept"
    assert capfd.readouterr().err.count(sentence) == 1
    assert sentence in session.shouldfail, "pytest ends behind the row in progress"
    hosts.lost(session, "the worker is gone")
    assert "heartbeats" in session.shouldfail
    assert not capfd.readouterr().err


@pytest.mark.parametrize(
    ("left", "process", "saved", "said"),
    [
        (True, 0, "x", "what was finished is kept: the same command in each with --resume goes on"),
        (True, 0, None, "no other row is run"),
        (False, 0, "x", "no row was left to run"),
        (False, 1, "x", "no row was left to run here; if process 0 has not saved them all, .* --resume goes on"),
    ],
)
def test_resume_is_named_only_where_something_is_left_to_do(monkeypatch, left, process, saved, said):
    session: Any = Session(monkeypatch, ["a"], first(["a"]), group=GROUP._replace(process=process))
    session.config.option.benchmark_save = saved
    hosts.pytest_runtest_protocol(session.items[0], session.items[0] if left else None)
    assert re.fullmatch(said, hosts.what_is_kept(session.config))


class Answering:
    """A worker of the group that says what it is told to the others, unless one is gone."""

    def __init__(self, monkeypatch, ended=None, failed=None):
        self.ended, self.failed, self.closed = ended, failed, False
        monkeypatch.setattr(hosts, "living_at", {GROUP.coordinator: self}.get)

    def ask(self, header, arrays):
        if self.ended:
            raise RuntimeError(self.ended)
        return {"said": [header["text"]] * 2}, {}

    def close(self):
        self.closed = True


@pytest.mark.parametrize("code", [pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR])
def test_a_session_that_was_interrupted_asks_nobody_and_keeps_its_exit_code(monkeypatch, code):
    session: Any = Session(monkeypatch, ["a"], None)
    Answering(monkeypatch, ended="the worker is gone")
    hosts.pytest_sessionfinish(session, code)
    assert not session.exitstatus
    hosts.pytest_sessionfinish(session, pytest.ExitCode.OK)
    assert session.exitstatus == 1
    assert "no row was left to run" in session.shouldfail


def test_a_process_all_of_whose_rows_were_finished_before_is_as_good_as_one_that_ran_them(monkeypatch):
    session: Any = Session(monkeypatch, ["a"], None)
    worker = Answering(monkeypatch)
    session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
    hosts.pytest_sessionfinish(session, session.exitstatus)
    assert session.exitstatus == pytest.ExitCode.OK
    assert worker.closed, "together with the others, which would take its end for a death"


@pytest.mark.parametrize(
    ("ended", "failed", "said"),
    [
        (None, None, "False"),
        ("no heartbeats", None, "the run has lost one of its 2 processes: no heartbeats; .*"),
        (None, "out of\nmemory", "the 2 processes of this run cannot go on together: out of / memory; .*"),
    ],
)
def test_a_row_that_fails_ends_the_run_only_where_its_worker_failed(monkeypatch, ended, failed, said):
    session: Any = Session(monkeypatch, ["a"], None)
    Answering(monkeypatch, ended, failed)
    hook: Any = hosts.pytest_runtest_makereport(session.items[0], SimpleNamespace(excinfo="some"))
    next(hook)
    with pytest.raises(StopIteration):
        hook.send("report")
    assert re.fullmatch(said, str(session.shouldfail))


def test_on_windows_several_processes_are_refused_before_they_meet(monkeypatch):
    asked = options(coordinator="10.0.0.1:7733", processes=2, process_id=0, devices="2")
    assert devices.group(asked).processes == 2
    monkeypatch.setattr(devices.sys, "platform", "win32")
    with pytest.raises(pytest.UsageError, match="2 processes on Windows: JAX has no Gloo there"):
        devices.group(asked)


def test_how_many_processes_a_launcher_started_is_a_condition_of_a_run():
    found = [conditions.processes(SimpleNamespace(getoption=lambda *_, n=n: n)) for n in (None, 1, 4)]
    assert found == [{}, {}, {"processes": "4"}]


class Living:
    """A worker that says what it is asked, and by whom it is run."""

    said: list[tuple[str, str]] = []  # noqa: RUF012 - of all of a test

    def __init__(self, python, module, name, parts, purpose):
        self.key, self.ended, self.name = (python, module, name, purpose), None, name

    def ask(self, header, arrays):
        if self.ended:
            raise RuntimeError(self.ended)
        self.said.append((self.name, header["text"]))
        return {"said": [header["text"]]}, {}

    def close(self):
        self.said.append((self.name, "closed"))


@pytest.fixture
def living(monkeypatch):
    monkeypatch.setattr(worker, "Worker", Living)
    monkeypatch.setattr(worker, "_WORKERS", {})
    Living.said = []


@pytest.mark.usefixtures("living")
def test_of_a_group_one_worker_lives_at_a_time_and_all_leave_it_together():
    tpu = over(BACKENDS["jax-tpu-f32"], 2, GROUP)
    programs: list[Any] = [backend.program for backend in (tpu, float64_of(tpu), tpu)]
    for each in programs:
        each.told("row")
    one, other = "ShardedTpuProgram", "ShardedCpuProgram"
    left = [(one, "parting"), (one, "closed"), (other, "row"), (other, "parting"), (other, "closed")]
    assert Living.said == [(one, "row"), *left, (one, "row")]


@pytest.mark.usefixtures("living")
def test_a_group_whose_worker_has_ended_is_gone_and_no_other_is_started():
    two, four = (cast("type[RemoteSharded]", over(BACKENDS["jax-cpu-f32"], n, GROUP).program) for n in (2, 4))
    two.told("row")
    two.worker().ended = "the worker was interrupted"
    with pytest.raises(RuntimeError, match="the worker was interrupted"):
        four.told("next")
    assert Living.said == [("ShardedCpuProgram", "row")]


def test_processes_meet_without_any_device(monkeypatch):
    jax = SimpleNamespace(devices=lambda platform: pytest.fail("asked"))
    monkeypatch.setattr(start, "load_jax", lambda: jax)
    monkeypatch.setattr(start, "only", lambda platform: None)
    monkeypatch.setattr(start, "meet", lambda jax, group: None)
    monkeypatch.setattr(program, "told", lambda text, group: [text])
    start.met.cache_clear()
    assert program.ShardedCpuProgram.told("a", GROUP) == ["a"]
    start.met.cache_clear()


def test_a_process_that_nobody_meets_says_so_and_fails(monkeypatch):
    def told(text):
        raise RuntimeError("no\ncoordinator")

    session: Any = Session(monkeypatch, ["a"], told)
    with pytest.raises(pytest.exit.Exception, match=r"do not come together at 127\.0\.0\.1:7733: no / coord") as ended:
        hosts.pytest_collection_finish(session)
    assert ended.value.returncode == 1


def test_processes_at_different_rows_stop(monkeypatch):
    session: Any = Session(monkeypatch, ["a"], lambda text: ["b", text])
    with pytest.raises(RuntimeError, match="at different rows, b, a"):
        hosts.pytest_runtest_setup(session.items[0])
    assert "the 2 processes of this run cannot go on together: they are at different rows" in session.shouldfail


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
