"""Stand-ins for vendors' libraries, in workers alone: `pytest -p tests.helpers.standins` has them for a whole session.

What they run says so: its device is "stand-in".
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from neurochip_bench.backends.groq.program import RemoteGroqProgram
from neurochip_bench.backends.remote import home, worker

FOLDER = Path(__file__).parents[1] / "standins"
CHIPS = {"ipu": "tensorflow-ipu-f32", "groq": "groq-groqchip-f32"}


def install(patch, *names):
    """Let workers find the stand-ins of these names; a card is taken for present where only its PCI number tells."""
    patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # of the tools' python3
    patch.setenv("POPLAR_SDK_ENABLED", "1")
    patch.setattr(RemoteGroqProgram, "missing", classmethod(lambda cls: None))
    for name in names:
        patch.setenv(f"NEUROCHIP_{name.upper()}_PYTHON", sys.executable)
        patch.setenv("PATH", str(FOLDER / name / "bin"), prepend=os.pathsep)
        patch.setenv("PYTHONPATH", str(FOLDER / name), prepend=os.pathsep)


@contextmanager
def standing_in(*names):
    """Workers that start in this context find the stand-ins; they end with it."""
    worker.close_all()
    with pytest.MonkeyPatch.context() as patch:
        install(patch, *names)
        yield
        worker.close_all()


def outcomes(name, prelude, cases):
    """What becomes of each case, some code after the `prelude`: "fine", or its error; all in one process."""
    code = (
        "import json, sys\n"
        f"prelude, cases = json.loads({json.dumps(json.dumps([prelude, cases]))})\n"
        "space, results = {}, {}\n"
        "exec(prelude, space)\n"
        "for key, case in cases.items():\n"
        "    try:\n"
        "        exec(case, dict(space))\n"
        "        results[key] = 'fine'\n"
        "    except (Exception, SystemExit) as error:\n"
        "        results[key] = f'{type(error).__name__}: {error}'\n"
        "print(json.dumps(results))\n"
    )
    with standing_in(name):
        answered, text = home.asked(sys.executable, code)
    assert answered, text
    return json.loads(text.splitlines()[-1])


def pytest_configure(config):
    """For a whole session."""
    install(pytest.MonkeyPatch(), *CHIPS)
