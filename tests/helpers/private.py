"""What a process in a private folder can import of this project; also from scripts on Python 3.8."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Sequence

import neurochip_bench
from neurochip_bench.backends.remote.home import PARTS, Home
from neurochip_bench.backends.remote.survive import survived

SOURCE = Path(neurochip_bench.__file__).parent
CODE = """
import importlib.util, json, sys

def found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that it would be in
        return False

print(json.dumps([name for name in json.loads(sys.argv[1]) if found(name)]))
"""


def modules() -> list[str]:
    """Names of all modules of the source tree."""
    files = [file.relative_to(SOURCE.parent).with_suffix("") for file in SOURCE.rglob("*.py")]
    return sorted(".".join(file.parts) for file in files if file.name != "__init__")


def allowed(parts: Sequence[str] = PARTS) -> list[str]:
    """Names of those that belong to the parts."""
    starts = [f"{SOURCE.name}.{part[:-3] if part.endswith('.py') else part}".replace("/", ".") for part in parts]
    return [name for name in modules() if any(f"{name}.".startswith(f"{start}.") for start in starts)]


def importable(python: str, parts: Sequence[str] = PARTS) -> list[str]:
    """Names of those that a Python finds in a private folder with these parts."""
    home = Home(parts)
    try:
        answered, text = survived([python, "-c", CODE, json.dumps(modules())], start=home.start)
    finally:
        home.remove()
    assert answered, text
    return json.loads(text)
