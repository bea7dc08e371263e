"""The neuron models: what they declare, how they start, when they spike, and that no array library is needed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.kernels import DT, KERNELS, hh
from neurochip_bench.backends.ops import NumpyOps

OPS = NumpyOps(np.float64)
STATES = {"io": 14, "hh": 4, "lif": 1}  # as published
# Exponentials of cell values in one step, unconnected and connected to one neighbour; those of dt alone do not count.
EXPONENTIALS = {("io", False): 21, ("io", True): 22, ("hh", False): 6, ("hh", True): 6}
EXPONENTIALS |= {("lif", False): 0, ("lif", True): 0}


def unconnected(signal):
    return 0.0


def operator(name):
    """The operator `name` of float between two cells, or a cell and a number."""

    def apply(self, other):
        return Cell(getattr(self.value, name)(other.value if isinstance(other, Cell) else float(other)))

    return apply


class Cell:
    """A cell's value that knows arithmetic and comparison only: no array library, and no Python branch on it."""

    __array_ufunc__ = None  # so that NumPy refuses it
    __add__, __radd__ = operator("__add__"), operator("__radd__")
    __sub__, __rsub__ = operator("__sub__"), operator("__rsub__")
    __mul__, __rmul__ = operator("__mul__"), operator("__rmul__")
    __truediv__, __rtruediv__ = operator("__truediv__"), operator("__rtruediv__")
    __lt__, __ge__ = operator("__lt__"), operator("__ge__")

    def __init__(self, value):
        self.value = value

    def __neg__(self):
        return Cell(-self.value)

    def __bool__(self):
        raise TypeError("a kernel must not branch on a value")


class CellOps:
    """The operations that kernels may use, on single cells; counts the exponentials of cell values."""

    def __init__(self):
        self.exponentials = 0

    def exp(self, x):
        self.exponentials += isinstance(x, Cell)
        return Cell(math.exp(x.value)) if isinstance(x, Cell) else math.exp(x)

    def minimum(self, a, b):
        return Cell(min(a.value, b))

    def where(self, condition, a, b):
        chosen = a if condition.value else b
        return chosen if isinstance(chosen, Cell) else Cell(float(chosen))


def states(kernel, cells=6, connected=False):
    """A state of `cells` cells, some of them in mid-spike."""
    rng = np.random.default_rng(5)
    state = kernel.initial(cells, rng)
    state[0, ::3] += 55.0
    return np.concatenate([state, rng.random((1, cells))]) if connected and kernel.synaptic else state


def stepped(kernel, state, parameters=None, couple=unconnected):
    return np.stack(kernel.step(OPS, list(state), {**kernel.parameters, **(parameters or {})}, couple, 0.0, DT))


def spiked(kernel, potentials):
    """1 or 0 per step of one cell that goes through `potentials`."""
    armed, found = np.zeros(1), []
    for before, after in zip(potentials[:-1], potentials[1:]):
        now, armed = kernel.spikes(OPS, kernel.parameters, np.array([before]), np.array([after]), armed)
        found.append(int(now[0]))
    return found


@pytest.fixture(params=KERNELS)
def kernel(request):
    return KERNELS[request.param]


def test_initial_has_a_row_per_state_and_a_column_per_cell(kernel):
    state = kernel.initial(7, np.random.default_rng(0))
    assert state.shape == (len(kernel.states), 7)
    assert state.dtype == np.float64
    assert np.isfinite(state).all()


@pytest.mark.parametrize("name", STATES)
def test_published_models_have_so_many_states(name):
    assert len(KERNELS[name].states) == STATES[name]


def test_every_state_has_a_range_and_a_gate_that_of_its_kind(kernel):
    assert set(kernel.ranges) == set(kernel.state_names(connected=True))
    assert all(low < high for low, high in kernel.ranges.values())
    assert all(kernel.ranges[name] == (0.0, 1.0) for name in kernel.gates)


@pytest.mark.parametrize("ranges", [{}, {"V": (1.0, 1.0)}])
def test_a_kernel_of_which_a_state_has_no_range_is_refused(ranges):
    with pytest.raises(ValueError, match=r"ranges of lif has no \(low, high\) with low < high of V"):
        replace(KERNELS["lif"], ranges=ranges)


def test_states_are_potentials_calcium_gates_and_where_synapses_connect_a_current(kernel):
    extra = kernel.state_names(connected=True)[len(kernel.states) :]
    assert extra == (("I_syn",) if kernel.synaptic else ())
    assert kernel.state_names(connected=False) == kernel.states
    assert set(kernel.gates) == set(kernel.states) - {"V", "V_s", "V_a", "V_d", "Ca"}


def test_initial_potentials_are_drawn_and_spread_by_three_mv(kernel):
    rows = dict(zip(kernel.states, kernel.initial(4000, np.random.default_rng(3))))
    for V in (row for name, row in rows.items() if name.startswith("V")):
        assert abs(V.mean() - (0.0 if kernel.name == "lif" else -60.0)) <= 0.2
        assert abs(V.std() - 3.0) <= 0.15


def test_hh_gates_start_at_rest():
    V, *gates = hh.KERNEL.initial(50, np.random.default_rng(2))
    for gate, (alpha, beta) in zip(gates, hh.gate_rates(OPS, hh.RATES["safe"], V)):
        assert np.max(np.abs(alpha * (1.0 - gate) - beta * gate)) <= 1e-15


def test_parameters_carry_their_unit_and_source(kernel):
    for parameter in [*kernel.parameters.values(), kernel.weight]:
        assert np.isfinite(parameter)
        assert parameter.unit
        assert parameter.source


def test_parameters_per_cell_act_as_scalars_cell_by_cell(kernel):
    state, factors = states(kernel, connected=True), np.linspace(0.9, 1.1, 6)
    for name, value in kernel.parameters.items():
        together = stepped(kernel, state, {name: value * factors})
        apart = [stepped(kernel, state[:, [i]], {name: value * factor}) for i, factor in enumerate(factors)]
        assert np.max(np.abs(together - np.concatenate(apart, axis=1))) <= 1e-10


@given(order=st.permutations(range(6)))
@pytest.mark.parametrize("name", KERNELS)
def test_permuted_uncoupled_cells_give_permuted_results(name, order):
    state = states(KERNELS[name])
    error = stepped(KERNELS[name], state[:, order]) - stepped(KERNELS[name], state)[:, order]
    assert np.max(np.abs(error)) <= 1e-10


def cells_stepped(kernel, connected):
    """A step of single cells, and of the same as arrays: rows after each, and exponentials of the former."""
    ops, state = CellOps(), states(kernel, 1, connected)
    neighbour = Cell(1.0) if kernel.synaptic else Cell(-50.0)

    def couple(signal):
        return 0.05 * kernel.edge(ops, neighbour, signal) if connected else 0.0

    def couple_arrays(signal):
        return 0.05 * kernel.edge(OPS, np.array([neighbour.value]), signal) if connected else 0.0

    after = kernel.step(ops, [Cell(float(row[0])) for row in state], kernel.parameters, couple, 0.0, DT)
    return [cell.value for cell in after], stepped(kernel, state, couple=couple_arrays)[:, 0], ops.exponentials


@pytest.mark.parametrize("connected", [False, True])
def test_a_step_needs_no_array_library(kernel, connected):
    after, want, _ = cells_stepped(kernel, connected)
    assert np.max(np.abs(after - want)) <= 1e-10


@pytest.mark.parametrize(("name", "connected"), EXPONENTIALS)
def test_a_step_takes_so_many_exponentials(name, connected):
    assert cells_stepped(KERNELS[name], connected)[2] == EXPONENTIALS[name, connected]


@pytest.mark.parametrize(
    ("name", "potentials", "expected"),
    [
        pytest.param("io", [-35, -20, -35, -20], [0, 0, 0], id="io-never-below-minus-40"),
        pytest.param("io", [-40, -20], [0], id="io-minus-40-itself-does-not-arm"),
        pytest.param("io", [-41, -35, -30, 0], [0, 1, 0], id="io-reaches-minus-30-once"),
        pytest.param("io", [-41, -30.001, -31, -29], [0, 0, 1], id="io-stays-armed"),
        pytest.param("io", [-60, 0, -35, 0, -60, 0], [1, 0, 0, 0, 1], id="io-must-be-armed-anew"),
        pytest.param("io", [-60, -29], [1], id="io-in-one-step"),
        pytest.param("hh", [-65, -10, 20, -11, -10.001, -9], [1, 0, 0, 0, 1], id="hh-crosses-upwards"),
        pytest.param("hh", [-9, -5, -20], [0, 0], id="hh-is-already-above"),
        pytest.param("lif", [49.9, 50, 0, 60, 0], [0, 1, 0, 1], id="lif-at-the-start-of-the-step"),
    ],
)
def test_spikes_are_found_where_the_definition_says(name, potentials, expected):
    assert spiked(KERNELS[name], potentials) == expected


def test_io_spikes_where_its_parameters_say():
    kernel, before, after = KERNELS["io"], np.full(4, -45.0), np.full(4, -20.0)
    thresholds = {
        "rearmed": np.array([-40.0, -50.0, -44.0, -46.0]),
        "threshold": np.array([-30.0, -30.0, -20.0, -19.0]),
    }
    now, armed = kernel.spikes(OPS, {**kernel.parameters, **thresholds}, before, after, np.zeros(4))
    assert now.tolist() == [1.0, 0.0, 1.0, 0.0]
    assert armed.tolist() == [0.0, 0.0, 0.0, 0.0]


def test_spike_memory_is_kept_per_cell():
    kernel = KERNELS["io"]
    _, armed = kernel.spikes(OPS, kernel.parameters, np.array([-50.0, -35.0]), np.array([-35.0, -50.0]), np.zeros(2))
    now, armed = kernel.spikes(OPS, kernel.parameters, np.array([-35.0, -35.0]), np.array([-20.0, -20.0]), armed)
    assert (now.tolist(), armed.tolist()) == ([1.0, 0.0], [0.0, 0.0])


def test_lif_is_reset_where_it_spiked_and_driven_elsewhere():
    V, I_syn = np.array([49.0, 50.0, 70.0]), np.array([0.0, 5.0, 5.0])
    after, _ = stepped(KERNELS["lif"], np.stack([V, I_syn]))
    assert after[1:].tolist() == [0.0, 0.0]
    assert abs(after[0] - (49.0 * math.exp(-DT / 4.0) + 3.0)) <= 1e-12


@pytest.mark.parametrize(("name", "tau"), [("hh", 1.0), ("lif", 10.0)])
def test_synaptic_current_decays_and_takes_up_the_spikes_of_the_step(name, tau):
    kernel = KERNELS[name]
    state = np.concatenate([kernel.initial(2, np.random.default_rng(4)), [[2.0, 0.0]]])
    after = stepped(kernel, state, couple=lambda _: 0.05 * np.array([1.0, 3.0]))[-1]
    assert np.max(np.abs(after - [2.0 * math.exp(-DT / tau) + 0.05, 0.15])) <= 1e-15
