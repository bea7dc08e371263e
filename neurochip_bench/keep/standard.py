"""What a saved timing of any experiment says of itself: the fields that every row has, null where one is not known."""

from __future__ import annotations

from typing import Annotated, Optional

from msgspec import Meta, Struct

Word = Optional[str]
Number = Optional[float]
Count = Optional[int]
Flag = Optional[bool]

SCHEMA = 1  # another number means that fields have changed their meaning


def says(meaning: str, unit: str = "", of: str = "") -> Meta:
    """What a field means, in a line, the unit of its number, and the experiment whose rows have it if not all do."""
    return Meta(description=meaning, extra={"unit": unit, "of": of})


def floor(measure: str, unit: str = "") -> Meta:
    """What a measure's rounding floor means."""
    return says(f"rounding floor F of `{measure}`", unit)


def step_error(measure: str, unit: str = "") -> Meta:
    """What a measure's discretisation error means."""
    return says(f"discretisation error D of `{measure}`", unit)


class Standard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that every row has, in the order in which they are saved."""

    schema: Annotated[Count, says("number of this form of the record")] = SCHEMA
    experiment: Annotated[Word, says("what the row is part of: the name of its test")] = None
    model: Annotated[Word, says("kernel of the cells")] = None
    connectivity: Annotated[Word, says('"connected" or "unconnected"')] = None
    topology: Annotated[Word, says("how connections were drawn")] = None
    coupling: Annotated[Word, says("formulation of the sum over neighbours")] = None
    rates: Annotated[Word, says("form of the rate functions of gates")] = None
    accumulation: Annotated[Word, says("how the state takes up its increments")] = None
    backend: Annotated[Word, says("id of what ran it: library, device and precision")] = None
    library: Annotated[Word, says("library that ran it")] = None
    library_version: Annotated[Word, says("its version")] = None
    device: Annotated[Word, says('name of the chip or processor; "stand-in" where no chip has run it')] = None
    kind: Annotated[Word, says('kind of device: the marker of its rows, such as "gpu"')] = None
    accelerator: Annotated[Flag, says("whether it is something beside the machine's own processor")] = None
    precision: Annotated[Word, says("precision of the state")] = None
    threads: Annotated[Count, says("threads of the program, null where the library decides")] = None
    tf32: Annotated[Flag, says("whether products are rounded to TF32, null where nothing could")] = None
    fast_math: Annotated[Flag, says("whether the compiler may reorder sums, null where it was not asked")] = None
    nodes: Annotated[Word, says("nodes of the graph by what runs them, where the library tells")] = None
    form: Annotated[Word, says("how the steps of a millisecond are put together")] = None
    cells: Annotated[Count, says("cells of the network")] = None
    connections: Annotated[Count, says("connections of the network")] = None
    units: Annotated[Word, says("of potential and time: of all that is said to be in mV or ms of this row")] = None
    dt_ms: Annotated[Number, says("time step", "ms")] = None
    model_ms: Annotated[Number, says("model time of a run", "ms")] = None
    steps_per_call: Annotated[Count, says("steps of a call into the library")] = None
    seed: Annotated[Count, says("seed that the network was drawn with")] = None
    build_s: Annotated[Number, says("building the network", "s")] = None
    export_s: Annotated[Number, says("part of compilation that made a file, null where there is none", "s")] = None
    compile_s: Annotated[Number, says("compilation, ahead of time", "s")] = None
    warm_compile_s: Annotated[
        Number, says("compilation that a cache on disk spares, null where it was not measured", "s")
    ] = None
    first_run_s: Annotated[Number, says("first run", "s")] = None
    rtf: Annotated[Number, says("real-time factor of the best round", "wall s / model s")] = None
    ns_per_cell_step: Annotated[Number, says("best round by cells and steps", "ns")] = None
    peak_memory_mb: Annotated[Number, says("the process's high-water mark", "MB")] = None
    tries: Annotated[Count, says("how often a plugin for retries ran the row; only the last try counts")] = None

    verdict: Annotated[Word, says("judgement of the result, null where there is none to judge")] = None
    v1_mv: Annotated[Number, says("measure: largest difference of any state after 1 ms", "mV")] = None
    i1_ua: Annotated[Number, says("measure: largest difference of a synaptic current after 1 ms", "µA/cm²")] = None
    vs_mv: Annotated[Number, says("measure: worst cell's rms difference before its first spike", "mV")] = None
    spikes_unmatched: Annotated[Number, says("measure: spikes without a partner within 5 ms")] = None
    spike_shift_ms: Annotated[Number, says("measure: rms shift of the matched spikes", "ms")] = None
    spikes_per_cell: Annotated[Number, says("measure: largest difference of a cell's count")] = None
    spikes_total: Annotated[Number, says("measure: relative difference of the number of all spikes")] = None
    period_ms: Annotated[Number, says("measure: worst cell's difference of its period", "ms")] = None
    amplitude_mv: Annotated[Number, says("measure: worst cell's difference of its amplitude", "mV")] = None
    phase_rad: Annotated[Number, says("measure: worst cell's difference of its phase", "rad")] = None
    spikes: Annotated[Count, says("spikes of the truth over the window that was judged")] = None
    judged_ms: Annotated[Count, says("window that was judged", "ms")] = None

    floor_v1_mv: Annotated[Number, floor("v1_mv", "mV")] = None
    floor_i1_ua: Annotated[Number, floor("i1_ua", "µA/cm²")] = None
    floor_vs_mv: Annotated[Number, floor("vs_mv", "mV")] = None
    floor_spikes_unmatched: Annotated[Number, floor("spikes_unmatched")] = None
    floor_spike_shift_ms: Annotated[Number, floor("spike_shift_ms", "ms")] = None
    floor_spikes_per_cell: Annotated[Number, floor("spikes_per_cell")] = None
    floor_spikes_total: Annotated[Number, floor("spikes_total")] = None
    floor_period_ms: Annotated[Number, floor("period_ms", "ms")] = None
    floor_amplitude_mv: Annotated[Number, floor("amplitude_mv", "mV")] = None
    floor_phase_rad: Annotated[Number, floor("phase_rad", "rad")] = None
    step_error_v1_mv: Annotated[Number, step_error("v1_mv", "mV")] = None
    step_error_i1_ua: Annotated[Number, step_error("i1_ua", "µA/cm²")] = None
    step_error_vs_mv: Annotated[Number, step_error("vs_mv", "mV")] = None
    step_error_spikes_unmatched: Annotated[Number, step_error("spikes_unmatched")] = None
    step_error_spike_shift_ms: Annotated[Number, step_error("spike_shift_ms", "ms")] = None
    step_error_spikes_per_cell: Annotated[Number, step_error("spikes_per_cell")] = None
    step_error_spikes_total: Annotated[Number, step_error("spikes_total")] = None
    step_error_period_ms: Annotated[Number, step_error("period_ms", "ms")] = None
    step_error_amplitude_mv: Annotated[Number, step_error("amplitude_mv", "mV")] = None
    step_error_phase_rad: Annotated[Number, step_error("phase_rad", "rad")] = None

    timing: Annotated[
        Word, says("what the time is worth: steady, noisy, contended, or single where one round tells no more")
    ] = None
    attempts: Annotated[Count, says("how often all rounds were timed; those of the last attempt are kept")] = None
    cpu_s: Annotated[Number, says("CPU time of the best round, all threads", "s")] = None
    wait_share: Annotated[
        Number, says("best round: part of its time lost because its threads waited for a core, at the least")
    ] = None
    throttled_share: Annotated[Number, says("best round: part for which a container's quota stopped it")] = None
    stolen_share: Annotated[
        Number, says("all rounds: part of the time on cores that a hypervisor gave to other machines")
    ] = None
    others_share: Annotated[Number, says("all rounds: part of the machine's cores that other processes used")] = None
    scatter: Annotated[Number, says("median over best round, less 1")] = None
    drift: Annotated[Number, says("best of the last two over best of the first two of five rounds, less 1")] = None
    slowed_by: Annotated[Word, says("what held a GPU's clocks back, null for nothing")] = None
    load: Annotated[Number, says("processes that ran or waited on the machine, over the last minute")] = None
    clock_mhz: Annotated[Number, says("frequency of the chip after the rounds, where it is told", "MHz")] = None
    on_battery: Annotated[Flag, says("whether a battery fed the machine, null where there is none")] = None

    judged_by: Annotated[Word, says("id of the backend whose float64 run was the truth")] = None
    own_yardsticks: Annotated[Flag, says("whether the very network's yardsticks decided, not those of 64 cells")] = None
    floor_by: Annotated[Word, says("id of the backend whose float32 runs gave F, where it is not a stored one")] = None

    network: Annotated[Word, says("name of a network of one's own, null for a standard one")] = None
    network_digest: Annotated[Word, says("digest of that network, its stimulus and the length of its runs")] = None
    one_way: Annotated[Count, says("gap junctions of that network of which the other direction is not there")] = None

    devices: Annotated[Count, says("devices that the network was on, in shards where there were several")] = None
    processes: Annotated[Count, says("processes that those devices belonged to")] = None
    virtual_devices: Annotated[Flag, says("whether several were one processor, null where there was one")] = None
    exchange: Annotated[Word, says("how signals came from other devices: permutes or everything, null for none")] = None
    exchange_steps: Annotated[Count, says("steps that one exchange served: several where all spikes were late")] = None
    exchange_bytes: Annotated[Count, says("that all devices together sent in a step", "B")] = None
