"""What a session says of its times: that the machine is busy before it starts, and at its end which are not steady."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psutil
import pytest

from neurochip_bench.keep.record import Record, read
from neurochip_bench.keep.words import SINGLE, STEADY, UNSTEADY
from neurochip_bench.suite import look
from neurochip_bench.suite.devices import GROUP
from neurochip_bench.suite.summary import label
from neurochip_bench.suite.timing.judge import LOST
from neurochip_bench.suite.timing.observer import on_battery


def pytest_report_collectionfinish(config: pytest.Config, items: Sequence[pytest.Item]) -> list[str]:
    """Say that the machine is busy, or fed by a battery, where something is about to be timed."""
    timing = any("benchmark" in getattr(item, "fixturenames", ()) for item in items)
    if not timing or config.option.benchmark_disable or config.option.collectonly:
        return []
    alone = config.stash[GROUP].processes == 1  # else what the others took to begin is not others' doing
    used = look.share_of_others(look.BEGAN if alone else look.now())
    return warnings(used, psutil.getloadavg()[0], on_battery())


def warnings(used: float, load: float, battery: bool | None) -> list[str]:
    """The lines for a machine of whose cores others use a part, with its load of the last minute."""
    lines = []
    if used > LOST:
        busy = f"others use {used:.0%} of the cores, load {load:.1f}"
        lines.append(f"the machine is busy: {busy}: times will not be the rows' own (docs/noise.md)")
    if battery:
        lines.append("the machine runs on its battery, which may slow it down")
    return lines


def timed(config: pytest.Config) -> list[Record]:
    """The records of what the session timed, of what it goes on from too."""
    session: Any = config  # pytest-benchmark keeps its session there, untyped
    benchmarks = (bench for bench in session._benchmarksession.benchmarks if bench.stats.data)
    return [read(bench.extra_info)[0] for bench in benchmarks]


def lines(records: Sequence[Record], required: bool) -> list[str]:
    """The lines at the end: each row whose time is not steady, and whether that was required."""
    found = [record for record in records if record.timing in UNSTEADY]
    said = [f"  {record.timing}: {record.experiment} {label(record)}{why(record)}" for record in found]
    if said:
        said.insert(0, f"Times that may be another's doing, {len(found)} of {len(records)} (docs/noise.md):")
    if required and not passes(records):
        said.append(f"--require steady: {lacking(records)}")
    return said


def why(record: Record) -> str:
    """What a time's word is based on, in words, as far as it is told."""
    parts = {"held up": record.wait_share, "stolen": record.stolen_share, "throttled": record.throttled_share}
    parts.update(scatter=record.scatter, drift=record.drift)
    told = [f"{name} {part:.0%}" for name, part in parts.items() if part is not None and abs(part) >= 0.005]
    again = [f"{record.attempts} attempts"] if record.attempts and record.attempts > 1 else []
    return "".join(f", {part}" for part in (*told, *again, *([record.slowed_by] if record.slowed_by else [])))


def passes(records: Sequence[Record]) -> bool:
    """Whether something was timed, and all of it is steady, or of a single round, which cannot tell."""
    return bool(records) and all(record.timing in (STEADY, SINGLE) for record in records)


def lacking(records: Sequence[Record]) -> str:
    """What keeps the times from passing, in words."""
    unsteady = sum(record.timing in UNSTEADY for record in records)
    untold = sum(record.timing is None for record in records)
    counts = ((unsteady, "not steady"), (untold, "without a word on the time"))
    return ", ".join(f"rows {what}: {count}" for count, what in counts if count) or "nothing was timed"


@pytest.hookimpl(trylast=True)  # below the table of what is fast
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List the rows whose times are not steady."""
    for line in lines(timed(config), STEADY in config.option.require):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A time that is not steady fails the session where steady ones were required."""
    config = session.config
    if STEADY in config.option.require and session.exitstatus == pytest.ExitCode.OK and not passes(timed(config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
