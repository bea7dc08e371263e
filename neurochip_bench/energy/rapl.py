"""RAPL: the energy that processor packages count themselves, which Linux shows as files.

The package domains are added. Their parts (cores, on-chip graphics) are in them; what is beside them (the memory of
servers, the platform as a whole) is left out. AMD's processors show under the same name.
"""

from __future__ import annotations

from pathlib import Path

from neurochip_bench.energy.meter import Meter, MeterError, Reading

ROOT = Path("/")
FOLDER = "sys/class/powercap"


def packages(root: Path = ROOT) -> list[Path]:
    """Folders of the package domains, in order."""
    folders = sorted((root / FOLDER).glob("intel-rapl:*"))
    return [folder for folder in folders if _text(folder / "name").startswith("package")]


class Rapl(Meter):
    """All processor packages of this machine, whoever uses them."""

    name, scope, unit_j = "rapl", "package", 1e-6
    root = ROOT

    def open(self) -> None:
        """Find the packages and the range of each counter."""
        self._files = [folder / "energy_uj" for folder in packages(self.root)]
        if not self._files:
            raise MeterError(
                f"there is no RAPL counter of a processor package (/{FOLDER}/intel-rapl:*): "
                "virtual machines seldom show one"
            )
        self.spans = tuple(_span(file.with_name("max_energy_range_uj")) for file in self._files)
        self.read()  # the name may be readable where the counter is not

    def read(self) -> Reading:
        """The counters of the packages in microjoules."""
        return Reading(tuple(_number(file) for file in self._files))


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except PermissionError:
        raise MeterError(f"{file} can be read by root alone: run as root, or let root make it readable") from None
    except OSError as error:
        raise MeterError(f"{file} cannot be read: {error.strerror}") from None


def _number(file: Path) -> int:
    text = _text(file)
    if not text.isdecimal():
        raise MeterError(f"{file} holds {text!r}: expected a whole number of microjoules")
    return int(text)


def _span(file: Path) -> int:
    if _number(file) == 0:
        raise MeterError(f"{file} holds 0: expected the range of a counter")
    return _number(file)
