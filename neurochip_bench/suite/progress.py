"""How far a long row is: on a terminal, and nowhere else."""

from __future__ import annotations

from contextlib import contextmanager


@contextmanager
def progress(config, name, milliseconds, seconds):
    """A bar of model time and time left on a terminal, gone at its end; nothing elsewhere, such as in CI's logs.

    It starts with the `seconds` that all will take, None if they are not known, and hears from `told` of the model
    milliseconds done. It draws itself only then: a thread of its own would disturb what is timed.
    """
    reporter, capture = (config.pluginmanager.get_plugin(plugin) for plugin in ("terminalreporter", "capturemanager"))
    if reporter is None or not reporter.isatty:
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[model]}"),
    ]
    columns += [TimeRemainingColumn()]
    bar = Progress(*columns, console=Console(), transient=True, auto_refresh=False)
    with capture.global_and_fixture_disabled(), bar:
        words = f"{name}: {milliseconds / 1e3:g} s of model time{expected(seconds)}"
        task = bar.add_task(words, total=milliseconds, model="0 s")
        bar.refresh()
        yield lambda done: bar.update(task, completed=done, model=f"{done / 1e3:g} s", refresh=True)


def expected(seconds):
    """Seconds in words."""
    if seconds is None:
        return ""
    return ", less than a second" if seconds < 1 else f", about {seconds:.0f} s"
