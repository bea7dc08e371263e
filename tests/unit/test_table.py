"""The Markdown table of a saved run."""

from __future__ import annotations

import pytest

from neurochip_bench.keep.saved import load
from neurochip_bench.tools.table import table
from tests.helpers.saved_runs import row, save


@pytest.fixture
def shown(tmp_path):
    """The table of some rows."""
    return lambda *rows: table(load(save(tmp_path / "run.json", rows)).rows)


def timed(median=0.05, backend="numpy-cpu-f64", rtf=0.4, **changes):
    return {**row(backend, "lif", rtf=rtf, **changes), "stats": {"median": median}}


def test_row_is_computed_from_the_median(shown):
    *_, line = shown(timed())
    assert line == "| lif | connected | 64 | `numpy-cpu-f64` | faithful | 0.5 | 50 | 0.5 | 195 |"


def test_rows_without_a_run_are_left_out(shown):
    assert len(shown(timed(rtf=None))) == 2


def test_only_the_fastest_row_that_is_right_is_shown(shown):
    *_, head, line = shown(
        timed(),
        timed(0.04, "numpy-cpu-f32"),
        timed(0.01, "jax-cpu-f32", verdict="unusable"),
        timed(0.01, "groq-groqchip-f32", device="stand-in"),
    )
    assert head.startswith("|---")
    assert "| 40 |" in line


def test_network_of_ones_own_has_a_row_of_its_own(shown):
    own = timed(network="mine", network_digest="aa")
    lines = shown(timed(), {**own, "fullname": "mine"})
    assert len(lines) == 4
    assert lines[-1].startswith("| mine, lif | connected | 64 |")


def test_time_that_may_be_anothers_doing_has_a_sign_that_is_explained(shown):
    *_, line, _, legend = shown(timed(timing="contended"))
    assert line.endswith("| 0.5 | 50 ~ | 0.5 ~ | 195 ~ |")
    assert legend.startswith("~: noisy or contended")
    assert not any("~" in line for line in shown(timed(timing="steady")))
