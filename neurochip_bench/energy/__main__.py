"""Which energy can be read here, and what is missing for the rest: `python -m neurochip_bench.energy`."""

from __future__ import annotations

from neurochip_bench.energy import METERS, UNMETERED, missing

if __name__ == "__main__":
    for device in (*METERS, *UNMETERED):
        name = METERS[device].name if device in METERS else "-"
        print(f"{device:5} {name:10} {missing(device) or 'ready'}")
