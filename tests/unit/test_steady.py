"""What is said of times that may be another's doing: by the session, its table, and where steady ones are required."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep import facts
from neurochip_bench.keep.record import saved_form
from neurochip_bench.suite import presence, steady, summary
from neurochip_bench.suite.timing.judge import LOST


def row(timing, backend="numpy-cpu-f64", **changes):
    known = {"verdict": "faithful", "rtf": 0.5, "ns_per_cell_step": 10.0, "experiment": "run", "timing": timing}
    return replace(facts.blank(build("io", 4), BACKENDS[backend]), **{**known, **changes})


@pytest.mark.parametrize("timing", ["noisy", "contended"])
def test_table_marks_a_time_that_is_not_steady_and_explains_the_sign(timing):
    text = summary.lines([row(timing), row("steady", "jax-cpu-f32", rtf=0.75, ns_per_cell_step=15.0)], 120)
    fastest = next(line for line in text if "numpy-cpu-f64" in line)
    assert fastest.split()[-4:] == ["0.5", "~", "10", "1"]
    assert any(line.split()[-3:] == ["10", "~", "15"] for line in text)
    assert sum(line.startswith("~: noisy or contended") for line in text) == 1


@pytest.mark.parametrize("timing", ["steady", "single", None])
def test_table_has_no_sign_where_none_is_needed(timing):
    assert not any("~" in line for line in summary.lines([row(timing)], 120))


def test_rows_that_are_not_steady_are_listed_with_the_reason():
    found = [row("steady"), row("contended", wait_share=0.503, attempts=3), row("noisy", scatter=0.4, drift=-0.5)]
    assert steady.lines(found, False) == [
        "Times that may be another's doing, 2 of 3 (docs/noise.md):",
        "  contended: run io connected 64 cells on numpy-cpu-f64, held up 50%, 3 attempts",
        "  noisy: run io connected 64 cells on numpy-cpu-f64, scatter 40%, drift -50%",
    ]
    assert steady.lines(found[:1], True) == []


@pytest.mark.parametrize(
    ("timings", "passes"),
    [
        (["steady", "single"], True),
        (["steady", "noisy"], False),
        (["contended"], False),
        (["steady", None], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_session_fails_where_steady_times_were_required_and_are_not_there(timings, passes, required):
    made = [SimpleNamespace(stats=SimpleNamespace(data=[1.0]), extra_info=saved_form(row(t))) for t in timings]
    config = SimpleNamespace(
        _benchmarksession=SimpleNamespace(benchmarks=made), option=SimpleNamespace(require=["steady"] * required)
    )
    session = SimpleNamespace(config=config, exitstatus=pytest.ExitCode.OK)
    steady.pytest_sessionfinish(session)
    assert session.exitstatus == (0 if passes or not required else 1)
    last = steady.lines(steady.timed(config), required)[-1:]
    assert any(line.startswith("--require steady: ") for line in last) is (required and not passes)


def test_what_keeps_the_times_from_passing_is_counted():
    found = [row("steady"), row("noisy"), row("contended"), row(None)]
    assert steady.lines(found, True)[-1] == "--require steady: rows not steady: 2, rows without a word on the time: 1"
    assert steady.lines([], True) == ["--require steady: nothing was timed"]


def test_steady_times_can_be_required():
    assert presence.absent("steady") is None


@pytest.mark.parametrize(
    ("used", "battery", "count"), [(LOST, None, 0), (LOST, False, 0), (LOST + 0.01, None, 1), (1.0, True, 2)]
)
def test_busy_machine_is_told_before_the_first_row(used, battery, count):
    assert len(steady.warnings(used, 3.0, battery)) == count


def test_machine_is_not_watched_where_nothing_is_timed(monkeypatch):
    monkeypatch.setattr(steady.psutil, "cpu_percent", lambda seconds: 100.0)
    option = SimpleNamespace(benchmark_disable=False, collectonly=False)
    no_row: Any = SimpleNamespace()
    config, items = SimpleNamespace(option=option), [SimpleNamespace(fixturenames=["benchmark"])]
    assert (
        "the machine is busy: others use 100% of the cores" in steady.pytest_report_collectionfinish(config, items)[0]
    )
    assert steady.pytest_report_collectionfinish(config, [no_row]) == []
    option.benchmark_disable = True
    assert steady.pytest_report_collectionfinish(config, items) == []
