"""How far a long row is: on a terminal, and nowhere else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Callable, ContextManager, Iterator, Optional

import pytest

Listener = Callable[[int], object]  # told of the model milliseconds done
Progress = Callable[[str, int, Optional[float]], ContextManager[Listener]]  # of a name, model milliseconds and seconds


def unseen(done: int) -> None:
    """Listen where nobody watches: nothing is shown."""


@contextmanager
def progress(config: pytest.Config, name: str, milliseconds: int, seconds: float | None) -> Iterator[Listener]:
    """A bar of model time and time left on a terminal, gone at its end; nothing elsewhere, such as in CI's logs.

    It starts with the `seconds` that all will take, None if they are not known, and gives what hears of the model
    milliseconds done. It draws itself only then: a thread of its own would disturb what is timed.
    """
    reporter, capture = (config.pluginmanager.get_plugin(plugin) for plugin in ("terminalreporter", "capturemanager"))
    if reporter is None or capture is None or not reporter.isatty:
        yield unseen
        return
    from rich import progress as shown
    from rich.console import Console

    words, model = shown.TextColumn("{task.description}", markup=False), shown.TextColumn("{task.fields[model]}")
    columns = (words, shown.BarColumn(), model, shown.TimeRemainingColumn())
    bar = shown.Progress(*columns, console=Console(), transient=True, auto_refresh=False)
    with capture.global_and_fixture_disabled(), bar:
        head = f"{name}: {milliseconds / 1e3:g} s of model time{expected(seconds)}"
        task = bar.add_task(head, total=milliseconds, model="0 s")
        bar.refresh()
        yield lambda done: bar.update(task, completed=done, model=f"{done / 1e3:g} s", refresh=True)


def expected(seconds: float | None) -> str:
    """How long something will take, in words; nothing where that is not known."""
    if seconds is None:
        return ""
    return ", less than a second" if seconds < 1 else f", about {seconds:.0f} s"
