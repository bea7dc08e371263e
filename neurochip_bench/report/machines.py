"""Which machine a run ran on: told by its name, processor and cores, and by the accelerators that its rows name."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple, Sequence, Tuple

from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.saved import SavedRun
from neurochip_bench.keep.words import STAND_IN
from neurochip_bench.report.values import mapping, positive, text, whole

OTHER = "other"  # the kind of device of a row that does not say it
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Machine:
    """A machine; its label is a letter, empty where there is only one.

    floor  what its cores need at least, where that was measured
    """

    label: str
    name: str
    floor: Floor = field(default_factory=Floor, hash=False, compare=False)

    @property
    def title(self) -> str:
        """The label and the name."""
        return f"{self.label}: {self.name}" if self.label else self.name


class Host(NamedTuple):
    """What a run says of the computer it ran on."""

    name: str | None
    processor: str | None
    cores: int | None


Chips = Tuple[str, ...]  # the accelerators that a run's rows name, sorted


def machines_of(runs: Sequence[SavedRun]) -> list[Machine]:
    """The `Machine` of each run; runs of one host and one set of accelerators share theirs."""
    hosts = [_host(run) for run in runs]
    chips = [_accelerators(run) for run in runs]
    keys = []
    for host, chip in zip(hosts, chips):
        sets = sorted({c for h, c in zip(hosts, chips) if h == host and c})
        keys.append((host, sets[0] if len(sets) == 1 else chip))
    distinct = list(dict.fromkeys(keys))
    made: dict[tuple[Host, Chips], Machine] = {}
    for i, (host, chip) in enumerate(distinct):
        mine = [run for run, key in zip(runs, keys) if key == (host, chip)]
        floor = reduce(Floor.also, (run.floor for run in mine))
        label = _label(i) if len(distinct) > 1 else ""
        made[host, chip] = Machine(label, _name(host, chip, _more(mine)), floor)
    return [made[key] for key in keys]


def _label(i: int) -> str:
    return LABELS[i] if i < len(LABELS) else f"M{i + 1}"


def _host(run: SavedRun) -> Host:
    info = mapping(run.machine)
    processor = text(info.get("processor_name")) or text(mapping(info.get("cpu")).get("brand_raw"))
    return Host(text(info.get("node")), processor, whole(info.get("cores")))


def _accelerators(run: SavedRun) -> Chips:
    rows = (row for row in run.rows if row.record.accelerator)
    devices = {text(row.record.device, 60) for row in rows}
    return tuple(sorted(device for device in devices if device and device != STAND_IN))


def _more(runs: Sequence[SavedRun]) -> list[str]:
    """Memory and operating system of the newest run of a machine that tells them, in words."""
    infos = [mapping(run.machine) for run in reversed(runs)]
    memory = next((size for size in (positive(info.get("memory_gib")) for info in infos) if size), None)
    system = next((name for name in (text(info.get("os")) for info in infos) if name), None)
    return [*([] if memory is None else [f"{memory:.3g} GiB"]), *([] if system is None else [system])]


def _name(host: Host, chips: Chips, more: Sequence[str]) -> str:
    here = host.processor or "unknown processor"
    cores = [] if host.cores is None else [f"{host.cores} core{'s' * (host.cores > 1)}"]
    return ", ".join([here, *cores, *more, *chips])
