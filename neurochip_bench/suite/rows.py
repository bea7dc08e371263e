"""Which rows are run: model, connectivity, backend, size and coupling, and the ids that saved runs are compared by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, Protocol

import pytest

from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.suite.devices import of_backend

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet as Param  # what `pytest.param` gives, which has no public name

    from neurochip_bench.backends import Backend
    from neurochip_bench.networks.own import Own

DEFAULT_SIDES = (4, 9, 20)
PAPER_SIDES = (*range(4, 21), *range(30, 101, 10))
LARGE = 10  # from this side on, one row per library unless sizes were asked for
ONE_PRECISION = ("numba", "numpy")  # libraries whose second one costs the main job more than it tells
SLOW = ("onnxruntime", "cpu")  # whose rows from `LARGE` on would be a third of the main job's running
ARGUMENTS = ("kernel", "connected", "backend", "side", "coupling", "devices")
OF_OWN = ("kernel", "connected", "backend", "network", "coupling", "devices")  # of the rows of a network of one's own
BEST = "best"  # the coupling that a backend chooses, beside those that are named
NUMPY_CELLS = 2500  # of one's own, up to which NumPy runs


class Asked(Protocol):
    """What the command line asks for, as text; None for what it does not."""

    side: str | None
    coupling: str | None
    quick: bool
    devices: str | None
    processes: int | None


@dataclass(frozen=True)
class Rows:
    """Which networks a module runs where no size was asked for, and which of them --quick leaves."""

    kernels: tuple[str, ...] | None = None  # None: every one, other packages' too
    connected: tuple[bool, ...] = (False, True)
    sides: tuple[int, ...] = DEFAULT_SIDES
    quick: tuple[int, ...] = (4,)
    numpy: bool = True  # at the smallest side; nowhere where it would take minutes
    fixed: bool = False  # whether the sides are the protocol's, whatever --side says
    shortened: bool = False  # whether --quick shortens the runs, which their ids have to tell

    def params(self, option: Asked) -> Iterable[Param]:
        """A `pytest.param` of `ARGUMENTS` for each row, with its id and markers, as the command line has it."""
        own = self.quick if option.quick else self.sides
        sides = own if self.fixed else parse_sides(option.side, own)
        thinned = LARGE if option.side is None else None
        form = "-quick" if option.quick and self.shortened else ""
        return [
            row(kernel, connected, backend, side, coupling, form, devices)
            for kernel in (KERNELS if self.kernels is None else self.kernels)
            for connected in self.connected
            for side in sides
            for backend in at_side(side, sides, min(sides) if option.quick else thinned)
            for coupling in (parse_couplings(option.coupling) if connected else [None])
            for devices in of_backend(option.devices, BACKENDS[backend], option.processes or 1)
            if BACKENDS[backend].library != "numpy" or (self.numpy and not (option.quick and self.shortened))
        ]


def parse_sides(text: str | None, default: tuple[int, ...] = DEFAULT_SIDES) -> tuple[int, ...]:
    """Sides from "4,9,20" or "paper"; None gives the default ones."""
    if text is None:
        return default
    if text == "paper":
        return PAPER_SIDES
    sides = [part.strip() for part in text.split(",")]
    wrong = [side for side in sides if not side.isdecimal() or int(side) < 4]
    if wrong:
        raise pytest.UsageError(f"--side {text}: {wrong[0]!r} is no side: expected whole numbers from 4, or 'paper'")
    return tuple(sorted({int(side) for side in sides}))


def parse_couplings(text: str | None) -> list[str | None]:
    """Names of formulations from "padded,dense"; None, or the word "best", leaves the choice to each backend."""
    names = [BEST] if text is None else [part.strip() for part in text.split(",")]
    for name in names:
        if name not in (BEST, *FORMULATIONS):
            raise pytest.UsageError(f"--coupling {text}: unknown {name!r}: expected {', '.join((*FORMULATIONS, BEST))}")
    return [None if name == BEST else name for name in dict.fromkeys(names)]


def at_side(side: int, sides: Iterable[int], thinned: int | None) -> list[str]:
    """Ids of the backends that run at a side: NumPy at the smallest only; from `thinned` on one of each library.

    Of `ONE_PRECISION` sooner, and of `SLOW` none there, which keeps the main job as long as it was.
    """
    ids: list[str] = []
    libraries = set()
    for backend in BACKENDS.values():
        if not backend.timed:
            continue
        library = backend.library, backend.device
        large = thinned is not None and side >= LARGE
        slow = (backend.library == "numpy" and side > min(sides)) or (large and library == SLOW)
        few = thinned is not None and (side >= thinned or backend.library in ONE_PRECISION)
        repeated = few and library in libraries
        libraries.add(library)
        if not slow and not repeated:
            ids.append(backend.id)
    return ids


def row(
    kernel: str, connected: bool, backend: str, side: int, coupling: str | None, form: str = "", devices: int = 1
) -> Param:
    """The parameters of one row; its id ends with the coupling that was asked for, with `form` and several devices."""
    name = named(kernel, connected, backend, side**3, coupling, form, devices)
    marks = [*marks_of(kernel, connected, BACKENDS[backend].mark), *clock_of(BACKENDS[backend], devices)]
    return pytest.param(kernel, connected, backend, side, coupling, devices, id=name, marks=marks)


def named(
    kernel: str, connected: bool, backend: str, cells: int, coupling: str | None, form: str = "", devices: int = 1
) -> str:
    """The id of a row."""
    asked = (f"-{coupling}" if coupling else "") + form + over_devices(devices)
    return f"{kernel}-{connectivity(connected)}-{backend}-n={cells}{asked}"


def over_devices(devices: int) -> str:
    """The end of the id of a row over several devices."""
    return f"-devices={devices}" if devices > 1 else ""


def own_params(owns: Iterable[Own], option: Asked) -> list[Param]:
    """A `pytest.param` of `OF_OWN` for each row of networks of one's own."""
    return [
        own_row(own, backend, formulation, devices)
        for own in owns
        for backend in BACKENDS.values()
        if backend.timed and (backend.library != "numpy" or own.network.cells <= NUMPY_CELLS)
        for formulation in (parse_couplings(option.coupling) if own.network.connected else [None])
        for devices in of_backend(option.devices, backend, option.processes or 1)
    ]


def own_row(own: Own, backend: Backend, coupling: str | None, devices: int = 1) -> Param:
    """The parameters of one row of a network of one's own."""
    network = own.network
    name = f"{own.name}-{backend.id}-n={network.cells}" + (f"-{coupling}" if coupling else "") + over_devices(devices)
    marks = [*marks_of(network.kernel, network.connected, backend.mark), *clock_of(backend, devices)]
    of_it = network.kernel, network.connected, backend.id, own.name, coupling, devices
    return pytest.param(*of_it, id=name, marks=marks)


def clock_of(backend: Backend, devices: int) -> list[pytest.MarkDecorator]:
    """The marker of a row that another process times."""
    program = RemoteProgram if devices > 1 else backend.program
    return [] if program.here else [pytest.mark.benchmark(timer=program.clock)]


def marks_of(kernel: str, connected: bool, *more: str) -> list[pytest.MarkDecorator]:
    """The markers that select a network, its kernel's and its connectivity's, and more."""
    return [getattr(pytest.mark, name) for name in (kernel, connectivity(connected), *more)]
