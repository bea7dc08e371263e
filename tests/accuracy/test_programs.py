"""What a program promises, on every backend: its shapes, that runs continue, and the oracle's results on any graph."""

import importlib.util
import os
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.host import cpu_has
from neurochip_bench.backends.xla import set_flags

ONE_PRECISION = (
    True  # a library's programs differ in nothing else: the first row of each, see neurochip_bench/suite/plugin.py
)
CELLS = 12
# In mV, a gate's range being 80 of them. Float32 is off by 4e-5 after a ms, a lost connection below by 1e-2 or more.
TOLERANCE = {"f32": 1e-3, "f64": 1e-10}


def example(kernel, seed=0, incoming=2, cells=CELLS, **parameters):
    """Cells with as many connections onto each, so that no seed changes the shape."""
    rng = np.random.default_rng(seed)
    I_syn = np.zeros((int(KERNELS[kernel].synaptic and incoming > 0), cells))
    state = np.concatenate([KERNELS[kernel].initial(cells, rng), I_syn])
    sources = np.ravel([rng.permutation(cells) for _ in range(incoming)]).astype(int)
    return Network(kernel, state, sources, np.tile(np.arange(cells), incoming), 0.05, parameters)


def stimulus(kernel, milliseconds):
    """Another value for each cell and millisecond, and enough for all of them to spike."""
    return {"io": 10.0, "hh": 20.0, "lif": 0.1}[kernel] * np.random.default_rng(5).random((milliseconds, CELLS))


def python(code):
    """What a fresh interpreter prints."""
    command, root = [sys.executable, "-c", code], Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


@lru_cache(maxsize=None)
def compiled(backend, kernel, coupling=None):
    """For `example(kernel)`, or, with a formulation, for any of `graphs()`."""
    graph = ([1] * 20, np.repeat(range(5), 4), [0.1] * 20)
    return backend.prepare(awake(kernel, graph) if coupling else example(kernel), coupling)


def ready(backend, kernel):
    program = compiled(backend, kernel)
    program.reset(example(kernel))
    return program


def assert_identical(run, other):
    for name in ("state", "trace", "spikes", "spike_times"):
        assert np.array_equal(getattr(run, name), getattr(other, name), equal_nan=True), name


def difference(kernel, state, other):
    """Largest difference of two states in mV."""
    scale = [80.0 if name in kernel.gates else 1.0 for name in kernel.state_names(connected=True)]
    return np.max(np.abs(state - other) * np.array(scale)[:, None])


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_run_has_the_promised_shapes_types_and_spike_times(backend, kernel):
    start, dtype = example(kernel).state, np.float32 if backend.precision == "f32" else np.float64
    run = ready(backend, kernel).run(12, stimulus(kernel, 12))
    arrays = (run.state, run.trace, run.spikes, run.spike_times)
    assert [a.shape for a in arrays] == [start.shape, (13, CELLS), (12, CELLS), (12, CELLS)]
    assert run.state.dtype == run.trace.dtype == dtype
    assert (run.spikes.dtype.kind, run.spike_times.dtype.kind) == ("i", "f")
    assert np.array_equal(run.trace[[0, -1]], [start[0].astype(dtype), run.state[0]])
    first = run.spike_times - np.arange(12)[:, None]  # since the start of their millisecond
    assert np.array_equal(np.isnan(first), run.spikes == 0)
    assert (run.spikes.sum(axis=0) > 0).all()
    assert 0 <= np.nanmin(first) <= np.nanmax(first) <= 1


@pytest.mark.parametrize("kernel", KERNELS)
def test_after_reset_the_parts_of_a_run_are_those_of_the_whole(backend, kernel):
    held, program = stimulus(kernel, 105), ready(backend, kernel)
    whole = program.run(105, held)  # longer than one call to a device
    program.reset()
    parts = [program.run(len(part), part) for part in np.split(held, range(1, 15))]  # also in the middle of spikes
    times = np.concatenate([part.spike_times + start for start, part in enumerate(parts)])
    assert (whole.spikes[:15].sum(axis=0) > 0).all()
    assert np.array_equal(parts[-1].state, whole.state)
    assert np.array_equal([part.trace[0] for part in parts], whole.trace[:15])
    assert np.array_equal(np.concatenate([part.trace[1:] for part in parts]), whole.trace[1:])
    assert np.array_equal(np.concatenate([part.spikes for part in parts]), whole.spikes)
    assert np.allclose(times, whole.spike_times, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("kernel", KERNELS)
def test_an_unrecorded_run_advances_like_a_recorded_one(backend, kernel):
    held, program = stimulus(kernel, 12), ready(backend, kernel)
    whole = program.run(12, held)
    program.reset()
    silent = [program.run(4, held[:4], record=False), program.run(3, held[4:7], record=False)]
    last = program.run(5, held[7:])
    assert [(run.trace, run.spikes, run.spike_times) for run in silent] == [(None, None, None)] * 2
    assert np.array_equal(silent[1].state[0], last.trace[0])
    assert np.array_equal(last.state, whole.state)
    assert np.array_equal(last.spikes, whole.spikes[7:])


@pytest.mark.parametrize("kernel", KERNELS)
def test_neither_stimulus_nor_spikes_are_remembered(backend, kernel):
    program, network, held = ready(backend, kernel), example(kernel), stimulus(kernel, 10)
    driven, after = program.run(10, held), program.run(40)  # io: from within a spike of every cell
    program.reset(Network(kernel, driven.state, network.sources, network.targets, 0.05))
    assert_identical(program.run(40, np.zeros((40, CELLS))), after)
    program.reset(network)
    assert not np.array_equal(program.run(10).state, driven.state)


@pytest.mark.parametrize("kernel", KERNELS)
def test_scalar_and_per_cell_parameters_agree_to_rounding(backend, kernel):
    per_cell = {name: np.full(CELLS, value) for name, value in KERNELS[kernel].parameters.items()}
    run, scalar = backend.prepare(example(kernel, **per_cell)).run(2), ready(backend, kernel).run(2)
    assert difference(KERNELS[kernel], run.state, scalar.state) <= TOLERANCE[backend.precision]


def test_reset_to_another_network_equals_preparing_it_but_does_not_compile(backend, monkeypatch):
    program, other, held = ready(backend, "hh"), example("hh", seed=1), stimulus("hh", 6)
    prepared, compile_s = backend.prepare(other).run(6, held), program.compile_s
    monkeypatch.setattr(type(program), "_compile", None)
    start = time.process_time()
    program.reset(other)
    assert_identical(program.run(6, held), prepared)
    assert time.process_time() - start <= max(0.2, compile_s / 5)  # nor does the library by itself
    assert program.compile_s == compile_s


CHANGES = [("cells", 13), ("incoming", 3), ("incoming", 0), ("kernel", "lif"), ("g_L", 0.2), ("g_L", [0.3] * CELLS)]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_reset_refuses_a_network_of_another_shape_and_keeps_its_own(backend, name, value):
    program = ready(backend, "hh")
    first = program.run(1)
    with pytest.raises(ValueError, match="prepare it instead"):
        program.reset(example(**{"kernel": "hh", name: value}))
    program.reset()
    assert_identical(program.run(1), first)


def awake(kernel, graph):
    """Cells apart in potential, so that every gap current counts; of hh, all below a spike and driven over it."""
    state, (sources, targets, weights) = example(kernel).state, graph
    state[[0, 6, 9] if kernel == "io" else 0] = np.linspace(*{"io": (-68, -52), "hh": (-35, -11)}[kernel], CELLS)
    driven = {"io": {"g_CaL": np.linspace(0.5, 1.4, CELLS)}, "hh": {"I_in": np.linspace(40, 60, CELLS)}}[kernel]
    return Network(kernel, state, sources, targets, weights, driven).rounded()


@st.composite
def graphs(draw):
    """20 connections, 4 of them onto cell 0 and no more onto any other: every formulation keeps its shape."""
    slots = draw(st.lists(st.integers(4, 4 * CELLS - 1), min_size=16, max_size=16, unique=True), label="slots")
    first = draw(st.integers(6, CELLS - 1), label="first source")  # to be lost, so from a cell far in potential
    others = draw(st.lists(st.integers(0, CELLS - 1), min_size=19, max_size=19), label="other sources")
    weights = draw(st.lists(st.floats(0.05, 0.2), min_size=20, max_size=20), label="weights")
    return [first, *others], [0] * 4 + [slot // 4 for slot in slots], weights


def millisecond(backend, kernel, coupling, graph):
    program = compiled(backend, kernel, coupling)
    program.reset(awake(kernel, graph))
    return program.run(1)


@pytest.mark.parametrize("coupling", FORMULATIONS)
@pytest.mark.parametrize("kernel", [name for name, kernel in KERNELS.items() if kernel.map_dt is None])
@given(graph=graphs())
@settings(max_examples=8, deadline=None)
def test_every_formulation_agrees_with_the_oracle_on_any_graph(backend, kernel, coupling, graph):
    oracle = millisecond(BACKENDS[ORACLE], kernel, "gather-scatter", graph)
    run = millisecond(backend, kernel, coupling, graph)
    assert (oracle.spikes == int(KERNELS[kernel].synaptic)).all()  # without spikes a synaptic current would be zero
    assert np.array_equal(run.spikes, oracle.spikes)
    assert np.nansum(np.abs(run.spike_times - oracle.spike_times)) <= 0.03  # rounding moves one by a step at most
    assert difference(KERNELS[kernel], run.state, oracle.state) <= TOLERANCE[backend.precision]
    lost = millisecond(backend, kernel, coupling, (*graph[:2], [0.0, *graph[2][1:]]))
    assert difference(KERNELS[kernel], lost.state, oracle.state) > 10 * TOLERANCE["f32"]


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


@pytest.mark.parametrize("coupling", ["gather-scatter", "padded"])  # for matrices nothing is filled up
def test_a_lively_last_cell_spoils_no_other(backend, coupling):
    """Backends that fill networks up with copies of a cell must not let what becomes of those reach the network."""
    state = KERNELS["io"].initial(12, np.random.default_rng(0))
    ring, last = np.arange(11), np.full(11, 11)
    applied = np.append(np.full(11, -20.0), 60.0)  # the last cell alone, without its neighbours, blows up
    network = Network("io", state, [*ring, *last], [*last, *ring], 0.3, {"I_app": applied})
    assert np.isfinite(backend.prepare(network, coupling).run(40).state).all()


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


def test_tensorflow_is_loaded_with_the_set_flags():
    if BACKENDS["tensorflow-cpu-f32"].missing():
        pytest.skip(BACKENDS["tensorflow-cpu-f32"].missing())
    flags = python(
        "import os; from neurochip_bench.backends import tensorflow_xla as t; t.load_tensorflow(); print(os.environ)"
    )
    assert ("prefer_vector_width=512" in flags) == cpu_has("avx512f")
