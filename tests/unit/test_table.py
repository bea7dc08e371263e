"""The Markdown table of a saved run."""

from __future__ import annotations

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep import record
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.tools.table import table


def benchmark(median=0.05, **changes):
    blank = record.blank(build("lif", 4), BACKENDS["numpy-cpu-f64"])
    blank.update(model_ms=100, dt_ms=0.025, compile_s=0.5, **{"verdict": "faithful", **changes})
    return SavedRow("test_run", "test_run", blank, {"median": median})


def test_row_is_computed_from_the_median():
    *_, line = table([benchmark(rtf=0.4)])
    assert line == "| lif | connected | 64 | `numpy-cpu-f64` | faithful | 0.5 | 50 | 0.5 | 195 |"


def test_rows_without_a_run_are_left_out():
    assert len(table([benchmark(rtf=None)])) == 2


def test_only_the_fastest_row_that_is_right_is_shown():
    rows = [benchmark(rtf=0.4), benchmark(0.04, rtf=0.4), benchmark(0.01, rtf=0.4, verdict="unusable")]
    *_, head, line = table(rows)
    assert head.startswith("|---")
    assert "| 40 |" in line
