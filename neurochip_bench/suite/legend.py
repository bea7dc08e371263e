"""pytest-benchmark explains columns below its table, shown or not: here only those that are."""

from __future__ import annotations

from typing import Any, Callable, Generator

import pytest

LEGEND = "Legend:"
OF_COLUMN = {"outliers": "  Outliers: ", "ops": "  OPS: "}  # how the line of each column begins


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, object, object]:
    """Let no plugin write a legend of what the table has not."""
    write, columns = terminalreporter.write_line, config.option.benchmark_columns
    vars(terminalreporter)["write_line"] = only_of(columns, write)
    try:
        return (yield)
    finally:
        vars(terminalreporter)["write_line"] = write


def only_of(columns: list[str], write: Callable[..., None]) -> Callable[..., None]:
    """A `write_line` that leaves out the legend of all but these columns."""
    absent = tuple(line for column, line in OF_COLUMN.items() if column not in columns)
    hidden = (LEGEND, *absent) if len(absent) == len(OF_COLUMN) else absent

    def write_line(line: str, **markup: Any) -> None:  # as pytest has it
        if not str(line).startswith(hidden):
            write(line, **markup)

    return write_line
