"""Peers stand beside the compilers, in the table of a session and in the report, and are ranked nowhere."""

from __future__ import annotations

import pytest

from neurochip_bench.keep.record import Record
from neurochip_bench.report.answers import answers
from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import figures
from neurochip_bench.report.render import render
from neurochip_bench.report.tables import tables
from neurochip_bench.suite import beside
from tests.helpers.saved_runs import save, timed


def peer(name="brian2-cpu-f64", rtf=1.0, **changes):
    known = {"experiment": "peers", "rtf": rtf, "ns_per_cell_step": 100 * rtf, "verdict": "faithful", **changes}
    return timed(f"hh-unconnected-{name}-n=64", test="test_peers", path="test_peers", **known)


def compiler(name="jax-cpu-f32", rtf=0.1, **changes):
    return timed(f"hh-unconnected-{name}-n=64", experiment="run", rtf=rtf, ns_per_cell_step=100 * rtf, **changes)


def of(tmp_path, *rows):
    return collect([save(tmp_path / "run.json", list(rows))])


def made(runs, key):
    return next(table for table in tables(runs) if table.key == key)


def test_the_table_says_how_many_times_faster_the_fastest_right_compiler_of_the_same_run_is(tmp_path):
    rows = peer(), peer("neuron-cpu-f64", 2.0, verdict="unusable"), compiler(), compiler("jax-cpu-f64", 0.2)
    wrong = compiler("tensorflow-cpu-f32", 0.01, verdict="unusable")
    table = made(of(tmp_path, *rows, wrong), "peers")
    assert [row[table.heads.index("backend")] for row in table.rows] == ["brian2-cpu-f64", "neuron-cpu-f64"]
    assert [row[-3] for row in table.rows] == ["jax-cpu-f32"] * 2
    assert table.rows[0][-1] == pytest.approx(10.0)
    assert table.rows[1][-1] is None  # a wrong result is not compared


def test_a_compiler_over_several_devices_says_so(tmp_path):
    runs = of(tmp_path, peer(), compiler(devices=2, virtual_devices=True))
    assert made(runs, "peers").rows[0][-3] == "jax-cpu-f32 x2 virtual"
    (panel,) = next(figure for figure in figures(runs) if figure.key == "peers").panels
    assert "(jax-cpu-f32 x2 virtual)" in panel.alt


def test_a_compiler_of_another_run_is_not_compared(tmp_path):
    paths = [save(tmp_path / "peers.json", [peer()]), save(tmp_path / "cpu.json", [compiler()])]
    assert made(collect(paths), "peers").rows[0][-1] is None


def test_no_peer_is_ranked(tmp_path):
    runs = of(tmp_path, peer(rtf=0.001), compiler())
    table = made(runs, "fastest")
    assert [row[table.heads.index("backend")] for row in table.rows] == ["jax-cpu-f32"]
    assert "brian2" not in str(answers(runs))


def test_the_figure_has_a_line_for_each_peer_and_one_of_the_compilers(tmp_path):
    runs = of(tmp_path, peer(), peer("neuron-cpu-f64", 2.0, verdict="usable"), compiler())
    (panel,) = next(figure for figure in figures(runs) if figure.key == "peers").panels
    for word in ("brian2-cpu-f64: 100 ns at 64 cells", "neuron-cpu-f64: 200 ns", "fastest right compiler: 10 ns"):
        assert word in panel.alt
    svg, _ = render(panel.draw, 30)
    assert b"fastest right compiler" in svg


def test_without_peers_the_figure_says_what_measures_them(tmp_path):
    figure = next(figure for figure in figures(of(tmp_path, compiler())) if figure.key == "peers")
    assert not figure.panels
    assert "tox -e peers" in figure.missing


def test_a_session_ends_with_peers_in_a_table_of_their_own():
    kind = {"model": "hh", "connectivity": "unconnected", "cells": 64}
    fast = Record(experiment="run", backend="jax-cpu-f32", rtf=0.1, ns_per_cell_step=10.0, verdict="faithful", **kind)
    slow = Record(experiment="peers", backend="brian2-cpu-f64", rtf=1, ns_per_cell_step=1e2, verdict="usable", **kind)
    wrong = Record(experiment="peers", backend="neuron-cpu-f64", verdict="unusable", **kind)
    backends, peers = beside.apart([fast, slow, wrong])
    assert (backends, peers) == ([fast], [slow, wrong])
    text = "\n".join(beside.lines(peers, backends, 120))
    (line,) = (line for line in text.splitlines() if "brian2" in line)
    assert line.split()[-1] == "10"
    assert "jax-cpu-f32" in line
    assert "not right: hh unconnected 64 cells on neuron-cpu-f64" in text
