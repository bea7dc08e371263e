"""The programs for vendors' chips, run by stand-ins for their libraries: the oracle's results, and what they promise.

`python -m pytest -p tests.helpers.standins tests/accuracy/test_programs.py -m "ipu or groq"` runs all that programs
promise in the same way, in minutes.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import Network, build, drive
from neurochip_bench.accuracy import RIGHT
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.groq.program import RemoteGroqProgram
from neurochip_bench.backends.remote import worker
from neurochip_bench.suite.row import MODEL_MS, standard_network
from tests.helpers.commands import estimate
from tests.helpers.standins import CHIPS, standing_in

NEEDS = {"ipu": ("tensorflow",), "groq": ("onnx", "onnxruntime")}
SYNAPTIC = [name for name, kernel in KERNELS.items() if kernel.synaptic]
ONE_NOW = [pytest.param(name, marks=[pytest.mark.slow] * (name != "hh")) for name in KERNELS]  # the others take long
TOLERANCE = 1e-3  # mV after 4 ms, as in test_programs.py; a lost connection is off by 1e-2


@pytest.fixture(scope="module", params=CHIPS)
def chip(request):
    """A backend whose library has a stand-in."""
    for name in NEEDS[request.param]:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed, which runs what the stand-in is given")
    with standing_in(request.param):
        yield BACKENDS[CHIPS[request.param]]
    prepared.cache_clear()


@lru_cache(maxsize=None)
def network(kernel, seed=42):
    return build(kernel, 4, seed=seed).rounded()


@lru_cache(maxsize=None)
def prepared(backend, kernel, coupling=None):
    return backend.prepare(network(kernel), coupling)


def ready(backend, kernel):
    program = prepared(backend, kernel)
    program.reset(network(kernel))
    return program


def assert_like_the_oracle(run, network, stimulus):
    milliseconds = len(run.codes)
    oracle = BACKENDS[ORACLE].prepare(network).run(milliseconds, stimulus)
    assert np.abs(run.trace - oracle.trace).max() <= TOLERANCE
    assert np.abs(run.state - oracle.state).max() <= TOLERANCE
    assert np.array_equal(run.spikes, oracle.spikes)
    assert np.nanmax(np.abs(run.spike_times - oracle.spike_times), initial=0) <= 0.026  # a step


@pytest.mark.parametrize("kernel", ONE_NOW)
def test_standard_networks_are_judged_right(chip, kernel, truths):
    network, stimulus, _ = standard_network(kernel, 4, connected=True)
    verdict = truths.judge(ready(chip, kernel).run(MODEL_MS, stimulus), network, stimulus)
    assert verdict.word in RIGHT, verdict.explain()


@pytest.mark.parametrize("kernel", SYNAPTIC)
def test_spikes_and_every_state_are_the_oracles(chip, kernel):
    enough = 60.0 if KERNELS[kernel].map_dt is None else 0.1  # to spike in 4 ms
    stimulus = enough * np.random.default_rng(5).random((4, 64))
    run = ready(chip, kernel).run(4, stimulus)
    assert run.spikes.sum() > 0
    assert_like_the_oracle(run, network(kernel), stimulus)


def test_the_parts_of_a_run_are_those_of_the_whole(chip):
    milliseconds = {"ipu": 110, "groq": 20}[chip.mark]  # longer than one call, which on a GroqChip is a step
    held, program = np.asarray(drive(network("hh"), milliseconds)), ready(chip, "hh")
    whole = program.run(milliseconds, held)
    program.reset()
    parts = [program.run(len(part), part) for part in np.split(held, [1, 3, 10])]
    for name in ("trace", "codes"):
        joined = np.concatenate([getattr(part, name)[name == "trace" :] for part in parts])
        assert np.array_equal(joined, getattr(whole, name)[name == "trace" :]), name
    assert np.array_equal(parts[-1].state, whole.state)


def test_another_network_of_the_shape_is_run_without_compiling(chip):
    program, other = ready(chip, "lif"), network("lif")
    renamed = np.random.default_rng(0).permutation(64)  # so that no cell gets more connections than one had
    moved = Network("lif", other.state + 1.0, renamed[other.sources], renamed[other.targets], 0.02)
    program.reset(moved)
    assert_like_the_oracle(program.run(4), moved, None)


def test_two_programs_on_one_chip_do_not_disturb_each_other(chip):
    first, second = ready(chip, "lif"), ready(chip, "hh")
    alone = first.run(6)
    first.reset()
    start = first.run(3)
    second.run(3)
    assert np.array_equal(np.concatenate([start.trace, first.run(3).trace[1:]]), alone.trace)


def test_a_program_says_what_ran_it_and_how(chip):
    program = ready(chip, "lif")
    assert program.device_name == "stand-in"
    assert program.coupling == "padded"
    assert program.fast_math == {"ipu": False, "groq": None}[chip.mark]
    assert program.form == {"ipu": "loop", "groq": "calls"}[chip.mark]
    assert program.steps_per_call(100) == {"ipu": 99 * 40, "groq": 1}[chip.mark]
    assert 0 < program.compile_s < program.clock()


@pytest.mark.parametrize("coupling", ["gather-scatter", "one-hot", "dense"])
def test_every_formulation_is_right(chip, coupling):
    if chip.mark == "ipu" and coupling != "gather-scatter":
        pytest.skip("its operations are TensorFlow's, which test_programs.py tries with each formulation")
    program = prepared(chip, "lif", coupling)
    program.reset()
    assert_like_the_oracle(program.run(3), network("lif"), None)


def test_bad_option_is_a_sentence(chip):
    option, expected = {"ipu": ("fast_math", "True or False"), "groq": ("form", "calls, unrolled")}[chip.mark]
    with pytest.raises(ValueError, match=f"{option}.*'quick'.*{expected}"):
        chip.prepare(network("lif"), **{option: "quick"})


@pytest.mark.parametrize("chip", ["ipu"], indirect=True)
def test_one_process_has_one_fast_math(chip):
    prepared(chip, "lif")
    with pytest.raises(RuntimeError, match="fast_math is True: expected False, as the IPU of this process has it"):
        chip.prepare(network("lif"), fast_math=True)


@pytest.mark.parametrize("chip", ["groq"], indirect=True)
def test_forty_steps_in_one_program_are_the_oracles(chip):
    program = chip.prepare(network("lif"), form="unrolled")
    assert program.steps_per_call(100) == 40
    run = program.run(4)
    assert run.spikes.any()
    assert_like_the_oracle(run, network("lif"), None)


@pytest.mark.parametrize("chip", ["groq"], indirect=True)
def test_where_there_is_no_card_an_estimate_says_that_it_is_one(chip, capsys):
    assert estimate(["--kernel", "lif", "--side", "4", "--connected"]) == 0
    assert capsys.readouterr().out.startswith("estimate, not a timing:")


def test_without_the_compiler_there_is_no_estimate(capsys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert estimate(["--kernel", "lif", "--side", "4"]) == 4
    assert "groq-compiler is not on the PATH" in capsys.readouterr().err
    assert RemoteGroqProgram.here is False


def test_delays_run_on_the_chip_and_reset_forgets_what_is_under_way(chip):
    late = build("lif", 4, delays=(0.0, 1.5)).rounded()
    program = chip.prepare(late)
    run = program.run(4)
    assert_like_the_oracle(run, late, None)
    program.reset()
    parts = [program.run(1), program.run(3)]
    assert np.array_equal(np.concatenate([part.codes for part in parts]), run.codes)


@pytest.mark.parametrize("chip", ["groq"], indirect=True)
def test_what_the_compiler_prints_is_shown_when_it_fails(chip, tmp_path, monkeypatch):
    tool = tmp_path / "groq-compiler"
    tool.write_text("#!/bin/sh\necho allocating\necho no slice left for tensor 7 >&2\nexit 9\n")
    tool.chmod(0o755)
    worker.close_all()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path), prepend=":")
        with pytest.raises(RuntimeError, match=r"(?s)status 9.*allocating.*no slice left for tensor 7"):
            chip.prepare(network("lif"))
        worker.close_all()
    prepared.cache_clear()
