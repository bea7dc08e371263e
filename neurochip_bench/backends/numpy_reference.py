"""NumPy, slow and plain. In float64 it is the oracle that every other backend is judged by."""

from __future__ import annotations

import numpy as np

from model.arrays import Array, Codes, Reals
from model.network import Network
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.libraries import installed
from neurochip_bench.backends.ops import NumpyOps
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.stepping import Held


def limited_blas() -> int | None:
    """Threads of NumPy's matrix products, from now on as many as a program may have; None where nobody can tell them.

    By themselves they know no container's quota.
    """
    if not installed("threadpoolctl"):  # the suite has it, a vendor's Python need not
        return None
    from threadpoolctl import threadpool_info, threadpool_limits

    threadpool_limits(cores(), user_api="blas")
    return max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=None)


class NumpyProgram(Program):
    """A network stepped by NumPy, one operation at a time."""

    library_version = np.__version__
    device_name = cpu_name()

    @staticmethod
    def missing() -> str | None:
        """NumPy is always there."""
        return None

    def best_coupling(self, network: Network) -> str:
        """The published form: it holds no more than the connections."""
        return "gather-scatter"

    def _compile(self) -> None:
        self._ops = NumpyOps(self.dtype)
        self.threads = limited_blas() if self.coupling == "one-hot" else 1  # only matrix products have threads

    def _load(self) -> None:
        self._rows = [self._cast(row) for row in self.start(self.network)]
        self._armed = np.zeros(self.network.cells, self.dtype)
        self._parameters = {name: self._cast(value) for name, value in self.network.parameters.items()}

    def _cast(self, value: Array) -> Array:
        if value.dtype.kind == "i":
            return value
        return value.astype(self.dtype) if value.ndim else self.dtype.type(value)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        trace, codes = np.zeros((2, milliseconds, self.network.cells), self.dtype)
        for m in range(milliseconds):
            held = Held(self._parameters, self.graph, self.dtype.type(0) if stimulus is None else stimulus[m])
            for j in range(self.settings.steps_per_ms):
                with np.errstate(all="ignore"):  # a state that blows up is judged, as it is on every other backend
                    after = self.step(self._ops, float(j), self._rows, self._armed, codes[m], held)
                self._rows, self._armed, codes[m] = after
            trace[m] = self._rows[0]
        return trace, codes.astype(np.int32)

    def _state(self) -> Reals:
        return np.stack(self._rows[: len(self.network.state)])
