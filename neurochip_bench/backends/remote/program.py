"""Programs of libraries whose Python the suite's is not: they run in a worker, see `worker` in this package."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import weakref
from dataclasses import asdict
from typing import Any, Mapping, Sequence

import numpy as np

from model.arrays import Array, Reals
from model.network import Network
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.remote.home import PARTS, asked
from neurochip_bench.backends.remote.wire import Arrays, Header, packed
from neurochip_bench.backends.remote.worker import Worker, worker_for
from neurochip_bench.run import Run
from neurochip_bench.settings import Settings

_NUMBERS = itertools.count()


SAYS = "missing:"  # before the answer, which other output may precede


class RemoteProgram(Program):
    """Mixin before the class of the programs that run in the worker, `there`: this side only asks.

    `variable` is the environment variable that names the worker's Python; without it, it is this one. `needs` are the
    files and folders of `neurochip_bench` that the worker can import: what `there` imports, and no other.
    `clock()` and `compile_s` tell the worker's time: sending arrays is not what is timed.
    """

    here = False
    there: type[Program]
    variable: str
    needs: Sequence[str] = PARTS
    _spent = 0.0  # seconds that programs took in workers, of which one is asked at a time

    @classmethod
    def python(cls) -> str:
        """The worker's Python."""
        return os.environ.get(cls.variable, sys.executable)

    @classmethod
    def clock(cls) -> float:
        """Seconds that workers have spent preparing and running; only differences count."""
        return RemoteProgram._spent

    @classmethod
    def missing(cls) -> str | None:
        """None, or one sentence, asked of the worker's Python, which imports no library for it."""
        python = cls.python()
        if cls.variable not in os.environ:
            return cls.there.missing()
        if shutil.which(python) is None:
            return f"{cls.variable} is {python}: expected the path of a Python"
        module, name = cls.there.__module__, cls.there.__name__
        answered, text = asked(
            python, f"from {module} import {name}; print('{SAYS}', {name}.missing())", parts=cls.needs
        )
        if not answered:
            return f"{cls.variable} is {python}: expected a Python from 3.8 on that has NumPy ({text})"
        said = text.splitlines()[-1] if text else "nothing"
        if not said.startswith(SAYS):
            return f"{cls.variable} is {python}, which is no Python: it said {said}"
        return None if said == f"{SAYS} None" else said[len(SAYS) :].strip()

    @classmethod
    def worker(cls) -> Worker:
        """The living worker of these programs, or a new one."""
        return worker_for(cls.python(), cls.there.__module__, cls.there.__name__, cls.needs)

    @property
    def process_id(self) -> int:
        """Of the worker."""
        return self._worker.process_id

    def __init__(
        self,
        dtype: np.dtype,
        network: Network,
        settings: Settings,
        **options: Any,  # of the one that is there
    ) -> None:
        self._options = options
        Program.__init__(self, dtype, network, settings)
        self.compile_s = self._facts["compile_s"]

    def _compile(self) -> None:
        self._worker = self.worker()
        self._number = next(_NUMBERS)
        weakref.finalize(self, self._worker.dropped.append, self._number).atexit = False
        settings = asdict(self.settings)
        self._facts, _ = self._ask(
            "prepare", self.network, dtype=self.dtype.name, settings=settings, options=self._options
        )
        vars(self).update(self._facts)
        self._there = self.network

    def _load(self) -> None:
        moved = None if self._there is self.network else self.network  # what the worker has is not sent again
        self._ask("reset", moved)
        self._there = self.network

    def _advance_all(self, milliseconds: int, stimulus: Reals | None, record: bool) -> Run:
        arrays = {} if stimulus is None else {"stimulus": stimulus}
        _, run = self._ask("run", None, arrays, milliseconds=milliseconds, record=record)
        return Run(**run, steps_per_ms=self.settings.steps_per_ms, spikes_at=self.kernel.spikes_at)

    def _ask(
        self, what: str, network: Network | None, arrays: Mapping[str, Array] | None = None, **header: Any
    ) -> tuple[Header, Arrays]:
        described, laid_out = ({}, arrays or {}) if network is None else packed(network)
        header.update(do=what, program=self._number, network=described)
        reply, results = self._worker.ask(header, laid_out)
        RemoteProgram._spent += reply.pop("seconds")
        return reply, results
