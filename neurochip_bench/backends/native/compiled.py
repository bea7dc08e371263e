"""Generated programs, compiled: each once, whatever the size of the network, its graph, its step or its parameters."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, NamedTuple

import numpy as np

from model.kernels import Kernel
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.native import cache
from neurochip_bench.backends.native.source import source
from neurochip_bench.backends.native.trace import Cell, trace
from neurochip_bench.settings import Settings

_made: Dict[str, Handle] = {}  # by their text: what this process has compiled or loaded


def version() -> str:
    """Numba's."""
    return importlib.metadata.version("numba")


class Compiling(NamedTuple):
    """A program before it is compiled: its traced step, its text, and what tells Numba the types of its arguments."""

    cell: Cell
    name: str
    text: str
    dtype: np.dtype
    coupling: str | None

    def signature(self) -> Handle:
        """Numba's types of what `run` takes."""
        from numba import boolean, from_dtype, int64, uint32, uint64, void

        real, place, count = (kind[::1] for kind in (from_dtype(self.dtype), uint32, uint64))
        degree = place if self.coupling == "gather-scatter" else real
        arrays = [real, real, count, real, real, real, real, real, place, real, degree, count, int64[::1]]
        return void(*arrays, *[uint64] * 8, boolean, uint64, boolean, boolean)


def asked(kernel: Kernel, settings: Settings, dtype: np.dtype) -> Compiling:
    """The program of a kernel in settings, of which coupling, rates and accumulation matter."""
    coupling, precision = settings.coupling, "f64" if dtype.itemsize == 8 else "f32"
    cell = trace(kernel, coupling is not None, settings.rates, settings.accumulation)
    chosen = f"{coupling or 'unconnected'}, {settings.rates} rates, {settings.accumulation} accumulation, {precision}"
    return Compiling(cell, kernel.name, source(cell, coupling, precision, f"{kernel.name}: {chosen}."), dtype, coupling)


def program(asked: Compiling, cold: bool) -> Handle:
    """The compiled function: from this process or from the cache on disk, unless it is to be compiled anew."""
    if cold or asked.text not in _made:
        found = cache.folder()
        loaded = None if cold or found is None else load(asked, found / entry_name(asked))
        _made[asked.text] = loaded or made(asked, found)
    return _made[asked.text]


def made(asked: Compiling, folder: Path | None) -> Handle:
    """A program compiled now, and kept in a folder of the user's where there is one that takes it."""
    if folder is not None:
        with suppress(OSError):  # a full disk, say
            return _kept(asked, folder)
    with tempfile.TemporaryDirectory(prefix="neurochip-bench-") as passing:
        return _compiled(asked, Path(passing), kept=False)


def _kept(asked: Compiling, folder: Path) -> Handle:
    making = cache.beginning(folder)
    try:
        run = _compiled(asked, making, kept=True)
        cache.finish(making, folder / entry_name(asked))
    except BaseException:
        cache.remove(making)
        raise
    return run


def load(asked: Compiling, entry: Path) -> Handle | None:
    """A program from the cache; None where it is not there, and where it is no more what it was, which is removed."""
    if not entry.exists():
        return None
    try:
        run = _compiled(asked, entry, kept=True) if cache.whole(entry) else None
    except Exception:  # of any kind: what Numba or another Python left there is not what this one reads
        run = None
    if run is None or not sum(run.stats.cache_hits.values()):
        cache.remove(entry)
        return None
    return run


def _compiled(asked: Compiling, entry: Path, kept: bool) -> Handle:
    """The function `run` of the module in a folder, compiled or, where Numba has kept it there, loaded."""
    path = entry / f"{asked.name}.py"
    if not path.exists():
        path.write_text(asked.text, encoding="utf-8")
    run = imported(path, f"neurochip_bench_{entry_name(asked).replace('-', '_')}").run
    if kept:
        _keep_beside(run)
    run.compile(asked.signature())
    run.disable_compile()
    return run


def imported(path: Path, name: str) -> Library:
    """The module in a file; what Numba keeps of it asks for it by its name, which is therefore the same next time."""
    spec: Any = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _keep_beside(run: Handle) -> None:
    """Let Numba keep a function beside its source, wherever else the user's NUMBA_CACHE_DIR would have it."""
    config = _config()
    before, config.CACHE_DIR = config.CACHE_DIR, ""
    try:
        run.enable_caching()
    finally:
        config.CACHE_DIR = before


def _config() -> Library:
    """Numba's settings, as its environment has set them."""
    from numba.core import config

    return config


def entry_name(asked: Compiling) -> str:
    """The name of a program's entry: another one for another text, Numba, Python or processor."""
    from llvmlite import __version__ as llvmlite
    from llvmlite import binding

    config = _config()
    features = binding.get_host_cpu_features().flatten()
    machine = [binding.get_host_cpu_name(), features, config.CPU_NAME, config.CPU_FEATURES, config.OPT]
    helpers = (Path(__file__).parent / "intrinsics.py").read_text(encoding="utf-8")
    parts = [asked.text, helpers, version(), llvmlite, sys.version, *map(str, machine)]
    return f"{asked.name}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"
