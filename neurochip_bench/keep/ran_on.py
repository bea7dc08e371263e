"""What ran a row, in words: its backend, and over how many devices if there were several."""

from __future__ import annotations

from neurochip_bench.keep.record import Record


def devices_of(record: Record) -> int:
    """How many devices a row ran on; older records say nothing of the one they had."""
    return record.devices or 1


def ran_on(record: Record) -> str:
    """The backend, with its devices where there are several: virtual ones say so, and the processes they belong to."""
    devices, processes = devices_of(record), record.processes or 1
    if devices == 1:
        return str(record.backend)
    virtual = " virtual" if record.virtual_devices else ""
    of = f" of {processes} processes" if processes > 1 else ""
    return f"{record.backend} x{devices}{virtual}{of}"
