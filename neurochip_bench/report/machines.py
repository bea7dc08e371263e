"""Which machine a run ran on: told by its name, processor and cores, and by the accelerators that its rows name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

from neurochip_bench.report.values import mapping, positive, text, whole

KINDS = {  # the middle of a backend's id, <library>-<device>-<precision>
    "cpu": "cpu",
    "openvino": "cpu",
    "gpu": "gpu",
    "cuda": "gpu",
    "tensorrt": "gpu",
    "tpu": "tpu",
    "ipu": "ipu",
    "groqchip": "groq",
}
DEVICES = ("cpu", "gpu", "tpu", "ipu", "groq")
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Machine:
    """A machine; its label is a letter, empty where there is only one.

    floor  "<model> <connectivity>" to the ns per cell and step that its cores need at least, where that was measured
    """

    label: str
    name: str
    floor: Mapping[str, float] = field(default_factory=dict, hash=False, compare=False)

    @property
    def title(self):
        """The label and the name."""
        return f"{self.label}: {self.name}" if self.label else self.name


def kind_of(backend):
    """The kind of device of a backend's id: one of `DEVICES`, "emulated", or "other"."""
    parts = (backend or "").split("-")
    if parts[0] == "emulated":
        return "emulated"
    return KINDS.get(parts[1], "other") if len(parts) > 1 else "other"


def machines_of(runs):
    """The `Machine` of each run; runs of one host and one set of accelerators share theirs."""
    hosts = [_host(run) for run in runs]
    chips = [_accelerators(run) for run in runs]
    keys = []
    for host, chip in zip(hosts, chips):
        sets = sorted({c for h, c in zip(hosts, chips) if h == host and c})
        keys.append((host, sets[0] if len(sets) == 1 else chip))
    distinct = list(dict.fromkeys(keys))
    made = {}
    for i, (host, chip) in enumerate(distinct):
        floor = {}
        for run, key in zip(runs, keys):
            if key == (host, chip):
                floor.update(_floor(run))
        made[host, chip] = Machine(_label(i) if len(distinct) > 1 else "", _name(host, chip), floor)
    return [made[key] for key in keys]


def _label(i):
    return LABELS[i] if i < len(LABELS) else f"M{i + 1}"


def _host(run):
    info = mapping(run.machine)
    processor = text(info.get("processor_name")) or text(mapping(info.get("cpu")).get("brand_raw"))
    return text(info.get("node")), processor, whole(info.get("cores"))


def _accelerators(run):
    rows = (row for row in run.rows if kind_of(text(row.record["backend"])) not in ("cpu", "emulated", "other"))
    devices = {text(row.record["device"], 60) for row in rows}
    return tuple(sorted(device for device in devices if device and device != "stand-in"))


def _floor(run):
    return {str(network): ns for network, ns in mapping(run.floor).items() if positive(ns) is not None}


def _name(host, chips):
    _, processor, cores = host
    here = processor or "unknown processor"
    return ", ".join([here if cores is None else f"{here}, {cores} core{'s' * (cores > 1)}", *chips])
