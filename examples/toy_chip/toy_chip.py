"""A backend of one's own: a chip whose library is NumPy, so that it can be read, installed and run anywhere.

Where a comment says "the chip", a real library puts arrays on its device, compiles a step or fetches a result.
"""

from __future__ import annotations

import numpy as np

from model.arrays import Array, Codes, Reals
from model.network import Network
from neurochip_bench.backends import Backend, Device, Program
from neurochip_bench.backends.ops import NumpyOps
from neurochip_bench.backends.stepping import Held

TOY = Device("toy", "toy chip")  # `pytest -m toy`; it has no meter of energy


class ToyProgram(Program):
    """A network on the chip."""

    sdk = "the toy chip's SDK"
    distributions = ("toy-chip", "numpy")
    library_version = np.__version__
    device_name = "stand-in"  # says that no chip has run it: such rows are judged and never ranked
    threads = None  # the library decides
    form = "calls"

    @staticmethod
    def missing() -> str | None:
        """None, or one sentence, such as "there is no toy chip (no /dev/toy0)"; imports no library."""
        return None

    def best_coupling(self, network: Network) -> str:
        """The fastest form of the sum over neighbours."""
        return "padded"

    def _compile(self) -> None:
        """For the chip: trace `self.step` with operations of its library, see `model.operations`."""
        self._ops = NumpyOps(self.dtype)

    def _load(self) -> None:
        """To the chip: the state at the start, and parameters."""
        self._rows = [self._put(row) for row in self.start(self.network)]
        self._armed = np.zeros(self.network.cells, self.dtype)
        self._parameters = {name: self._put(value) for name, value in self.network.parameters.items()}

    def _put(self, value: Array) -> Array:
        whole = value.dtype.kind == "i"  # indices of spikes under way
        return value if whole else value.astype(self.dtype) if value.ndim else self.dtype.type(value)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        """On the chip: the steps of each millisecond; from it: potentials and spikes at its end."""
        trace, codes = np.zeros((2, milliseconds, self.network.cells), self.dtype)
        for m in range(milliseconds):
            held = Held(self._parameters, self.graph, self.dtype.type(0) if stimulus is None else stimulus[m])
            for j in range(self.settings.steps_per_ms):
                with np.errstate(all="ignore"):  # what is not finite is judged
                    after = self.step(self._ops, float(j), self._rows, self._armed, codes[m], held)
                self._rows, self._armed, codes[m] = after
            trace[m] = self._rows[0]
        return trace, codes.astype(np.int32)

    def _state(self) -> Reals:
        """From the chip: the state as it is now."""
        return np.stack(self._rows[: len(self.network.state)])


BACKENDS = (Backend("toy", "chip", "f32", ToyProgram, TOY),)
