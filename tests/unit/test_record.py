"""The record: what is written is checked, what is read is forgiven field by field, and the page says what there is."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench.accuracy import MEASURES
from neurochip_bench.experiments.validation import QUANTILES
from neurochip_bench.keep.record import STANDARD, TYPES, Facts, Record, kind, note, read, saved_form
from neurochip_bench.keep.saved import load
from neurochip_bench.keep.words import experiment_of
from neurochip_bench.tools import record as page

OLD = Path(__file__).parent / "data" / "saved-0.1.0.json"
VALUES = {
    "text": st.text(),
    "a number": st.floats(allow_nan=False) | st.integers(-(2**60), 2**60),
    "a whole number": st.integers(-(2**60), 2**60),
    "true or false": st.booleans(),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


def test_page_is_made_of_the_types():
    assert (Path(__file__).parents[2] / "docs" / "record.md").read_text() == "\n".join(page.lines()) + "\n"


def test_every_field_says_what_it_means():
    assert [name for name in TYPES if not page.meta(name).description] == []
    assert all(page.besides(name)[-1] for name in TYPES if name not in STANDARD)


def test_units_of_fields_are_those_of_their_names():
    units = {"_ms": "ms", "_mv": "mV", "_rad": "rad", "_ua": "µA/cm²", "_mb": "MB", "_w": "W", "_j": "J"}
    for name in TYPES:
        ending = next((end for end in units if name.endswith(end)), None)
        assert ending is None or page.cells(name)[2] == units[ending], name


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_and_its_yardsticks_have_fields_of_one_unit(measure):
    fields = [measure, f"floor_{measure}", f"step_error_{measure}"]
    assert set(fields) <= set(STANDARD)
    assert len({page.cells(name)[2] for name in fields}) == 1
    assert [f"`{measure}`" in str(page.meta(name).description) for name in fields] == [False, True, True]


def test_every_quantile_has_its_fields():
    assert {f"{span}_{name}_mv" for span in ("first", "last") for name in QUANTILES} <= set(TYPES)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"rft": 1.0}, "unknown field `rft`"),
        ({"rtf": "fast"}, r"`\$.rtf`"),
        ({"cells": 2.5}, r"`\$.cells`"),
        ({"threads": True}, r"`\$.threads`"),
        ({"tf32": 1}, r"`\$.tf32`"),
        ({"nodes": ["a"]}, r"`\$.nodes`"),
    ],
)
def test_field_that_no_record_has_or_of_another_type_is_not_written(facts, sentence):
    info: Facts = {"rtf": 0.5}
    with pytest.raises(msgspec.ValidationError, match=sentence):
        note(info, verdict="faithful", **facts)
    assert info == {"rtf": 0.5}


def test_name_put_together_wrongly_is_an_error():
    assert Record(floor_v1_mv=0.5)["floor_v1_mv"] == 0.5
    with pytest.raises(KeyError, match="'floor_v2_mv' is no field of a record"):
        Record()["floor_v2_mv"]


@given(st.fixed_dictionaries({}, optional={name: st.none() | VALUES[kind(name)] for name in TYPES}))
def test_what_is_written_is_what_is_read(facts):
    info = saved_form(Record())
    note(info, **facts)
    record, unknown, ignored = read(json.loads(json.dumps(info)))
    assert (unknown, ignored) == ({}, {})
    assert saved_form(record) == {name: info[name] for name in TYPES if name in STANDARD or info.get(name) is not None}


@given(st.dictionaries(st.sampled_from([*TYPES, "from_elsewhere", ""]), ANYTHING))
def test_each_value_of_a_file_is_read_kept_or_said_to_be_ignored(info):
    record, unknown, ignored = read(info)
    for name, value in info.items():
        if name in ignored:
            assert ignored[name].startswith(f"{name} is ")
            assert name not in unknown
            assert name not in TYPES or record[name] is None
        else:
            assert (record[name] if name in TYPES else unknown[name]) == value
    assert all(record[name] is None for name in set(TYPES) - set(info))


def test_run_of_before_the_record_had_types_reads_as_it_is():
    file, run = json.loads(OLD.read_text()), load(OLD)
    entries = [*file["benchmarks"], *file["failures"]]
    assert {row.experiment for row in run.rows} >= {
        "run",
        "prepare",
        "setup",
        "validation",
        "stress",
        "energy",
        "delays",
    }
    for row, entry in zip(run.rows, entries):
        info = entry["extra_info"]
        assert (row.ignored, row.unknown) == ({}, {})
        assert {name: row.record[name] for name in info} == info
        assert [name for name in TYPES if name not in info and row.record[name] is not None] == []
        assert (row.id, row.name, row.stats) == (entry["fullname"], entry["name"], entry.get("stats"))
    assert run.machine == file["machine_info"]
    assert run.ignored == []


def test_what_was_ignored_of_a_run_is_said_by_row(tmp_path):
    file = json.loads(OLD.read_text())
    file["benchmarks"] = file["benchmarks"][:1]
    file["benchmarks"][0]["extra_info"].update(rtf="fast", from_elsewhere=7)
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(file))
    run = load(path)
    assert run.ignored == [f"{run.rows[0].name}: rtf is 'fast': expected a number"]
    assert run.rows[0].unknown == {"from_elsewhere": 7}


@pytest.mark.parametrize("name", ["test_run[io-connected-jax-cpu-f32-n=64]", "test_run", "run[test_x]"])
def test_experiment_is_the_name_of_the_test(name):
    assert experiment_of(name) == "run"
