"""Rows over several devices: the option that asks for them, which backends have them, and why a row may not run."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generator, Iterable, cast

import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.device import TPU
from neurochip_bench.backends.jax_xla import ELSEWHERE, JaxTpuProgram
from neurochip_bench.backends.remote.survive import survived
from neurochip_bench.backends.sharded.remote import ALONE, many, over
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.keep.apart import apart
from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.keep.saving import run_name
from neurochip_bench.suite.launcher import launched

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend
    from neurochip_bench.backends.jax_xla import JaxProgram

GROUP = pytest.StashKey[Group]()  # the processes of the run, where there are several
ALL = "all"
PROBE_S = 120
PROBE = "import jax; jax.config.update('jax_platforms', {0!r}); print('found', len(jax.local_devices()))"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that asks for devices."""
    group = parser.getgroup("neurochip-bench")
    group.addoption("--devices", help="numbers of devices that a network runs on in shards, such as 1,2,4, or 'all'")
    group.addoption("--coordinator", metavar="HOST:PORT", help="where process 0 of a run of several processes listens")
    group.addoption("--processes", type=int, help="how many processes run together, each by this same command")
    group.addoption("--process-id", type=int, help="which of them this is, from 0")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what cannot be before anything runs."""
    asked = parse(config.option.devices)
    if asked and "energy" in re.findall(r"\w+", re.sub(r"\bnot\s+\w+", "", config.option.markexpr)):
        raise pytest.UsageError("-m energy beside --devices: a meter reads one device: expected one of them")
    if asked:  # a judge on the CPU is not to take it from a worker
        ELSEWHERE.add(JaxTpuProgram.platform)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """Find out which process this is, before anything is kept of it."""
    option, together = config.option, group(config.option)
    config.stash[GROUP] = together
    if together != ALONE:
        option.coordinator, option.processes, option.process_id = together
    with apart(config.option, run_name(config)) if together.process else nullcontext():
        return (yield)


def group(option: Any) -> Group:  # of pytest's
    """The processes of a run, by its options or by what launched it.

    Raises UsageError where one of the options is alone, or --devices is not there, for what is no address or number,
    and for tasks of a launcher that JAX cannot make out.
    """
    found = asked_for(option)
    if found != ALONE and sys.platform == "win32":
        raise pytest.UsageError(
            f"{found.processes} processes on Windows: JAX has no Gloo there, by which they exchange"
        )
    return found


def asked_for(option: Any) -> Group:  # of pytest's
    """The processes that options or a launcher tell of, wherever that is; see `group`."""
    given = option.coordinator, option.processes, option.process_id
    if given == (None, None, None):
        return launched() if option.devices else ALONE
    if None in given or option.devices is None:
        raise pytest.UsageError("--coordinator, --processes, --process-id and --devices go together: expected all four")
    if option.processes < 1:
        raise pytest.UsageError(f"--processes {option.processes}: expected at least 1")
    if not 0 <= option.process_id < option.processes:
        raise pytest.UsageError(f"--process-id {option.process_id}: expected from 0 to {option.processes - 1}")
    host, _, port = option.coordinator.rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 2**16):
        raise pytest.UsageError(f"--coordinator {option.coordinator}: expected HOST:PORT, such as 10.0.0.1:7733")
    return Group(*given) if option.processes > 1 else ALONE


def parse(text: str | None) -> list[int | str]:
    """Numbers from "1,2,4", or "all"; none where no devices are asked for."""
    if text is None:
        return []
    parts = [part.strip() for part in text.split(",")]
    wrong = [part for part in parts if part != ALL and not (part.isdecimal() and int(part))]
    if wrong:
        raise pytest.UsageError(f"--devices {text}: {wrong[0]!r} is no number: expected whole numbers from 1, or 'all'")
    return list(dict.fromkeys(part if part == ALL else int(part) for part in parts))


def of_backend(text: str | None, backend: Backend, processes: int = 1) -> list[int]:
    """The numbers of devices that a backend's rows are asked for; one where none is asked for, none where it has one.

    Of CPUs "all" is one for each process: virtual ones are there as many as anybody likes.
    """
    asked = parse(text)
    if not asked:
        return [1]
    numbers = (processes * (here(backend) or 1) if number == ALL else number for number in asked)
    return list(dict.fromkeys(int(number) for number in numbers)) if many(backend) else []


def here(backend: Backend) -> int | None:
    """How many devices of a backend this process has; None where they are virtual, or where it cannot run."""
    if not (many(backend) and backend.on.accelerator) or backend.missing():
        return None
    return counted(cast("type[JaxProgram]", backend.program).platform)


@lru_cache(maxsize=None)
def counted(platform: str) -> int:
    """How many devices JAX has of a platform, asked in a process of its own; one where it does not say."""
    answered, said = survived([sys.executable, "-c", PROBE.format(platform)], PROBE_S)
    word, _, number = said.rpartition("\n")[2].partition(" ")
    return int(number) if answered and word == "found" else 1


def lacking(item: pytest.Item) -> str | None:
    """None, or why a row cannot have the devices that are asked for."""
    given = parameters_of(item)
    devices, processes = given.get("devices", 1), item.config.stash[GROUP].processes
    if item.config.option.devices and item.get_closest_marker("energy"):
        return "energy is that of one device: it is not measured beside --devices"
    if item.config.option.devices and devices == 1 and item.get_closest_marker(TPU.mark):
        return "a TPU serves one process at a time: its rows of one device are run without --devices"
    if devices % processes:
        return f"devices={devices}: expected a multiple of the {processes} processes, each of which has its share"
    backend = BACKENDS.get(given.get("backend", ""))
    most = here(backend) if backend and devices > 1 else None
    if most is not None and devices > most * processes:
        return f"devices={devices}: there {'is' if most * processes == 1 else 'are'} {most * processes}"
    return None


def in_shards(item: pytest.Item) -> bool:
    """Whether a benchmark is a row of a backend that runs on many devices: others are left out beside --devices."""
    given = parameters_of(item)
    backend = BACKENDS.get(given.get("backend", ""))
    return "devices" in given and backend is not None and many(backend)


def left_out(backends: Iterable[Backend]) -> str:
    """The line that names backends whose programs run on one device."""
    names = [backend.id for backend in backends if backend.timed and not many(backend)]
    return f"left out beside --devices: backends of one device ({', '.join(names)})"


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which backends have no rows over several devices."""
    return [left_out(BACKENDS.values())] if config.option.devices else []


def chosen(config: pytest.Config, backend: Backend, devices: int) -> Backend:
    """The backend of a row, over its devices, with its library loaded."""
    if not config.option.devices:
        return backend
    found = over(backend, devices, config.stash[GROUP])
    load(found)
    return found


@lru_cache(maxsize=None)
def load(backend: Backend) -> None:
    """Load a backend's library: that is not a network's compile time."""
    backend.prepare(build("lif", 4, connected=False))


@pytest.fixture
def devices() -> int:
    """How many devices a row runs on."""
    return 1
