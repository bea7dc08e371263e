"""The IPU's programs on Python 3.8 and TensorFlow 2.6, as Graphcore's is; a script, since pytest is not there.

Stock TensorFlow stands where Graphcore's would, with the stand-in for what it lacks. Programs run, and the energy is
read, where they are on a machine with an IPU: in processes that can import their parts of this project alone.
"""

import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, ".")

from model.kernels import KERNELS
from model.network import build, drive
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.ipu.program import RemoteIpuProgram
from neurochip_bench.backends.remote import worker
from neurochip_bench.energy import Gcipuinfo, ipu
from tests.helpers import private

STANDIN = Path(__file__).resolve().parent / "standins" / "ipu"
TOLERANCE = 1e-3  # mV after 5 ms, as in tests/accuracy/test_programs.py


def check_delays(chip):
    network = build("lif", 4, delays=(0, 2)).rounded()
    run, oracle = (backend.prepare(network).run(5) for backend in (chip, BACKENDS[ORACLE]))
    assert np.array_equal(run.codes, oracle.codes), "spikes with delays differ"


def check_imports():
    for parts in (RemoteIpuProgram.needs, ipu.PARTS):
        found, allowed = (set(names) for names in (private.importable(sys.executable, parts), private.allowed(parts)))
        assert found == allowed, f"with {parts} a process can import {found ^ allowed} beyond or short of what it may"


def check_energy():
    with Gcipuinfo() as meter:
        watts = meter.read().watts
    assert watts == 12.6, f"the stand-in's 12.6 W were read as {watts}"


def main():
    os.environ.update(
        NEUROCHIP_IPU_PYTHON=sys.executable,
        POPLAR_SDK_ENABLED="1",
        PATH=f"{STANDIN / 'bin'}{os.pathsep}{os.environ['PATH']}",
        PYTHONPATH=os.pathsep.join((str(STANDIN), os.getcwd())),  # a worker imports nothing from the latter
    )
    chip = BACKENDS["tensorflow-ipu-f32"]
    assert chip.missing() is None, chip.missing()
    for kernel in KERNELS:
        network = build(kernel, 4).rounded()
        program, stimulus = chip.prepare(network), drive(network, 105)
        run = program.run(105, stimulus)
        oracle = BACKENDS[ORACLE].prepare(network).run(5, None if stimulus is None else stimulus[:5])
        error = np.abs(run.trace[:6] - oracle.trace).max()
        assert error <= TOLERANCE, f"{kernel} is off by {error:.2g} mV"
        assert np.array_equal(run.spikes[:5], oracle.spikes), f"{kernel} spikes differ"
        assert program.device_name == "stand-in", program.device_name
        print(f"{kernel}: TensorFlow {program.library_version}, off by {error:.1e} mV, {run.spikes.sum()} spikes")
    check_delays(chip)
    check_energy()
    check_imports()
    worker.close_all()
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}: the IPU's programs compile and run")


if __name__ == "__main__":
    main()
