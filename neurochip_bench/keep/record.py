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

    jit_s: Annotated[Number, says("what the first run takes longer than a later one", unit="s", of="setup")] = None
    setup_s: Annotated[Number, says("building, compiling and `jit_s`", unit="s", of="setup")] = None

    estimated_s: Annotated[Number, says("what a short piece says all will take", unit="s", of="validation, stress")] = (
        None
    )
    traces: Annotated[Word, says("file of the kept traces, below the saved runs", of="validation, stress")] = None

    first_min_mv: Annotated[Number, says("first second: least deviation", unit="mV", of="validation")] = None
    first_p25_mv: Annotated[Number, says("first second: 25 % of deviations are below", unit="mV", of="validation")] = (
        None
    )
    first_p50_mv: Annotated[Number, says("first second: median deviation", unit="mV", of="validation")] = None
    first_p75_mv: Annotated[Number, says("first second: 75 % of deviations are below", unit="mV", of="validation")] = (
        None
    )
    first_p95_mv: Annotated[Number, says("first second: 95 % of deviations are below", unit="mV", of="validation")] = (
        None
    )
    first_max_mv: Annotated[Number, says("first second: largest deviation", unit="mV", of="validation")] = None
    last_min_mv: Annotated[Number, says("last second: least deviation", unit="mV", of="validation")] = None
    last_p25_mv: Annotated[Number, says("last second: 25 % of deviations are below", unit="mV", of="validation")] = None
    last_p50_mv: Annotated[Number, says("last second: median deviation", unit="mV", of="validation")] = None
    last_p75_mv: Annotated[Number, says("last second: 75 % of deviations are below", unit="mV", of="validation")] = None
    last_p95_mv: Annotated[Number, says("last second: 95 % of deviations are below", unit="mV", of="validation")] = None
    last_max_mv: Annotated[Number, says("last second: largest deviation", unit="mV", of="validation")] = None
    phase_first_rad: Annotated[Number, says("first second: mean difference in phase", unit="rad", of="validation")] = (
        None
    )
    phase_last_rad: Annotated[Number, says("last second: mean difference in phase", unit="rad", of="validation")] = None
    phase_growing: Annotated[Flag, says("whether it grows by more than 4 F", of="validation")] = None

    stable: Annotated[Flag, says("finite, and no potential beyond 200 mV", of="stress")] = None
    stress_spikes: Annotated[Count, says("spikes of the run", of="stress")] = None
    lost: Annotated[Count, says("spikes of the truth without a partner within 5 ms", of="stress")] = None
    surplus: Annotated[Count, says("spikes of the run without a partner within 5 ms", of="stress")] = None
    spike_rms_shift_ms: Annotated[Number, says("rms shift of the others", unit="ms", of="stress")] = None
    rms_mv: Annotated[Number, says("rms deviation of the potential", unit="mV", of="stress")] = None
    largest_mv: Annotated[Number, says("largest deviation of the potential", unit="mV", of="stress")] = None

    energy_meter: Annotated[Word, says("what was read", of="energy")] = None
    energy_scope: Annotated[Word, says("what it counts", of="energy")] = None
    power_w: Annotated[Number, says("mean power while running", unit="W", of="energy")] = None
    idle_w: Annotated[Number, says("mean power at rest", unit="W", of="energy")] = None
    energy_j_per_model_s: Annotated[Number, says("of a second of model time", unit="J", of="energy")] = None
    energy_net_j_per_model_s: Annotated[Number, says("the same beyond what rest takes", unit="J", of="energy")] = None
    energy_nj_per_cell_step: Annotated[Number, says("by cells and steps", unit="nJ", of="energy")] = None
    energy_window_s: Annotated[Number, says("window of runs that was measured", unit="s", of="energy")] = None
    energy_repeats: Annotated[Count, says("runs in the window", of="energy")] = None
    energy_counter_j: Annotated[Number, says("by the counter, null where there is none", unit="J", of="energy")] = None
    energy_integral_j: Annotated[Number, says("by the integral of the power, null without", unit="J", of="energy")] = (
        None
    )

    delay_form: Annotated[Word, says("how spikes wait", of="delays")] = None
    delay_max_ms: Annotated[Number, says("longest delay", unit="ms", of="delays")] = None
    equals_event_queue: Annotated[
        Flag, says("listing 3: whether it gave what a queue of events gives", of="delays")
    ] = None

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


def read(info: Mapping[str, Any]) -> tuple[Record, Facts, dict[str, str]]:  # what anybody wrote
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
