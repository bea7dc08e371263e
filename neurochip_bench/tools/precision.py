"""The study's picture and tables, from its stored table."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Mapping

from neurochip_bench import files
from neurochip_bench.experiments.study import PRESETS, WIDTHS, Setting
from neurochip_bench.keep.markdown import table

Entry = Mapping[str, Any]  # of JSON, as the study wrote it
HEAD = ("arithmetic", "rates", "accumulation", "stable", "spikes lost", "surplus", "rms mV", "largest mV", "verdict")


def cells(setting: Setting, entry: Entry) -> tuple[str, ...]:
    """A setting's cells under `HEAD`."""
    name = setting.backend if setting.bits is None else f"{setting.bits} bits"
    numbers = [f"{entry[key]:.3g}" if entry[key] is not None else "–" for key in ("rms_mv", "largest_mv")]
    stable = "yes" if entry["stable"] else "no"
    counts = (str(entry["lost"]), str(entry["surplus"]))
    return (name, setting.rates, setting.accumulation, stable, *counts, *numbers, str(entry["verdict"]))


def lines(stored: Entry, settings: Iterable[Setting]) -> list[str]:
    """The Markdown table of some of the study's settings."""
    found = [cells(setting, stored["runs"][setting.name]) for setting in settings]
    return table(HEAD, found, right=("spikes lost", "surplus", "rms mV", "largest mV"))


def presets() -> list[Setting]:
    """The settings of the chips."""
    return [Setting(b, r, a) for b in PRESETS for r in ("published", "safe") for a in ("plain", "compensated")]


def widths() -> list[Setting]:
    """The settings of the sweep."""
    return [Setting("emulated-groqchip", rates, bits=bits) for bits in WIDTHS for rates in ("published", "safe")]


def draw(stored: Entry, path: Path) -> None:
    """Spikes that are not kept, over the width of quotients and exponentials and for each chip."""
    os.environ.pop("MPLBACKEND", None)  # a notebook's would end the import
    import matplotlib

    matplotlib.rcdefaults()  # not the user's matplotlibrc
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "precision"
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=(1, 1.25), layout="constrained")
    for rates, colour, marker in (("published", "#D55E00", "X"), ("safe", "#0072B2", "o")):
        entries = [stored["runs"][Setting("emulated-groqchip", rates, bits=bits).name] for bits in WIDTHS]
        kept = [missed(entry, stored) for entry in entries]
        left.plot(WIDTHS, kept, marker=marker, color=colour, markersize=8, label=f"{rates} rates")
    left.set(xlabel="bits of quotients and exponentials", ylabel="spikes lost or surplus, % of 592", ylim=(-4, 104))
    left.set_title("sums and products in float32\n(all runs with the published rates become NaN)", fontsize=10)
    left.legend(frameon=False, loc="center left")
    bars(right, stored)
    with files.whole(path) as file:
        figure.savefig(file, format=path.suffix[1:] or "svg", metadata={"Date": None})


def missed(entry: Entry, stored: Entry) -> float:
    """Spikes lost or surplus, in percent of the truth's."""
    return 100.0 * (entry["lost"] + entry["surplus"]) / stored["spikes"]


def bars(axes: Any, stored: Entry) -> None:  # of matplotlib, whose types know no **options
    """For each chip the spikes that are not kept, by rates and accumulation; hatched where the run is not stable."""
    styles = [("published", "plain", "#D55E00"), ("published", "compensated", "#E69F00")]
    styles += [("safe", "plain", "#0072B2"), ("safe", "compensated", "#56B4E9")]
    for i, (rates, accumulation, colour) in enumerate(styles):
        entries = [stored["runs"][Setting(backend, rates, accumulation).name] for backend in PRESETS]
        places = [x + 0.2 * (i - 1.5) for x in range(len(PRESETS))]
        drawn = axes.bar(
            places, [missed(e, stored) for e in entries], 0.18, color=colour, label=f"{rates}, {accumulation}"
        )
        for bar, entry in zip(drawn, entries):
            bar.set_hatch("" if entry["stable"] else "xxx")
            bar.set_edgecolor("black" if not entry["stable"] else colour)
            right = entry["verdict"] != "unusable"
            axes.annotate("✓" if right else "", (bar.get_x() + 0.09, bar.get_height() + 1), ha="center", fontsize=9)
    axes.set_xticks(range(len(PRESETS)), [name.removeprefix("emulated-") for name in PRESETS])
    axes.set(ylabel="spikes lost or surplus, % of 592", ylim=(0, 124))
    axes.set_title("arithmetic of each chip; hatched: NaN; ✓: faithful or usable", fontsize=10)
    axes.legend(frameon=False, ncols=2, fontsize=9, loc="upper center")
