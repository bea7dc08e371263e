"""How many threads a program gets: the least of affinity, a container's quota and OMP_NUM_THREADS."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS, host, tensorflow_xla
from neurochip_bench.backends.host import cores
from neurochip_bench.backends.quota import quota
from neurochip_bench.backends.tensorflow_xla import TensorflowProgram


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of 16 cores in 4 of which the process may run, whose files of control groups a test writes."""
    monkeypatch.delenv(host.THREADS, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setattr(host, "quota", lambda: quota(tmp_path))

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


V2 = "sys__fs__cgroup__cpu_dot_max"
V1 = {"sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_quota_us": "250000\n"}
PERIOD = {"sys__fs__cgroup__cpu,cpuacct__cpu_dot_cfs_period_us": "100000\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 4),
        ({"proc__self__cgroup": "0::/\n", V2: "200000 100000\n"}, 2),
        ({"proc__self__cgroup": "0::/\n", V2: "150000 100000\n"}, 1),  # a second thread would be throttled
        ({"proc__self__cgroup": "0::/\n", V2: "20000 100000\n"}, 1),
        ({"proc__self__cgroup": "0::/\n", V2: "max 100000\n"}, 4),
        ({"proc__self__cgroup": "0::/\n", V2: "3200000 100000\n"}, 4),
        ({"proc__self__cgroup": "0::/\n", V2: "nonsense\n"}, 4),
        ({"proc__self__cgroup": "0::/a/b\n", "sys__fs__cgroup__a__cpu_dot_max": "300000 100000\n"}, 3),
        ({"proc__self__cgroup": "0::/host/path/that/is/not/shown\n", V2: "200000 100000\n"}, 2),
        ({"proc__self__cgroup": "4:memory:/x\n1:cpu,cpuacct:/docker/1\n", **V1, **PERIOD}, 2),
        ({"proc__self__cgroup": "1:cpu,cpuacct:/\n", **V1}, 4),  # without a period
        ({"proc__self__cgroup": "1:cpuset:/\n", **V1, **PERIOD}, 4),
    ],
)
def test_quota_of_a_container_bounds_threads(machine, files, expected):
    machine(**files)
    assert cores() == expected


@pytest.mark.parametrize(("text", "expected"), [("1", 1), (" 3 ", 3), ("2,4", 2), ("64", 4), ("", 4)])
def test_omp_num_threads_bounds_threads(machine, monkeypatch, text, expected):
    monkeypatch.setenv(host.THREADS, text)
    assert cores() == expected


@pytest.mark.parametrize("text", ["0", "-1", "many", "2.5", ",2", "²"])
def test_omp_num_threads_that_is_no_number_is_a_sentence(monkeypatch, text):
    monkeypatch.setenv(host.THREADS, text)
    with pytest.raises(ValueError, match=r"^OMP_NUM_THREADS is '.*': expected a whole number of at least 1"):
        cores()


@pytest.mark.parametrize("name", ["tensorflow-cpu-f32", "onnxruntime-cpu-f32"])
def test_program_gets_no_more_threads_than_the_user_grants(name, monkeypatch):
    backend = BACKENDS[name]
    if backend.missing():
        pytest.skip(backend.missing())
    monkeypatch.setenv(host.THREADS, "1")
    with pytest.raises(ValueError, match="threads is 2: expected at most 1"):
        backend.prepare(build("lif", 4), threads=2)


def test_large_network_gets_all_that_the_user_grants_and_no_more(monkeypatch):
    if TensorflowProgram.missing():
        pytest.skip(TensorflowProgram.missing())
    monkeypatch.setattr(TensorflowProgram, "_compile", lambda self: None)
    monkeypatch.setattr(TensorflowProgram, "_load", lambda self: None)
    monkeypatch.setattr(tensorflow_xla, "load_tensorflow", lambda: SimpleNamespace(__version__="1"))
    monkeypatch.setattr(tensorflow_xla, "cores", lambda: 7)
    assert BACKENDS["tensorflow-cpu-f32"].prepare(build("lif", 16, connected=False)).threads == 7
