"""A private folder for a process under another Python, with those parts of this project that it needs and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Sequence

import model
import neurochip_bench
from neurochip_bench.additions import sources
from neurochip_bench.additions.kernels import OTHERS
from neurochip_bench.backends.remote.survive import survived

# What serving programs needs of `neurochip_bench`, besides `model`; a program names what it needs itself.
PARTS = (
    "__init__.py", "lazy.py", "run.py", "settings.py", "additions/__init__.py", "additions/kernels.py",
    "additions/loader.py", "additions/sources.py", "backends/__init__.py", "backends/libraries.py",
    "backends/probes.py", "backends/program.py", "backends/remote", "backends/stepping.py", "networks/__init__.py",
    "networks/undrawn.py",
)  # fmt: skip
NOT_THEIRS = ("XLA_FLAGS", "TF_OVERRIDE_GLOBAL_THREADPOOL")  # set for this TensorFlow; another aborts over a new flag


class Home:
    """The folder, and the environment of the processes that start in it.

    parts   files and folders of `neurochip_bench`, by their path in it
    """

    def __init__(self, parts: Sequence[str] = PARTS) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="neurochip-")
        self.path = Path(self._folder.name)
        show(Path(model.__file__).parent, self.path / "model")
        package = Path(neurochip_bench.__file__).parent
        for part in parts:
            show(package / part, self.path / package.name / part)
        for source in OTHERS.added.values():  # another Python finds no package that is installed for this one
            place = sources.place(source.module)
            show(place, self.path / place.name)
        (self.path / "tmp").mkdir()
        self.remove = self._folder.cleanup

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:  # of `Popen`, which types them
        """A process in this folder."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_THEIRS}
        inherited = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
        paths = [str(self.path), *(path for path in inherited if not is_clone(Path(path)))]
        kernels = ",".join(dict.fromkeys(source.module for source in OTHERS.added.values()))
        environment.update({sources.NAMED: kernels})
        environment.update(PYTHONPATH=os.pathsep.join(paths), TMPDIR=str(self.path / "tmp"))
        return subprocess.Popen(command, cwd=self.path, env=environment, **options)


def show(place: Path, link: Path) -> None:
    """Let a file or folder be seen as `link`: by a link, or by a copy where these need a privilege, as on Windows."""
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.symlink_to(place, target_is_directory=place.is_dir())
    except OSError:
        shutil.copytree(place, link) if place.is_dir() else shutil.copy2(place, link)


def is_clone(folder: Path) -> bool:
    """Whether this project lies in a folder with its sources, from which a process could import all of it."""
    return (folder / neurochip_bench.__name__).is_dir() and (folder / "pyproject.toml").is_file()


def asked(python: str, code: str, seconds: float = 60.0, parts: Sequence[str] = PARTS) -> tuple[bool, str]:
    """What a Python prints for some code that may import these parts, see `survived`."""
    home = Home(parts)
    try:
        return survived([python, "-c", code], seconds, home.start)
    finally:
        home.remove()
