"""What hardware a machine has, found by looking at its files: nothing is imported, initialised or waited for."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/")
NVIDIA, DISPLAY = 0x10DE, 0x03


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
