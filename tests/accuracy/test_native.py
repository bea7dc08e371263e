"""Native programs: any kernel, any network, one compilation, every thread the same, and no number made up."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.kernels import KERNELS, Kernel, Parameter
from model.kernels.kernel import plainly
from model.network import Network, build, drive
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.native import compiled
from neurochip_bench.backends.native.compiled import imported
from neurochip_bench.backends.native.program import NumbaProgram
from neurochip_bench.backends.native.source import source
from neurochip_bench.backends.native.trace import trace
from neurochip_bench.backends.trial import TOLERANCE, difference
from tests.helpers.examples import MODELS

SINGLE, DOUBLE = BACKENDS["numba-cpu-f32"], BACKENDS["numba-cpu-f64"]
if find_spec("numba") is None:
    pytest.skip(SINGLE.missing() or "", allow_module_level=True)


@pytest.fixture
def compilations(monkeypatch):
    """A list that grows by an entry whenever something is compiled."""
    counted: list[object] = []
    made = compiled.made

    def counting(asked, folder):
        counted.append(asked)
        return made(asked, folder)

    monkeypatch.setattr(compiled, "made", counting)
    return counted


@lru_cache(maxsize=None)
def exponential_of(precision):
    """The exponential of generated programs, for arrays."""
    import numba

    text = source(trace(KERNELS["lif"], False, "safe", "plain"), None, precision, "A program.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(text)
        return numba.vectorize(imported(path, f"exponential_{precision}").exp.py_func)


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_exponential_is_right_to_two_units_in_the_last_place(precision):
    dtype = np.dtype(f"f{int(precision[1:]) // 8}")
    least, most = {"f32": (-87.3, 88.3), "f64": (-708.3, 709.4)}[precision]
    x = np.linspace(least, most, 200_001).astype(dtype)
    found, true = exponential_of(precision)(x), np.exp(x.astype(np.longdouble))
    assert found.dtype == dtype
    assert np.max(np.abs(found - true) / np.spacing(true.astype(dtype))) <= 2.0


@pytest.mark.parametrize("precision", ["f32", "f64"])
def test_the_exponential_keeps_what_is_not_finite(precision):
    dtype = np.dtype(f"f{int(precision[1:]) // 8}")
    x = np.array([np.nan, np.inf, -np.inf, 0.0, 1e4, -1e4, 3e38, -3e38], dtype)
    with np.errstate(all="ignore"):
        found = exponential_of(precision)(x)
    np.testing.assert_array_equal(found, [np.nan, np.inf, 0, 1, np.inf, 0, np.inf, 0])


def morris_lecar() -> Kernel:
    """A kernel that this project does not have: Morris and Lecar 1981, two states, joined by gap junctions."""

    def step(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
        V, w = state
        m = 1.0 / (1.0 + ops.exp((-1.2 - V) / 9.0))
        w_inf = 1.0 / (1.0 + ops.exp((-2.0 - V) / 15.0))
        flow = p["I"] + stimulus + couple(V) - p["g_Ca"] * m * (V - 120.0) - 8.0 * w * (V + 84.0) - 2.0 * (V + 60.0)
        return [add("V", V, dt * flow / 20.0), add("w", w, dt * ops.minimum(0.05 * (w_inf - w), 1.0))]

    def spikes(ops, p, before, after, armed):
        return ops.where(before < 0.0, ops.where(after >= 0.0, 1.0, 0.0), 0.0), armed

    number = {name: Parameter(value, "1", "a test") for name, value in (("I", 90.0), ("g_Ca", 4.4))}
    return Kernel(
        name="morris_lecar", states=("V", "w"), parameters=number, weight=Parameter(0.1, "1", "a test"),
        start=lambda ops, n, rng: (-20.0 + 30.0 * rng.random(n), 0.1), step=step,
        edge=lambda ops, source, target: source - target, spikes=spikes, spikes_at=1, synaptic=False, gates=("w",),
        ranges={"V": (-80.0, 60.0), "w": (0.0, 1.0)},
    )  # fmt: skip


@pytest.mark.parametrize("connected", [False, True])
def test_a_kernel_that_nobody_has_seen_gets_a_program_without_a_line(connected, monkeypatch):
    kernel = morris_lecar()
    monkeypatch.setitem(KERNELS, kernel.name, kernel)
    rng = np.random.default_rng(3)
    sources = np.arange(40 if connected else 0)
    network = Network(kernel.name, kernel.initial(40, rng), sources, np.roll(sources, 3), 0.1).rounded()
    run, oracle = (backend.prepare(network).run(30) for backend in (SINGLE, BACKENDS[ORACLE]))
    assert oracle.spikes.sum() > 10
    assert np.array_equal(run.spikes, oracle.spikes)
    assert difference(kernel, run.state, oracle.state) < 1e-2


def other_way(name, names, step, connections=20):
    """(kernel, network) of Morris and Lecar's cells with other names of states and another step."""
    first = morris_lecar()
    given = {"name": name, "states": names, "step": step, "gates": (), "ranges": dict.fromkeys(names, (-80.0, 60.0))}
    kernel = Kernel(**{**vars(first), **given})
    KERNELS[name] = kernel
    sources = np.arange(connections)
    state = kernel.initial(20, np.random.default_rng(3))
    return Network(name, state, sources, np.roll(sources, 3), 0.1)


@pytest.fixture
def kernels():
    """`KERNELS`, which are afterwards what they were."""
    before = dict(KERNELS)
    yield KERNELS
    KERNELS.clear()
    KERNELS.update(before)


def drift(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
    """Two states that go after each other."""
    a, b = state
    return [a + dt * (b - a + couple(a)), b + dt * 0.1 * (a - b)]


def deaf(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
    """Cells that do not listen, with a bound that is infinite."""
    a, b = state
    return [a + dt * ops.minimum(ops.where(a > 0.0, np.inf, a), b), b]


NAMES = [("V.d", "V_d"), ("V", "code"), ("2nd", "armed"), ("Ca²", "row0_V")]


@pytest.mark.parametrize(("names", "step"), [*((names, drift) for names in NAMES), (("V", "w"), deaf)])
def test_states_of_any_name_and_cells_that_do_not_listen_are_run(names, step, kernels):
    network = other_way("odd", names, step)
    run, oracle = (BACKENDS[name].prepare(network).run(2) for name in ("numba-cpu-f32", "numpy-cpu-f32"))
    np.testing.assert_allclose(run.state, oracle.state, rtol=1e-5)


def test_an_operation_that_a_step_cannot_have_is_refused_in_a_sentence(kernels):
    def step(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
        return [ops.sum(state[0], 0), state[1]]

    network = other_way("summing", ("V", "w"), step)
    with pytest.raises(AttributeError, match="names the operation 'sum': expected exp, minimum or where"):
        SINGLE.prepare(network)


def test_delays_beyond_what_an_index_tells_apart_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("neurochip_bench.backends.native.layout.PLACES", 1000)
    network = build("lif", 4).rounded()
    SINGLE.prepare(network.but(delays=0.3))
    with pytest.raises(ValueError, match="delays keep 42 steps of 64 cells: expected 1000 signals at most"):
        SINGLE.prepare(network.but(delays=1.0))


def test_what_a_parameter_makes_of_a_cell_alone_may_overflow(kernels):
    def step(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
        return [state[0] + p["I"] * p["I"] * state[1], state[1]]

    network = other_way("square", ("V", "w"), step, 0)
    each = np.where(np.arange(20) == 3, 1e30, 1.0)
    state = SINGLE.prepare(network.but(parameters={**network.parameters, "I": each})).run(1).state
    assert np.array_equal(np.isfinite(state[0]), each == 1.0)


@pytest.mark.parametrize("kernel", MODELS, ids=lambda kernel: kernel.name)
def test_kernels_of_other_packages_get_a_program_too(kernel, monkeypatch):
    monkeypatch.setitem(KERNELS, kernel.name, kernel)
    for connected in (False, True):
        network = build(kernel.name, 4, connected).rounded()
        run, oracle = (backend.prepare(network).run(3) for backend in (SINGLE, BACKENDS[ORACLE]))
        assert difference(kernel, run.state, oracle.state) < 1e-2
        assert np.array_equal(run.spikes, oracle.spikes)


@st.composite
def odd_graphs(draw):
    """Sources, targets, weights: hubs, self-entries, repeated connections, cells that nobody is joined to."""
    cells = draw(st.integers(1, 40), label="cells")
    count = draw(st.integers(1, 120), label="connections")
    hub = draw(st.booleans(), label="hub")
    place = st.integers(0, cells - 1)
    sources = draw(st.lists(place, min_size=count, max_size=count), label="sources")
    targets = [0] * count if hub else draw(st.lists(place, min_size=count, max_size=count), label="targets")
    weights = draw(st.floats(0.01, 0.1) | st.lists(st.floats(0.0, 0.1), min_size=count, max_size=count))
    return cells, sources, targets, weights


@pytest.mark.parametrize("coupling", ["padded", "gather-scatter"])
@pytest.mark.parametrize("kernel", ["io", "hh"])
@given(graph=odd_graphs())
@settings(max_examples=10, deadline=None)
def test_any_network_agrees_with_the_oracle(kernel, coupling, graph):
    cells, sources, targets, weights = graph
    state = KERNELS[kernel].initial(cells, np.random.default_rng(0))
    if kernel == "hh":
        state = np.concatenate([state, np.zeros((1, cells))])
        state[0] = np.linspace(-35.0, -11.0, cells)
    network = Network(kernel, state, sources, targets, weights, {"I_in": 50.0} if kernel == "hh" else {}).rounded()
    run, oracle = (backend.prepare(network, coupling).run(1) for backend in (SINGLE, BACKENDS[ORACLE]))
    assert difference(KERNELS[kernel], run.state, oracle.state) <= 4 * TOLERANCE["f32"]


def test_a_hub_makes_no_table_that_does_not_fit():
    cells = 40_000
    state = np.concatenate([KERNELS["hh"].initial(cells, np.random.default_rng(0)), np.zeros((1, cells))])
    everyone = np.arange(cells)
    network = Network("hh", state, [*everyone, *everyone], [*np.zeros_like(everyone), *np.roll(everyone, 1)], 0.05)
    program = SINGLE.prepare(network.rounded(), "padded")
    assert sum(array.nbytes for array in program.graph) < 64 * 2**20  # of equally long rows it would be 6 GiB
    assert np.isfinite(program.run(1).state).all()


def test_sizes_graphs_steps_weights_and_parameters_compile_nothing(compilations):
    kernel = "lif"
    SINGLE.prepare(build(kernel, 4).rounded())
    del compilations[:]
    for side, seed in ((4, 1), (5, 2), (9, 3)):
        network = build(kernel, side, seed=seed).rounded()
        other = network.but(
            weights=np.linspace(0, 0.1, network.connections), parameters={"drive": np.full(side**3, 2.0)}
        )
        for one in (network, other, network.but(delays=1.0)):
            assert np.isfinite(SINGLE.prepare(one).run(2).state).all()
    assert not compilations


def test_another_step_is_no_other_program(compilations):
    network = build("hh", 4, connected=False).rounded()
    SINGLE.prepare(network)
    del compilations[:]
    for dt in (0.0125, 0.05):
        run, oracle = (backend.prepare(network, dt=dt).run(3) for backend in (SINGLE, BACKENDS[ORACLE]))
        assert difference(KERNELS["hh"], run.state, oracle.state) <= TOLERANCE["f32"]
    assert not compilations


@pytest.mark.parametrize("coupling", [None, "padded", "gather-scatter"])
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(coupling, threads, monkeypatch):
    monkeypatch.setattr("neurochip_bench.backends.native.program.cores", lambda: 3)
    network = build("hh", 9, connected=coupling is not None).rounded()
    held = 5 * drive(network, 10)
    one, more = (SINGLE.prepare(network, coupling, threads=n).run(10, held) for n in (1, threads))
    assert one.codes.any()
    for name in ("state", "trace", "codes"):
        assert np.array_equal(getattr(one, name), getattr(more, name)), name


def test_threads_go_by_the_work_of_a_step(monkeypatch):
    monkeypatch.setattr("neurochip_bench.backends.native.program.cores", lambda: 4)
    threads = {side: SINGLE.prepare(build("lif", side)).threads for side in (4, 9, 20)}
    assert threads == {4: 1, 9: 1, 20: 4}
    assert SINGLE.prepare(build("hh", 9)).threads == 2


@pytest.mark.parametrize("connected", [False, True])
def test_what_blows_up_is_not_finite_and_stays_with_its_cell(connected):
    applied = np.zeros(64)
    applied[7] = 1e30
    network = build("io", 4, connected).rounded()
    network = network.but(parameters={**network.parameters, "I_app": applied})
    run, oracle = (BACKENDS[name].prepare(network).run(1) for name in ("numba-cpu-f32", "numpy-cpu-f32"))
    assert not np.isfinite(run.state[:, 7]).all()
    assert np.array_equal(np.isfinite(run.trace[-1]), np.isfinite(oracle.trace[-1]))
    if not connected:
        assert np.isfinite(np.delete(run.state, 7, axis=1)).all()


def test_double_precision_is_the_oracle_but_for_rounding():
    network = build("io", 4).rounded()
    run, oracle = (backend.prepare(network).run(5) for backend in (DOUBLE, BACKENDS[ORACLE]))
    assert difference(KERNELS["io"], run.state, oracle.state) <= TOLERANCE["f64"]


def test_a_network_without_numba_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert SINGLE.missing() == "Numba is not installed (python -m pip install 'neurochip-bench[numba]')"


def test_a_numba_that_does_not_compile_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert NumbaProgram.missing() == "NUMBA_DISABLE_JIT is '1': expected 0, or that it is not set"


def test_two_signals_of_one_kernel_are_refused_in_a_sentence(monkeypatch):
    kernel = morris_lecar()

    def step(ops, state, p, couple, stimulus, dt, rates="safe", add=plainly):
        V, w = state
        return [V + couple(V) + couple(w), w]

    two = Kernel(**{**vars(kernel), "name": "two", "step": step})
    monkeypatch.setitem(KERNELS, "two", two)
    with pytest.raises(ValueError, match="two listens to 2 signals of its neighbours: expected one"):
        SINGLE.prepare(Network("two", np.zeros((2, 3)), [0], [1], 1.0))


def test_a_program_is_a_module_that_can_be_read():
    asked = compiled.asked(KERNELS["io"], SINGLE.prepare(build("lif", 4)).settings, np.dtype(np.float32))
    assert asked.text.startswith('"""io: padded, safe rates, plain accumulation, f32.')
    assert "def exp(x):" in asked.text
    assert "V_d_" in asked.text
