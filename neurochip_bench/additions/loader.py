"""What takes other people's things in: nothing of theirs takes anything else down."""

from __future__ import annotations

from typing import Callable, Dict, List

from neurochip_bench.additions.sources import Source, fetch, installed, named


class Loader:
    """Looks into modules, and adds what it finds there.

    what        sentences call a thing of the kind
    group       of entry points that name modules
    attribute   of such a module: a tuple of things
    add         puts a thing where it is known, and returns its name; raises ValueError for what cannot be there
    added       where each thing is from, by its name
    troubles    one sentence for each that could not be added
    """

    def __init__(self, what: str, group: str, attribute: str, add: Callable[[object], str]) -> None:
        self.added: Dict[str, Source] = {}
        self.troubles: List[str] = []
        self._what, self._group, self._attribute, self._put = what, group, attribute, add
        self._seen: List[str] = []
        self._looked = False

    def ready(self) -> None:
        """Look if nobody did yet."""
        if not self._looked:
            self.look()

    def look(self) -> None:
        """Add what is installed or named and was not looked at yet."""
        self._looked = True  # a module that is imported here, and asks for what is known, gets what there is
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
            self.added[self._put(thing)] = source
        except ValueError as error:
            self.troubles.append(f"{source.who}: a {self._what} {error}")
