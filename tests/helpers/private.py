"""What a process in a private folder can import of this project; also from scripts on Python 3.8."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from neurochip_bench.backends.remote.home import PARTS, Home
from neurochip_bench.backends.remote.survive import survived

ROOT = Path(__file__).resolve().parents[2]
OF_NUMPY = ("host", "numpy_reference", "ops", "quota")
NUMPY = (*PARTS, *(f"backends/{name}.py" for name in OF_NUMPY))  # of NumPy's program
CODE = """
import importlib.util, json, sys

def found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that it would be in
        return False

print(json.dumps([name for name in json.load(open(sys.argv[1])) if found(name)]))
"""


def modules() -> list[str]:
    """Names of all modules of this project, its tests among them."""
    files = [path.relative_to(ROOT) for folder in ("model", "neurochip_bench", "tests") for path in sources(folder)]
    return sorted(".".join(file.with_suffix("").parts) for file in files if file.name != "__init__.py")


def sources(folder: str) -> list[Path]:
    """The sources below a folder of this project."""
    return list((ROOT / folder).rglob("*.py"))


def allowed(parts: Sequence[str] = PARTS) -> list[str]:
    """Names of those that belong to the parts, or are simulated."""
    starts = [
        "model",
        *(f"neurochip_bench.{part[:-3] if part.endswith('.py') else part}".replace("/", ".") for part in parts),
    ]
    return [name for name in modules() if any(f"{name}.".startswith(f"{start}.") for start in starts)]


def importable(python: str, parts: Sequence[str] = PARTS) -> list[str]:
    """Names of those that a Python finds in a private folder with these parts.

    What it finds of the tests anywhere else, since this project is installed there to be edited, is not the folder's.
    """
    home = Home(parts)
    try:
        found = _found(python, home.start)
    finally:
        home.remove()
    return [name for name in found if not name.startswith("tests.") or name not in _installed(python)]


def imported(*names: str) -> list[str]:
    """Names of the modules of this project that some modules import, they and what they import in turn, anywhere."""
    known, todo, seen = set(modules()), list(names), set()
    while todo:
        name = todo.pop()
        package = ROOT / name.replace(".", "/")
        file = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
        if name not in seen and file.exists():
            todo += [name.rpartition(".")[0] or name, *_imports(ast.parse(file.read_text(encoding="utf-8")))]
        seen.add(name)
    return sorted(known & seen)


def _imports(tree: ast.AST) -> Iterator[str]:
    """What a module imports, in functions too; nothing that is for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield str(node.module)
        elif not (isinstance(node, ast.If) and ast.dump(node.test) == ast.dump(ast.Name("TYPE_CHECKING", ast.Load()))):
            yield from _imports(node)


def _elsewhere(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """A process that knows what is installed, and no folder of this project."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(command, cwd=os.sep, env=environment, **options)


@lru_cache(maxsize=None)
def _installed(python: str) -> frozenset[str]:
    """Names of those that a Python finds anywhere else."""
    return frozenset(_found(python, _elsewhere))


def _found(python: str, start: Callable[..., Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names.json"
        names.write_text(json.dumps(modules()))
        answered, text = survived([python, "-c", CODE, str(names)], start=start)
    assert answered, text
    return json.loads(text)
