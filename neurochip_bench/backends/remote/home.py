"""A private folder for a process under another Python, with those parts of this project that it needs and no other."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Sequence

import model
import neurochip_bench
from neurochip_bench.backends.remote.survive import survived

# What a program needs of `neurochip_bench`, besides `model`: under a vendor's Python nothing else can be imported.
PARTS = ("__init__.py", "files.py", "lazy.py", "run.py", "settings.py", "backends")
NOT_THEIRS = ("XLA_FLAGS", "TF_OVERRIDE_GLOBAL_THREADPOOL")  # set for this TensorFlow; another aborts over a new flag


class Home:
    """The folder, and the environment of the processes that start in it.

    parts   files and folders of `neurochip_bench`, by their path in it
    """

    def __init__(self, parts: Sequence[str] = PARTS) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="neurochip-")
        self.path = Path(self._folder.name)
        (self.path / "model").symlink_to(Path(model.__file__).parent, target_is_directory=True)
        package = Path(neurochip_bench.__file__).parent
        for part in parts:
            link = self.path / package.name / part
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(package / part, target_is_directory=(package / part).is_dir())
        (self.path / "tmp").mkdir()
        self.remove = self._folder.cleanup

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:  # of `Popen`, which types them
        """A process in this folder."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_THEIRS}
        paths = [str(self.path), *filter(None, [environment.get("PYTHONPATH")])]
        environment.update(PYTHONPATH=os.pathsep.join(paths), TMPDIR=str(self.path / "tmp"))
        return subprocess.Popen(command, cwd=self.path, env=environment, **options)


def asked(python: str, code: str, seconds: float = 60.0) -> tuple[bool, str]:
    """What a Python prints for some code that may import what programs need, see `survived`."""
    home = Home()
    try:
        return survived([python, "-c", code], seconds, home.start)
    finally:
        home.remove()
