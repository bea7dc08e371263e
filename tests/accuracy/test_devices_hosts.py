"""One pytest process a host, all the same command: what is saved, what listens, and what becomes of it if one dies."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from neurochip_bench.backends import BACKENDS
from neurochip_bench.cli import main
from neurochip_bench.suite.row import MODEL_MS, standard_network

JAX = BACKENDS["jax-cpu-f32"]
pytestmark = [
    pytest.mark.skipif(JAX.missing() is not None, reason="JAX is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="JAX has no Gloo on Windows"),
]


def coordinator() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def started(folder: Path, rows: str, *more: str) -> list[subprocess.Popen[str]]:
    """Both processes of a run."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
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
        for number in ("0", "1")
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
    both = started(folder, "io-connected-jax-cpu-f32", f"--outputs={folder / 'outputs'}")
    heard: set[str] = set()
    until = time.monotonic() + 240
    while any(process.poll() is None for process in both):
        heard |= listening([one for process in both for one in tree(process)])
        time.sleep(0.2)
        if time.monotonic() > until:
            killed(both)
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], [out[-2000:] + errors[-2000:] for out, errors in said]
    return folder, said, heard


def test_two_processes_save_one_judged_row_with_the_bits_of_one(run):
    folder, _, _ = run
    (row,) = saved(folder)["benchmarks"]
    assert row["name"] == "test_run[io-connected-jax-cpu-f32-n=64-devices=2]"
    told = {name: row["extra_info"][name] for name in ("devices", "processes", "virtual_devices", "verdict")}
    assert told == {"devices": 2, "processes": 2, "virtual_devices": False, "verdict": "faithful"}
    (kept,) = (folder / "outputs").iterdir()
    network, stimulus, _ = standard_network("io", 4, True)
    alone = JAX.prepare(network).run(MODEL_MS, stimulus)
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


@pytest.mark.slow
def test_where_one_dies_the_finished_rows_stay_and_resume_goes_on(tmp_path):
    rows = "lif and jax-cpu"
    both = started(tmp_path, rows)
    wait_for(lambda: any('"finish"' in path.read_text() for path in tmp_path.glob("unfinished/*.jsonl")), 120)
    died = time.monotonic()
    killed(both[1:])
    out, errors = both[0].communicate(timeout=90)
    both[1].communicate()
    assert time.monotonic() - died < 60
    assert both[0].returncode == 1, out[-2000:] + errors[-2000:]
    assert "the run has lost one of its 2 processes" in out
    assert "--resume goes on" in out
    begun = saved(tmp_path)
    assert begun["partial"]
    assert begun["benchmarks"]
    resumed = started(tmp_path, rows, "--resume")
    said = [process.communicate(timeout=120) for process in resumed]
    assert [process.returncode for process in resumed] == [1, 0], said
    whole = saved(tmp_path)
    assert (len(whole["benchmarks"]), len(whole["failures"]), whole["partial"]) == (3, 1, False)


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"nothing came within {seconds} s"
        time.sleep(0.1)
