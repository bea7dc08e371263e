"""Taken away here is what other machines lack: groups, /proc, fork, links, files handed on, flock, a place to write."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import InMemoryExampleDatabase, _db_for_path
from hypothesis.utils.conventions import not_set

from neurochip_bench.backends import host, probes
from neurochip_bench.backends.quota import quota
from neurochip_bench.backends.remote import home
from neurochip_bench.backends.remote.survive import survived
from neurochip_bench.keep import child, leash, machine, supervise
from neurochip_bench.keep.journal import Journal
from neurochip_bench.keep.saved import load
from neurochip_bench.suite.kept_runs import folder_in
from neurochip_bench.suite.timing import linux
from tests.helpers.sessions import RUN, ran

ROOT = Path(__file__).parents[2]
# Python runs it in the supervisor and in all that it starts. psutil, which reads /proc here, opens files by itself.
ELSEWHERE = """
import io, os, socket, subprocess
for module, names in ((os, "killpg fork forkpty setsid sched_getaffinity"), (socket, "send_fds recv_fds")):
    for name in names.split():
        delattr(module, name)
def absent(does):
    def asked(path, *arguments, **options):
        if str(path).startswith(("/proc", "/sys")):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return does(path, *arguments, **options)
    return asked
io.open, os.listdir, os.stat = absent(io.open), absent(os.listdir), absent(os.stat)
def symlink(*arguments, **options):
    raise OSError(1314, "A required privilege is not held by the client")
os.symlink = symlink
begin = subprocess.Popen.__init__
def begun(self, *arguments, **options):
    assert not {"pass_fds", "preexec_fn", "process_group"} & set(options)
    begin(self, *arguments, **options)
subprocess.Popen.__init__ = begun
"""
LOSING = """
import os
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def losing(self, *arguments):
    return os._exit(9) if self.dtype == "float32" else run(self, *arguments)
NumpyProgram.run = losing
"""


@pytest.mark.slow  # a whole session without what POSIX has: three seconds
def test_run_is_saved_and_survives_a_lost_row(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(ELSEWHERE)
    code, output = ran(tmp_path, RUN, "-k", "lif and numpy and unconnected", plugin=LOSING)
    assert code == 1, output
    (path,) = tmp_path.glob("saved/*/*.json")
    run = load(path)
    rows = {row.record["backend"]: row for row in run.rows}
    assert rows["numpy-cpu-f64"].stats
    assert rows["numpy-cpu-f32"].reason == "its process ended with exit code 9"
    assert run.machine["memory_gib"] == machine.memory_gib()
    assert rows["numpy-cpu-f64"].record["device"] == host._asked_elsewhere()["model name"]


@pytest.fixture(params=[True, False], ids=["groups", "no-groups"])
def groups(request, monkeypatch):
    """With process groups and without."""
    if not request.param:
        monkeypatch.delattr(os, "killpg", raising=False)
    return request.param


def gone(number, seconds=5.0):
    """Whether a process is gone, or will be at once."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


HANGING = """
import json, os, subprocess, sys, time
with open(os.environ["NEUROCHIP_JOURNAL"], "a") as file:
    if os.path.exists("worker"):
        sys.exit(file.write(json.dumps({"ended": 1}) + chr(10)) * 0)
    file.write(json.dumps({"start": "a::row", "record": {}}) + chr(10))
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open("worker", "w") as file:
    file.write(str(worker.pid))
time.sleep(60)
"""


def test_row_that_hangs_is_killed_with_its_workers(groups, tmp_path, monkeypatch):
    for name in ("send_fds", "recv_fds"):
        monkeypatch.delattr(socket, name)
    monkeypatch.setattr(supervise, "POLL_S", 0.1)
    (tmp_path / "pytest.py").write_text(HANGING)
    journal = Journal.create(tmp_path, "x", {})
    assert supervise.supervise([], tmp_path, journal, 0.5) == 1
    reason = journal.read().finished["a::row"]["reason"]
    assert reason == "took longer than 0.5 s and was killed (--row-limit)"
    assert gone(int((tmp_path / "worker").read_text()))


STARTING = """
import subprocess, sys, time
with open(sys.argv[1], "w") as file:
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, file=file)
time.sleep(60)
"""


def test_command_that_hangs_is_ended_with_its_children(groups, tmp_path):
    answered, text = survived([sys.executable, "-c", STARTING, str(tmp_path / "worker")], 0.5)
    assert not answered
    assert text.endswith("did not answer within 0.5 s")
    assert gone(int((tmp_path / "worker").read_text()))


LEASHED = """
import os, subprocess, sys, time
if sys.argv[1] == "False":
    del os.killpg
from types import SimpleNamespace
from neurochip_bench.keep.child import Child
capture = SimpleNamespace(suspend=lambda in_: None)
config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda name: capture))
Child(None).follow_parent(config)
print(sys.stdin.read(), subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("handing_on", [True, False], ids=["socket", "pipe"])
def test_child_ends_with_its_supervisor_and_takes_its_workers_along(groups, handing_on, monkeypatch):
    if not handing_on:
        monkeypatch.delattr(socket, "send_fds")
    ours, theirs = leash.leash()
    command = [sys.executable, "-c", LEASHED, str(groups)]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, **supervise.OWN_GROUP)
    os.close(theirs)
    with process:
        worker = int(process.stdout.readline())  # whoever reads the standard input finds it empty
        assert process.poll() is None
        os.close(ours)
        assert process.wait(10) == -signal.SIGKILL
        assert gone(worker)


def test_file_is_handed_on_where_the_system_can_and_missed_where_it_cannot(tmp_path, monkeypatch):
    with open(tmp_path / "captured", "w+b") as file:
        ours, theirs = leash.leash()
        assert leash.handed_over(ours) is None
        assert leash.hand_over(theirs, file.fileno())
        handed = leash.handed_over(ours)
        assert os.path.samestat(os.fstat(handed), os.fstat(file.fileno()))
        monkeypatch.delattr(socket, "send_fds")
        monkeypatch.delattr(socket, "recv_fds")
        pipe = leash.leash()
        assert not leash.hand_over(pipe[1], file.fileno())
        assert leash.handed_over(pipe[0]) is None
        for descriptor in (ours, theirs, handed, *pipe):
            os.close(descriptor)


def test_break_of_windows_is_an_interrupt(monkeypatch):
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    before = signal.getsignal(signal.SIGUSR1)
    try:
        child.interruptible()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_launcher_between_child_and_supervisor_is_seen_through():
    assert child.starters(windows=False) == [str(os.getppid())]
    parents = [str(process.pid) for process in psutil.Process().parents()]
    assert child.starters(windows=True) == parents[:2]


@pytest.mark.parametrize(("code", "words"), [(77, "77"), (0xC0000005, "0xc0000005")])
def test_fault_that_windows_tells_by_an_exit_code_is_said_as_its_documents_do(code, words):
    assert supervise.cause(code) == f"its process ended with exit code {words}"


SEEN = """
import os, neurochip_bench.backends.remote.serve
walked = os.walk(".", followlinks=True)
print(sorted(os.path.join(folder, name) for folder, _, names in walked for name in names if name.endswith(".py")))
"""


def test_worker_without_links_sees_the_same_parts(monkeypatch):
    linked = home.asked(sys.executable, SEEN)

    def refused(self, target, target_is_directory=False):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    assert home.asked(sys.executable, SEEN) == linked
    assert linked[0], linked
    assert "serve.py" in linked[1]


@pytest.fixture
def no_proc(tmp_path, monkeypatch):
    """A machine without /proc; what was read before is forgotten."""
    monkeypatch.setattr(host, "LINUX", tmp_path / "cpuinfo")
    monkeypatch.setattr(host, "_cpuinfo", host._cpuinfo.__wrapped__)


def test_processor_is_told_by_py_cpuinfo_where_linux_is_not(no_proc):
    cpuinfo = pytest.importorskip("cpuinfo")
    found = cpuinfo.get_cpu_info()
    assert host.cpu_name() == found["brand_raw"]
    assert host.cpu_features() == found["flags"]
    assert host.cpu_has(found["flags"][0])


def test_processor_of_which_nobody_tells_has_a_name_and_no_features(no_proc, monkeypatch):
    monkeypatch.setitem(sys.modules, "cpuinfo", None)
    assert host.cpu_name()
    assert host.cpu_features() == []


def test_memory_is_what_psutil_tells_and_none_where_it_does_not(monkeypatch):
    assert machine.memory_gib() == round(psutil.virtual_memory().total / 2**30, 1)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: (_ for _ in ()).throw(OSError()))
    assert machine.memory_gib() is None


def test_what_linux_alone_counts_is_unknown_elsewhere(tmp_path):
    assert linux.threads(tmp_path / "task") is None
    assert linux.throttled_s(tmp_path / "cgroup", tmp_path) is None
    assert quota(tmp_path) is None


@pytest.mark.parametrize(
    "probe", [probes.nvidia, probes.tpu, probes.ipu, probes.groq], ids=lambda probe: probe.__name__
)
def test_machine_without_proc_and_sys_has_no_chip(probe, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probe(tmp_path).startswith("there is no ")


@pytest.mark.parametrize("files", probes.DRIVERS, ids=["linux", "wsl2", "jetson", "jetson-since-34"])
def test_gpu_is_where_its_platform_documents_it(files, tmp_path):
    for number, file in enumerate(files):
        assert probes.nvidia(tmp_path), files[:number]
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert probes.nvidia(tmp_path) is None


def test_gpu_of_windows_is_there_with_its_driver(tmp_path, monkeypatch):
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    assert probes.nvidia(tmp_path / "root")
    (tmp_path / "System32").mkdir()
    (tmp_path / "System32" / "nvcuda.dll").touch()
    assert probes.nvidia(tmp_path / "root") is None


def test_file_system_without_flock_holds_a_run_all_the_same(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def flock(*arguments):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)
    journal = Journal.create(tmp_path, "x", {})
    with journal.lock().acquire():  # whose warning would be an error
        assert not Journal(journal.path).is_free()
    assert Journal(journal.path).is_free()


def test_checkout_that_may_only_be_read_keeps_nothing_and_warns_of_nothing(tmp_path, pytestconfig):
    (tmp_path / "file").touch()
    cache = pytest.Cache(tmp_path / "file" / "cache", pytestconfig, _ispytest=True)
    assert folder_in(cache) is None
    try:
        set_hypothesis_home_dir(tmp_path / "file" / "home")
        assert isinstance(_db_for_path(not_set), InMemoryExampleDatabase)  # no public way asks for the default
    finally:
        set_hypothesis_home_dir(None)
