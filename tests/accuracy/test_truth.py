"""The oracle against truth that owes it nothing: closed forms, and SciPy's LSODA on equations written out again."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.special import expit, exprel  # 1 / (1 + e^-x) and (e^x - 1) / x

from model.kernels import DT, KERNELS
from model.network import Network
from neurochip_bench.backends import BACKENDS, ORACLE

STEPS = (0.025, 0.0125, 0.00625)  # ms
Q, S = np.exp(-0.025 / 4.0), np.exp(-0.025 / 10.0)  # what LIF's potential and synaptic current decay by in a step
PERIOD = 1 + int(np.ceil(np.log(1 - 50 * (1 - Q) / 3) / np.log(Q)))  # LIF's steps from spike to spike, reset included
IO_CHANNELS = ("g_CaL", "g_h", "g_KCa", "g_Na_s", "g_Kdr", "g_K_s", "g_CaH", "g_Na_a", "g_K_a")


def oracle(network, milliseconds, stimulus=None, dt=DT):
    return BACKENDS[ORACLE].prepare(network, dt=dt).run(milliseconds, stimulus)


def assert_first_order(errors):
    """The error falls in proportion to the step: all of it comes from the step, none from the model."""
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.max(np.abs(ratios - 2.0)) <= 0.3, ratios


def lif_potential(V_0, n, drive=3.0):
    return V_0 * Q**n + drive * (1 - Q**n) / (1 - Q)


def lif_spike_steps(V_0, steps):
    """Numbers of the steps that start at 50 mV or above."""
    return np.arange(np.argmax(lif_potential(V_0, np.arange(100)) >= 50), steps, PERIOD)


def test_lif_follows_its_closed_form_below_the_threshold():
    V_0, drive = np.array([0.0, -3.0, 49.0, 7.0]), np.array([0.3, 0.25, 0.05, 0.0])  # 50 mV takes a drive of 0.31
    run = oracle(Network("lif", V_0[None], [], [], None, {"drive": drive}), 20)
    assert np.max(np.abs(run.trace - lif_potential(V_0, 40 * np.arange(21)[:, None], drive))) <= 1e-12
    assert run.spikes.sum() == 0


@pytest.mark.parametrize("V_0", [0.0, 5.0, -5.0, 49.9, 50.0, 80.0])
def test_lif_spikes_at_the_steps_of_its_closed_form(V_0):
    run = oracle(Network("lif", [[V_0]], [], []), 20)
    steps = lif_spike_steps(V_0, 800)
    first = [steps[steps // 40 == m][0] * DT for m in range(20)]
    assert run.spikes[:, 0].tolist() == np.bincount(steps // 40).tolist()
    assert np.max(np.abs(run.spike_times[:, 0] - first)) <= 1e-12
    assert abs(run.state[0, 0] - lif_potential(0.0, 799 - steps[-1])) <= 1e-11  # so many steps after the last reset


def test_lif_sums_spikes_into_a_decaying_current_that_adds_to_the_drive():
    weights = np.array([0.001, 0.002, 0.004])  # the first two are one connection in two entries
    state = [[0.0, 20.0, -9.0], [0.0, 0.0, 0.05]]
    network = Network("lif", state, [0, 0, 1], [2, 2, 2], weights, {"drive": [3.0, 3.0, 0.1]})
    n, I_syn = np.arange(801), 0.05 * S ** np.arange(801)
    for V_0, weight in ((0.0, 0.003), (20.0, 0.004)):
        I_syn += sum(weight * np.where(n > step, S ** (n - 1 - step), 0.0) for step in lif_spike_steps(V_0, 800))
    V = -9.0 * Q**800 + np.sum((0.1 + I_syn[:-1]) * Q ** n[:-1][::-1])
    assert np.max(np.abs(oracle(network, 20).state[:, 2] - [V, I_syn[-1]])) <= 1e-11


def test_a_passive_hh_membrane_decays_to_its_leak():
    state, C_m = KERNELS["hh"].initial(5, np.random.default_rng(0)), np.array([1.0, 0.5, 2.0, 1.0, 4.0])
    network = Network("hh", state, [], [], None, {"g_Na": 0.0, "g_K": 0.0, "C_m": C_m})
    start, errors = state[0] + 65, []
    for dt in STEPS:
        V = oracle(network, 5, dt=dt).state[0] + 65
        assert np.max(np.abs(V - start * (1 - dt * 0.3 / C_m) ** round(5 / dt))) <= 1e-10
        errors.append(np.abs(V - start * np.exp(-5 * 0.3 / C_m)))
    assert_first_order(errors)


def test_a_passive_io_cell_is_three_linear_compartments():
    g_int, p1, p2, leaks = 0.13, 0.25, 0.15, np.array([0.016, 0.016, 0.01532])  # soma, axon, dendrite
    joined = g_int * np.array([[0, 1 / (1 - p2), 1 / p1], [1 / p2, 0, 0], [1 / (1 - p1), 0, 0]])
    A = joined - np.diag(joined.sum(axis=1) + leaks)
    end = 10.0 - np.linalg.solve(A, [0.0, 0.0, 3.0])  # where the leaks and 3 uA/cm2 into the dendrite lead
    state = KERNELS["io"].initial(1, np.random.default_rng(0))
    network = Network("io", state, [], [], None, {**dict.fromkeys(IO_CHANNELS, 0.0), "I_app": 2.0})
    start, errors = state[[0, 6, 9], 0] - end, []
    for dt in STEPS:
        V = oracle(network, 5, np.ones((5, 1)), dt=dt).state[[0, 6, 9], 0] - end
        assert np.max(np.abs(V - np.linalg.matrix_power(np.eye(3) + dt * A, round(5 / dt)) @ start)) <= 1e-10
        errors.append(np.abs(V - expm(5 * A) @ start))
    assert_first_order(errors)


def hh(state, network):
    """Hodgkin and Huxley 1952: d/dt of V, m, h, n."""
    (V, m, h, n, *I_syn), p = state, network.parameters
    ionic = p["g_Na"] * m**3 * h * (V - p["E_Na"]) + p["g_K"] * n**4 * (V - p["E_K"]) + p["g_L"] * (V - p["E_L"])
    return [
        (p["I_in"] + sum(I_syn) - ionic) / p["C_m"],
        (1 - m) / exprel(-(V + 40) / 10) - 4 * np.exp(-(V + 65) / 18) * m,
        0.07 * np.exp(-(V + 65) / 20) * (1 - h) - expit((V + 35) / 10) * h,
        0.1 / exprel(-(V + 55) / 10) * (1 - n) - 0.125 * np.exp(-(V + 65) / 80) * n,
    ]


def fast_potassium(V, x):
    return 1.3 / exprel(-(V + 25) / 10) * (1 - x) - 1.69 * np.exp(-(V + 35) / 80) * x


def io_soma(p, V_a, V_d, V, k, l, h, n, x):
    inward = p["g_CaL"] * k**3 * l * (V - p["V_Ca"]) + p["g_Na_s"] * expit((V + 30) / 5.5) ** 3 * h * (V - p["V_Na"])
    outward = (p["g_Kdr"] * n**4 + p["g_K_s"] * x**4) * (V - p["V_K"])
    passive = p["g_ls"] * (V - p["V_l"]) + p["g_int"] * ((V - V_d) / p["p1"] + (V - V_a) / (1 - p["p2"]))
    return [
        -p["S"] * (inward + outward + passive),
        expit((V + 61) / 4.2) - k,
        (expit(-(V + 85) / 8.5) - l) / (35 + 20 * np.exp((V + 160) / 30) / (1 + np.exp((V + 84) / 7.3))),
        (expit(-(V + 70) / 5.8) - h) / (3 * np.exp(-(V + 40) / 33)),
        (expit((V + 3) / 10) - n) / (5 + 47 * np.exp((V + 50) / 900)),
        fast_potassium(V, x),
    ]


def io_axon(p, V_s, V, h, x):
    active = p["g_Na_a"] * expit((V + 30) / 5.5) ** 3 * h * (V - p["V_Na"]) + p["g_K_a"] * x**4 * (V - p["V_K"])
    passive = p["g_la"] * (V - p["V_l"]) + p["g_int"] / p["p2"] * (V - V_s)
    h_rate = (expit(-(V + 60) / 5.8) - h) / (1.5 * np.exp(-(V + 40) / 33))
    return [-p["S"] * (active + passive), h_rate, fast_potassium(V, x)]


def io_dendrite(p, V_s, I_gap, V, Ca, r, s, q):
    I_CaH = p["g_CaH"] * r**2 * (V - p["V_Ca"])
    active = I_CaH + p["g_KCa"] * s * (V - p["V_K"]) + p["g_h"] * q * (V - p["V_h"])
    passive = p["g_ld"] * (V - p["V_l"]) + p["g_int"] / (1 - p["p1"]) * (V - V_s)
    return [
        -p["S"] * (active + passive - p["I_app"] - I_gap),
        -3 * I_CaH - 0.075 * Ca,
        (1.7 * expit((V - 5) / 13.9) * (1 - r) - 0.1 / exprel((V + 8.5) / 5) * r) / 5,
        np.minimum(2e-5 * Ca, 0.01) * (1 - s) - 0.015 * s,
        (expit(-(V + 80) / 4) - q) * (np.exp(-0.086 * V - 14.6) + np.exp(0.070 * V - 1.87)),
    ]


def io(state, network):
    """De Gruijl et al. 2012: d/dt of the 14 states, gap junctions included."""
    p, delta = network.parameters, state[9, network.sources] - state[9, network.targets]
    currents = network.weights * delta * (0.2 + 0.8 * np.exp(-(delta**2) / 100))
    I_gap = np.bincount(network.targets, currents, minlength=network.cells)
    V_s, V_a, V_d = state[[0, 6, 9]]
    return io_soma(p, V_a, V_d, *state[:6]) + io_axon(p, V_s, *state[6:9]) + io_dendrite(p, V_s, I_gap, *state[9:])


def scattered(equations, n=60):
    """States and parameters all over the place, mid-spike and Ca above 500 included: no term hides behind another."""
    kernel, rng = KERNELS[equations.__name__], np.random.default_rng(3)
    uniform = zip(kernel.state_names(connected=True), rng.random((15, n)))
    state = [{"V": 160 * u - 96, "C": 1000 * u}.get(name[0], u) for name, u in uniform]
    parameters = {name: (value or 1.0) * rng.uniform(0.5, 1.5, n) for name, value in kernel.parameters.items()}
    sources, targets = rng.integers(0, n, (2, 200))
    return Network(kernel.name, state, sources, targets, 0.05, parameters)


@pytest.mark.parametrize("equations", [hh, io])
def test_a_step_is_the_step_times_the_rates(equations):
    network = scattered(equations)
    rates = np.array(equations(network.state, network))
    stepped = oracle(network, 1, dt=1.0).state[: len(rates)] - network.state[: len(rates)]
    assert np.max(np.abs(stepped - rates) / (1 + np.abs(rates))) <= 1e-11


def test_hh_hands_each_spike_to_the_synaptic_current_of_its_targets():
    network = scattered(hh)
    before, threshold = network.state[0], network.parameters["threshold"]
    spiked = (before < threshold) & (before + hh(network.state, network)[0] >= threshold)
    arriving = 0.05 * np.bincount(network.targets, spiked[network.sources], minlength=network.cells)
    expected = network.state[4] * np.exp(-1.0 / network.parameters["tau_syn"]) + arriving
    assert 5 <= spiked.sum() <= 55
    assert np.max(np.abs(oracle(network, 1, dt=1.0).state[4] - expected)) <= 1e-13


# An IO cell is followed below its threshold: in its spikes the scheme is far from its limit at these steps.
HH_REST = np.repeat([[-65.0], [0.0529], [0.5961], [0.3177]], 3, axis=1)
IO_START = KERNELS["io"].initial(2, np.random.default_rng(2))
FOLLOWED = {
    "hh": (hh, Network("hh", HH_REST, [], [], None, {"I_in": [8.0, 10.0, 15.0]}), 6, 1),
    "io": (io, Network("io", IO_START, [], [], None, {"g_CaL": [0.7, 1.2]}), 8, 0),
    "io-joined": (io, Network("io", IO_START, [0, 1], [1, 0], None, {"g_CaL": [0.7, 1.2]}), 8, 0),
}


def lsoda(equations, network, end):
    shape, start, tight = network.state.shape, network.state.ravel(), {"method": "LSODA", "rtol": 1e-10, "atol": 1e-10}
    path = solve_ivp(lambda _, y: np.ravel(equations(y.reshape(shape), network)), (0, end), start, **tight)
    return path.y[:, -1].reshape(shape)


@pytest.mark.parametrize(("equations", "network", "end", "spikes"), FOLLOWED.values(), ids=FOLLOWED)
def test_the_error_against_lsoda_falls_in_proportion_to_the_step(equations, network, end, spikes):
    runs, truth = [oracle(network, end, dt=dt) for dt in STEPS], lsoda(equations, network, end)
    assert all((run.spikes.sum(axis=0) == spikes).all() for run in runs)
    assert_first_order([np.abs(run.state - truth).max(axis=1) for run in runs])
