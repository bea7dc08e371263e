"""Rows of energy: what their record and the session's end say, and what is skipped before anything is prepared."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.energy import Measured
from neurochip_bench.keep import facts
from neurochip_bench.suite import energy, marked, presence
from neurochip_bench.suite.row import Row


class Benchmark:
    """pytest-benchmark's fixture, as far as a row needs it."""

    name, group = "test_energy[x]", None

    def __init__(self):
        self.extra_info: dict = {}
        self.rounds: list = []
        self.stats = SimpleNamespace(stats=SimpleNamespace(min=0.02, data=[0.02] * 60))

    def pedantic(self, target, rounds):
        self.rounds += [target() for _ in range(rounds)]


MEASURED = Measured(
    "rapl", "package", idle_w=30.0, power_w=80.0, window_s=6.0, repeats=60, counter_j=480.0, integral_j=None
)


def test_record_of_a_row_has_joules_per_simulated_second_and_per_cell_and_step(monkeypatch, truths):
    benchmark, meter = Benchmark(), object()
    row = Row(cast(Any, benchmark), BACKENDS["numpy-cpu-f64"], "lif", 4, False, None, truths.judge)
    monkeypatch.setattr(row, "run", lambda program: program.kernel.name)
    monkeypatch.setattr(
        "neurochip_bench.suite.row.measure", lambda meter, run, repeat: [run(), repeat(60), MEASURED][-1]
    )
    row.measure_energy(row.prepare(), cast(Any, meter))
    found = benchmark.extra_info
    assert benchmark.rounds == ["lif"] * 60
    assert found["energy_j_per_model_s"] == pytest.approx(80 * 6 / 6)  # 60 runs of 0.1 s
    assert found["energy_net_j_per_model_s"] == pytest.approx(50 * 6 / 6)
    assert found["energy_nj_per_cell_step"] == pytest.approx(80 * 0.1 * 1e9 / (64 * 4000))
    assert (found["energy_meter"], found["energy_scope"], found["experiment"]) == ("rapl", "package", "energy")
    assert (found["power_w"], found["idle_w"], found["energy_window_s"], found["energy_repeats"]) == (80, 30, 6, 60)
    assert (found["energy_counter_j"], found["energy_integral_j"]) == (480, None)
    assert found["rtf"] == pytest.approx(0.2)
    assert (found["attempts"], found["scatter"], found["cpu_s"]) == (1, 0.0, None)  # what was counted is of all rounds
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def energy_record(**changes):
    return replace(blank(), **{"verdict": "faithful", **energy.of_energy(MEASURED, 64 * 4000, 100), **changes})


def blank():
    return facts.blank(build("lif", 4, connected=False), BACKENDS["numpy-cpu-f64"])


def test_session_ends_with_the_energy_of_right_rows_the_least_first():
    found = [energy_record(), energy_record(energy_j_per_model_s=9.0), energy_record(verdict="unusable")]
    found += [energy_record(device="stand-in"), blank()]
    head, *lines = energy.lines(found)
    assert head.startswith("Energy of a simulated second")
    assert [line.split(": ")[1].split(" J")[0] for line in lines] == ["9", "80"]
    assert lines[1].endswith("80 J, 50 J (80 W, 3.12e+04 nJ per cell and step; package, by rapl)")
    assert energy.lines(found[2:]) == []


def item(backend, disabled=False, marked=True):
    return SimpleNamespace(
        get_closest_marker=lambda name: marked or None,
        config=SimpleNamespace(getoption=lambda name: disabled),
        callspec=SimpleNamespace(params={"backend": backend}),
    )


def test_what_has_no_meter_is_known_before_anything_is_prepared(monkeypatch):
    monkeypatch.setattr(energy, "missing", lambda device: {"cpu": "no RAPL"}.get(device.mark))
    assert energy.unmetered(item("jax-cpu-f32")) == "no RAPL"
    assert energy.unmetered(item("jax-gpu-f32")) is None
    assert energy.unmetered(item("jax-cpu-f32", marked=False)) is None
    assert "--benchmark-disable" in str(energy.unmetered(item("jax-gpu-f32", disabled=True)))


def test_energy_that_was_required_and_cannot_be_read_is_an_error(monkeypatch):
    monkeypatch.setattr(energy, "missing", lambda device: f"no meter of a {device.mark}")
    assert str(presence.absent("energy")).startswith("energy was required, but cpu: no meter of a cpu")
    monkeypatch.setattr(energy, "missing", lambda device: None)
    assert presence.absent("energy") is None


@pytest.mark.parametrize(
    ("expression", "asked"), [("energy", True), ("energy and cpu", True), ("cpu", False), ("cpu and not energy", False)]
)
def test_energy_is_asked_for_by_its_name_alone(expression, asked):
    assert ("energy" in marked.wanted(expression)) is asked
