"""The record's fields, from their types: the page docs/record.md."""

from __future__ import annotations

from typing import Iterable, Iterator, get_args

from msgspec import Meta

from neurochip_bench.keep import markdown
from neurochip_bench.keep.record import STANDARD, TYPES, kind

HEAD = ("field", "type", "unit", "meaning")
TOP = """\
# The record of a row

What a saved timing says of itself: flat JSON scalars in the `extra_info` of each of pytest-benchmark's `benchmarks` and
`failures`. `neurochip_bench/keep/record.py` has it as a type, of which `neurochip-bench record` makes this page.

Every row has the first fields, null where one is not known; rows of an experiment have those of the second table too.
Reading forgives field by field: a value of another type reads as null and is said, unknown fields are kept. A run whose
`schema` is newer than this suite's is refused.
"""


def lines() -> Iterator[str]:
    """The page."""
    yield TOP
    yield from markdown.table(HEAD, map(cells, STANDARD))
    yield ""
    yield from markdown.table((*HEAD, "experiment"), (besides(name) for name in TYPES if name not in STANDARD))


def cells(name: str) -> tuple[str, ...]:
    """A field's cells under `HEAD`."""
    said = meta(name)
    return (f"`{name}`", kind(name), (said.extra or {})["unit"], said.description or "")


def besides(name: str) -> tuple[str, ...]:
    """The cells of a field that only some rows have."""
    return (*cells(name), (meta(name).extra or {})["of"])


def meta(name: str) -> Meta:
    """What a field's type says of it."""
    annotations: Iterable[object] = get_args(TYPES[name])[1:]
    return next(found for found in annotations if isinstance(found, Meta))
