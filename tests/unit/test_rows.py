"""Rows, ids, records and the table: what saved runs are compared by, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from model.kernels import DT, KERNELS
from model.network import build
from neurochip_bench.accuracy import MEASURES
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep import facts
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.keep.record import saved_form
from neurochip_bench.settings import Settings
from neurochip_bench.suite import legend, marked, presence, rows, selection, summary

KEYS = """
schema experiment model connectivity topology coupling rates accumulation backend library library_version device
kind accelerator precision threads tf32 fast_math nodes form cells connections units dt_ms model_ms steps_per_call
seed build_s export_s compile_s warm_compile_s first_run_s rtf ns_per_cell_step peak_memory_mb tries verdict
v1_mv i1_ua vs_mv spikes_unmatched spike_shift_ms spikes_per_cell spikes_total period_ms amplitude_mv phase_rad
spikes judged_ms
"""
LAST = """
judged_by own_yardsticks floor_by network network_digest one_way
devices processes virtual_devices exchange exchange_steps exchange_bytes
"""


TIMING = """
timing attempts cpu_s wait_share throttled_share stolen_share others_share scatter drift slowed_by load clock_mhz
on_battery
"""
STANDARD = rows.Rows()


def ids(side=None, coupling=None, *, quick=False, chosen=STANDARD):
    option = SimpleNamespace(side=side, coupling=coupling, quick=quick, devices=None, processes=None)
    return [param.id for param in chosen.params(option)]


def test_ids_are_pinned():
    assert "io-connected-tensorflow-cpu-f32-n=729" in ids()
    assert "lif-unconnected-numpy-cpu-f64-n=64" in ids()
    assert "hh-connected-tensorflow-cpu-f32-n=64-padded" in ids("4", "padded,dense")
    assert "hh-unconnected-tensorflow-cpu-f32-n=64" in ids("4", "padded,dense")  # no coupling where none is used
    assert len(set(ids("paper"))) == len(ids("paper"))


def test_default_rows_are_thinned_at_the_large_side():
    large = "io-connected-tensorflow-cpu-f32-n=8000", "io-connected-tensorflow-cpu-f64-n=8000"
    assert [i for i in ids() if i in large] == [large[0]]
    assert [i for i in ids("4,20") if i in large] == list(large)


@pytest.mark.parametrize(
    ("left", "sizes"), [("numba-cpu-f64", []), ("numpy-cpu-f32", []), ("onnxruntime-cpu-f32", [64, 729])]
)
def test_main_job_leaves_out_what_would_make_it_longer_and_a_size_that_is_asked_for_does_not(left, sizes):
    assert [i for i in ids() if f"io-connected-{left}" in i] == [f"io-connected-{left}-n={cells}" for cells in sizes]
    assert f"io-connected-{left}-n=4096" in ids("16")


@pytest.mark.parametrize("library", ["tensorflow", "onnxruntime", "numba"])
def test_every_library_and_device_but_the_slow_has_a_row_at_the_large_side(library):
    of_library = [b for b in BACKENDS.values() if b.library == library and (library, b.device) != rows.SLOW]
    large = [i.split("-")[3] for i in ids() if i.startswith(f"io-connected-{library}-") and i.endswith("n=8000")]
    assert large == list(dict.fromkeys(backend.device for backend in of_library))


def test_numpy_runs_at_the_smallest_side_only():
    assert {i.rsplit("=")[-1] for i in ids("9,20") if "numpy" in i} == {"729"}


def test_paper_sides_are_the_papers():
    assert rows.parse_sides("paper") == (*range(4, 21), 30, 40, 50, 60, 70, 80, 90, 100)


@pytest.mark.parametrize("text", ["3", "4.5", "", "4,,5", "big", "-9"])
def test_bad_side_names_itself(text):
    with pytest.raises(pytest.UsageError, match="expected whole numbers from 4, or 'paper'"):
        rows.parse_sides(text)


@pytest.mark.parametrize("text", ["", "sparse", "padded,csr"])
def test_bad_coupling_lists_the_known(text):
    with pytest.raises(pytest.UsageError, match="expected gather-scatter, padded, one-hot, dense"):
        rows.parse_couplings(text)


def test_coupling_that_is_asked_for_twice_makes_each_row_once():
    assert rows.parse_couplings("padded, dense,padded") == ["padded", "dense"]
    assert rows.parse_couplings("best,padded") == [None, "padded"]
    assert rows.parse_couplings(None) == rows.parse_couplings("best") == [None]
    asked = SimpleNamespace(side="4,4", coupling="padded,padded", quick=False, devices=None, processes=None)
    ids = [row.id for row in rows.Rows(kernels=("lif",)).params(asked)]
    assert len(ids) == len(set(ids)) > 0


def test_record_keys_are_pinned():
    yardsticks = [f"{kind}_{name}" for kind in ("floor", "step_error") for name in MEASURES]
    assert list(saved_form(facts.blank(build("lif", 4), BACKENDS["numpy-cpu-f64"]))) == [
        *KEYS.split(),
        *yardsticks,
        *TIMING.split(),
        *LAST.split(),
    ]


def test_blank_record_is_unjudged_json():
    blank = saved_form(facts.blank(build("io", 4), BACKENDS["numpy-cpu-f64"]))
    assert blank["verdict"] == "unjudged"
    assert json.loads(json.dumps(blank, allow_nan=False)) == blank


def test_a_row_that_fails_before_it_is_prepared_says_how_it_was_to_run():
    network, backend = build("io", 4), BACKENDS["numpy-cpu-f64"]
    asked = Settings(KERNELS["io"], "dense", rates="published", dt=0.05, accumulation="compensated")
    standard, chosen = facts.blank(network, backend), facts.blank(network, backend, asked)
    assert (standard.coupling, standard.rates, standard.dt_ms, standard.accumulation) == (None, "safe", DT, "plain")
    assert {name: chosen[name] for name in asked.facts()} == asked.facts()


def test_numbers_that_are_not_finite_become_null():
    assert facts.finite(float("nan")) is facts.finite(float("inf")) is None


def row(backend, verdict, rtf, cells=64, **changes):
    known = {"verdict": verdict, "rtf": rtf, "ns_per_cell_step": 10.0, "cells": cells, **changes}
    return replace(facts.blank(build("io", 4), BACKENDS[backend]), **known)


def test_fast_but_wrong_row_is_listed_and_never_ranked():
    errors = {"v1_mv": 9.0, "floor_v1_mv": 1.0, "step_error_v1_mv": 2.0}
    errors.update(vs_mv=1.0, floor_vs_mv=1.0, step_error_vs_mv=2.0)
    fast, slow = row("tensorflow-cpu-f32", "unusable", 0.1, **errors), row("numpy-cpu-f64", "faithful", 0.5)
    text = summary.lines([fast, slow], 100)
    ranked = [line for line in text if "0.5" in line]
    assert len(ranked) == 1
    assert "numpy-cpu-f64" in ranked[0]
    assert "  unusable: io connected 64 cells on tensorflow-cpu-f32, v1_mv 9, usable up to 4" in text
    assert not any("0.1" in line for line in text)


@pytest.mark.parametrize("order", [1, -1])
def test_fastest_right_row_of_a_size_is_named_and_no_other(order):
    fast, slow = row("jax-cpu-f32", "faithful", 0.25), row("numpy-cpu-f64", "faithful", 0.75)
    other_size = row("numpy-cpu-f64", "faithful", 2.0, 729)
    table = summary.render(summary.fastest([fast, slow, other_size][::order]), 100)
    assert [line.split()[3] for line in table.splitlines() if "io connected" in line] == [
        "jax-cpu-f32",
        "numpy-cpu-f64",
    ]
    assert "0.25" in table
    assert "0.75" not in table


def test_all_rows_stand_side_by_side_with_a_sign_of_their_verdict():
    errors = {"v1_mv": 9.0, "floor_v1_mv": 1.0, "step_error_v1_mv": 2.0}
    rows = [
        row("tensorflow-cpu-f32", "unusable", 0.1, **{**errors, "ns_per_cell_step": 1.0}),
        row("numpy-cpu-f64", "usable", 0.5),
        row("jax-cpu-f32", "faithful", 1),
    ]
    text = summary.lines(rows, 120)
    start = text.index("All of them, ns per cell and step; u: usable, !: not right, the others are faithful:")
    assert any(line.split()[-5:] == ["1", "!", "10", "u", "10"] for line in text[start:])
    assert not any("All of them" in line for line in summary.lines(rows[1:2], 120))


@pytest.mark.parametrize(
    ("verdicts", "head"),
    [
        (("faithful", "faithful"), "All of them, ns per cell and step, all faithful:"),
        (("faithful", "usable"), "All of them, ns per cell and step; u: usable, the others are faithful:"),
    ],
)
def test_signs_that_are_not_in_the_table_are_not_explained(verdicts, head):
    assert head in summary.lines(
        [row(backend, word, 0.5) for backend, word in zip(("jax-cpu-f32", "numpy-cpu-f64"), verdicts)], 120
    )


def item(*markers):
    config = SimpleNamespace(option=SimpleNamespace(devices=None))
    return SimpleNamespace(get_closest_marker=lambda name: name if name in markers else None, config=config)


@pytest.mark.parametrize("expression", ["cpu", "hh and connected", "not slow", "not peer", ""])
def test_no_row_of_a_peer_is_run_unless_peers_or_its_file_are_named(expression):
    root, file = Path.cwd(), Path.cwd() / "tests" / "perf" / "test_peers.py"
    row = SimpleNamespace(path=file, get_closest_marker=item("peer").get_closest_marker)

    def asked(said, place):
        options = SimpleNamespace(markexpr=said, devices=None)
        return selection.asked_for(
            SimpleNamespace(args=[str(place)], rootpath=root, stash={NETWORKS: ()}, option=options), row
        )

    assert not asked(expression, root)
    assert not asked(expression, file.parent)
    assert asked("peer", root)
    assert asked(expression, file)


def test_what_is_left_out_says_what_asks_for_it_and_nothing_else():
    every = [item("experiment", "slow"), item("peer"), item("peer"), item("slow"), item()]
    assert selection.left_out([], own=False) == []
    assert selection.left_out(every, own=False) == [
        "left out: 1 benchmarks (ask with -m experiment), 2 benchmarks (ask with -m peer), "
        "1 benchmarks (ask with -m slow), 1 benchmarks (ask with -m cpu, --benchmark-only or tests/perf)"
    ]
    assert selection.left_out(every, own=True) == ["left out: 5 benchmarks (ask without --network)"]


@pytest.mark.parametrize(
    ("columns", "written"),
    [
        (["min", "median"], ["a row"]),
        (["min", "ops"], ["a row", "Legend:", "  OPS: Operations"]),
        (["ops", "outliers"], ["a row", "Legend:", "  Outliers: 1", "  OPS: Operations"]),
    ],
)
def test_legend_is_of_the_columns_that_are_shown(columns, written):
    lines: list[str] = []
    reporter = SimpleNamespace(write_line=lines.append)
    hook = legend.pytest_terminal_summary(reporter, SimpleNamespace(option=SimpleNamespace(benchmark_columns=columns)))
    next(hook)
    for line in ("a row", "Legend:", "  Outliers: 1", "  OPS: Operations"):
        reporter.write_line(line)
    with pytest.raises(StopIteration):
        hook.send(None)
    assert lines == written
    assert reporter.write_line == lines.append


def test_unjudged_row_is_never_ranked():
    text = "\n".join(summary.lines([row("numpy-cpu-f64", "unjudged", 0.5)], 100))
    assert "unjudged: io connected 64 cells on numpy-cpu-f64" in text
    assert "fastest" not in text


def test_nothing_is_said_of_real_time_where_no_model_has_it():
    assert summary.REAL_TIME not in summary.lines([row("numpy-cpu-f32", "faithful", 0.5, units="1, 1")], 120)
    assert summary.REAL_TIME in summary.lines([row("numpy-cpu-f32", "faithful", 0.5)], 120)


def test_largest_network_in_real_time_is_named():
    text = summary.lines([row("numpy-cpu-f64", "usable", 0.5), row("numpy-cpu-f64", "usable", 1.5, 729)], 100)
    assert "  io connected: 64 cells, numpy-cpu-f64" in text
    assert "  io connected: none of the sizes run" in summary.lines([row("numpy-cpu-f64", "usable", 1.5)], 100)


def test_untimed_rows_are_counted():
    text = summary.lines([row("numpy-cpu-f64", "faithful", None), row("numpy-cpu-f32", "unjudged", None)], 100)
    assert "1 of 2 rows are right; nothing was timed." in text


@pytest.mark.parametrize("name", ["tpu", "gpu", "ipu", "groq"])
def test_device_without_a_backend_is_absent(name):
    assert str(presence.absent(name)).startswith(f"{name} was required, but ")


def test_present_device_and_backend_are_not_absent():
    assert presence.absent("cpu") is None
    assert presence.absent("numpy-cpu-f64") is None
    assert presence.absent("connected") is None


@pytest.mark.parametrize(
    ("expression", "asked"),
    [("cpu", True), ("io and not slow", True), ("slow", True), ("", False), ("not slow", False), ("not (slow)", True)],
)
def test_benchmarks_are_asked_for_by_what_an_expression_wants(expression, asked):
    assert marked.asks_for_rows(expression) is asked


def test_unknown_requirement_lists_the_known():
    with pytest.raises(pytest.UsageError, match="expected a marker or a backend, one of cpu, gpu"):
        presence.absent("quantum")
