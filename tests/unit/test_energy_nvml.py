"""Energy by NVML: on a stand-in for pynvml, which is compared with the real module where that is installed."""

from __future__ import annotations

import importlib.util
import inspect
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from neurochip_bench import energy
from neurochip_bench.backends.device import GPU
from neurochip_bench.energy import MeterError, Nvml, nvml
from neurochip_bench.suite.timing import clocks
from neurochip_bench.suite.timing.judge import word
from neurochip_bench.suite.timing.observer import Gpu

FILE = Path(__file__).parents[1] / "standins" / "nvml" / "pynvml.py"


@pytest.fixture
def pynvml(monkeypatch):
    """The stand-in, with one GPU, in the place of the real module."""
    loader = SourceFileLoader("standin_pynvml", str(FILE))
    module: Any = ModuleType(loader.name)
    loader.exec_module(module)
    module.machine({})
    monkeypatch.setattr(nvml, "load_pynvml", lambda: module)
    for name in (nvml.VISIBLE, nvml.ORDER):
        monkeypatch.delenv(name, raising=False)
    return module


def gpus(*names):
    return [{"name": name, "uuid": f"GPU-{i}{i}-abc", "mj": i} for i, name in enumerate(names)]


def counted():
    with Nvml() as meter:
        return meter.read().counters


def test_stand_in_has_the_names_and_arguments_of_the_real_module(pynvml):
    real = pytest.importorskip("pynvml", reason="nvidia-ml-py is not installed")
    functions = [name for name in vars(pynvml) if name.startswith("nvml") and callable(getattr(pynvml, name))]
    assert len(functions) == 11
    for name in functions:
        assert inspect.signature(getattr(pynvml, name)) == inspect.signature(getattr(real, name)), name
    for name in [name for name in vars(pynvml) if name.startswith(("NVML_", "nvmlClocks"))]:
        assert getattr(pynvml, name) == getattr(real, name), name
    for value, words in pynvml.WORDS.items():
        assert str(real.NVMLError(value)) == words
    assert isinstance(real.NVMLError(real.NVML_ERROR_NOT_SUPPORTED), real.NVMLError_NotSupported)
    assert real.c_nvmlDevice_t.__name__ == pynvml.c_nvmlDevice_t.__name__


def test_reading_has_millijoules_that_never_wrap_and_watts(pynvml):
    with Nvml() as meter:
        assert meter.read() == ((10**9,), 70.123)
        assert (meter.unit_j, meter.spans, meter.scope) == (1e-3, (None,), "board")
    assert pynvml.DRIVER["open"] == 0
    assert energy.missing(GPU) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mig": [1, 1]}, "the GPU is divided by MIG: expected a whole GPU, since NVML counts no part's energy"),
        ({"mw": 0}, "nvml says 0 W: expected a power above 0"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence_and_nvml_is_let_go(pynvml, change, sentence):
    pynvml.machine(change)
    assert Nvml.missing() == sentence
    assert pynvml.DRIVER["open"] == 0


@pytest.mark.parametrize("key", ["mj", "mw", "mig"])
def test_what_is_not_permitted_is_a_sentence(pynvml, key):
    pynvml.machine({key: pynvml.NVMLError(pynvml.NVML_ERROR_NO_PERMISSION)})
    assert "Insufficient Permissions" in Nvml.missing()
    assert pynvml.DRIVER["open"] == 0


def test_a_machine_without_driver_or_gpu_is_a_sentence(pynvml):
    pynvml.machine()
    assert Nvml.missing() == "CUDA's first GPU is number 0, and NVML knows 0"
    pynvml.DRIVER["loaded"] = False
    assert Nvml.missing() == "NVML does not answer: Driver Not Loaded"


def test_a_missing_module_names_its_extra(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert Nvml.missing() == "nvidia-ml-py is not installed (python -m pip install 'neurochip-bench[energy]')"


def test_a_gpu_without_a_counter_tells_power_alone(pynvml):
    pynvml.machine({"mj": pynvml.NVMLError_NotSupported()})
    with Nvml() as meter:
        assert (meter.spans, meter.read()) == ((), ((), 70.123))


@pytest.mark.parametrize("mig", [[0, 0], [0, 1]])  # to be divided after the next reset is whole still
def test_a_gpu_that_could_be_divided_is_measured(pynvml, mig):
    pynvml.machine({"mig": mig})
    assert Nvml.missing() is None


@pytest.mark.parametrize(
    ("visible", "order", "found"),
    [(None, None, 0), ("2,0", None, 2), ("GPU-11", None, 1), (" GPU-22-abc ,0", None, 2), ("1", "PCI_BUS_ID", 1)],
)
def test_the_gpu_that_cuda_calls_its_first_is_read(pynvml, monkeypatch, visible, order, found):
    pynvml.machine(*gpus(*["NVIDIA A100"] * 3))
    for name, value in ((nvml.VISIBLE, visible), (nvml.ORDER, order)):
        if value is not None:
            monkeypatch.setenv(name, value)
    assert counted() == (found,)


@pytest.mark.parametrize(
    ("visible", "sentence"),
    [
        ("3", "CUDA's first GPU is number 3, and NVML knows 3"),
        ("", "CUDA_VISIBLE_DEVICES starts with '', which names 0 GPUs: expected one"),
        ("-1", "CUDA_VISIBLE_DEVICES starts with '-1', which names 0 GPUs: expected one"),
        ("GPU-", "names 3 GPUs: expected one"),
        ("MIG-0a,1", "CUDA_VISIBLE_DEVICES names MIG-0a, a part of a GPU: expected a whole GPU"),
    ],
)
def test_a_choice_that_names_no_whole_gpu_is_refused(pynvml, monkeypatch, visible, sentence):
    pynvml.machine(*gpus(*["NVIDIA A100"] * 3))
    monkeypatch.setenv(nvml.VISIBLE, visible)
    assert sentence in Nvml.missing()


def test_gpus_of_two_kinds_want_an_order_since_cuda_puts_the_fastest_first(pynvml, monkeypatch):
    pynvml.machine(*gpus("NVIDIA T400", "NVIDIA H100"))
    assert Nvml.missing().endswith("(NVIDIA H100, NVIDIA T400): set CUDA_DEVICE_ORDER=PCI_BUS_ID")
    monkeypatch.setenv(nvml.ORDER, "PCI_BUS_ID")
    assert counted() == (0,)


def test_stand_in_refuses_calls_before_init_and_foreign_handles(pynvml):
    with pytest.raises(pynvml.NVMLError, match="Uninitialized"):
        pynvml.nvmlDeviceGetCount()
    pynvml.nvmlInit()
    with pytest.raises(AssertionError, match="expected one of nvmlDeviceGetHandleByIndex"):
        pynvml.nvmlDeviceGetPowerUsage(0)
    with Nvml() as meter:
        pynvml.DRIVER["open"] = 0
        with pytest.raises(MeterError, match="power and energy: Uninitialized"):
            meter.read()
        pynvml.DRIVER["open"] = 1


@pytest.mark.parametrize(
    ("reasons", "words"),
    [(0, None), (4, None), (8, "the hardware"), (32, "heat"), (64 | 8, "heat"), (128 | 4, "the power supply")],
)
def test_clocks_tell_what_holds_them_back_but_for_the_boards_own_power_cap(pynvml, reasons, words):
    pynvml.machine({"slowed": reasons})
    told = clocks.opened()
    assert (told.clock_mhz(), told.slowed_by()) == (1980.0, words)
    told.close()
    assert pynvml.DRIVER["open"] == 0


def test_rounds_on_a_gpu_are_judged_by_its_clocks_and_not_by_waiting(pynvml):
    reasons = iter((0, 0, 64, 0))  # the first is read where it is asked whether it tells at all
    pynvml.machine({"slowed": lambda: next(reasons)})
    watching = Gpu(clocks.opened())
    watching.begin()
    for _ in range(3):
        watching.before()
        watching.after()
    found = watching.evidence([1.0, 1.0, 1.0])
    assert (found.slowed_by, found.wait_share, word(found)) == ("heat", None, "contended")
    assert watching.state() == {"clock_mhz": 1980.0}
    pynvml.machine({"slowed": pynvml.NVMLError(9), "mhz": pynvml.NVMLError(9)})
    watching.after()
    assert watching.state() == {}  # the driver went away: no row ends for that


@pytest.mark.parametrize("change", [{"mhz": 1}, {"slowed": 1}])
def test_gpu_that_does_not_tell_its_clocks_is_judged_by_its_times(pynvml, change):
    pynvml.machine({key: pynvml.NVMLError(value) for key, value in change.items()})
    assert clocks.opened() is None
    assert pynvml.DRIVER["open"] == 0
