"""What a program promises, on every backend: its shapes, that runs continue, and the oracle's results on any graph."""

import importlib.util
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from neurochip_bench.backends import BACKENDS, ORACLE, tensorflow_xla
from neurochip_bench.backends.host import cpu_has
from neurochip_bench.backends.promises import PROMISES, agrees_on, same
from neurochip_bench.backends.trial import CELLS, Trial, example, stimulus
from neurochip_bench.backends.xla import set_flags

ONE_PRECISION = (
    True  # a library's programs differ in nothing else: the first row of each, see neurochip_bench/suite/plugin.py
)


def python(code):
    """What a fresh interpreter prints."""
    command, root = [sys.executable, "-c", code], Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


@lru_cache(maxsize=None)
def trial(backend, kernel):
    return Trial(backend, kernel)


def assert_identical(run, other):
    same(run, other, "from the other run")


TRIED = [
    pytest.param(promise, kernel, id=f"{name}-{kernel}")
    for name, promise in PROMISES.items()
    if name != "agrees"  # which is tried below on any graph
    for kernel in promise.kernels
]


@pytest.mark.parametrize(("promise", "cells"), TRIED)
def test_every_promise_of_a_program_is_kept(backend, promise, cells):
    promise.check(trial(backend, cells))


@pytest.mark.parametrize("kernel", KERNELS.own)
def test_cells_that_promises_are_tried_on_spike(kernel):
    assert (trial(BACKENDS[ORACLE], kernel).ready().run(12, stimulus(kernel, 12)).spikes.sum(axis=0) > 0).all()


@st.composite
def graphs(draw):
    """20 connections, 4 of them onto cell 0 and no more onto any other: every formulation keeps its shape."""
    slots = draw(st.lists(st.integers(4, 4 * CELLS - 1), min_size=16, max_size=16, unique=True), label="slots")
    first = draw(st.integers(6, CELLS - 1), label="first source")  # to be lost, so from a cell far in potential
    others = draw(st.lists(st.integers(0, CELLS - 1), min_size=19, max_size=19), label="other sources")
    weights = draw(st.lists(st.floats(0.05, 0.2), min_size=20, max_size=20), label="weights")
    return [first, *others], [0] * 4 + [slot // 4 for slot in slots], weights


@pytest.mark.parametrize("formulation", FORMULATIONS)
@pytest.mark.parametrize("cells", PROMISES["agrees"].kernels)
@given(graph=graphs())
@settings(max_examples=5, deadline=None)
def test_every_formulation_agrees_with_the_oracle_on_any_graph(backend, cells, formulation, graph):
    if formulation in backend.program.unsupported:
        pytest.skip(backend.refuses(formulation))
    oracle = agrees_on(trial(backend, cells), formulation, graph)
    assert (oracle.spikes == (cells == "hh")).all()


@pytest.mark.parametrize("hide", ["", "sys.modules['tensorflow'] = None; "], ids=["installed", "absent"])
def test_listing_the_backends_does_not_import_tensorflow(hide):
    listing = "from neurochip_bench.backends import BACKENDS; [backend.missing() for backend in BACKENDS.values()]; "
    code = f"import sys; {hide}{listing}print(sys.modules.get('tensorflow'))"
    assert python(code) == "None\n"


@pytest.mark.parametrize(
    "absent", [b for b in BACKENDS.values() if b.library == "tensorflow" and b.mark == "cpu"], ids=lambda b: b.id
)
def test_a_backend_without_its_library_says_so_and_refuses(absent, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert absent.missing().startswith("TensorFlow is not installed")
    assert "\n" not in absent.missing()
    with pytest.raises(RuntimeError, match=absent.id):
        absent.prepare(example("lif"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"threads": -1}, "threads is -1: expected a whole number of at least 1"),
        ({"threads": 10**6}, "threads is 1000000: expected at most"),
        ({"unrolled": "yes"}, "unrolled is 'yes': expected True or False"),
        ({"steps": 3}, "unknown option 'steps': expected one of unrolled, threads"),
    ],
)
def test_bad_option_of_tensorflow_is_a_sentence_and_no_crash(options, sentence):
    backend = BACKENDS["tensorflow-cpu-f32"]
    if backend.missing():
        pytest.skip(backend.missing())
    with pytest.raises(ValueError, match=sentence):
        backend.prepare(example("lif"), **options)


@pytest.mark.parametrize("user", ["", "--xla_cpu_enable_fast_math=false", "--xla_cpu_prefer_vector_width=256"])
def test_flags_of_the_user_are_kept_and_only_added_to(user, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", user)
    set_flags()
    flags = os.environ["XLA_FLAGS"].split()
    widths = [flag for flag in flags if flag.startswith("--xla_cpu_prefer_vector_width")]
    assert flags[: len(user.split())] == user.split()
    assert widths == ([user] if "width" in user else ["--xla_cpu_prefer_vector_width=512"] * cpu_has("avx512f"))


def test_tensorflow_is_loaded_with_the_set_flags(monkeypatch):
    class ReachedError(Exception):
        pass

    def reached():
        raise ReachedError

    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # an import of it is an ImportError
    monkeypatch.setattr(tensorflow_xla, "set_flags", reached)
    with pytest.raises(ReachedError):
        tensorflow_xla.load_tensorflow.__wrapped__()
    monkeypatch.setattr(tensorflow_xla, "set_flags", lambda: None)
    with pytest.raises(ImportError):
        tensorflow_xla.load_tensorflow.__wrapped__()
