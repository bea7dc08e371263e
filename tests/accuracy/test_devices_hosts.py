"""One pytest process a host, all the same command: what is saved, what listens, and what becomes of it if one dies."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Sequence

import numpy as np
import psutil
import pytest

from model.network import drive
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.remote.group import PARTING_S
from neurochip_bench.cli import main
from neurochip_bench.suite.row import standard_network
from tests.helpers import slow_judge
from tests.helpers.changing import BY
from tests.helpers.prompt import MILLISECONDS

JAX = BACKENDS["jax-cpu-f32"]
pytestmark = [
    pytest.mark.skipif(JAX.missing() is not None, reason="JAX is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="JAX has no Gloo on Windows"),
]


def coordinator() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def started(folder: Path, rows: str, *more: str, numbers: Sequence[str] = ("0", "1")) -> list[subprocess.Popen[str]]:
    """Both processes of a run, or some."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.helpers.prompt",
        "tests/perf/test_run.py::test_run",
        "-m",
        "cpu",
    ]
    asked = ["-k", rows, "--devices", "2", "--side", "4", "--processes", "2", "--coordinator", coordinator()]
    kept = ["--benchmark-save=x", f"--benchmark-storage=file://{folder}", *more]
    out = subprocess.PIPE
    return [
        subprocess.Popen(
            [*command, *asked, *kept, "--process-id", number], text=True, start_new_session=True, stdout=out, stderr=out
        )
        for number in numbers
    ]


def tree(process: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        found = psutil.Process(process.pid)
        return [found, *found.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def killed(processes: list[subprocess.Popen[str]]) -> None:
    for one in [each for process in processes for each in tree(process)]:
        one.send_signal(signal.SIGKILL)


def listening(processes: list[psutil.Process]) -> set[str]:
    """Addresses of TCP and UDP at which somebody may call."""
    found: set[str] = set()
    for process in processes:
        try:
            sockets = process.net_connections()
        except psutil.Error:
            continue
        open_to = (s for s in sockets if s.status == psutil.CONN_LISTEN or s.type == socket.SOCK_DGRAM)
        found |= {str(s.laddr[0]).removeprefix("::ffff:") for s in open_to if s.laddr}
    return found


def saved(folder: Path) -> dict:
    (path,) = folder.glob("*/*.json")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of one connected network: its folder, what both printed, and what listened meanwhile."""
    folder = tmp_path_factory.mktemp("hosts")
    both = started(folder, "lif-connected-jax-cpu-f32", f"--outputs={folder / 'outputs'}")
    heard: set[str] = set()
    until = time.monotonic() + 240
    while any(process.poll() is None for process in both):
        heard |= listening([one for process in both for one in tree(process)])
        time.sleep(1.0)  # looking takes a good part of a second, of cores that the run needs
        if time.monotonic() > until:
            killed(both)
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], [out[-2000:] + errors[-2000:] for out, errors in said]
    return folder, said, heard


def test_two_processes_save_one_judged_row_with_the_bits_of_one(run):
    folder, _, _ = run
    (row,) = saved(folder)["benchmarks"]
    assert row["name"] == "test_run[lif-connected-jax-cpu-f32-n=64-devices=2]"
    told = {name: row["extra_info"][name] for name in ("devices", "processes", "virtual_devices", "verdict")}
    assert told == {"devices": 2, "processes": 2, "virtual_devices": False, "verdict": "faithful"}
    (kept,) = (folder / "outputs").iterdir()
    network, _, _ = standard_network("lif", 4, True)
    alone = JAX.prepare(network).run(MILLISECONDS, drive(network, MILLISECONDS))
    assert np.load(kept)["state"].tobytes() == alone.state.tobytes()


def test_only_the_first_process_prints(run):
    (first, _), second = run[1]
    assert "x2 of 2 processes" in first
    assert second == ("", "")


def test_a_run_on_one_address_listens_at_no_other(run):
    assert run[2] == {"127.0.0.1"}


def test_a_run_of_two_processes_is_compared_and_drawn(run, capsys):
    folder, _, _ = run
    (path,) = folder.glob("*/*.json")
    assert main(["compare", str(path), str(path), "--all"]) == 0
    assert "devices=2" in capsys.readouterr().out
    assert main(["report", str(path), "--output", str(folder / "report")]) == 0
    assert "x2 of 2 processes" in next((folder / "report").rglob("*.html")).read_text()


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    """What becomes of runs in which something goes wrong, side by side: mostly they wait for a sign of life."""
    with ThreadPoolExecutor() as pool:
        yield {fault: pool.submit(fault, tmp_path_factory.mktemp("faults")) for fault in FAULTS}


@contextmanager
def of(folder: Path, rows: str, *more: str, numbers: Sequence[str] = ("0", "1")):
    """The processes of a run, of which none is left."""
    processes = started(folder, rows, *more, numbers=numbers)
    try:
        yield processes
    finally:
        killed(processes)
        for process in processes:
            process.communicate()


def one_dies(folder: Path) -> list[list[tuple[int, str, str]]]:
    """(exit code, stdout, stderr) of the process that is left once the other one was killed, and of both that go on."""
    with of(folder, "lif and jax-cpu") as both:
        wait_for(lambda: any('"finish"' in path.read_text() for path in folder.glob("unfinished/*.jsonl")), 120)
        killed(both[1:])
        left = ended(both[:1], 60)
    begun = saved(folder)
    assert begun["partial"]
    assert begun["benchmarks"]
    with of(folder, "lif and jax-cpu", "--resume") as both:
        resumed = ended(both, 120)
    whole = saved(folder)
    assert (len(whole["benchmarks"]), len(whole["failures"]), whole["partial"]) == (3, 1, False)
    return [left, resumed]


def judging(folder: Path) -> list[tuple[int, str, str]]:
    """What process 0 says that judges its only row, for some time, while the other one is killed."""
    with of(folder, "lif-unconnected-jax-cpu-f32", "-p", "tests.helpers.slow_judge") as both:
        wait_for((folder / slow_judge.JUDGING).exists, 120)
        killed(both[1:])
        heard = both[0].stderr.readline()
        assert not (folder / slow_judge.JUDGED).exists(), "it is said before that is done"
        ((code, out, errors),) = ended(both[:1], 60)
    assert not saved(folder)["partial"]
    return [(code, out, heard + errors)]


def nobody(folder: Path) -> list[tuple[int, str, str]]:
    """What a process says that no other comes to."""
    with of(folder, "lif and jax-cpu", numbers=("1",)) as one:
        return ended(one, 60)


def changing(folder: Path) -> list[str]:
    """What two processes print whose rows are of CPUs and of GPUs by turns."""
    command = [sys.executable, "-m", "tests.helpers.changing", coordinator()]
    both = [subprocess.Popen([*command, number], text=True, stdout=subprocess.PIPE) for number in "01"]
    return [process.communicate(timeout=120)[0] for process in both]


FAULTS: tuple[Callable[[Path], Any], ...] = (one_dies, judging, nobody, changing)


def ended(processes: list[subprocess.Popen[str]], seconds: float) -> list[tuple[int, str, str]]:
    """(exit code, stdout, stderr) of each, which end in so many seconds and leave nothing behind."""
    since, trees = time.monotonic(), [one for process in processes for one in tree(process)]
    said = [process.communicate(timeout=seconds - (time.monotonic() - since)) for process in processes]
    _, left = psutil.wait_procs(trees, timeout=PARTING_S + 2)
    assert not left
    return [(process.returncode, *texts) for process, texts in zip(processes, said)]


@pytest.mark.slow
def test_where_one_dies_the_finished_rows_stay_and_resume_goes_on(faults):
    ((code, out, errors),), resumed = faults[one_dies].result()
    assert code == 1, out[-2000:] + errors[-2000:]
    assert re.search("the run has lost one of its 2 processes|processes of this run cannot go on together", out)
    assert "--resume goes on" in out
    assert [code for code, _, _ in resumed] == [1, 0], resumed


@pytest.mark.slow
def test_a_death_is_told_while_a_row_is_judged_which_is_finished_and_kept(faults):
    ((code, out, errors),) = faults[judging].result()
    assert code == 1
    assert errors.startswith("the run has lost one of its 2 processes")
    assert "stopped sending heartbeats" in errors
    assert "no row was left to run" in errors
    assert "1 passed" in out
    assert "--resume" not in out + errors, "nothing is left to do"


@pytest.mark.slow
def test_a_process_that_nobody_comes_to_says_so_within_a_minute(faults):
    ((code, _, errors),) = faults[nobody].result()
    assert code == 1
    assert "the processes of this run do not come together at 127.0.0.1:" in errors


@pytest.mark.slow
def test_workers_of_one_group_take_turns_at_its_port(faults):
    assert faults[changing].result() == ["".join(f"0:{n} 1:{n}\n" for n in range(len(BY)))] * 2


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"nothing came within {seconds} s"
        time.sleep(0.1)
