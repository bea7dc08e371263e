"""Is every constant of every kernel load-bearing? Change each by 1 % and see whether a default test fails.

`python -m tests.constants [KERNEL.py[:LINE] ...]` prints a Markdown table of what was tried and what was caught, and
exits with 1 if a constant survives that is not explained below. Each trial runs in a copy of the project.
"""

from __future__ import annotations

import argparse
import ast
import sys
from dataclasses import dataclass
from pathlib import Path

from neurochip_bench.keep.markdown import table
from tests.trials import ROOT, Parser, caught, copied, insist_on_passing

KERNELS = Path("model/kernels")
STAGES = (  # each only for those that survive the one before; none of them holds a copy of the constants
    ["tests/accuracy/test_reference.py", "-k", "oracle_reproduces and not standard"],
    ["tests/unit/test_rates.py", "-k", "exprelr or published"],
    ["tests/accuracy/test_reference.py", "-k", "oracle_reproduces and standard"],
    ["tests/unit/test_measures.py", "tests/unit/test_kernels.py", "-k", "v1_is_the_worst or has_no_range"],
)
CANNOT_MATTER = {  # (file, source line, constant): why
    ("rates.py", "series = 1.0 / 47900160.0 - near * (691.0 / 1307674368000.0)", "1307674368000.0"): (
        "larger, it makes the last term less by 1e-15 of the rate at most: a rounding error"
    ),
    ("io.py", 'armed = ops.where(before < parameters["rearmed"], 1.0, armed)', "1.0"): (
        "a flag: spikes are counted in whole numbers, which cut 1 % of it off"
    ),
    ("kernel.py", "low, high = self.ranges.get(name, (0.0, 0.0))", "0.0"): "as the lower end: still no range",
    ("rates.py", "small = y < 0.25", "0.25"): "series and fraction agree to a rounding error there",
    ("rates.py", "far = ops.where(small, 1.0, x)", "1.0"): "stands where the fraction is not chosen",
    ("rates.py", "near = ops.where(small, y, 0.0)", "0.0"): "stands where the series is not chosen",
}


@dataclass(frozen=True)
class Constant:
    """A number in a kernel's source: its file, line, columns and text."""

    file: str
    line: int
    start: int
    end: int
    text: str

    def moved(self):
        """The number 1 % larger; a zero becomes 0.01."""
        value = float(self.text)
        return repr(value * 1.01 if value else 0.01)

    def source(self):
        """The line it stands in."""
        return (ROOT / KERNELS / self.file).read_text().splitlines()[self.line - 1].strip()


def constants(file):
    """The floating-point constants of a kernel's file; integers there are shapes, indices and flags."""
    source = (ROOT / KERNELS / file).read_text()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            start, end = node.col_offset, node.end_col_offset or 0
            yield Constant(file, node.lineno, start, end, source.splitlines()[node.lineno - 1][start:end])


def changed(constant, source):
    """The source of a kernel with the constant moved."""
    lines = source.splitlines(keepends=True)
    line = lines[constant.line - 1]
    lines[constant.line - 1] = line[: constant.start] + constant.moved() + line[constant.end :]
    return "".join(lines)


def main(arguments=None):
    """Try all constants of the named files, or of every kernel."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="*", default=["io.py", "hh.py", "lif.py", "rates.py", "kernel.py"])
    tried = []
    for place in parser.parse_args(arguments).file:
        file, _, line = place.partition(":")
        if not (ROOT / KERNELS / file).is_file():
            parser.error(f"{file}: expected a file of {KERNELS}")
        tried += [constant for constant in constants(file) if line in ("", str(constant.line))]
    unexplained, survived, rows = [], 0, []
    with copied() as project:
        insist_on_passing(project, STAGES)
        for constant in tried:
            file = project / KERNELS / constant.file
            test = caught(file, changed(constant, file.read_text()), project, STAGES)
            reason = CANNOT_MATTER.get((constant.file, constant.source(), constant.text))
            survived += test is None
            if test is None and reason is None:
                unexplained.append(constant)
            rows.append((constant.text, f"{constant.file}:{constant.line}", test or reason or "NOTHING"))
            print(": ".join(rows[-1]), file=sys.stderr, flush=True)
    print("\n".join(table(("constant", "in", "caught by"), rows)))
    print(f"\n{len(tried)} constants tried, {len(tried) - survived} caught, {survived} cannot matter or were missed.")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
