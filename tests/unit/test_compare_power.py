"""What a comparison could have seen: the power that is told is the gate's own, and a blind one can be refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neurochip_bench.compare import speed
from neurochip_bench.compare.power import SEEN, Processes, identical, least
from neurochip_bench.compare.speed import SLOWER, Logs, decide, shift
from tests.helpers.commands import compare as main
from tests.helpers.saved_runs import save, timed

NAMES = [f"{model}-connected-{backend}-n=64" for model in ("io", "lif") for backend in ("jax-cpu-f32", "numpy-cpu-f64")]
GATE = ("--fail-slower", "10%", "--require-power", "1.5")


@pytest.fixture
def sides(tmp_path, capsys):
    """Saves processes of two sides with noise of a standard deviation, by turns, and compares them."""

    def run(*options, processes=9, sd=0.03, slow=1.0):
        rng = np.random.default_rng(3)
        for number in range(processes):
            for side in (0, 1):
                rows = []
                for name in NAMES:
                    best = 0.01 * slow**side * math.exp(rng.normal(0.0, sd))
                    rows.append(timed(name, (best, 1.01 * best, 1.02 * best)))
                save(
                    tmp_path / "ab"[side] / f"{number}.json", rows, hour=2 * number + (side if number % 2 else 1 - side)
                )
        code = main([str(tmp_path / "a"), str(tmp_path / "b"), *options])
        out, error = capsys.readouterr()
        return code, out + error

    return run


@pytest.mark.parametrize(
    ("processes", "alpha"), [(1, speed.ALPHA), (4, speed.ALPHA), (5, speed.ALPHA), (9, speed.APART)]
)
@pytest.mark.parametrize("sd", [0.04, 0.15])
def test_slow_down_that_is_said_to_be_seen_fails_as_often_as_is_said(processes, alpha, sd):
    beyond, failed, trials = math.log(1.1), 0, 300
    rng = np.random.default_rng(5)
    for _ in range(trials):
        base, new = rng.normal(0.0, sd, (2, processes))
        told = Logs(list(base), list(new))
        log = least(shift(told, alpha, sd), told, Processes(processes, processes, alpha), beyond)
        base, new = rng.normal(0.0, sd, (2, processes))
        again = Logs(list(base), list(new + log))
        found = shift(again, alpha, sd)
        failed += decide(found) == SLOWER and found.low > beyond
    assert failed / trials > SEEN - 0.12  # the noise of so few processes is not known any better
    if processes > 4:
        assert failed / trials < SEEN + 0.12


def test_identical_code_is_called_as_rarely_as_the_test_promises():
    shifts, low = identical(Processes(9, 9, speed.ALPHA))
    assert np.mean(low > 0) <= speed.ALPHA
    assert abs(float(np.mean(shifts))) < 0.05


def test_one_process_a_side_is_blind_and_nine_quiet_ones_are_not(sides):
    code, text = sides(*GATE, processes=1)
    assert code == 4, text
    assert (
        "FAILED: --require-power 1.5: too few processes or too much noise to see it of jax-cpu-f32, run (seen" in text
    )
    code, text = sides(*GATE)
    assert code == 0, text


def test_run_that_is_three_times_slower_on_a_noisy_machine_is_not_green(sides):
    assert sides(*GATE[:2], sd=1.0, slow=3.0, processes=5)[0] == 0, "the noise hides it"
    assert sides(*GATE, sd=1.0, slow=3.0, processes=5)[0] == 4
    assert sides(*GATE, slow=3.0)[0] == 1, "a slow-down that is seen is told"


def test_gate_says_first_what_it_could_have_seen(sides):
    lines = sides("--fail-slower", "10%")[1].splitlines()
    assert lines[2].startswith("--fail-slower would have seen, 80% of the time, a backend that takes 1.1")
    assert "and a single row that takes 1." in lines[2]
    assert "would have seen" not in sides()[1], "nothing was asked of speed"


def test_machine_in_two_states_sees_nothing(compared, tmp_path, capsys):
    rng = np.random.default_rng(1)
    for number in range(9):
        for side, sd in (("a", 0.01), ("b", 0.3)):
            rows = [
                timed(f"io-connected-jax-cpu-f32-n={n}", [0.01 * math.exp(rng.normal(0, sd))] * 5)
                for n in range(64, 70)
            ]
            save(tmp_path / side / f"{number}.json", rows, hour=number + 9 * (side == "b"))
    assert main([str(tmp_path / "a"), str(tmp_path / "b"), *GATE]) == 4
    assert "jax-cpu-f32, run (none is seen)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--require-power", "1.5"), "expected a --fail-slower below it"),
        (("--fail-slower", "50%", "--require-power", "1.5"), "expected a --fail-slower below it"),
        (("--fail-slower", "10%", "--require-power", "fast"), "--require-power fast: expected a percentage"),
    ],
)
def test_power_that_means_nothing_is_refused(compared, options, reason):
    code, text = compared([timed()], [timed()], *options)
    assert code == 4
    assert reason in text


def test_rows_that_measure_an_import_are_no_noise(compared):
    names = [f"io-connected-numpy-cpu-f64-n={n}" for n in range(64, 70)]
    base = [timed(name, [0.0126], test="prepare") for name in names]
    new = [timed(name, [0.0126 / 42 ** (i % 3)], test="prepare") for i, name in enumerate(names)]
    others = [timed(f"io-connected-jax-cpu-f32-n={n}", [0.01] * 5) for n in (64, 729)]
    assert "decide nothing below a ratio of 1.75 here" in compared([*base, *others], [*new, *others])[1]
    base, new = (
        [{**row, "extra_info": {**row["extra_info"], "library": "jax"}} for row in rows] for rows in (base, new)
    )
    assert "decide nothing below a ratio of 1.75 here" not in compared([*base, *others], [*new, *others])[1]


@pytest.mark.parametrize(("cpu_s", "word", "code"), [(0.01, "undecided", 0), (0.04, "slower", 1)])
def test_contended_rows_are_decided_by_cpu_time_where_all_tell_it(compared, cpu_s, word, code):
    base = [timed(seconds=[0.01] * 5, timing="steady", cpu_s=0.01)]
    new = [timed(seconds=[0.04] * 5, timing="contended", cpu_s=cpu_s)]
    found, text = compared(base, new, "--all", "--fail-slower", "10%")
    assert found == code, text
    assert f"{word}, by CPU time" in text
    assert "rows: 1; compared is the CPU time of their best rounds" in text
    new[0]["extra_info"]["cpu_s"] = None
    assert "rows: 1; such times decide nothing alone" in compared(base, new, "--all")[1]


def test_cpu_time_says_nothing_of_a_gpu(compared):
    rows = [timed("io-connected-jax-gpu-f32-n=64", [s] * 5, timing="contended", cpu_s=s) for s in (0.01, 0.04)]
    assert "by CPU time" not in compared(rows[:1], rows[1:], "--all")[1]
