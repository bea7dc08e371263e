"""Programs in another process: their results, their time, and what becomes of those that crash or hang."""

from __future__ import annotations

import gc
import io
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from model.network import Network, build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.groq.program import RemoteGroqProgram
from neurochip_bench.backends.ipu.program import RemoteIpuProgram
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.remote import home, wire, worker
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.backends.remote.serve import Server
from neurochip_bench.backends.remote.survive import last_words, survived
from tests.helpers import private
from tests.helpers.standins import FOLDER
from tests.standins.misbehaving import misbehaving

HH = build("hh", 4).rounded()
ALONE = build("lif", 4, connected=False)


class RemoteMisbehaving(RemoteProgram, NumpyProgram):
    """NumPy in a worker, badly behaved; the worker finds the class by its name."""

    there = type("Misbehaving", (NumpyProgram,), {"__module__": "misbehaving"})
    variable, needs = "NEUROCHIP_MISBEHAVING_PYTHON", private.NUMPY


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the workers of these tests have their private folders."""
    folder = tmp_path_factory.mktemp("workers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(FOLDER / "misbehaving"))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder
        worker.close_all()


@pytest.fixture
def remote(folder):
    return Backend("numpy", "elsewhere", "f64", RemoteMisbehaving)


def test_a_message_arrives_as_it_was_sent():
    pipe, arrays = io.BytesIO(), {"trace": np.arange(6.0).reshape(2, 3), "codes": np.zeros(0, np.int32)}
    wire.send(pipe, {"do": "run", "record": None}, arrays)
    pipe.seek(0)
    header, received = wire.receive(pipe)
    assert header == {"do": "run", "record": None}
    assert {name: (a.dtype, a.tolist()) for name, a in received.items()} == {
        name: (a.dtype, a.tolist()) for name, a in arrays.items()
    }
    for whole in (pipe.getvalue()[:-1], pipe.getvalue()[:5], b""):
        with pytest.raises(EOFError):
            wire.receive(io.BytesIO(whole))


def test_a_program_tells_the_process_that_uses_the_device(remote):
    assert BACKENDS["numpy-cpu-f64"].prepare(ALONE).process_id == os.getpid()
    assert (
        Path(f"/proc/{remote.prepare(ALONE).process_id}/cmdline")
        .read_bytes()
        .count(b"neurochip_bench.backends.remote.serve")
        == 1
    )


def test_a_network_is_unpacked_as_it_was_packed():
    network = build("io", 4)
    other = wire.unpacked(*wire.packed(network))
    assert other.kernel == network.kernel
    for name in ("state", "sources", "targets", "weights"):
        assert np.array_equal(getattr(other, name), getattr(network, name)), name
    for name, value in network.parameters.items():
        assert np.array_equal(other.parameters[name], value), name


def test_nothing_pickled_is_loaded():
    pipe = io.BytesIO()
    wire.send(pipe, {}, {"objects": np.array([object()])})
    pipe.seek(0)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        wire.receive(pipe)


def test_a_run_in_a_worker_is_that_of_this_process_whatever_is_printed_there(remote):
    stimulus = 20 * np.random.default_rng(0).random((12, HH.cells))
    here, there = BACKENDS["numpy-cpu-f64"].prepare(HH), remote.prepare(HH)
    for program in (here, there):
        program.run(misbehaving.PRINTS)
    run, other = here.run(12, stimulus), there.run(12, stimulus)
    for name in ("state", "first", "trace", "spikes", "spike_times"):
        assert np.array_equal(getattr(run, name), getattr(other, name), equal_nan=True), name
    assert there.run(7, record=False).trace is None
    facts = ("coupling", "device_name", "library_version", "threads")
    assert [getattr(there, name) for name in facts] == [getattr(here, name) for name in facts]


def test_the_clock_tells_the_time_inside_the_worker(remote):
    program = remote.prepare(ALONE)
    wall, clock = time.perf_counter(), program.clock()
    program.run(misbehaving.SLEEPS)
    elapsed = program.clock() - clock
    assert misbehaving.SLEEP_S <= elapsed <= time.perf_counter() - wall
    time.sleep(0.01)
    assert program.clock() - clock == elapsed


def test_bad_input_gets_the_sentence_it_gets_everywhere(remote):
    program = remote.prepare(ALONE)
    with pytest.raises(ValueError, match="unknown rates 'fast': expected one of safe, published"):
        remote.prepare(ALONE, rates="fast")
    with pytest.raises(ValueError, match="milliseconds is 0: expected a whole number of at least 1"):
        program.run(0)
    with pytest.raises(ValueError, match="prepare it instead"):
        program.reset(build("lif", 5, connected=False))
    with pytest.raises(RuntimeError, match="KeyError: 'lost'"):
        program.run(misbehaving.BREAKS)
    program.reset()
    assert program.run(1).trace.shape == (2, 64)


def test_a_worker_that_dies_is_a_sentence_and_the_next_program_gets_another(remote):
    program = remote.prepare(ALONE)
    with pytest.raises(
        RuntimeError, match=r"Misbehaving under .* was ended by SIGABRT; its last words: .*chip on fire"
    ) as first:
        program.run(misbehaving.ABORTS)
    with pytest.raises(RuntimeError) as again:
        program.run(1)
    assert str(again.value) == str(first.value)
    assert "\n" not in str(first.value)
    assert remote.prepare(ALONE).run(1).trace.shape == (2, 64)


def test_a_worker_that_hangs_is_ended_and_a_sentence(remote, monkeypatch):
    monkeypatch.setenv(worker.LIMIT, "60")
    worker.close_all()
    program = remote.prepare(ALONE)
    assert program._worker.seconds == 60.0
    program._worker.seconds = 0.2  # once it is there
    with pytest.raises(RuntimeError, match=r"did not answer within 0\.2 s"):
        program.run(misbehaving.HANGS)
    worker.close_all()


def test_a_workers_folder_goes_with_it(remote, folder):
    remote.prepare(ALONE)
    assert len(list(folder.iterdir())) == 1
    worker.close_all()
    assert not list(folder.iterdir())


def test_programs_that_nobody_holds_are_dropped_there(remote):
    network, arrays = wire.packed(ALONE)
    given: dict = {"dtype": "float64", "settings": {"dt": 0.025}, "options": {}}
    server, request = Server(NumpyProgram), {"do": "prepare", "network": network, **given}
    server.answer({**request, "program": 1, "dropped": []}, arrays)
    server.answer({**request, "program": 2, "dropped": [1]}, arrays)
    assert list(server._programs) == [2]
    program = remote.prepare(ALONE)
    there, number = program._worker, program._number
    del program
    gc.collect()
    assert there.dropped == [number]


def test_flags_of_this_tensorflow_are_not_the_workers(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")
    assert home.asked(sys.executable, "import os; print(os.environ.get('XLA_FLAGS'))") == (True, "None")


def test_the_stand_ins_are_out_of_the_models_reach():
    code = "import importlib.util, os; print(sorted(os.listdir()), importlib.util.find_spec('groq'))"
    assert home.asked(sys.executable, code) == (True, "['model', 'neurochip_bench', 'tmp'] None")


@pytest.mark.parametrize("remote", [RemoteIpuProgram, RemoteGroqProgram], ids=lambda remote: remote.there.__name__)
def test_of_this_project_a_worker_can_import_what_its_program_imports_and_nothing_else(remote, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(private.ROOT))  # from which all could be imported
    needed = private.imported("neurochip_bench.backends.remote.serve", remote.there.__module__)
    assert private.allowed(remote.needs) == sorted(
        {*needed, *filter(lambda name: name.startswith("model."), private.modules())}
    )
    assert private.importable(sys.executable, remote.needs) == private.allowed(remote.needs)
    assert {remote.there.__module__, "neurochip_bench.settings"} < set(needed) < set(private.modules())


def test_a_part_that_nobody_needs_would_be_noticed():
    assert private.importable(sys.executable, (*home.PARTS, "suite")) != private.allowed()
    assert "neurochip_bench.suite.row" not in private.imported("neurochip_bench.backends.remote.serve")


@pytest.mark.parametrize(
    ("files", "dropped"),
    [
        (("pyproject.toml", "neurochip_bench/__init__.py"), True),
        (("neurochip_bench/__init__.py", "numpy/__init__.py"), False),
    ],
)
def test_of_what_is_inherited_a_clone_is_dropped_and_an_installation_is_not(files, dropped, tmp_path, monkeypatch):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answered, text = home.asked(sys.executable, "import os; print(os.environ['PYTHONPATH'])")
    assert answered
    assert (str(tmp_path) in text.split(os.pathsep)) is not dropped


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("/nowhere/python", "NEUROCHIP_MISBEHAVING_PYTHON is /nowhere/python: expected the path of a Python"),
        ("false", "NEUROCHIP_MISBEHAVING_PYTHON is false: expected a Python from 3.8 on that has NumPy (false ended"),
    ],
)
def test_a_python_that_is_none_is_a_sentence(remote, monkeypatch, python, sentence):
    monkeypatch.setenv("NEUROCHIP_MISBEHAVING_PYTHON", python)
    assert remote.missing().startswith(sentence)
    with pytest.raises(RuntimeError, match="numpy-elsewhere-f64 cannot run here"):
        remote.prepare(ALONE)


def test_what_is_missing_is_asked_of_the_named_python(remote, monkeypatch):
    monkeypatch.setenv("NEUROCHIP_MISBEHAVING_PYTHON", sys.executable)
    assert remote.missing() is None


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (["echo", "2"], (True, "2")),
        (["sh", "-c", "echo oops >&2; exit 3"], (False, "sh ended with exit status 3; its last words: oops")),
        (["sh", "-c", "kill -ABRT $$"], (False, "sh was ended by SIGABRT; its last words: nothing")),
        (["sleep", "60"], (False, "sleep did not answer within 0.5 s")),
        (["/nowhere/tool"], (False, "/nowhere/tool cannot be run: No such file or directory")),
    ],
)
def test_a_command_is_survived_whatever_it_does(command, answer):
    start = time.perf_counter()
    assert survived(command, seconds=0.5) == answer
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (
            "heartbeats",
            r"UNAVAILABLE: The following tasks are unhealthy \(stopped sending heartbeats\): / 1 / The tasks",
        ),
        ("coordinator", r"UNAVAILABLE: Failed to send RPC to coordination service\. Either the leader task was"),
    ],
)
def test_of_a_worker_of_jax_that_was_aborted_the_last_words_are_why_and_not_where(lost, said):
    text = (Path(__file__).parent / "data" / f"last-words-{lost}.txt").read_text()
    assert "@     0x" in text
    assert re.match(said, last_words(text))
    assert "0x" not in last_words(text)
    assert "\n" not in last_words(text)


def test_a_worker_that_ends_unasked_is_told_of_at_once_and_one_that_is_closed_is_not(remote):
    worker.close_all()
    told: list[str] = []
    for end in (lambda watched: watched.close(), lambda watched: os.kill(watched.process_id, signal.SIGKILL)):
        watched = remote.prepare(ALONE)._worker
        watched.watch(told.append)
        watched.watch(told.append)  # once is enough
        end(watched)
    until = time.monotonic() + 5
    while not told and time.monotonic() < until:
        time.sleep(0.01)
    assert len(told) == 1
    assert re.search("Misbehaving under .* was ended by SIGKILL; its last words: nothing", told[0])
    worker.close_all()


@pytest.mark.skipif(not hasattr(select, "poll"), reason="no poll on Windows")
def test_a_worker_that_hangs_does_not_outlive_who_asks_it():
    code = "from time import sleep; from neurochip_bench.backends.remote.serve import end_with; "
    code += "end_with(open(0, 'rb'), 0.1); sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == -signal.SIGKILL


def test_a_hanging_commands_children_end_with_it(tmp_path):
    file = tmp_path / "pid"
    survived(["sh", "-c", f"sleep 60 & echo $! > {file}; wait"], seconds=0.5)
    time.sleep(0.1)
    status = Path(f"/proc/{int(file.read_text())}/stat")
    assert not status.exists() or " Z " in status.read_text()


def test_networks_of_every_form_can_be_sent(remote):
    ring = np.arange(12)
    network = Network("hh", np.zeros((5, 12)), ring, np.roll(ring, 1), np.full(12, 0.1), {"I_in": np.full(12, 9.0)})
    assert np.array_equal(remote.prepare(network).run(7).trace, BACKENDS["numpy-cpu-f64"].prepare(network).run(7).trace)
