"""The numbers that decide every verdict: F is the largest of four float32 runs, D comes from half the step."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from model.kernels import DT, KERNELS
from model.network import Network, build
from neurochip_bench.accuracy import RIGHT
from neurochip_bench.accuracy import yardsticks as heart
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.yardsticks import moved, run_of, yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run
from neurochip_bench.suite.truth import Truths

F32, CELLS = "numpy-cpu-f32", 2
HALF_STEP_OFF = 0.25  # mV: what a stand-in's run with half the step is off


def recorded(offset=0.0, milliseconds=3, steps_per_ms=40):
    """A silent run of two unconnected hh cells, whose potential in cell 1 is off by `offset` mV from the start on."""
    trace = np.full((milliseconds + 1, CELLS), -60.0)
    trace[1:, 1] += offset
    first = np.array([trace[1], *np.full((3, CELLS), 0.5)])
    state = np.array([trace[-1], *np.full((3, CELLS), 0.5)])
    return Run(state, first, trace, np.zeros((milliseconds, CELLS), np.int32), steps_per_ms=steps_per_ms, spikes_at=1)


def silent(kernel="hh"):
    return Network(kernel, np.full((len(KERNELS[kernel].states), CELLS), 0.5), [], [])


@pytest.fixture
def runs(monkeypatch):
    """Stands in for backends: a float32 run is off by the next of `offsets`, one of half the step by its own."""
    offsets: list[float] = []
    asked: list[tuple[str, float]] = []

    def stand_in(backend, network, milliseconds, stimulus=None, dt=DT):
        asked.append((backend, dt))
        if backend == F32:
            return recorded(offsets.pop(0), milliseconds)
        return recorded({DT: 0.0, DT / 2: HALF_STEP_OFF}[dt], milliseconds)

    monkeypatch.setattr(heart, "run_of", stand_in)
    return offsets, asked


@pytest.mark.parametrize("worst", range(4))
def test_f_is_the_largest_of_four_float32_runs_whichever_it_is(runs, worst):
    offsets, asked = runs
    offsets += [2.0**-10 if number == worst else 2.0 ** -(12 + number) for number in range(4)]
    found = yardsticks(silent(), recorded(), None, [3])["3"]["floor"]
    assert found["v1_mv"] == 2.0**-10
    assert found["vs_mv"] == math.sqrt((0 + 3 * (2.0**-10) ** 2) / 4)  # of four samples the start is no different
    assert [backend for backend, _ in asked].count(F32) == 4


def test_d_is_what_half_the_step_moves(runs):
    offsets, asked = runs
    offsets += [0.0] * 4
    found = yardsticks(silent(), recorded(), None, [1, 3])
    assert (found["1"]["step_error"]["v1_mv"], found["3"]["step_error"]["v1_mv"]) == (HALF_STEP_OFF, HALF_STEP_OFF)
    assert found["1"]["step_error"]["vs_mv"] == math.sqrt(HALF_STEP_OFF**2 / 2)
    assert found["3"]["step_error"]["vs_mv"] == math.sqrt(3 * HALF_STEP_OFF**2 / 4)
    assert [dt for backend, dt in asked if backend == ORACLE] == [DT / 2]


def test_a_single_large_step_approximates_nothing_and_has_no_d(runs):
    offsets, asked = runs
    offsets += [0.0] * 4
    found = yardsticks(silent(), recorded(milliseconds=1, steps_per_ms=1), None, [1], dt=1.0)["1"]["step_error"]
    assert set(found.values()) == {0.0}
    assert asked == [(F32, 1.0)] * 4


def test_the_backends_may_be_others():
    network = build("hh", 4, connected=False).rounded()
    truth = run_of(ORACLE, network, 1)
    with pytest.raises(ValueError, match="unknown backend 'nobody'"):
        yardsticks(network, truth, None, [1], backends=("nobody", ORACLE))
    with pytest.raises(ValueError, match="unknown backend 'nobody either'"):
        yardsticks(network, truth, None, [1], backends=(F32, "nobody either"))


def test_the_four_starts_are_the_state_and_a_rounding_error_up_down_and_either():
    network = build("io", 4).rounded()
    same, up, down, either = (start.state.astype(np.float32) for start in moved(network))
    assert np.array_equal(same, network.state)
    assert np.array_equal(up, np.nextafter(same, np.float32(np.inf)))
    assert np.array_equal(down, np.nextafter(same, np.float32(-np.inf)))
    assert ((either == up) | (either == down)).all()
    assert 0.4 <= (either == up).mean() <= 0.6


def hodgkin_huxley(V, m, h, n, milliseconds, dt):
    """Rows (V, m, h, n) of one cell at rest at each millisecond, by forward Euler in plain Python."""
    rows = [(V, m, h, n)]
    for _ in range(milliseconds):
        for _ in range(round(1 / dt)):
            current = 120 * m**3 * h * (V - 55) + 36 * n**4 * (V + 77) + 0.3 * (V + 65)
            a_m, b_m = 0.1 * (V + 40) / (1 - math.exp(-(V + 40) / 10)), 4 * math.exp(-(V + 65) / 18)
            a_h, b_h = 0.07 * math.exp(-(V + 65) / 20), 1 / (1 + math.exp(-(V + 35) / 10))
            a_n, b_n = 0.01 * (V + 55) / (1 - math.exp(-(V + 55) / 10)), 0.125 * math.exp(-(V + 65) / 80)
            m, h, n = (g + dt * (a * (1 - g) - b * g) for g, a, b in ((m, a_m, b_m), (h, a_h, b_h), (n, a_n, b_n)))
            V -= dt * current
        rows.append((V, m, h, n))
    return rows


def test_d_of_two_hh_cells_is_the_one_computed_by_hand():
    cells = [(-60.0, 0.0625, 0.5, 0.375), (-70.0, 0.03125, 0.625, 0.25)]  # exact in float32, and silent
    network = Network("hh", np.transpose(cells), [], [])
    found = yardsticks(network, run_of(ORACLE, network, 2), None, [1, 2])
    pairs = [[hodgkin_huxley(*cell, 2, dt) for dt in (DT, DT / 2)] for cell in cells]
    scale = (1, 80, 80, 80)  # a gating variable's full range counts as 80 mV
    first = max(abs(a - b) * s for whole, half in pairs for a, b, s in zip(whole[1], half[1], scale))
    for window in (1, 2):
        squares = [[(whole[t][0] - half[t][0]) ** 2 for t in range(window + 1)] for whole, half in pairs]
        rms = max(math.sqrt(sum(cell) / (window + 1)) for cell in squares)
        step_error = found[str(window)]["step_error"]
        assert abs(step_error["v1_mv"] / first - 1) <= 1e-9
        assert abs(step_error["vs_mv"] / rms - 1) <= 1e-9
        assert (step_error["spikes_unmatched"], step_error["spike_shift_ms"]) == (0.0, 0.0)


def integrate_and_fire(V, drive, number, steps=40):
    """(V, spikes) of one lif cell after so many steps, in a type of number."""
    V, drive, decay, spikes = number(V), number(drive), number(math.exp(-0.025 / 4)), 0
    for _ in range(steps):
        spikes += bool(V >= 50)
        V = number(0) if V >= 50 else V * decay + drive
    return float(V), spikes


def test_f_of_three_lif_cells_is_the_one_computed_by_hand():
    cells, drives = [np.float32(0.3), np.float32(7.1), np.float32(0.0)], [0.25, 0.125, 3.0]  # the last one spikes
    network = Network("lif", [cells], [], [], None, {"drive": drives})
    found = yardsticks(network, run_of(ORACLE, network, 1), None, [1])["1"]
    truth = [integrate_and_fire(V, drive, np.float64) for V, drive in zip(cells, drives)]
    distances = {"same": 0.0, "up": 0.0, "down": 0.0}
    for V, drive, (right, _) in zip(cells, drives, truth):
        starts = (V, np.nextafter(V, np.float32(99)), np.nextafter(V, np.float32(-99)))
        for name, start in zip(distances, starts):
            distances[name] = max(distances[name], abs(integrate_and_fire(start, drive, np.float32)[0] - right))
    assert len(set(distances.values())) == 3  # it matters where a run starts
    assert [spikes for _, spikes in truth] == [0, 0, 2]
    assert found["floor"]["v1_mv"] == pytest.approx(max(distances.values()), rel=1e-9)
    assert found["floor"]["spikes_per_cell"] == 0.0
    assert found["floor"]["spikes_total"] == 0.25 / sum(spikes for _, spikes in truth)  # a quarter spike at least
    assert found["step_error"] == {"v1_mv": 0.0, "spikes_per_cell": 2.0, "spikes_total": 1e-4}  # a map has no step


@pytest.fixture
def newcomer(monkeypatch):
    """A kernel that has nothing stored."""
    monkeypatch.setitem(KERNELS, "newcomer", replace(KERNELS["hh"], name="newcomer"))
    return "newcomer"


def test_a_kernel_without_stored_yardsticks_gets_computed_ones(newcomer, references, monkeypatch):
    network, computed = build(newcomer, 4, connected=False).rounded(), []

    def counted(*arguments, **options):
        computed.append(arguments[0])
        return yardsticks(*arguments, **options)

    monkeypatch.setattr("neurochip_bench.suite.truth.yardsticks", counted)
    monkeypatch.setattr("neurochip_bench.suite.judges.WINDOWS", (1, 2))
    assert not references.has_yardsticks(newcomer, False)
    truths = Truths(references)
    for _ in range(2):  # computed once
        verdict = truths.judge(BACKENDS[F32].prepare(network).run(2), network, None)
        assert verdict.word in RIGHT, verdict.explain()
    assert computed == [network]
    assert verdict.step_error["v1_mv"] > 0


def test_stored_yardsticks_are_not_computed(references, monkeypatch):
    monkeypatch.setattr("neurochip_bench.suite.truth.yardsticks", None)
    monkeypatch.setattr("neurochip_bench.suite.judges.WINDOWS", (1, 2))
    network = build("lif", 4, connected=False).rounded()
    verdict = Truths(references).judge(run_of(F32, network, 2), network, None)
    assert verdict.step_error == references.yardsticks("lif", False, 2)["step_error"]


def test_every_kernel_has_stored_yardsticks(references):
    assert isinstance(references, References)
    for kernel in KERNELS:
        for connected in (False, True):
            assert references.has_yardsticks(kernel, connected)
