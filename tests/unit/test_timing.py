"""What a time is worth: readings become shares, shares become a word, and a contended row is timed again."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep.record import TYPES
from neurochip_bench.suite.timing import linux, observer, rounds
from neurochip_bench.suite.timing.evidence import Evidence, of_rounds
from neurochip_bench.suite.timing.judge import DRIFT, LOST, SCATTER, facts_of, word
from neurochip_bench.suite.timing.linux import Thread, held_up, throttled_s
from neurochip_bench.suite.timing.observer import Observer, Processor, observer_of
from neurochip_bench.suite.timing.reading import TICK_S, Machine, Own, Spent, after, before, between
from neurochip_bench.suite.timing.rounds import ATTEMPTS, Rounds
from tests.helpers.load import busy_cores

MS = 1_000_000  # ns
FIVE = (1.0, 1.0, 1.0, 1.0, 1.0)
MORE = 1e-6


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "steady"),
        ({"wait_share": LOST}, "steady"),
        ({"wait_share": LOST + MORE}, "contended"),
        ({"stolen_share": LOST + MORE}, "contended"),
        ({"throttled_share": LOST + MORE}, "contended"),
        ({"slowed_by": "heat"}, "contended"),
        ({"others_share": 1.0}, "steady"),  # on other cores they may do as they like
        ({"scatter": SCATTER}, "steady"),
        ({"scatter": SCATTER + MORE}, "noisy"),
        ({"drift": DRIFT}, "steady"),
        ({"drift": DRIFT + MORE}, "noisy"),
        ({"drift": -DRIFT - MORE}, "noisy"),
        ({"drift": 1.0, "scatter": 1.0, "wait_share": 0.5}, "contended"),
        ({"rounds": 1}, "single"),
        ({"rounds": 1, "wait_share": LOST + MORE}, "contended"),
    ],
)
def test_readings_become_a_word(changes, expected):
    assert word(replace(Evidence(5, 0.0, 0.0), **changes)) == expected


def test_evidence_has_the_names_of_the_record():
    assert set(facts_of(Evidence(5, 0.0, 0.0))) <= set(TYPES)


@pytest.mark.parametrize(
    ("spans", "wall_ms", "expected"),
    [
        ({"1": (10, 0)}, 10, 0.0),
        ({"1": (10, 10)}, 20, 0.5),  # it shares a core with another process
        ({"1": (2, 6), "2": (7, 0)}, 9, 0.0),  # XLA's caller queues behind the thread that it has called
        ({"1": (5, 5), "2": (5, 5)}, 10, 0.5),  # both cores are shared, though some thread of ours always ran
        ({"1": (4, 0), "2": (3, 5)}, 10, 0.3),  # nobody ran for 3 of 10 ms, and somebody waited
        ({"1": (4, 0)}, 10, 0.0),  # it slept
    ],
)
def test_threads_that_wait_for_each_other_lose_nothing(spans, wall_ms, expected):
    earlier = {number: Thread(5 * MS, 5 * MS) for number in spans}
    later = {number: Thread((5 + ran) * MS, (5 + waited) * MS) for number, (ran, waited) in spans.items()}
    assert held_up(earlier, later, wall_ms / 1e3) == pytest.approx(expected)


def test_thread_that_began_in_the_round_counts_and_one_that_ended_does_not():
    assert held_up({"1": Thread(0, 90 * MS)}, {"2": Thread(10 * MS, 10 * MS)}, 0.02) == 0.5


def spent(**changes):
    return Spent(**{"wall_s": 0.1, "cpu_s": 0.1, "busy_s": 0.1, **changes})


def test_evidence_is_of_the_best_round():
    found = of_rounds((0.3, 0.1, 0.2, 0.2, 0.2), [spent(held_up=0.1 * i, cpu_s=i) for i in range(5)], cores=2)
    assert (found.wait_share, found.cpu_s) == (0.1, 1)
    assert found.scatter == pytest.approx(1.0)


def test_evidence_of_a_window_is_that_of_all_its_rounds():
    found = of_rounds(FIVE, [spent(held_up=0.4, cpu_s=5.0)])
    assert (found.wait_share, found.cpu_s) == (0.4, None)


def test_throttling_and_others_are_parts_of_the_round_and_of_the_cores():
    found = of_rounds((0.1,), [spent(throttled_s=0.05, busy_s=0.15)], cores=2)
    assert found.throttled_share == pytest.approx(0.5)
    assert found.others_share == pytest.approx(0.25)


@pytest.mark.parametrize(("stolen_s", "expected"), [(None, None), (0.0, 0.0), (TICK_S, 0.0), (TICK_S + 0.1, 0.1 / 0.6)])
def test_a_tick_that_may_be_of_before_is_not_stolen(stolen_s, expected):
    each = [spent(stolen_s=stolen_s if i == 0 else None) for i in range(5)]
    assert of_rounds(FIVE, each).stolen_share == pytest.approx(expected)


@pytest.mark.parametrize(
    ("seconds", "scatter", "drift"),
    [
        (FIVE, 0.0, 0.0),
        ((1.0, 9.0, 1.0, 1.0, 9.0), 0.0, 0.0),  # single rounds that something met
        ((1.0, 1.0, 1.5, 2.0, 2.0), 0.5, 1.0),
        ((4.0, 4.0, 2.0, 2.0, 2.0), 0.0, -0.5),
        ((3.0,), 0.0, 0.0),
    ],
)
def test_scatter_and_drift(seconds, scatter, drift):
    found = of_rounds(seconds)
    assert (found.scatter, found.drift) == pytest.approx((scatter, drift))


def test_reading_differs_by_what_was_counted_and_not_by_what_is_not_told():
    start = Own(1.0, 1.0, None), Machine(None, 0.5, 10.0)
    found = between(start, (Own(3.0, 2.0, {"1": Thread(0, 0)}), Machine(4.0, 0.75, 13.0)))
    assert found == Spent(2.0, 1.0, None, None, 0.25, 3.0)


def test_threads_are_read_and_a_line_without_numbers_is_left_out(tmp_path):
    for name, text in {"11": "100 7 3\n", "12": "", "13": "x y z"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "schedstat").write_text(text)
    assert linux.threads(tmp_path) == {"11": Thread(100, 7)}
    assert linux.threads(tmp_path / "none") is None


def test_throttling_of_a_group_and_of_those_above_it_adds_up(tmp_path):
    group, groups = tmp_path / "cgroup", tmp_path / "groups"
    (groups / "a" / "b").mkdir(parents=True)
    group.write_text("1:cpu:/old\n0::/a/b\n")
    assert throttled_s(group, groups) is None
    (groups / "a" / "cpu.stat").write_text("usage_usec 9\nnr_throttled 3\nthrottled_usec 2000000\n")
    (groups / "a" / "b" / "cpu.stat").write_text("usage_usec 9\nthrottled_usec 500000\n")
    (groups / "cpu.stat").write_text("usage_usec 9\n")
    assert throttled_s(group, groups) == 2.5
    assert throttled_s(tmp_path / "none", groups) is None


@pytest.mark.skipif(linux.threads() is None, reason="this system does not count what a thread waits")
def test_planted_load_makes_a_thread_wait():
    with busy_cores(2 * (observer.os.cpu_count() or 1)):
        start, end = before(), time.perf_counter() + 0.5
        while time.perf_counter() < end:
            pass
        found = between(start, after())
    assert found.held_up > 0.1
    assert found.busy_s > found.cpu_s


def test_who_watches_is_told_by_the_device():
    assert isinstance(observer_of(BACKENDS["numpy-cpu-f64"]), Processor)
    assert type(observer_of(BACKENDS["groq-groqchip-f32"])) is Observer


def fixture(clock=time.perf_counter, **changes):
    """pytest-benchmark's fixture, in no session, and what it adds to one."""
    added: list = []
    silent = SimpleNamespace(debug=print, warning=print)
    known: dict[str, Any] = {"node": SimpleNamespace(name="x", nodeid="x"), "timer": SimpleNamespace(target=clock)}
    numbers = dict.fromkeys(("min_rounds", "min_time", "max_time", "precision", "confidence", "warmup_iterations"), 1)
    flags = dict.fromkeys(("disable_gc", "warmup", "disabled", "cprofile", "cprofile_loops", "cprofile_dump"), None)
    known.update(**numbers, **flags, calibration_precision=1, add_stats=added.append, logger=silent, warner=None)
    return BenchmarkFixture(**{**known, **changes}), added


class Scripted(Observer):
    """Says how much of each attempt was lost."""

    def __init__(self, *lost: float) -> None:
        self.lost, self.attempt, self.read = lost, -1, 0

    def begin(self) -> None:
        self.attempt, self.read = self.attempt + 1, 0

    def after(self) -> None:
        self.read += 1

    def evidence(self, seconds):
        assert self.read == len(seconds), "each round was read"
        return replace(of_rounds(seconds), wait_share=self.lost[self.attempt])


def measured(benchmark, watching, count=5):
    """The results of all attempts, and the `Rounds`."""
    results: list[int] = []
    timed = Rounds(benchmark, watching)
    while True:
        results.append(timed.time(lambda: len(results), lambda: None, count))
        if not timed.again():
            return results, timed


def ticking():
    """A clock by which every round takes longer than the one before."""
    asked = iter(range(10**6))
    return lambda: float(next(asked) ** 2)


@pytest.mark.parametrize(
    ("lost", "attempts", "timing"),
    [
        ((0.0,), 1, "steady"),
        ((0.5, 0.0), 2, "steady"),
        ((0.5, 0.5, 0.0), 3, "steady"),
        ((0.5, 0.5, 0.5), ATTEMPTS, "contended"),
    ],
)
def test_contended_rounds_are_all_timed_again_up_to_a_bound(lost, attempts, timing):
    calls = iter(range(10**6))
    benchmark, added = fixture(lambda: float(next(calls)))
    _, timed = measured(benchmark, Scripted(*lost))
    facts = timed.facts()
    assert (facts["attempts"], facts["timing"], facts["wait_share"]) == (attempts, timing, lost[attempts - 1])
    assert len(added) == 1
    assert added[0].stats.rounds == 5
    assert next(calls) == 10 * attempts


def test_a_further_attempt_replaces_all_rounds_even_by_slower_ones():
    benchmark, added = fixture(ticking())
    measured(benchmark, Scripted(0.5, 0.0))
    assert added[0] is benchmark.stats
    assert added[0].stats.data == [(2 * i + 1) ** 2 - (2 * i) ** 2 for i in range(5, 10)]
    assert added[0].as_dict()["stats"]["min"] == 21.0  # of the first attempt it was 1


def test_result_is_that_of_the_last_attempt():
    results, _ = measured(fixture()[0], Scripted(0.5, 0.5, 0.0))
    assert results == [0, 1, 2]


def test_attempt_that_would_take_too_long_is_not_begun(monkeypatch):
    monkeypatch.setattr(rounds, "MORE_S", 0.0)
    _, timed = measured(fixture()[0], Scripted(0.5, 0.5))
    assert timed.attempts == 1


def test_noisy_rounds_are_not_timed_again():
    watching = Scripted(0.0, 0.0)
    watching.evidence = lambda seconds: Evidence(5, 1.0, 0.0)  # type: ignore[method-assign]
    _, timed = measured(fixture()[0], watching)
    assert (timed.attempts, timed.facts()["timing"]) == (1, "noisy")


def test_error_of_a_further_attempt_leaves_no_time_behind():
    def failing():
        if timed.attempts:
            raise RuntimeError("planted")

    benchmark, _ = fixture()
    timed = Rounds(benchmark, Scripted(0.5, 0.5))
    timed.time(failing, lambda: None, 5)
    with pytest.raises(RuntimeError, match="planted"):
        timed.time(failing, lambda: None, 5)
    assert benchmark.has_error


@pytest.mark.parametrize("asked", [True, False])
def test_further_attempts_leave_the_collector_alone_or_stop_it_as_asked(asked):
    seen: list[bool] = []
    timed = Rounds(fixture(disable_gc=asked)[0], Scripted(0.5, 0.0))
    for _ in range(2):
        timed.time(lambda: seen.append(gc.isenabled()), lambda: None, 2)
    assert seen == [not asked] * 4
    assert gc.isenabled()


def test_nothing_is_said_where_nothing_is_timed():
    _, timed = measured(fixture(disabled=True)[0], Scripted(0.5))
    assert (timed.facts(), timed.attempts) == ({}, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere less is told")
def test_processor_tells_all_that_a_record_asks_for():
    _, timed = measured(fixture()[0], Processor(), 2)
    facts = timed.facts()
    told = ("cpu_s", "wait_share", "stolen_share", "others_share", "scatter", "drift", "load")
    assert all(isinstance(facts[name], float) for name in told if name != "wait_share" or linux.threads())
