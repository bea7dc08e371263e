"""What was read from a network's file, in lines: a person sees there whether it is the network that was meant."""

from __future__ import annotations

from typing import Iterator

import numpy as np

from model.arrays import Integers, Reals
from model.checks import DTYPES
from model.coupling import FORMULATIONS, refusal
from model.coupling.layout import DELAYED, slots_of
from model.kernels import DT, KERNELS
from model.network import Network
from neurochip_bench.networks import edges
from neurochip_bench.networks.given import Given

HUB = 10  # times the median in-degree
NAMED = 5  # hubs that are named


def lines(given: Given) -> Iterator[str]:
    """The lines."""
    network = given.network
    yield f"kernel {network.kernel}, {network.cells:,} cells, {network.connections:,} connections"
    if network.connected:
        yield from of_connections(network)
        yield from of_couplings(network)
    yield from of_parameters(network)
    if given.stimulus is not None:
        yield f"stimulus: {len(given.stimulus)} ms, {span(given.stimulus)}"
    yield f"run length: {f'{given.milliseconds} ms' if given.milliseconds else 'not said, 100 ms if nothing else is'}"


def of_connections(network: Network) -> Iterator[str]:
    """In-degrees and hubs, what may not be meant, weights and delays with their units."""
    degrees = edges.in_degrees(network)
    median = float(np.median(degrees))
    alone = int((degrees == 0).sum())
    yield f"in-degrees: {degrees.min()} to {degrees.max()}, median {median:g}; cells without an input: {alone:,}"
    yield hubs(degrees, median)
    yield f"from a cell to itself: {edges.self_edges(network):,}; duplicates, which add: {edges.duplicates(network):,}"
    single = edges.one_way(network)
    if single is not None:
        yield f"gap junctions that act one way only: {single:,}"
    yield f"weights: {span(network.weights)} {KERNELS[network.kernel].weight.unit}"
    if network.delays is not None:
        steps = network.delay_steps(DT)
        late = 0 if steps is None else int(steps.max())
        yield f"delays: {span(network.delays)} ms, at most {late} steps of {DT} ms"


def hubs(degrees: Integers, median: float) -> str:
    """The cells with far more inputs than others."""
    least = HUB * max(median, 1.0)
    found = np.flatnonzero(degrees >= least)
    first = found[np.argsort(-degrees[found], kind="stable")][:NAMED]
    named = ", ".join(f"cell {cell} has {degrees[cell]}" for cell in first)
    return f"hubs, cells with {least:g} inputs or more: {len(found):,}{f' ({named})' if named else ''}"


def of_couplings(network: Network) -> Iterator[str]:
    """Bytes that each formulation takes in float32, or why it cannot be run."""
    dtype, slots = DTYPES["f32"], slots_of(network, DT)
    known = DELAYED if slots else FORMULATIONS
    for name in FORMULATIONS:
        why = refusal(name, network, dtype)
        size = None if why else known[name].footprint(network, dtype.itemsize) + slots * network.cells * dtype.itemsize
        yield why or f"coupling {name}: {size:,} bytes"


def of_parameters(network: Network) -> Iterator[str]:
    """The parameters that are not the kernel's own, with their units."""
    for name, default in KERNELS[network.kernel].parameters.items():
        value = network.parameters[name]
        if value.ndim or float(value) != default:
            yield f"{name}: {span(value)} {default.unit}, the kernel's is {float(default):g}"


def span(values: Reals) -> str:
    """The least and the largest of some numbers."""
    low, high = (float(bound) for bound in (np.min(values), np.max(values)))
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
