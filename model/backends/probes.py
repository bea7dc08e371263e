"""What hardware a machine has, found by looking at its files: nothing is imported, initialised or waited for."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/")
NVIDIA, DISPLAY = 0x10DE, 0x03
GOOGLE = 0x1AE0
TPUS = (0x0027, 0x0056, 0x005E, 0x0062, 0x0063, 0x006F, 0x0076)  # v2 and v3, unnamed, v4, v5p, v5e, v6e, 7x


def pci_devices(root=ROOT):
    """(vendor, device, class) numbers of the PCI devices that Linux lists."""

    def number(folder, name):
        try:
            return int((folder / name).read_text(), 16)
        except (OSError, ValueError):
            return None

    folders = sorted((root / "sys/bus/pci/devices").glob("*"))
    return [tuple(number(folder, name) for name in ("vendor", "device", "class")) for folder in folders]


def nvidia(root=ROOT):
    """None if there is an NVIDIA GPU with its driver, or a sentence."""
    driver = (root / "dev/nvidiactl").exists() and (root / "proc/driver/nvidia").exists()
    cards = [kind for vendor, _, kind in pci_devices(root) if vendor == NVIDIA and kind and kind >> 16 == DISPLAY]
    if driver:
        return None  # containers may hide the PCI devices
    if cards:
        return "there is an NVIDIA GPU, but its driver is not loaded (no /dev/nvidiactl)"
    return "there is no NVIDIA GPU (no PCI device of vendor 10de, no /dev/nvidiactl)"


def tpu(root=ROOT):
    """None if there is a Google TPU, or a sentence."""
    chips = [device for vendor, device, _ in pci_devices(root) if vendor == GOOGLE and device in TPUS]
    files = [*(root / "dev").glob("accel[0-9]*"), *(root / "dev/vfio").glob("[0-9]*")]
    if chips and files:
        return None
    if chips:
        return "there is a TPU, but no device file for it (neither /dev/accel0 nor /dev/vfio/0)"
    return "there is no TPU (no PCI device of vendor 1ae0 that is one)"
