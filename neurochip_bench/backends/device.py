"""What a backend runs on: the word that selects its rows, and what is known of it wherever devices are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Device:
    """A kind of device.

    mark         pytest's marker, and the word of -m and --require
    called       what a person calls it, as in "a GPU"
    accelerator  whether it is something beside the processor of this machine
    timed        whether its times mean something: an emulated chip's do not
    meter        the name of one of `neurochip_bench.energy.METERS`, or a class of one's own like those; None: none
    """

    mark: str
    called: str
    accelerator: bool = True
    timed: bool = True
    meter: Any = None  # a name or a class of a layer above


CPU = Device("cpu", "CPU", accelerator=False, meter="rapl")
GPU = Device("gpu", "GPU", meter="nvml")
TPU = Device("tpu", "TPU")
IPU = Device("ipu", "IPU", meter="gcipuinfo")
GROQ = Device("groq", "GroqChip", meter="tsp-ctl")
EMULATED = Device("emulated", "emulated chip", accelerator=False, timed=False)
