"""The words that rows are told by: what became of them, what ran them, what they are part of."""

from __future__ import annotations

from neurochip_bench.accuracy.verdict import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE

UNSTABLE = "unstable"  # a stress run that was not stable, whatever else was judged of it
FAILED = "failed"  # a row that did not finish
VERDICTS = (FAITHFUL, USABLE, UNUSABLE, UNSTABLE, UNDEFINED, UNJUDGED)  # on rows that finished

STEADY, NOISY, CONTENDED, SINGLE = "steady", "noisy", "contended", "single"  # what a time is worth
UNSTEADY = (NOISY, CONTENDED)  # a time that may be another's doing

STAND_IN = "stand-in"  # the device of rows that no chip has run
HARDWARE = ("cpu", "gpu", "tpu", "ipu", "groq")  # what the page expects rows of
EMULATED = "emulated"  # the device of what nobody has
PEER, PEERS = "peer", "peers"  # the marker of the rows of the field's own simulators, and what they are part of

OVER_DEVICES = ("strong", "weak")  # experiments that --devices asks for, or their own marker
EXPERIMENTS = ("setup", "scaling", "speedup", "complexity", "validation", "stress", "energy", "delays", *OVER_DEVICES)
TRACES = "traces"  # the folder beside saved runs in which long rows keep theirs


def experiment_of(name: str) -> str:
    """What a test belongs to, read off its name: "run" of "test_run[...]"."""
    return name.partition("[")[0].removeprefix("test_")
