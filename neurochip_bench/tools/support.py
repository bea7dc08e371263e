"""What runs where, as the table of docs/backends.md: `neurochip-bench support`."""

from __future__ import annotations

from neurochip_bench.backends import BACKENDS, Backend
from neurochip_bench.keep import markdown

HEAD = ("backend", "`-m`", "install", "couplings")


def table() -> list[str]:
    """The Markdown table: one row per backend, in the order of the registry."""
    return markdown.table(HEAD, map(cells, BACKENDS.values()))


def cells(backend: Backend) -> tuple[str, ...]:
    """A backend's cells under `HEAD`."""
    program = backend.program
    install = f"`pip install -e '.[{program.extra}]'`" if program.extra else program.sdk or "always there"
    return (f"`{backend.id}`", f"`{backend.mark}`", install, couplings(backend))


def couplings(backend: Backend) -> str:
    """Which formulations run on a backend, and why the others do not."""
    names: dict[str, list[str]] = {}
    for name, reason in backend.program.unsupported.items():
        names.setdefault(reason, []).append(f"`{name}`")
    return "; ".join(f"not {', '.join(found)}: {reason}" for reason, found in names.items()) or "all"
