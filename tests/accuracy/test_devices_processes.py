"""Two processes with two devices each, on this machine, give bit by bit what one device of one process gives."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import numpy as np
import pytest

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.jax_xla import JaxProgram
from tests.helpers.joined import CASES, digests

pytestmark = [
    pytest.mark.slow,  # three processes compile four programs: 15 s; one such run is in test_devices_hosts.py
    pytest.mark.skipif(BACKENDS["jax-cpu-f32"].missing() is not None, reason="JAX is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="JAX has no Gloo on Windows"),
]


@pytest.fixture(scope="module")
def found():
    """The digests by one device of this process, and by each of two others, which run at the same time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    command, out = [sys.executable, "-m", "tests.helpers.joined", coordinator, "2"], subprocess.PIPE
    runs = [subprocess.Popen([*command, process], stdout=out, stderr=out, text=True) for process in "01"]
    try:
        one = digests(lambda *of: JaxProgram(np.dtype("f4"), *of), CASES)
        said = [run.communicate(timeout=240) for run in runs]
    finally:
        for run in runs:
            run.kill()
    assert [run.returncode for run in runs] == [0, 0], [errors[-2000:] for _, errors in said]
    return [one, *(json.loads(words.splitlines()[-1]) for words, _ in said)]


@pytest.mark.parametrize("case", CASES)
def test_two_processes_give_the_bits_of_one(found, case):
    one, *both = (digests[case] for digests in found)
    assert both == [one, one]


def test_other_networks_have_other_bits(found):
    assert len(set(found[0].values())) == len(CASES)
