"""How long a network takes to compile and to run, and whether the result is right."""

from __future__ import annotations


def test_prepare(row):
    """Compilation, timed alone and once; the program is then run and judged."""
    program = row.time_prepare()
    row.describe(program)
    row.judge(row.run(program))


def test_run(row):
    """100 ms of model time, recorded and read back; the last timed round is the one that is judged."""
    row.measure()
