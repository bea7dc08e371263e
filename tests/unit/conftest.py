"""Fixtures of the unit tests: made-up runs, saved and compared."""

from __future__ import annotations

import os

import numpy as np
import pytest

import tests.helpers.profile  # noqa: F401 - how examples are drawn: importing it is all
from tests.helpers.collected import pytest_collection_finish  # noqa: F401 - a hook
from tests.helpers.commands import compare as main
from tests.helpers.saved_runs import save, timed

BACKENDS = ("numpy-cpu-f64", "jax-cpu-f32", "jax-cpu-f64", "tensorflow-cpu-f32")
NAMES = [f"{model}-connected-{backend}-n=64" for model in ("io", "lif") for backend in BACKENDS]


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """What a test of this process writes need not survive a power failure: 2 ms a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def compared(tmp_path, capsys):
    """Saves two runs, compares them; returns (exit code, what was printed)."""

    def run(base, new, *options, **machine):
        files = save(tmp_path / "a.json", base), save(tmp_path / "b.json", new, hour=1, **machine)
        code = main([*map(str, files), *options])
        out, error = capsys.readouterr()
        return code, out + error

    return run


@pytest.fixture
def pooled(tmp_path, capsys):
    """Saves processes of two sides, in folders, and compares them; `slow` gives a backend's factor on the new side."""

    def run(*options, slow=None, drift=1.0, turns=False, busy=1.0, processes=9, **machine):
        rng = np.random.default_rng(1)
        for number in range(processes):
            for side in (0, 1):
                rows = []
                for name in NAMES:
                    backend = name.partition("connected-")[2].rpartition("-n=")[0]
                    factor = ((slow or {}).get(backend, 1.0) * drift) ** side
                    best = 0.01 * factor * np.exp(rng.normal(0.0, 0.12 * busy**side))
                    rows.append(timed(name, (best, 1.02 * best, 1.1 * best)))
                hour = (2 * number + side) if turns else (number + processes * side)
                save(tmp_path / "ab"[side] / f"{number}.json", rows, hour=hour, **(machine if side else {}))
        code = main([str(tmp_path / "a"), str(tmp_path / "b"), *options])
        out, error = capsys.readouterr()
        return code, out + error

    return run


@pytest.fixture
def undrawn(monkeypatch):
    """Lets a report leave its figures empty, for tests of what else is on the page: drawing takes its time."""
    pytest.importorskip("matplotlib")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    monkeypatch.setattr("neurochip_bench.report.write.render", lambda draw, dpi: (svg, b""))
