"""Kernels and backends of other people: installed packages, and modules that are named while they are being written.

A package is found by its entry points, each of which names a module; a module that is only written yet is named in an
environment variable, so that every process which is started has it too. The module holds a tuple of what it adds.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import ItemsView, KeysView, ValuesView
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Tuple, cast

from model.checks import Item, Named

NAMED = "NEUROCHIP_PLUGINS"  # names of modules, with commas between
# Words that select rows: none of them can be a kernel's name.
WORDS = (
    *("and", "or", "not", "connected", "unconnected", "slow", "experiment", "setup", "scaling", "speedup"),
    *("complexity", "validation", "stress", "energy", "delays", "steady", "peer", "backend", "side", "coupling"),
)


class Source(NamedTuple):
    """Where something is from: what sentences call it, and its module."""

    who: str
    module: str


def named() -> List[str]:
    """The modules that are named in the environment."""
    return [name.strip() for name in os.environ.get(NAMED, "").split(",") if name.strip()]


def installed(group: str) -> List[Source]:
    """The modules that entry points of a group name, in order; each once, however often its package is on the path."""
    from importlib import metadata  # takes longer to import than all the rest

    found = {
        entry.value.partition(":")[0].strip(): str(package.metadata["Name"])
        for package in metadata.distributions()
        for entry in package.entry_points
        if entry.group == group
    }
    return [Source(f"package {found[module]}", module) for module in sorted(found)]


def fetch(module: str) -> object:
    """A module, imported; it may lie in the folder that one is in."""
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())
    return importlib.import_module(module)


def place(module: str) -> Path:
    """The file or folder of a module that was imported: all that belongs to its outermost package."""
    path = Path(sys.modules[module.partition(".")[0]].__file__ or "")
    return path.parent if path.name == "__init__.py" else path


def word(text: object) -> str:
    """The text if it can be a marker's name and a part of a row's id; raises ValueError for another."""
    if not isinstance(text, str) or not text.isidentifier() or not text.isascii() or text in WORDS:
        raise ValueError(f"is called {text!r}: expected letters, digits and _, and none of {', '.join(WORDS)}")
    return text


class Registry(Named[Item]):
    """Named things of this project, and of other people's packages, which are looked for when it is first read.

    group       of entry points that name modules
    attribute   of such a module: a tuple of things
    key         of a thing: the name by which it is known; raises ValueError for what is no such thing
    own         the names of this project's
    troubles    one sentence for each that could not be added
    """

    def __init__(
        self, what: str, items: Mapping[str, Item], group: str, attribute: str, key: Callable[[object], str]
    ) -> None:
        super().__init__(what, items)
        self.own: Tuple[str, ...] = tuple(items)
        self.troubles: List[str] = []
        self.added: Dict[str, Source] = {}
        self._group, self._attribute, self._key = group, attribute, key
        self._seen: List[str] = []
        self._looked = False

    def look(self) -> None:
        """Add what is installed or named and was not looked at yet; nothing of it takes anything else down."""
        self._looked = True  # a module that reads this registry while it is imported sees what there is
        for source in (*installed(self._group), *(Source(f"plugin {name}", name) for name in named())):
            if source.module not in self._seen:
                self._seen.append(source.module)
                self._take(source)

    def _take(self, source: Source) -> None:
        try:
            given = getattr(fetch(source.module), self._attribute, None)
        except (Exception, SystemExit) as error:  # of any kind: it is other people's code
            said = (str(error).strip().splitlines() or ["no reason"])[0]
            self.troubles.append(f"{source.who} cannot be imported: {type(error).__name__}: {said}")
            return
        if given is None and source.who.startswith("plugin"):
            return  # it may have the other kind
        if not isinstance(given, (tuple, list)):
            self.troubles.append(f"{source.who}: {source.module}.{self._attribute} is {type(given).__name__}, no tuple")
            return
        for thing in given:
            self._add(source, thing)

    def _add(self, source: Source, thing: object) -> None:
        try:
            name = self._key(thing)
        except ValueError as error:
            self.troubles.append(f"{source.who}: a {self._what} {error}")
            return
        if dict.__contains__(self, name):
            self.troubles.append(f"{source.who}: a {self._what} {name!r} is known already, expected another name")
            return
        self[name] = cast("Item", thing)  # `key` has looked at it
        self.added[name] = source

    def _ready(self) -> None:
        if not self._looked:
            self.look()

    def __missing__(self, name: str) -> Item:
        """What another package adds by this name, or the ValueError."""
        self._ready()
        if dict.__contains__(self, name):
            return dict.__getitem__(self, name)
        return super().__missing__(name)

    def __contains__(self, name: object) -> bool:
        if dict.__contains__(self, name):
            return True
        self._ready()
        return dict.__contains__(self, name)

    def __iter__(self) -> Iterator[str]:
        self._ready()
        return dict.__iter__(self)

    def __len__(self) -> int:
        self._ready()
        return dict.__len__(self)

    def __reversed__(self) -> Iterator[str]:
        self._ready()
        return dict.__reversed__(self)

    def keys(self) -> KeysView[str]:  # type: ignore[override] # a view of a mapping, which `dict_keys` is
        """The names."""
        self._ready()
        return KeysView(self)

    def values(self) -> ValuesView[Item]:  # type: ignore[override] # likewise
        """The things."""
        self._ready()
        return ValuesView(self)

    def items(self) -> ItemsView[str, Item]:  # type: ignore[override] # likewise
        """Names and things."""
        self._ready()
        return ItemsView(self)
