"""The Markdown table of a saved run."""

from __future__ import annotations

import pytest

from neurochip_bench.keep.saved import load
from neurochip_bench.tools.table import table
from tests.helpers.saved_runs import row, save


@pytest.fixture
def shown(tmp_path):
    """The table of some rows."""
    return lambda *rows, floor=None: table(load(save(tmp_path / "run.json", rows, floor=floor)))


def timed(rtf: float | None = 0.4, backend="numpy-cpu-f64", **changes):
    return row(backend, "lif", rtf=rtf, **changes)


def test_row_has_its_time_and_both_distances(shown):
    *_, line = shown(timed(), floor={"lif connected": 10.0})
    assert line == "| lif | connected | 64 | `numpy-cpu-f64` | faithful | 0.5 | 0.4 | 156 | 1 | 15.6 |"


def test_floor_that_was_not_measured_is_left_empty(shown):
    assert shown(timed())[-1].endswith("| 156 | 1 |  |")


def test_rows_without_a_run_are_left_out(shown):
    assert len(shown(timed(None))) == 2


def test_only_the_fastest_row_that_is_right_is_shown(shown):
    *_, head, line = shown(
        timed(),
        timed(0.04, "numpy-cpu-f32"),
        timed(0.01, "jax-cpu-f32", verdict="unusable"),
        timed(0.01, "groq-groqchip-f32", device="stand-in"),
    )
    assert head.startswith("|---")
    assert "| 0.04 |" in line


def test_rows_that_tie_with_the_fastest_stand_below_it_and_the_tie_is_explained(shown):
    *_, first, second, _, said = shown(timed(0.4), timed(0.3, "jax-cpu-f32"), timed(0.5, "numpy-cpu-f32"))
    assert "`jax-cpu-f32` | faithful | 0.5 | 0.3 | 117 | 1 |" in first
    assert "`numpy-cpu-f64` | faithful | 0.5 | 0.4 | 156 | 1.33 |" in second
    assert said.startswith("Within 1.5 times of the fastest is a tie")


def test_network_of_ones_own_has_a_row_of_its_own(shown):
    own = timed(network="mine", network_digest="aa")
    lines = shown(timed(), {**own, "fullname": "mine"})
    assert len(lines) == 4
    assert lines[-1].startswith("| mine, lif | connected | 64 |")


def test_time_that_may_be_anothers_doing_has_a_sign_that_is_explained(shown):
    *_, line, _, legend = shown(timed(timing="contended"))
    assert line.endswith("| 0.5 | 0.4 ~ | 156 ~ | 1 |  |")
    assert legend.startswith("~: noisy or contended")
    assert not any("~" in line for line in shown(timed(timing="steady")))
