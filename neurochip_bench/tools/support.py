"""What runs where, as the table of docs/backends.md: `neurochip-bench support`."""

from __future__ import annotations

from neurochip_bench.backends import BACKENDS, Backend

HEAD = ("backend", "`-m`", "install", "couplings")


def table() -> list[str]:
    """The Markdown lines: one per backend, in the order of the registry."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|"]
    for backend in BACKENDS.values():
        program = backend.program
        install = f"`pip install -e '.[{program.extra}]'`" if program.extra else program.sdk or "always there"
        lines.append(f"| `{backend.id}` | `{backend.mark}` | {install} | {couplings(backend)} |")
    return lines


def couplings(backend: Backend) -> str:
    """Which formulations run on a backend, and why the others do not."""
    names: dict[str, list[str]] = {}
    for name, reason in backend.program.unsupported.items():
        names.setdefault(reason, []).append(f"`{name}`")
    return "; ".join(f"not {', '.join(found)}: {reason}" for reason, found in names.items()) or "all"
