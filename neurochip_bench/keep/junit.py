"""JUnit's file (--junitxml): each row once, whichever process ran it, with what it says of itself as properties.

pytest writes the file as its session ends, of what that session ran. A process that a row took down writes none, so
that the rows that ran before are taken from the journal: by the last process, or, where none came to its own end, by
the one that watched.
"""

from __future__ import annotations

from typing import Any, Mapping

import pytest
from _pytest.junitxml import LogXML, xml_key  # pytest has no public way to its file

from neurochip_bench.keep.record import Facts
from neurochip_bench.keep.tries import RECORDS, row_id

PROPERTIES = ("verdict", "rtf", "ns_per_cell_step")

Row = Mapping[str, Any]  # what a journal has of a row: any JSON


def properties_of(record: Facts) -> list[tuple[str, object]]:
    """What a row's entry says of it: its verdict, real-time factor and nanoseconds per cell and step, where known."""
    return [(name, record[name]) for name in PROPERTIES if record.get(name) is not None]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let the row's entry say what its record says; of a row that is run again, what the last try says."""
    others = [(name, value) for name, value in item.user_properties if name not in PROPERTIES]
    item.user_properties[:] = [*others, *properties_of(item.config.stash[RECORDS].get(row_id(item), {}))]


def add_to_file(config: pytest.Config, rows: Mapping[str, Row]) -> None:
    """Add rows that other processes ran to the file that pytest is about to write, if it was asked for one."""
    file = config.stash.get(xml_key, None)
    if file is not None:
        _add(file, rows)


def write_file(config: pytest.Config, rows: Mapping[str, Row]) -> None:
    """Write the file of a run of which no process came to its own end, if one was asked for."""
    path = config.getoption("xmlpath", None)
    if not path:
        return
    asked = {name: config.getini(f"junit_{name}") for name in ("suite_name", "logging", "family")}
    file = LogXML(path, config.option.junitprefix, **asked)
    file.pytest_sessionstart()
    _add(file, rows)
    file.pytest_sessionfinish()


def _add(file: LogXML, rows: Mapping[str, Row]) -> None:
    for key, row in rows.items():
        for report in reports(key, row):
            file.pytest_runtest_logreport(report)


def reports(key: str, row: Row) -> list[pytest.TestReport]:
    """What pytest would have reported of a row that another process ran: how it ended, and that it was cleaned up."""
    place, said = (key.partition("::")[0], None, key), properties_of((row["entry"] or {}).get("extra_info") or {})
    call = pytest.TestReport(key, place, {}, row["outcome"], row["reason"], "call", duration=row.get("seconds") or 0.0)
    return [call, pytest.TestReport(key, place, {}, "passed", None, "teardown", user_properties=said)]
