"""Would a test notice? Break the judgement of results in one place at a time and see which default test fails.

`python -m tests.mutations [WORD ...]` prints a Markdown table of what was broken (everywhere, or in files whose name
has one of the words) and what caught it. It exits with 1 if a mutation survives or its text is not found any more. Each
trial runs in a copy of the project. `tests/constants.py` does the same to the numbers of the kernels.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Sequence

from neurochip_bench.keep.markdown import table
from tests.trials import Parser, Selection, caught, copied, insist_on_passing

YARDSTICKS = ["tests/unit/test_yardsticks.py"]
VERDICT = ["tests/unit/test_verdict.py"]
MEASURES = ["tests/unit/test_measures.py"]
OWN = ["tests/unit/test_own.py"]
JUDGES = ["tests/unit/test_judges.py"]
KEEPING = ["tests/unit/test_keeping.py"]
REFERENCES = ["tests/unit/test_references.py"]
REGENERATE = ["tests/unit/test_regenerate.py"]
FAULTS = ["tests/accuracy/test_gates.py", "-k", "fault and lif-unconnected"]
ACCUMULATION = ["tests/accuracy/test_accumulation.py", "-k", "takes_up"]
ROWS = ["tests/unit/test_rows.py"]
SESSIONS = ["tests/unit/test_sessions.py", "-k", "whole_record or last_timed_round"]
SAVED = ["tests/unit/test_saved.py"]
JOURNAL = ["tests/unit/test_saving.py", "-k", "cut_off"]
COMPARE = ["tests/unit/test_compare.py"]
SPEED = ["tests/unit/test_compare_speed.py"]
GATE = ["tests/unit/test_compare_gate.py"]


@dataclass(frozen=True)
class Mutation:
    """A text that stands once in a file, and what it becomes; the tests that have to notice."""

    what: str
    file: str
    old: str
    new: str
    tests: Selection


ACCURACY = "neurochip_bench/accuracy"
COMPARED = "neurochip_bench/compare"
SUITE = "neurochip_bench/suite"
KEEP = "neurochip_bench/keep"

MUTATIONS = (
    Mutation(
        "F is the smallest of four runs, not the largest",
        f"{ACCURACY}/yardsticks.py",
        "max(floor[name] for floor in floors)",
        "min(floor[name] for floor in floors)",
        YARDSTICKS,
    ),
    Mutation("D skips the half step", f"{ACCURACY}/yardsticks.py", "stimulus, dt / 2)", "stimulus, dt)", YARDSTICKS),
    Mutation(
        "one of four float32 runs is left out",
        f"{ACCURACY}/yardsticks.py",
        "in (state, up, down, either)",
        "in (state, up, up, either)",
        YARDSTICKS,
    ),
    Mutation(
        "a large step counts as an approximation",
        f"{ACCURACY}/yardsticks.py",
        "dt == DT and kernel.map_dt is None",
        "kernel.map_dt is None",
        YARDSTICKS,
    ),
    Mutation(
        "faithful ends at 5 F",
        f"{ACCURACY}/verdict.py",
        "error <= faithful_limit(floor[name])",
        "error <= 5 * floor[name]",
        VERDICT,
    ),
    Mutation("usable ends at D", f"{ACCURACY}/verdict.py", "step_error / 2)", "step_error)", VERDICT),
    Mutation(
        "usable ends at the smaller of 4 F and D / 2",
        f"{ACCURACY}/verdict.py",
        "max(faithful_limit(floor), step_error",
        "min(faithful_limit(floor), step_error",
        VERDICT,
    ),
    Mutation(
        "one good measure makes a result usable",
        f"{ACCURACY}/verdict.py",
        "if all(error <= verdict.limit(name)",
        "if any(error <= verdict.limit(name)",
        VERDICT,
    ),
    Mutation(
        "F has no least",
        f"{ACCURACY}/verdict.py",
        'max(yardsticks["floor"][name], least_floor(name, kernel))',
        'yardsticks["floor"][name]',
        VERDICT,
    ),
    Mutation(
        "gates do not count in v1_mv",
        f"{ACCURACY}/measures.py",
        "kernel.scale_of(name) for name in names",
        "0.0 if name in kernel.gates else 1.0 for name in names",
        MEASURES,
    ),
    Mutation(
        "the trace's own sample does not count in v1_mv",
        f"{ACCURACY}/measures.py",
        "np.maximum(per_cell, np.abs(run.trace[1] - truth.first[0]))",
        "per_cell",
        MEASURES,
    ),
    Mutation("vs_mv looks into the flank of a spike", f"{ACCURACY}/measures.py", " - FLANK_MS\n", "\n", MEASURES),
    Mutation(
        "the truth's second spikes in a millisecond have no partners",
        f"{ACCURACY}/measures.py",
        ".astype(np.int64) - np.maximum(truth.spikes - 1, 0)",
        ".astype(np.int64) + np.maximum(truth.spikes - 1, 0)",
        MEASURES,
    ),
    Mutation(
        "a stale last state is comparable",
        f"{ACCURACY}/measures.py",
        "if not np.array_equal(run.state[0], run.trace[-1]):",
        "if run.state[0].shape != run.trace[-1].shape:",
        FAULTS,
    ),
    Mutation(
        "stored yardsticks are believed unchecked",
        f"{ACCURACY}/reference.py",
        "if checksum(stored) != known:",
        "if known is None:",
        REFERENCES,
    ),
    Mutation(
        "regenerating one kernel forgets what is stored of the others",
        f"{ACCURACY}/regenerate.py",
        "_empty() if afresh or not (folder / MANIFEST).exists() else References(folder).manifest",
        "_empty()",
        REGENERATE,
    ),
    Mutation(
        "what an addition lost is added once more",
        "model/kernels/accumulation.py",
        "change - self.lost[name]",
        "change + self.lost[name]",
        ACCUMULATION,
    ),
    Mutation(
        "a kernel without stored yardsticks asks for them all the same",
        f"{SUITE}/truth.py",
        "if self._stored(network) and (network.delays is None or truth.by != ORACLE):",
        "if network.delays is None or truth.by != ORACLE:",
        YARDSTICKS,
    ),
    Mutation(
        "a network's step error excuses all of its cells",
        f"{ACCURACY}/own.py",
        "np.maximum(limit, own.vs_mv / 2))",
        "np.maximum(limit, own.vs_mv.max() / 2))",
        OWN,
    ),
    Mutation(
        "cells beyond what float32 has are spared without a bound",
        f"{ACCURACY}/own.py",
        "np.maximum(held[order[:spared]], bound)",
        "np.inf",
        OWN,
    ),
    Mutation(
        "a network's own yardsticks excuse what they know nothing of",
        f"{ACCURACY}/own.py",
        "verdict.word == UNUSABLE and set(beyond) <= set(MEASURES)",
        "verdict.word == UNUSABLE",
        OWN,
    ),
    Mutation(
        "a judge is believed that NumPy contradicts",
        f"{SUITE}/float64.py",
        "        if not going.agrees:\n            return None\n",
        "",
        JUDGES,
    ),
    Mutation(
        "a library judges itself though another is here",
        f"{SUITE}/judges.py",
        "BACKENDS[name].library == library)",
        "BACKENDS[name].library != library)",
        JUDGES,
    ),
    Mutation(
        "what was kept of a network with delays serves one without",
        f"{SUITE}/keeping.py",
        "[network.delays, stimulus,",
        "[stimulus,",
        KEEPING,
    ),
    Mutation(
        "no reset before a timed round",
        f"{SUITE}/row.py",
        "                program.reset()\n                listener(",
        "                listener(",
        SESSIONS,
    ),
    Mutation(
        "another run than the last timed round is judged",
        f"{SUITE}/row.py",
        "        self.judge(self.time(program))\n",
        "        program.reset()\n        self.judge(self.run(program))\n        self.time(program)\n",
        SESSIONS,
    ),
    Mutation(
        "the slowest row is called the fastest",
        f"{KEEP}/distance.py",
        "    ordered = sorted(entries, key=seconds)\n",
        "    ordered = sorted(entries, key=seconds, reverse=True)\n",
        ROWS,
    ),
    Mutation(
        "wrong rows are ranked",
        f"{SUITE}/summary.py",
        "right = [r for r in timed if r.verdict in RIGHT]",
        "right = timed",
        ROWS,
    ),
    Mutation(
        "the writer of a record renames a key",
        f"{KEEP}/facts.py",
        '"judged_ms": verdict.milliseconds',
        '"window_ms": verdict.milliseconds',
        SESSIONS,
    ),
    Mutation(
        "a row that failed counts by its last verdict",
        f"{KEEP}/saved.py",
        "return self.judged if self.reason is None else FAILED",
        "return self.judged",
        SAVED,
    ),
    Mutation(
        "a line is written behind one that was cut off",
        f"{KEEP}/journal.py",
        'whole = file.read() in (b"", b"\\n")',
        "whole = True",
        JOURNAL,
    ),
    Mutation("rows that vanished pass", f"{COMPARED}/gate.py", "    yield from vanished(comparison)\n", "", COMPARE),
    Mutation(
        "base and new are swapped",
        f"{COMPARED}/speed.py",
        "sorted(new - base for base in logs.base",
        "sorted(base - new for base in logs.base",
        SPEED,
    ),
    Mutation(
        "a slowdown fails by its middle, not by all of its interval",
        f"{COMPARED}/gate.py",
        "entry.shift.low > slower",
        "entry.shift.log > slower",
        GATE,
    ),
    Mutation(
        "the best word of several processes counts",
        f"{COMPARED}/accuracy.py",
        "max(found, key=ORDER.index)",
        "min(found, key=ORDER.index)",
        COMPARE,
    ),
    Mutation(
        "a wrong row is a regression only if it was there before",
        f"{COMPARED}/accuracy.py",
        "return new in WRONG",
        "return False",
        COMPARE,
    ),
)


def selected(words: Sequence[str]) -> list[Mutation]:
    """The mutations of files that hold one of some words; all without a word."""
    return [mutation for mutation in MUTATIONS if not words or any(word in mutation.file for word in words)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all mutations, or those of some files."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("word", nargs="*")
    words = parser.parse_args(arguments).word
    tried, missed = selected(words), 0
    if not tried:
        parser.error(f"{' '.join(words)}: expected a word in the name of a file that has a mutation")
    rows = []
    with copied() as project:
        insist_on_passing(project, [list(tests) for tests in dict.fromkeys(tuple(m.tests) for m in tried)])
        for mutation in tried:
            file = project / mutation.file
            source = file.read_text()
            if source.count(mutation.old) == 1:
                test = caught(file, source.replace(mutation.old, mutation.new), project, [mutation.tests])
                found = test or "NOTHING"
            else:
                test, found = None, f"NOT TRIED: its text is there {source.count(mutation.old)} times, aim it anew"
            missed += test is None
            rows.append((mutation.what, mutation.file, found))
            print(f"{mutation.file}: {mutation.what}: {found}", file=sys.stderr, flush=True)
    print("\n".join(table(("what is wrong", "in", "caught by"), rows)))
    print(f"\n{len(tried)} mutations tried, {len(tried) - missed} caught.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
