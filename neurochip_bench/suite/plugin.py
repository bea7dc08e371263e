"""The suite's policy: options, markers, rows, what is required, and the table at the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Generator, Sequence

import pytest

from model.kernels import KERNELS
from neurochip_bench import plugins
from neurochip_bench.backends import BACKENDS, platforms
from neurochip_bench.backends.onnx import named
from neurochip_bench.backends.registry import devices
from neurochip_bench.keep import distance, machine
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.keep.record import read
from neurochip_bench.keep.tries import RECORDS
from neurochip_bench.suite import beside, energy, marked, measured_floor, networks, presence, rows, summary
from neurochip_bench.suite.devices import GROUP
from neurochip_bench.terminal import shown


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options by which rows are chosen and kept."""
    group = parser.getgroup("neurochip-bench")
    group.addoption("--side", help="sides of the networks, N = side^3: 4,9,20 (default), or 'paper' for all of its")
    group.addoption("--coupling", help="formulations, such as padded,dense; 'best', the default, is each backend's own")
    group.addoption("--quick", action="store_true", help="experiments in a small form: all in under five minutes")
    group.addoption("--outputs", type=Path, help="keep each row's final state in this folder, as npz")
    group.addoption(
        "--require",
        action="append",
        default=[],
        help="a backend or device whose absence is an error, or that times be steady",
    )
    group.addoption(
        "--plugin", action="append", default=[], metavar="MODULE", help="a module with KERNELS or BACKENDS of your own"
    )
    group.addoption("--platform", action="append", default=[], help="one of JAX's platforms, such as rocm: a backend")
    group.addoption(
        "--provider",
        action="append",
        default=[],
        metavar="NAME[=LIBRARY]",
        help="an execution provider of ONNX Runtime, such as QNNExecutionProvider: a backend",
    )


def add_named(option: str, add: Callable[[Sequence[str]], None], names: list[str]) -> None:
    """Make a backend of each name; raises UsageError for one that cannot be."""
    try:
        add(names)
    except ValueError as error:
        raise pytest.UsageError(f"{option} {error}") from error


@pytest.hookimpl(tryfirst=True)  # a network's file may be of a kernel that is added here
def pytest_configure(config: pytest.Config) -> None:
    """A marker for each kernel and device; options that cannot be are refused before anything runs."""
    if refused := plugins.use(config.option.plugin):
        raise pytest.UsageError("; ".join(refused))
    add_named("--platform", platforms.add, config.option.platform)
    add_named("--provider", named.add, config.option.provider)
    for kernel in KERNELS:
        config.addinivalue_line("markers", f"{kernel}: networks of {kernel} cells")
    for mark, device in devices().items():
        config.addinivalue_line("markers", f"{mark}: runs on a {device.called}")
    marked.check_words(config.option.markexpr)
    rows.parse_sides(config.option.side)
    rows.parse_couplings(config.option.coupling)
    if reason := machine.unfit():
        raise pytest.UsageError(reason)


def pytest_report_header() -> list[str]:
    """One line for each package whose kernels or backends could not be added."""
    return [f"left out: {trouble}" for trouble in plugins.troubles()]


def pytest_sessionstart(session: pytest.Session) -> None:
    """End at once where something that was required is absent."""
    reasons = [presence.absent(name) for name in session.config.option.require]
    if any(reasons):
        pytest.exit("; ".join(reason for reason in reasons if reason), returncode=pytest.ExitCode.NO_TESTS_COLLECTED)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The rows of each benchmark, and the backends of each test that runs on all of them."""
    if any(set(rows.ARGUMENTS) & set(marker.args[0]) for marker in metafunc.definition.iter_markers("parametrize")):
        return  # chooses its own rows
    if networks.runs_own(metafunc):
        own = rows.own_params(metafunc.config.stash[NETWORKS].values(), metafunc.config.option)
        metafunc.parametrize(rows.OF_OWN, own, indirect=["backend"])
    elif set(rows.ARGUMENTS) <= set(metafunc.fixturenames):
        of_module = getattr(metafunc.module, "ROWS", rows.Rows())
        metafunc.parametrize(rows.ARGUMENTS, list(of_module.params(metafunc.config.option)), indirect=["backend"])
    elif "backend" in metafunc.fixturenames:
        here = [b for b in BACKENDS.values() if b.timed and presence.missing(b.id) is None]
        if getattr(metafunc.module, "ONE_PRECISION", False):
            here = list({(b.library, b.device): b for b in reversed(here)}.values())[::-1]
        marked = [pytest.param(b.id, marks=getattr(pytest.mark, b.mark)) for b in here]
        metafunc.parametrize("backend", marked, indirect=True, scope="session")  # test_backends.py skips the others


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, object, object]:
    """A benchmark that is interrupted is not saved; without a first round it would keep all others from being."""
    ended = False
    try:
        result = yield
        ended = True
        return result
    except Exception as error:
        ended = not isinstance(error, pytest.exit.Exception)  # which is no KeyboardInterrupt, and ends a row like one
        raise
    finally:
        benchmark: Any = item.funcargs.get("benchmark")  # a test may have another fixture of that name
        if benchmark is not None and benchmark.stats is not None and not (ended and benchmark.stats.stats.data):
            benchmark.has_error = True


@pytest.hookimpl(trylast=True)  # after pytest-benchmark's long table
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the table of what is fast and right, and of energy, below pytest-benchmark's; process 0 alone does."""
    if config.stash[GROUP].process:
        return
    records, peers = beside.apart([read(info)[0] for info in config.stash[RECORDS].values()])
    width = max(config.get_terminal_writer().fullwidth, 100)
    encoding = getattr(sys.stdout, "encoding", None)  # it is None where it is closed
    if records:
        terminalreporter.section("fast and right")
        least = measured_floor.for_rows(filter(distance.ranked, records))
        for line in (*summary.lines(records, width, least), *energy.lines(records)):
            terminalreporter.write_line(shown(line, encoding))
    if peers:
        terminalreporter.section("beside the field's simulators")
        for line in beside.lines(peers, records, width):
            terminalreporter.write_line(shown(line, encoding))


def pytest_benchmark_update_machine_info(machine_info: dict[str, object]) -> None:
    """Name what times depend on in a saved run's description of its machine."""
    cpu = machine_info.get("cpu")
    machine_info.update(machine.describe(cpu if isinstance(cpu, dict) else {}))


def pytest_benchmark_update_json(config: pytest.Config, output_json: dict[str, object]) -> None:
    """Save what this machine needs at least of the rows; not in its description: no two measurements are the same."""
    if not config.stash[GROUP].process:  # two at once would measure each other
        records = [read(info)[0] for info in config.stash[RECORDS].values()]
        output_json["floor"] = measured_floor.for_rows(records).saved()
