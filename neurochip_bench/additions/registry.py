"""Named things of this project and of other packages, which are looked for when it is first read."""

from __future__ import annotations

from collections.abc import ItemsView, KeysView, ValuesView
from typing import Iterator, List, Mapping

from model.checks import Item, Registry
from neurochip_bench.additions.loader import Loader


class Lazy(Registry[Item]):
    """A registry that asks its loaders before it answers, so that importing it imports nothing of others."""

    def __init__(self, what: str, items: Mapping[str, Item]) -> None:
        super().__init__(what, items)
        self.loaders: List[Loader] = []

    def _ready(self) -> None:
        for loader in self.loaders:
            loader.ready()

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
