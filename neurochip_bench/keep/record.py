"""The record: what a saved timing says of itself, typed here and saved as flat JSON scalars, null where not known.

What is written is checked: `note` raises for a field that no record has, and for a value of another type. What is read
is forgiven field by field: `read` leaves out what a damaged or an older file holds in another type, and says so.
"""

from __future__ import annotations

import contextlib
from typing import Annotated, Any, Dict, Mapping, Union, get_args

import msgspec
from msgspec.structs import fields, replace

from neurochip_bench.keep.standard import Count, Flag, Number, Standard, Word, says

Scalar = Union[str, int, float, bool, None]
Facts = Dict[str, Scalar]  # some fields of a record


class Record(Standard, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of every row, and those that rows of one experiment have besides; null where one is not known."""

    jit_s: Annotated[Number, says("setup: what the first run takes longer than a later one", "s")] = None
    setup_s: Annotated[Number, says("setup: building, compiling and `jit_s`", "s")] = None

    estimated_s: Annotated[Number, says("validation, stress: what a short piece says all will take", "s")] = None
    traces: Annotated[Word, says("validation, stress: file of the kept traces, below the saved runs")] = None

    first_min_mv: Annotated[Number, says("validation, first second: least deviation", "mV")] = None
    first_p25_mv: Annotated[Number, says("validation, first second: 25 % of deviations are below", "mV")] = None
    first_p50_mv: Annotated[Number, says("validation, first second: median deviation", "mV")] = None
    first_p75_mv: Annotated[Number, says("validation, first second: 75 % of deviations are below", "mV")] = None
    first_p95_mv: Annotated[Number, says("validation, first second: 95 % of deviations are below", "mV")] = None
    first_max_mv: Annotated[Number, says("validation, first second: largest deviation", "mV")] = None
    last_min_mv: Annotated[Number, says("validation, last second: least deviation", "mV")] = None
    last_p25_mv: Annotated[Number, says("validation, last second: 25 % of deviations are below", "mV")] = None
    last_p50_mv: Annotated[Number, says("validation, last second: median deviation", "mV")] = None
    last_p75_mv: Annotated[Number, says("validation, last second: 75 % of deviations are below", "mV")] = None
    last_p95_mv: Annotated[Number, says("validation, last second: 95 % of deviations are below", "mV")] = None
    last_max_mv: Annotated[Number, says("validation, last second: largest deviation", "mV")] = None
    phase_first_rad: Annotated[Number, says("validation, first second: mean difference in phase", "rad")] = None
    phase_last_rad: Annotated[Number, says("validation, last second: mean difference in phase", "rad")] = None
    phase_growing: Annotated[Flag, says("validation: whether it grows by more than 4 F")] = None

    stable: Annotated[Flag, says("stress: finite, and no potential beyond 200 mV")] = None
    stress_spikes: Annotated[Count, says("stress: spikes of the run")] = None
    lost: Annotated[Count, says("stress: spikes of the truth without a partner within 5 ms")] = None
    surplus: Annotated[Count, says("stress: spikes of the run without a partner within 5 ms")] = None
    spike_rms_shift_ms: Annotated[Number, says("stress: rms shift of the others", "ms")] = None
    rms_mv: Annotated[Number, says("stress: rms deviation of the potential", "mV")] = None
    largest_mv: Annotated[Number, says("stress: largest deviation of the potential", "mV")] = None

    energy_meter: Annotated[Word, says("energy: what was read")] = None
    energy_scope: Annotated[Word, says("energy: what it counts")] = None
    power_w: Annotated[Number, says("energy: mean power while running", "W")] = None
    idle_w: Annotated[Number, says("energy: mean power at rest", "W")] = None
    energy_j_per_model_s: Annotated[Number, says("energy: of a second of model time", "J")] = None
    energy_net_j_per_model_s: Annotated[Number, says("energy: the same beyond what rest takes", "J")] = None
    energy_nj_per_cell_step: Annotated[Number, says("energy: by cells and steps", "nJ")] = None
    energy_window_s: Annotated[Number, says("energy: window of runs that was measured", "s")] = None
    energy_repeats: Annotated[Count, says("energy: runs in the window")] = None
    energy_counter_j: Annotated[Number, says("energy: by the counter, null where there is none", "J")] = None
    energy_integral_j: Annotated[Number, says("energy: by the integral of the power, null without", "J")] = None

    delay_form: Annotated[Word, says("delays: how spikes wait")] = None
    delay_max_ms: Annotated[Number, says("delays: longest delay", "ms")] = None
    equals_event_queue: Annotated[Flag, says("delays, listing 3: whether it gave what a queue of events gives")] = None

    def __getitem__(self, name: str) -> Any:  # of the field's type
        """A field whose name was put together, such as "floor_" and a measure; raises KeyError where there is none."""
        if name not in TYPES:
            raise KeyError(f"{name!r} is no field of a record")
        return getattr(self, name)


TYPES = {field.name: field.type for field in fields(Record)}
WORDS = {Word: "text", Number: "a number", Count: "a whole number", Flag: "true or false"}
STANDARD = tuple(field.name for field in fields(Standard))  # saved of every row, null where not known


def saved_form(record: Record) -> Facts:
    """The record as it is saved: the standard fields, and of the experiments' those that are known."""
    return {name: record[name] for name in TYPES if name in STANDARD or record[name] is not None}


def note(info: Facts, **facts: Scalar) -> None:
    """Write some fields into the saved form of a record, pytest-benchmark's `extra_info`.

    Raises msgspec.ValidationError for a field that no record has, and for a value that is not of the field's type.
    """
    msgspec.convert(facts, Record)
    info.update(facts)


def read(info: Mapping[str, Any]) -> tuple[Record, Facts, dict[str, str]]:
    """(record, unknown fields, a sentence by the name of each that was ignored) of a form that may hold anything."""
    known: Facts = {}
    unknown: Facts = {}
    ignored: dict[str, str] = {}
    for name, value in info.items():
        if not _is_of(value, TYPES.get(name, Scalar)):
            ignored[name] = f"{name} is {_short(value)}: expected {kind(name)}"
        else:
            (known if name in TYPES else unknown)[name] = value
    return replace(Record(schema=None), **known), unknown, ignored


def kind(name: str) -> str:
    """The type of a field in words; of an unknown one what any field may be."""
    return WORDS[get_args(TYPES[name])[0]] if name in TYPES else "text, a number, true or false"


def _is_of(value: Any, wanted: Any) -> bool:  # a value that anybody wrote, and a type as msgspec takes it
    with contextlib.suppress(msgspec.ValidationError):
        msgspec.convert(value, wanted)
        return True
    return False


def _short(value: Any) -> str:  # a value that anybody wrote
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
