"""Public signatures: where one takes or gives `Any`, its reason stands beside it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(path for package in ("model", "neurochip_bench") for path in (ROOT / package).rglob("*.py"))


def public(name):
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def signatures(tree):
    """The public functions of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and public(node.name):
            yield node
        if isinstance(node, ast.ClassDef) and public(node.name):
            yield from signatures(node)


def said(function):
    """What a function's arguments and its result are said to be."""
    taken = function.args
    every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
    return [found for found in (*(argument.annotation for argument in every if argument), function.returns) if found]


def without_reason(source):
    """The numbers of the lines on which a public signature has an `Any` and no comment."""
    lines = source.splitlines()
    found: set[int] = set()
    for function in signatures(ast.parse(source)):
        for annotation in said(function):
            names = (node for node in ast.walk(annotation) if isinstance(node, ast.Name) and node.id == "Any")
            found.update(node.lineno for node in names if "  # " not in lines[node.lineno - 1])
    return sorted(found)


def test_any_in_a_public_signature_has_its_reason_on_its_line():
    found = {str(path.relative_to(ROOT)): without_reason(path.read_text(encoding="utf-8")) for path in FILES}
    assert len(found) > 200
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_signature_without_a_reason_is_found():
    assert without_reason("def f(a: Any, *b: list[Any], c: int = 1) -> None: ...") == [1]
    assert without_reason("class A:\n    def f(self) -> Any: ...\n    def g(self, **x: Any): ...  # of JSON") == [2]
    assert without_reason("def _f(a: Any): ...\nclass _A:\n    def f(self, a: Any): ...\ndef g(a: object): ...") == []
