"""Networks of one's own in a session: the options that hand them in, what does not go with them, what is said."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Iterator

import pytest

from model.kernels import KERNELS
from model.network.assemble import OtherKernelError
from neurochip_bench.additions.kernels import OTHERS
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.keep.words import EXPERIMENTS
from neurochip_bench.networks.own import Own, by_name, own
from neurochip_bench.suite import marked, rows
from neurochip_bench.suite.keeping import Kept
from neurochip_bench.suite.own_truth import OwnTruths

BESIDE = ("kernel", "stimulus", "milliseconds")  # options that say more of what --network hands in
WITHOUT = ("side", "quick")  # options of standard networks


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that hand networks in."""
    group = parser.getgroup("neurochip-bench")
    group.addoption(
        "--network",
        action="append",
        default=[],
        metavar="FILE",
        help="run this network and no other: an NPZ or CSV file, or SONATA's folder (docs/own-network.md); repeatable",
    )
    OTHERS.ready()  # the help lists kernels
    group.addoption("--kernel", help=f"of a --network that does not say it: {', '.join(KERNELS)}")
    group.addoption("--stimulus", help="of --network: drive (the kernel's), none, or an NPY file (milliseconds, cells)")
    group.addoption("--milliseconds", type=int, help="model time of a run of --network (default: the file's, or 100)")


def pytest_configure(config: pytest.Config) -> None:
    """Read the networks; one that cannot be run, and an option that does not go with it, ends all at once."""
    config.stash[NETWORKS] = {}
    option = config.option
    if not option.network:
        given = next((name for name in BESIDE if getattr(option, name) is not None), None)
        if given:
            raise pytest.UsageError(f"--{given} goes with --network: expected a network's file")
        return
    refuse_beside(config)
    try:
        config.stash[NETWORKS] = by_name(handed_in(option))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    except ModuleNotFoundError as error:
        raise pytest.UsageError(f"{error.name} is not installed: expected it, the extra 'sonata' has it") from None


def handed_in(option: argparse.Namespace) -> Iterator[Own]:
    """The networks; --kernel is for those whose files say none, and raises ValueError where that is none of them."""
    refused, kernels = None, set()
    for name in option.network:
        path, more = Path(name), (option.stimulus, option.milliseconds)
        try:
            network = own(path, option.kernel, *more)
        except OtherKernelError as error:
            refused, network = error, own(path, None, *more)
        kernels.add(network.network.kernel)
        yield network
    if refused and option.kernel not in kernels:
        raise refused


def refuse_beside(config: pytest.Config) -> None:
    """Raises UsageError for what standard networks alone have: sizes and experiments."""
    option = config.option
    given = next((name for name in WITHOUT if getattr(option, name)), None)
    if given:
        raise pytest.UsageError(f"--{given} beside --network: expected one of them, a network's size is its file's")
    named = marked.wanted(option.markexpr) & {"experiment", *EXPERIMENTS}
    if named:
        raise pytest.UsageError(f"-m {sorted(named)[0]} beside --network: expected no experiment, which has its own")
    if option.milliseconds is not None and option.milliseconds < 1:
        raise pytest.UsageError(f"--milliseconds {option.milliseconds}: expected a whole number from 1")


def runs_own(metafunc: pytest.Metafunc) -> bool:
    """Whether a test runs networks of one's own here: one of rows, but of no experiment."""
    of_rows = set(rows.OF_OWN) <= set(metafunc.fixturenames) and not hasattr(metafunc.module, "ROWS")
    return bool(metafunc.config.stash[NETWORKS]) and of_rows


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say of each network what it is, and what may not be meant."""
    return [f"network {network}" for network in config.stash[NETWORKS].values()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raises UsageError where a file of an experiment was asked for by its path."""
    paths = [Path(arg.split("::")[0]).resolve() for arg in config.args]
    asked = [item for item in items if item.path in paths and item.get_closest_marker("experiment")]
    if config.stash[NETWORKS] and asked:
        raise pytest.UsageError(f"{asked[0].path.name} beside --network: expected no experiment, which has its own")


@pytest.fixture
def network() -> str | None:
    """The name of the network of one's own that a row runs; None of a standard one."""
    return None


@pytest.fixture
def side() -> int | None:
    """The side of a standard network; None of one's own."""
    return None


@pytest.fixture(scope="session")
def own_truths(kept_runs: Kept) -> OwnTruths:
    """What networks of one's own are judged by."""
    return OwnTruths(kept_runs)
