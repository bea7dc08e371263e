"""What is said of times that may be another's doing: by the session, its table, and where steady ones are required."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.keep import facts
from neurochip_bench.keep.record import saved_form
from neurochip_bench.suite import look, presence, steady, summary
from neurochip_bench.suite.devices import GROUP
from neurochip_bench.suite.timing.judge import LOST
from neurochip_bench.suite.timing.reading import Machine


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


class Asked:
    """A configuration whose options and stash are asked for here."""

    def __init__(self, processes=1, **option):
        self.option = SimpleNamespace(**{"benchmark_disable": False, "collectonly": False, **option})
        self.stash = {GROUP: Group(processes=processes)}


TIMED = [SimpleNamespace(fixturenames=["benchmark"])]


def test_machine_is_not_watched_where_nothing_is_timed(monkeypatch):
    monkeypatch.setattr(look, "share_of_others", lambda since: 1.0)
    no_row: Any = SimpleNamespace()
    said = steady.pytest_report_collectionfinish(Asked(), TIMED)
    assert "the machine is busy: others use 100% of the cores" in said[0]
    assert steady.pytest_report_collectionfinish(Asked(), [no_row]) == []
    assert steady.pytest_report_collectionfinish(Asked(benchmark_disable=True), TIMED) == []


def test_processes_of_one_run_that_begin_together_are_no_others(monkeypatch):
    looked: list[look.Moment] = []

    def share(since):
        looked.append(since)
        return 0.0

    monkeypatch.setattr(look, "share_of_others", share)
    steady.pytest_report_collectionfinish(Asked(), TIMED)
    steady.pytest_report_collectionfinish(Asked(processes=2), TIMED)
    assert looked[0] is look.BEGAN
    assert looked[1].wall_s > look.BEGAN.wall_s


@pytest.mark.parametrize("running", [False, True])
def test_what_this_process_and_those_it_started_use_is_not_others(monkeypatch, running):
    """By a machine that counts no more than those, and what others are made to use."""
    others_s, window_s, cores = 0.0, 10.0, look.os.cpu_count() or 1
    monkeypatch.setattr(look.reading, "machine", lambda: Machine(None, None, look.own_s() + others_s))
    began = look.Moment(time.perf_counter() - window_s, look.own_s(), look.own_s())
    work = "import time\nwhile time.process_time() < 0.2: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-Sc", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        if not running:
            child.communicate(b"\n")
        assert look.own_s() - began.own_s > 0.15
        assert look.share_of_others(began) * window_s * cores < 0.05
        others_s = 0.5 * window_s * cores
        assert look.share_of_others(began) == pytest.approx(0.5, rel=0.2)
        child.kill()


def test_look_that_began_too_late_is_waited_for(monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(look.time, "sleep", waited.append)
    look.share_of_others(look.now())
    look.share_of_others(look.Moment(time.perf_counter() - look.LOOK_S, 0.0, 0.0))
    assert look.LOOK_S - 0.4 < waited[0] <= look.LOOK_S
    assert waited[1] == 0.0
