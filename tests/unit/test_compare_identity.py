"""What makes two rows the same to compare: every setting, one that is added later among them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.compare import match
from neurochip_bench.compare.changes import other_work
from neurochip_bench.compare.side import SideRow
from neurochip_bench.keep import facts
from neurochip_bench.keep.record import TYPES
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.settings import Settings

OTHER = {"coupling": "dense", "rates": "published", "dt_ms": 0.05, "accumulation": "compensated", "precision": "f64"}


@dataclass(frozen=True)
class More(Settings):
    """Settings with one more, which records happen to have."""

    steps_per_call: int = 1


def side_row(**changes):
    blank = facts.blank(build("io", 4), BACKENDS["jax-cpu-f32"])
    record = replace(blank, **{"experiment": "run", "steps_per_call": 1, **changes})
    saved = SavedRow("test_run.py::test_run[a]", "test_run[a]", record, None)
    return SideRow(saved.id, saved.name, [saved], 1.0)


def identities(row):
    return match.of_its_network(row), match.of_its_experiment(row)


def test_every_setting_has_its_field_in_the_record():
    assert set(Settings.recorded()) <= set(TYPES)
    assert {*Settings.recorded(), "precision"} == set(OTHER)


@pytest.mark.parametrize("name", OTHER)
def test_rows_that_differ_in_one_setting_are_not_the_same(name):
    plain, other = side_row(), side_row(**{name: OTHER[name]})
    assert not set(identities(plain)) & set(identities(other))
    if name != "coupling":  # a way to do the same work, of which compare tells as of a device or a version
        assert other_work(plain, other).startswith(f"{name} ")


def test_a_setting_that_is_added_tells_rows_apart_by_itself(monkeypatch):
    plain, other = side_row(), side_row(steps_per_call=2)
    assert identities(plain) == identities(other)
    assert other_work(plain, other) is None
    monkeypatch.setattr(match, "Settings", More)
    assert not set(identities(plain)) & set(identities(other))
    assert other_work(plain, other) == "steps_per_call 1 → 2"
