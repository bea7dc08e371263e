"""What hardware a machine has, found by looking at its files: nothing is imported or initialised.

Where only a vendor's tool can tell, it is asked in a process of its own, with a time limit.
"""

from __future__ import annotations

import os
import shutil
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import NamedTuple

from neurochip_bench.backends.remote.survive import survived

ROOT = Path("/")
NVIDIA, DISPLAY = 0x10DE, 0x03
# Files that are there, all of a line, where NVIDIA's driver is: of Linux; and, by its documents and never run, of WSL 2
# (CUDA on WSL User Guide) and of Jetson before and since its Linux 34 (its containers' l4t.csv and devices.csv).
DRIVERS = (
    ("dev/nvidiactl", "proc/driver/nvidia"),
    ("dev/dxg", "usr/lib/wsl/lib/libcuda.so.1"),
    ("dev/nvmap", "dev/nvhost-ctrl-gpu"),
    ("dev/nvmap", "dev/nvgpu/igpu0/ctrl"),
)
WINDOWS = "SYSTEMROOT", "System32/nvcuda.dll"  # a variable and what its folder has with a driver; never run either
GOOGLE, GRAPHCORE, GROQ = 0x1AE0, 0x1D95, 0x1DE0
TPUS = (0x0027, 0x0056, 0x005E, 0x0062, 0x0063, 0x006F, 0x0076)  # v2 and v3, unnamed, v4, v5p, v5e, v6e, 7x
SIMULATOR = "--use_ipu_model"
GROQ_FOLDERS = ("/usr/local/groq/bin", "/opt/groq/runtime/site-packages/bin")
VISIBLE, TF32_SWITCH = "CUDA_VISIBLE_DEVICES", "NVIDIA_TF32_OVERRIDE"  # both read once for a process
TOOL_S = 20  # seconds that a vendor's tool may take to answer


class PciDevice(NamedTuple):
    """The numbers of a PCI device as Linux lists them; None where there is none."""

    vendor: int | None
    device: int | None
    kind: int | None  # Linux's `class`


def pci_devices(root: Path = ROOT) -> list[PciDevice]:
    """The PCI devices of a machine."""

    def number(folder: Path, name: str) -> int | None:
        try:
            return int((folder / name).read_text(), 16)
        except (OSError, ValueError):
            return None

    folders = sorted((root / "sys/bus/pci/devices").glob("*"))
    return [PciDevice(*(number(folder, name) for name in ("vendor", "device", "class"))) for folder in folders]


def nvidia(root: Path = ROOT) -> str | None:
    """None if there is an NVIDIA GPU with its driver that this process may see, or a sentence."""
    visible = os.environ.get(VISIBLE, "0").split(",")[0].strip()
    hidden = visible in ("", "NoDevFiles") or visible.startswith("-")  # CUDA stops at the first that is none
    driver = any(all((root / file).exists() for file in files) for files in DRIVERS) or windows_driver()
    cards = [d for d in pci_devices(root) if d.vendor == NVIDIA and d.kind and d.kind >> 16 == DISPLAY]
    if driver:  # containers may hide the PCI devices
        return f"{VISIBLE} is {os.environ[VISIBLE]!r}: expected a GPU in it, or that it is not set" if hidden else None
    if cards:
        return "there is an NVIDIA GPU, but its driver is not loaded (no /dev/nvidiactl)"
    return "there is no NVIDIA GPU (no PCI device of vendor 10de, no /dev/nvidiactl)"


def windows_driver() -> bool:
    """Whether this is Windows with NVIDIA's driver, which brings CUDA's."""
    variable, file = WINDOWS
    return variable in os.environ and Path(os.environ[variable], file).exists()


def tf32_forced() -> str | None:
    """None, or a sentence: products are rounded to TF32 in every library, whatever a program asks for."""
    switch = os.environ.get(TF32_SWITCH, "0")
    return None if switch in ("", "0") else f"{TF32_SWITCH} is {switch}: expected 0, or that it is not set"


def tpu(root: Path = ROOT) -> str | None:
    """None if there is a Google TPU, or a sentence."""
    chips = [d for d in pci_devices(root) if d.vendor == GOOGLE and d.device in TPUS]
    files = [*(root / "dev").glob("accel[0-9]*"), *(root / "dev/vfio").glob("[0-9]*")]
    if chips and files:
        return None
    if chips:
        return "there is a TPU, but no device file for it (neither /dev/accel0 nor /dev/vfio/0)"
    return "there is no TPU (no PCI device of vendor 1ae0 that is one)"


def without_driver(vendor: int, root: Path = ROOT) -> bool | None:
    """Whether there are cards of a vendor and none has a driver; None where there is no card."""
    folders = sorted((root / "sys/bus/pci/devices").glob("*"))
    cards = [folder for folder, device in zip(folders, pci_devices(root)) if device.vendor == vendor]
    return not any((card / "driver").exists() for card in cards) if cards else None


def graphcore_library(tensorflow: ModuleSpec | None, variable: str) -> str | None:
    """None if a TensorFlow's spec is Graphcore's and its SDK is enabled, or a sentence that names the `variable`."""
    where = f"expected that of Graphcore's Poplar SDK in the Python that {variable} names"
    if tensorflow is None:
        return f"TensorFlow is not installed: {where}"
    if not any((Path(folder) / "python/ipu").is_dir() for folder in tensorflow.submodule_search_locations or ()):
        return f"TensorFlow is not Graphcore's (it has no tensorflow/python/ipu): {where}"
    if not os.environ.get("POPLAR_SDK_ENABLED"):
        return "POPLAR_SDK_ENABLED is not set, so the Poplar SDK is not enabled: source its enable.sh first"
    if SIMULATOR in os.environ.get("TF_POPLAR_FLAGS", ""):
        return f"TF_POPLAR_FLAGS has {SIMULATOR}: expected an IPU, since a simulator's time is not a chip's"
    return None


def ipu(root: Path = ROOT) -> str | None:
    """None if there is a Graphcore IPU, in this machine or, where its tools count one, in a network; or a sentence."""
    undriven = without_driver(GRAPHCORE, root)
    if undriven:
        return "there is a Graphcore IPU, but no driver is bound to it"
    if shutil.which("gc-info") is None:
        nothing = "there is no Graphcore IPU (no PCI device of vendor 1d95, no gc-info on the PATH)"
        return nothing if undriven is None else None
    counted, text = survived(["gc-info", "--ipu-count"], TOOL_S)
    if not counted:
        return f"it is not known whether there is a Graphcore IPU: {text}"
    return None if text.isdecimal() and int(text) else f"there is no Graphcore IPU (gc-info counts {text or 'nothing'})"


def groq_tool(name: str) -> str | None:
    """Path of a tool of Groq's SDK, or None."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(GROQ_FOLDERS))


def groq_library(groq: ModuleSpec | None, variable: str) -> str | None:
    """None if the spec of `groq` is the SDK's and its tools are here, or a sentence that names the `variable`."""
    where = f"expected GroqWare in the Python that {variable} names"
    if groq is None:
        return f"Groq's runtime is not installed (there is no package groq): {where}"
    if PathFinder.find_spec("groq.runtime", groq.submodule_search_locations) is None:  # imports nothing
        return f"the package groq is the client of a web service, not Groq's runtime: {where}, and not both together"
    absent = [name for name in ("groq-compiler", "aa-latest") if groq_tool(name) is None]
    return f"{' and '.join(absent)} not found on the PATH: install groq-devtools of GroqWare" if absent else None


def groq(root: Path = ROOT) -> str | None:
    """None if there is a GroqChip that can be used, or a sentence."""
    undriven = without_driver(GROQ, root)
    if undriven is None:
        return "there is no GroqChip (no PCI device of vendor 1de0); see `neurochip-bench estimate`"
    if undriven:
        return "there is a GroqChip, but no driver is bound to it"
    tool = groq_tool("tsp-ctl")
    if tool is None:
        return None
    answered, text = survived([tool, "status"], TOOL_S)
    if not answered:
        return f"it is not known whether the GroqChip is free: {text}"
    found = [line.partition("Device Locked")[2] for line in text.splitlines() if "Device Locked" in line]
    if found and all(word.strip(" :\t").lower() in ("yes", "true", "1", "locked") for word in found):
        return "the GroqChip is locked by another process (tsp-ctl status)"
    return None
