"""What every program promises: `neurochip-bench check-backend` tries it, and so do this project's own tests."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, NamedTuple, Sequence, Tuple

import numpy as np

from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.backends.trial import CELLS, TOLERANCE, Graph, Trial, difference, example, some_graph, stimulus
from neurochip_bench.run import Run

SEEDS = range(3)  # of graphs


class BrokenError(Exception):
    """A promise that is not kept; the message says what failed."""


class NotPromisedError(Exception):
    """A promise that such a backend does not make; the message says why."""


class Promise(NamedTuple):
    """What is promised, how it is tried, and on which of this project's kernels: one, where another adds nothing."""

    says: str
    check: Callable[[Trial], None]
    kernels: Tuple[str, ...]


def insist(kept: object, sentence: str) -> None:
    """Raise BrokenError with the sentence unless something is so."""
    if not kept:
        raise BrokenError(sentence)


def refused(call: Callable[[], object], what: str, word: str = "") -> None:
    """Insist that a call ends in a ValueError of one line, with a word in it."""
    try:
        call()
    except ValueError as error:
        insist(str(error).strip() and "\n" not in str(error), f"{what} is refused in more than one line")
        insist(word in str(error), f"{what} is refused without the words {word!r}: {error}")
        return
    raise BrokenError(f"{what} is not refused")


def same(run: Run, other: Run, when: str) -> None:
    """Insist that two runs are one, bit for bit."""
    for name in ("state", "trace", "spikes", "spike_times"):
        insist(np.array_equal(getattr(run, name), getattr(other, name), equal_nan=True), f"{name} differs {when}")


def missing(trial: Trial) -> None:
    """None, or a sentence."""
    said: Any = trial.backend.program.missing()
    insist(said is None or (isinstance(said, str) and said.strip() and "\n" not in said), f"missing() says {said!r}")


def tells(trial: Trial) -> None:
    """What really runs it."""
    program = trial.ready()
    insist(isinstance(program.device_name, str) and program.device_name, f"device_name is {program.device_name!r}")
    version: Any = program.library_version
    insist(version is None or isinstance(version, str), f"library_version is {version!r}")
    threads: Any = program.threads
    insist(threads is None or (isinstance(threads, int) and threads >= 1), f"threads is {threads!r}")
    best = program.best_coupling(example(trial.kernel))
    insist(best in FORMULATIONS and best not in program.unsupported, f"best_coupling is {best!r}")
    insist(program.coupling == best, f"coupling is {program.coupling!r} where none was asked for, the best is {best!r}")


def shapes(trial: Trial) -> None:
    """Shapes, types, the start, the end, and spikes in their milliseconds."""
    start = example(trial.kernel).state
    run, oracle = (t.ready().run(12, stimulus(trial.kernel, 12)) for t in (trial, trial.oracle()))
    expected = {"state": start.shape, "first": start.shape, "trace": (13, CELLS), "spikes": (12, CELLS)}
    for name, shape in expected.items():
        insist(getattr(run, name).shape == shape, f"{name} has shape {getattr(run, name).shape}, not {shape}")
    for name in ("state", "trace"):
        insist(getattr(run, name).dtype == trial.dtype, f"{name} has type {getattr(run, name).dtype}")
    insist(np.array_equal(run.trace[0], start[0].astype(trial.dtype)), "the trace does not begin at the start")
    insist(np.array_equal(run.trace[-1], run.state[0]), "the trace does not end in the state")
    first = run.spike_times - np.arange(12)[:, None]  # since the start of their millisecond
    insist(np.array_equal(np.isnan(first), run.spikes == 0), "a millisecond with spikes has no time of the first")
    insist(not (first < 0).any() and not (first > 1).any(), "a spike lies outside of its millisecond")
    if trial.backend.timed:
        insist(np.array_equal(run.spikes.any(axis=0), oracle.spikes.any(axis=0)), "other cells spike than the oracle's")


def parts(trial: Trial) -> None:
    """A run goes on where the last one ended."""
    cut(trial, 15, range(1, 15))  # also in the middle of spikes


def calls(trial: Trial) -> None:
    """A run goes on from one call to the device to the next."""
    longest = trial.ready().block
    cut(trial, longest + 5, [longest // 2])


def cut(trial: Trial, milliseconds: int, cuts: Sequence[int]) -> None:
    """Insist that a run in parts is that in one piece."""
    held, program = stimulus(trial.kernel, milliseconds), trial.ready()
    whole = program.run(milliseconds, held)
    program.reset()
    found = [program.run(len(part), part) for part in np.split(held, cuts)]
    starts = [0, *cuts]
    insist(np.array_equal(found[-1].state, whole.state), "state differs at the end of the parts")
    insist(np.array_equal([p.trace[0] for p in found], whole.trace[starts]), "a part does not begin where it was")
    for name, first in (("trace", 1), ("spikes", 0)):
        joined = np.concatenate([getattr(part, name)[first:] for part in found])
        insist(np.array_equal(joined, getattr(whole, name)[first:]), f"{name} of the parts differs")
    times = np.concatenate([part.spike_times + start for start, part in zip(starts, found)])
    insist(np.allclose(times, whole.spike_times, rtol=0, atol=1e-9, equal_nan=True), "spike_times of the parts differ")


def unrecorded(trial: Trial) -> None:
    """Recording changes nothing."""
    held, program = stimulus(trial.kernel, 12), trial.ready()
    whole = program.run(12, held)
    program.reset()
    silent = [program.run(4, held[:4], record=False), program.run(3, held[4:7], record=False)]
    last = program.run(5, held[7:])
    kept = [(run.trace, run.spikes, run.spike_times) for run in silent]
    insist(kept == [(None, None, None)] * 2, "an unrecorded run has a trace or spikes")
    insist(np.array_equal(silent[1].state[0], last.trace[0]), "a recorded run does not begin where an unrecorded ended")
    insist(np.array_equal(last.state, whole.state), "state differs after unrecorded runs")
    insist(np.array_equal(last.spikes, whole.spikes[7:]), "spikes differ after unrecorded runs")


def forgets(trial: Trial) -> None:
    """Neither stimulus nor spikes are remembered, but in the state."""
    program, network, held = trial.ready(), example(trial.kernel), stimulus(trial.kernel, 10)
    driven, after = program.run(10, held), program.run(15)  # io: from within a spike of every cell
    program.reset(network.but(state=driven.state))
    same(program.run(15, np.zeros((15, CELLS))), after, "after a stimulus, though the state is the same")
    program.reset(network)
    insist(not np.array_equal(program.run(10).state, driven.state), "a stimulus makes no difference")


def inputs(trial: Trial) -> None:
    """What is handed in stays as it is."""
    network, held, program = example(trial.kernel), stimulus(trial.kernel, 3), trial.compiled()
    program.reset(network)
    run = program.run(3, held)
    kept = run.state.copy()
    program.run(3, held)
    insist(np.array_equal(network.state, example(trial.kernel).state), "the network's state was written into")
    insist(np.array_equal(held, stimulus(trial.kernel, 3)), "the stimulus was written into")
    insist(np.array_equal(run.state, kept), "the state of a run was written into by the next one")


def per_cell(trial: Trial) -> None:
    """A parameter is a number or one per cell."""
    each: Any = {name: np.full(CELLS, value) for name, value in trial.model.parameters.items()}
    run, scalar = trial.backend.prepare(example(trial.kernel, **each)).run(2), trial.ready().run(2)
    close(trial, run, scalar, "with parameters per cell")


def resets(trial: Trial) -> None:
    """Another network of the same shape needs no compilation."""
    program, other, held = trial.ready(), example(trial.kernel, seed=1), stimulus(trial.kernel, 6)
    prepared, compile_s = trial.backend.prepare(other).run(6, held), program.compile_s
    compiled = []
    vars(program)["_compile"] = lambda: compiled.append(1)
    try:
        start = time.process_time()
        program.reset(other)
        same(program.run(6, held), prepared, "from that of a network which was prepared instead")
        spent = time.process_time() - start
    finally:
        del vars(program)["_compile"]
    insist(not compiled, "reset compiles again")
    insist(spent <= max(0.2, compile_s / 5), f"reset and a run took {spent:.2g} s: the library compiles by itself")
    insist(program.compile_s == compile_s, "compile_s has changed")


CHANGES: Tuple[Tuple[str, object], ...] = (
    ("cells", 13), ("incoming", 5), ("incoming", 0), ("kernel", "lif"), ("g_L", 0.2), ("g_L", [0.3] * CELLS),
)  # fmt: skip


def keeps(trial: Trial) -> None:
    """A network of another shape is refused, and changes nothing."""
    program = trial.ready()
    first = program.run(1)
    for name, value in CHANGES:
        changed: Any = {"kernel": trial.kernel, name: value}
        refused(lambda changed=changed: program.reset(example(**changed)), f"another {name}", "prepare it instead")  # type: ignore[misc] # bound now
        program.reset()
        same(program.run(1), first, f"after another {name} was refused")


def close(trial: Trial, run: Run, other: Run, when: str) -> None:
    """Insist that two runs agree to the rounding of the backend's precision."""
    if trial.backend.precision not in TOLERANCE or not trial.backend.timed:
        raise NotPromisedError("it is rounded further than its type")
    apart = difference(trial.model, run.state, other.state)
    insist(apart <= TOLERANCE[trial.backend.precision], f"the state is off by {apart:.2g} of 80 {when}")


def agrees_on(trial: Trial, coupling: str, graph: Graph) -> Run:
    """Insist that a formulation gives the oracle's result on a graph, which is returned, and loses no connection."""
    oracle = trial.oracle().millisecond("gather-scatter", graph)
    run = trial.millisecond(coupling, graph)
    close(trial, run, oracle, f"by {coupling}")
    insist(np.array_equal(run.spikes, oracle.spikes), f"the spikes by {coupling} are not the oracle's")
    shift = np.nansum(np.abs(run.spike_times - oracle.spike_times))  # rounding moves one by a step at most
    insist(shift <= 0.03, f"spikes by {coupling} are off by {shift:.2g} ms together")
    lost = trial.millisecond(coupling, (*graph[:2], [0.0, *graph[2][1:]]))
    insist(difference(trial.model, lost.state, oracle.state) > 10 * TOLERANCE["f32"], f"{coupling} loses a connection")
    return oracle


def agrees(trial: Trial) -> None:
    """On some graphs, by each formulation that it has."""
    for coupling in FORMULATIONS:
        if coupling not in trial.backend.program.unsupported:
            for seed in SEEDS:
                agrees_on(trial, coupling, some_graph(seed))


def refuses(trial: Trial) -> None:
    """What it cannot do is a sentence."""
    network, backend = example(trial.kernel), trial.backend
    refused(lambda: backend.prepare(network, "no such form"), "an unknown coupling", "no such form")
    refused(lambda: backend.prepare(network, no_such_option=1), "an unknown option", "no_such_option")
    for coupling, reason in backend.program.unsupported.items():
        insist(coupling in FORMULATIONS and reason.strip(), f"unsupported has {coupling!r}: {reason!r}")
        refused(lambda name=coupling: backend.prepare(network, name), f"coupling {coupling}", reason)  # type: ignore[misc] # bound now


def apart(trial: Trial) -> None:
    """Backends that fill networks up with copies of a cell must not let what becomes of those reach the network."""
    others, last = np.arange(12) % 11, np.full(4, 11)
    sources, targets = [*range(4), *last, *others], [*last, *range(4), *(others + 3) % 11]
    applied = np.append(np.full(11, -20.0), 60.0)  # the last cell alone, without its neighbours, blows up within 2 ms
    alike = example(trial.kernel)
    each = {**alike.parameters, "I_app": applied}
    network = Network(trial.kernel, alike.state, sources, targets, np.full(20, 0.3), each)
    for coupling in ("gather-scatter", "padded"):  # for matrices nothing is filled up
        if coupling not in trial.backend.program.unsupported:
            run = trial.first(10, network, coupling)
            insist(np.isfinite(run.state).all(), f"by {coupling} a cell that fills up spoils the others")


ALL = KERNELS.own
CARRIES = ("io", "lif")  # of own kernels one with a memory of its last spike, and the fastest; hh adds nothing
PROMISES: Mapping[str, Promise] = {
    "missing": Promise("it says in one sentence what is missing", missing, ("lif",)),
    "tells": Promise("it tells its device, version, threads and coupling", tells, ("lif",)),
    "shapes": Promise("a run has the shapes, types and spike times that are promised", shapes, ALL),
    "parts": Promise("after reset the parts of a run are those of the whole", parts, CARRIES),
    "calls": Promise("a run is the same in one call to the device and in more", calls, ("lif",)),
    "unrecorded": Promise("an unrecorded run advances like a recorded one", unrecorded, CARRIES),
    "forgets": Promise("neither stimulus nor spikes are remembered", forgets, CARRIES),
    "inputs": Promise("what is handed in, and what was given back, stays as it is", inputs, ("lif",)),
    "per_cell": Promise("scalar and per-cell parameters agree to rounding", per_cell, ("hh",)),
    "resets": Promise("reset to another network equals preparing it and does not compile", resets, ("lif",)),
    "keeps": Promise("reset refuses a network of another shape and keeps its own", keeps, ("hh",)),
    "agrees": Promise("every coupling agrees with the oracle, and loses no connection", agrees, ("io", "hh")),
    "refuses": Promise("what it cannot do is a sentence", refuses, ("lif",)),
    "apart": Promise("a lively last cell spoils no other", apart, ("io",)),
}
