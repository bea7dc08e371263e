"""What has to be the same for two parts of a run: machine, environment, command, sources, versions of libraries."""

from __future__ import annotations

import os
import platform
import re
import shlex
from pathlib import Path
from typing import Mapping, Sequence

import pytest

from neurochip_bench.backends.given import GIVEN
from neurochip_bench.backends.host import cores
from neurochip_bench.keep.journal import FORM, Journal
from neurochip_bench.keep.machine import in_words
from neurochip_bench.keep.versions import sources, versions
from neurochip_bench.networks.read import digest_of_files

FLAGS = re.compile(
    r"--(resume|exitfirst|stepwise(-skip|-reset)?|sw(-skip|-reset)?|(row-limit|maxfail|coordinator|process-id)=.*)"
)
VALUED = ("--row-limit", "--maxfail", "--coordinator", "--process-id")


def conditions(config: pytest.Config) -> dict[str, str]:
    """What has to be the same for two parts of a run, by name."""
    added = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    arguments = [*added, *config.invocation_params.args]
    return {
        "machine": in_words(),
        "threads": str(cores()),
        **GIVEN,
        "arguments": " ".join(lasting(arguments)),
        **processes(config),
        "sources": sources(config.rootpath),
        "python": platform.python_version(),
        **{f"network {name}": digest_of_files(Path(name)) for name in handed_in(config)},
        **{f"library {name}": digest_of_files(Path(name)) for name in libraries(config)},
        **versions(),
    }


def processes(config: pytest.Config) -> dict[str, str]:
    """How many processes run together, where it is several: a launcher says so, and no argument."""
    count = config.getoption("processes", None) or 1
    return {"processes": str(count)} if count > 1 else {}


def handed_in(config: pytest.Config) -> list[str]:
    """The files of a user that a run depends on."""
    stimulus = config.getoption("stimulus", None)
    return [*config.getoption("network", []), *([stimulus] if stimulus else [])]


def libraries(config: pytest.Config) -> list[str]:
    """The plugin libraries of ONNX Runtime that are given by their paths."""
    given = (text.partition("=")[2] for text in config.getoption("provider", []))
    return [path for path in given if path]


def lasting(arguments: Sequence[str]) -> list[str]:
    """The arguments of a run without those that only say where it ends or goes on, such as -x and --resume.

    Where its processes meet, and which of them this is, does not count either.
    """
    kept: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument in VALUED:
            next(left, None)
        elif re.fullmatch(r"-[vqslx]*x[vqslx]*", argument):  # flags in one word; "-rx" is no such
            rest = argument.replace("x", "")
            kept += [rest] if rest != "-" else []
        elif not FLAGS.fullmatch(argument):
            kept.append(argument)
    return kept


def refuse_other(journal: Journal, config: pytest.Config) -> None:
    """Raises UsageError with what differs where a run was begun under other conditions, or written in another form."""
    header, here = journal.read().header, conditions(config)
    begun = f"run {header.get('name')!r}, begun at {header.get('datetime')}, has"
    if header.get("form") != FORM:
        raise pytest.UsageError(
            f"{begun} a journal of form {header.get('form', 1)}: expected {FORM}, this suite's; "
            "without --resume it begins anew"
        )
    differing = differences(header["conditions"], here)
    if differing:
        raise pytest.UsageError(f"{begun} {differing}, as now; without --resume it begins anew")


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """Each condition that differs, in words; empty where none does."""
    names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    return ", ".join(f"{name} {_said(there.get(name))}: expected {_said(here.get(name))}" for name in names)


def _said(value: str | None) -> str:
    return "absent" if value is None else repr(value)
