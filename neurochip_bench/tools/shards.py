"""What a step of a large network over many devices takes: halo and bytes as the program has them, time as predicted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.arrays import Integers
from model.network.drawing import WHOLE, Drawing
from model.network.topology import Shape, reach
from neurochip_bench.backends.sharded.cut import Cut, cut
from neurochip_bench.backends.sharded.exchange import Exchange, exchange, lengths
from neurochip_bench.backends.sharded.parts import wanted_of
from neurochip_bench.backends.xla import MULTIPLE
from neurochip_bench.keep.markdown import table
from neurochip_bench.networks.undrawn import drawn

HEAD = (
    "network", "devices", "cells per device", "signals of others", "messages", "bytes per device and step",
    "compute µs", "exchange µs", "step µs", "efficiency",
)  # fmt: skip
FLOAT32 = 4  # bytes


class Device(NamedTuple):
    """What a device takes: ns per cell and step of its own, µs per message, bytes per second to another."""

    compute_ns: float
    latency_us: float
    bandwidth: float


def lines(kernel: str, shape: Shape, devices: int, device: Device) -> list[str]:
    """The Markdown table of a connected standard network over so many devices."""
    drawing = Drawing(kernel, shape, True, 42, "paper", False, None, planes=int(np.prod(shape)) > WHOLE)
    mine = cut(drawing.cells, devices, MULTIPLE)
    form = form_of(drawing, mine)
    sides = " x ".join(f"{side:,}" for side in shape)
    sent = form.sent(FLOAT32) // devices
    messages = len(form.blocks) or int(form.kind is not None)
    compute = 1e-3 * device.compute_ns * mine.most
    send = messages * device.latency_us + 1e6 * sent / device.bandwidth
    counted = (f"{devices:,}", f"{mine.most:,}", f"{form.foreign:,}", messages, f"{sent:,}")
    times = (f"{compute:.3g}", f"{send:.3g}", f"{compute + send:.3g}", f"{compute / (compute + send):.0%}")
    return table(HEAD, [(f"{kernel}, {sides}", *counted, *times)], right=HEAD[1:])


def form_of(drawing: Drawing, mine: Cut) -> Exchange:
    """How signals travel, by what the shard in the middle wants: on a torus all are alike."""
    if mine.shards == 1:
        return exchange(np.zeros(1, np.int64), mine)
    shard = mine.shards // 2
    want = wanted_of(at_borders(drawing, mine, shard), shard, mine)
    return exchange(lengths([want], range(shard, shard + 1), mine), mine)


def at_borders(drawing: Drawing, mine: Cut, shard: int) -> Integers:
    """The sources of a shard's cells that are near enough to its borders to hear from beyond them."""
    begin, end = (int(bound) for bound in mine.bounds[shard : shard + 2])
    X, Y, _ = drawing.shape
    near = reach(drawing.shape) * X * Y
    ranges = [(begin, end)] if end - begin <= 2 * near else [(begin, begin + near), (end - near, end)]
    return np.concatenate([drawn(drawing, *of_them).sources for of_them in ranges])
