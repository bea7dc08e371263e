"""What `neurochip-bench compare` does once its arguments are read."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from neurochip_bench.cli.asked import Asked, append
from neurochip_bench.cli.refusal import Refused
from neurochip_bench.compare import gate, render, text
from neurochip_bench.compare.comparison import compare
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.interleave import interleave
from neurochip_bench.compare.outputs import compare_outputs
from neurochip_bench.compare.pool import find, pool
from neurochip_bench.compare.repeat import repeat
from neurochip_bench.exits import Exit

PROCESSES = 9  # of each side, by default


def run(asked: Asked) -> int:
    """Check what is asked and do it; returns the exit code, and raises Refused where it cannot be done."""
    try:
        asked.check()
        return carry_out(asked)
    except CompareError as error:
        raise Refused(text.clean(error), Exit(error.code)) from error


def carry_out(asked: Asked) -> int:
    """Run what is to be compared, where that was asked for, and compare; returns the exit code."""
    if asked.interleave:
        name = asked.save or time.strftime("interleaved-%Y%m%d-%H%M%S")
        return show(asked, interleave(asked.interleave, asked.repeat or PROCESSES, name, asked.pytest))
    if asked.repeat and asked.save:
        folder = repeat(asked.repeat, asked.save, asked.pytest)
        print(f"{asked.repeat} runs in {folder}: neurochip-bench compare {asked.save} OTHER compares them")
        return Exit.OK
    return show(asked, asked.sides)


def show(asked: Asked, folders: Sequence[Path | str]) -> int:
    """Compare two sides, print it and return the exit code."""
    base, new = (pool(find(str(side))) for side in folders)
    comparison = compare(base, new, asked.normalise)
    apart = compare_outputs(base, new, [row.pair for row in comparison.rows])
    found = list(gate.failures(comparison, asked.slower))
    refusals = gate.refused(comparison, asked.slower, asked.same_machine_only, asked.power)
    what = (comparison, apart, [*found, *refusals], list(gate.powers(comparison, asked.slower)), asked.all)
    render.terminal(*what)
    if asked.markdown:
        sys.stdout.flush()  # which may be what --markdown names
        append(asked.markdown, "\n".join(render.markdown(*what)) + "\n")
    return gate.exit_code(found, refusals)
