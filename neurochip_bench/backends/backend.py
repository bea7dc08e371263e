"""A backend prepares a program for a network, in settings that fit its kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.checks import DTYPES, one_of
from model.kernels import DT, KERNELS
from model.network import Network, a_network
from neurochip_bench.backends.device import CPU, Device
from neurochip_bench.backends.program import Program
from neurochip_bench.settings import Settings


@dataclass(frozen=True)
class Backend:
    """A row of the registry: a library on a device in a precision.

    `on` is what it runs on, `program` the class that runs networks on it; what installs its library, and which packages
    that is, is known to its program.
    """

    library: str
    device: str
    precision: str
    program: type[Program]
    on: Device = CPU

    @property
    def mark(self) -> str:
        """The pytest marker that selects its rows."""
        return self.on.mark

    @property
    def id(self) -> str:
        """Key in `BACKENDS` and in saved runs."""
        return f"{self.library}-{self.device}" + (f"-{self.precision}" if self.timed else "")

    @property
    def timed(self) -> bool:
        """Whether its times mean something: an emulated chip's do not."""
        return self.on.timed

    def missing(self) -> str | None:
        """None if networks can be run here, or one sentence that says what is missing. Imports no library."""
        try:
            return self.program.missing()
        except Exception as error:  # of any kind: it may be other people's code, and takes no other backend down
            return f"what looks for it failed: {type(error).__name__}: {error}"

    def refuses(self, coupling: str | None) -> str | None:
        """None if networks can be coupled so, or one sentence that says why not."""
        reason = None if coupling is None else self.program.unsupported.get(coupling)
        return f"coupling {coupling!r} does not run on {self.id}: {reason}" if reason else None

    def prepare(
        self,
        network: Network,
        coupling: str | None = None,
        rates: str = "safe",
        dt: float = DT,
        *,
        accumulation: str = "plain",
        **options: Any,  # of the types that the program's own arguments have
    ) -> Program:
        """A compiled `Program` for a network.

        coupling, rates, dt, accumulation   see `Settings`; without a coupling it is the backend's best for this network
        options                             of this backend's program alone, such as TensorFlow's `unrolled=True`

        Raises ValueError for anything else, RuntimeError if something is missing.
        """
        reason = self.missing()
        if reason:
            raise RuntimeError(f"{self.id} cannot run here: {reason}")
        a_network(network)
        for name in options:
            one_of("option", name, self.program.options or ("none, it takes no options",))
        settings = Settings(KERNELS[network.kernel], coupling, rates, dt, accumulation)
        refused = self.refuses(coupling)
        if refused:
            raise ValueError(f"{refused}: expected another, or None for the best")
        return self.program(DTYPES[self.precision], network, settings, **options)
