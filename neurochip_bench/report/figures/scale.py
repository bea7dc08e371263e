"""Logarithmic axes whose ticks read as numbers."""

from __future__ import annotations

from typing import Any

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from neurochip_bench.report.values import shown


class Decades(LogLocator):
    """Ticks at powers of ten, and between them where there are few."""

    def tick_values(self, vmin: float, vmax: float) -> Any:  # an array, as matplotlib has it
        """The ticks from vmin to vmax."""
        wide = vmax / vmin if vmin > 0 else 1e9
        self.set_params(subs=(1.0, 2.0, 5.0) if wide < 150 else (1.0, 3.0) if wide < 1500 else (1.0,))
        return super().tick_values(vmin, vmax)


def logarithmic(axis: Axis) -> None:
    """A logarithmic axis with ticks that read as numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_formatter(FuncFormatter(lambda value, _: decade(value)))
    axis.set_major_locator(Decades(numticks=9))
    axis.set_minor_locator(NullLocator())  # nine a decade would take most of the time


def decade(value: float) -> str:
    """A tick's number: 0.01, 1, 1,000, 10⁴."""
    if value <= 0:
        return ""
    exponent = f"{value:.0e}".split("e")
    if exponent[0] == "1" and not -4 < int(exponent[1]) < 4:
        return "10" + str(int(exponent[1])).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return shown(value)
