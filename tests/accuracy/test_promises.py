"""Each promise can be broken: a backend that breaks it is found out, in a line that says by what."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest

from neurochip_bench.backends import BACKENDS, Backend, Device
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.promises import PROMISES, BrokenError, NotPromisedError
from neurochip_bench.backends.trial import Trial
from neurochip_bench.run import Run
from tests.helpers.commands import subcommand


class Mumbles(NumpyProgram):
    @staticmethod
    def missing():
        return "no chip\nno driver"


class Anonymous(NumpyProgram):
    device_name = ""


class Short(NumpyProgram):
    def _advance(self, milliseconds, stimulus):
        trace, codes = super()._advance(milliseconds, stimulus)
        return trace[1:] if milliseconds > 1 else trace, codes


class Wide(NumpyProgram):
    def _state(self):
        return super()._state().astype(np.float64)


class Early(NumpyProgram):
    def run(self, *arguments, **options):
        run = super().run(*arguments, **options)
        return (
            run
            if run.codes is None
            else Run(run.state, run.first, run.trace, run.codes, steps_per_ms=40, spikes_at=-40)
        )


class StartsAnew(NumpyProgram):
    def _advance_all(self, milliseconds, stimulus, record):
        self._load()
        return super()._advance_all(milliseconds, stimulus, record)


class StartsEachCallAnew(NumpyProgram):
    def _advance(self, milliseconds, stimulus):
        self._load()
        return super()._advance(milliseconds, stimulus)


class Hurries(NumpyProgram):
    """Leaves the last millisecond out where nobody looks."""

    def _advance_all(self, milliseconds, stimulus, record):
        held = stimulus if record or stimulus is None else stimulus[:-1]
        return super()._advance_all(milliseconds - (not record), held, record)


class Remembers(NumpyProgram):
    held = None

    def _advance(self, milliseconds, stimulus):
        self.held = stimulus[-1:] if stimulus is not None else self.held
        return super()._advance(milliseconds, stimulus if self.held is None else np.repeat(self.held, milliseconds, 0))


class Deaf(NumpyProgram):
    def _advance(self, milliseconds, stimulus):
        return super()._advance(milliseconds, None)


class Writes(NumpyProgram):
    def run(self, milliseconds=100, stimulus=None, record=True):
        run = super().run(milliseconds, stimulus, record)
        if stimulus is not None:
            stimulus *= 0.0
        return run


class Hands(NumpyProgram):
    """Gives its own buffer away."""

    def _state(self):
        self.buffer = getattr(self, "buffer", None)
        now = super()._state()
        self.buffer = now if self.buffer is None else self.buffer
        self.buffer[:] = now
        return self.buffer


class OneForAll(NumpyProgram):
    def _load(self):
        super()._load()
        self._parameters = {
            name: value if not value.ndim else value[:1] * 1.1 for name, value in self._parameters.items()
        }


class Recompiles(NumpyProgram):
    def reset(self, network=None):
        super().reset(network)
        self._compile()


class Stays(NumpyProgram):
    """Keeps its first state, whatever network it is reset to."""

    def _load(self):
        self.kept = getattr(self, "kept", self.network)
        self.network = self.kept
        super()._load()


class Obliging(NumpyProgram):
    def reset(self, network=None):
        if network is not None and network.cells == self.network.cells and network.kernel == self.network.kernel:
            self.network = network  # unlooked at
        super().reset()


class Loses(NumpyProgram):
    """Loses the connection of the largest source in the first slot."""

    def _lay_out(self, network):
        weights = np.broadcast_to(network.weights, network.connections).copy()
        weights[:1] = 0.0
        return super()._lay_out(network.but(weights=weights))


class Mute(NumpyProgram):
    unsupported = MappingProxyType({"one-hot": " "})


class Spreads(NumpyProgram):
    """Fills up with cells that are not connected, and what is not finite there reaches all."""

    def _load(self):
        super()._load()
        alone = self.network if self.kernel.synaptic else self.network.but(sources=[], targets=[], weights=None)
        self.filled = NumpyProgram(self.dtype, alone, self.settings.but(self.kernel, coupling=None))

    def _advance(self, milliseconds, stimulus):
        self.filled.run(milliseconds, stimulus)
        trace, codes = super()._advance(milliseconds, stimulus)
        if not np.isfinite(self.filled._state()).all():
            self._rows = [row * np.nan for row in self._rows]
        return trace, codes


BREAKS = [
    ("missing", Mumbles, "missing() says"),
    ("tells", Anonymous, "device_name is ''"),
    ("shapes", Short, "trace has shape"),
    ("shapes", Wide, "state has type float64"),
    ("shapes", Early, "a spike lies outside"),
    ("parts", StartsAnew, "state differs at the end of the parts"),
    ("calls", StartsEachCallAnew, "state differs at the end of the parts"),
    ("unrecorded", Hurries, "differ"),
    ("forgets", Remembers, "after a stimulus"),
    ("forgets", Deaf, "a stimulus makes no difference"),
    ("inputs", Writes, "the stimulus was written into"),
    ("inputs", Hands, "the state of a run was written into"),
    ("per_cell", OneForAll, "with parameters per cell"),
    ("resets", Recompiles, "reset compiles again"),
    ("resets", Stays, "which was prepared instead"),
    ("keeps", Obliging, "is not refused"),
    ("agrees", Loses, "the state is off by"),
    ("refuses", Mute, "unsupported has 'one-hot'"),
    ("apart", Spreads, "spoils the others"),
]


@pytest.mark.parametrize(("name", "program", "sentence"), BREAKS, ids=[f"{b[0]}-{b[1].__name__}" for b in BREAKS])
def test_a_backend_that_breaks_a_promise_is_found_out(name, program, sentence):
    promise = PROMISES[name]
    with pytest.raises(BrokenError, match=sentence.replace("(", r"\(").replace(")", r"\)")):
        promise.check(Trial(Backend("numpy", "broken", "f32", program), promise.kernels[-1]))  # the fastest


def test_every_promise_is_broken_by_a_backend():
    assert {name for name, _, _ in BREAKS} == set(PROMISES)


def test_what_is_rounded_by_design_promises_no_agreement():
    rounded = Backend("numpy", "rounded", "f32", NumpyProgram, Device("rounded", "rounded chip", timed=False))
    with pytest.raises(NotPromisedError):
        PROMISES["per_cell"].check(Trial(rounded, "lif"))


@pytest.mark.parametrize(("program", "code"), [(NumpyProgram, 0), (Spreads, 1)])
def test_the_command_ends_by_what_was_found(program, code, monkeypatch, capsys):
    chosen = {name: PROMISES[name] for name in ("missing", "tells", "apart")}
    monkeypatch.setattr("neurochip_bench.cli.check_backend.PROMISES", chosen)
    monkeypatch.setitem(BACKENDS, "numpy-tried-f32", Backend("numpy", "tried", "f32", program))
    assert subcommand("check-backend")(["numpy-tried-f32"]) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["kept", "kept", "BROKEN" if code else "kept"]
    assert not code or "io: by gather-scatter a cell that fills up spoils the others" in lines[-1]


def test_the_command_says_what_is_missing_and_what_is_no_backend(monkeypatch, capsys):
    class Absent(NumpyProgram):
        @staticmethod
        def missing():
            return "there is no chip"

    monkeypatch.setitem(BACKENDS, "numpy-absent-f32", Backend("numpy", "absent", "f32", Absent))
    assert subcommand("check-backend")(["numpy-absent-f32"]) == 5
    assert "numpy-absent-f32 cannot run here: there is no chip" in capsys.readouterr().err
    assert subcommand("check-backend")(["toaster"]) == 4
    assert "unknown backend 'toaster': expected one of numpy-cpu-f64" in capsys.readouterr().err
