"""What importing the readers of saved runs loads, in a fresh process: no backend, and nothing that one brings."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LOADED = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, sorted(sys.modules)]))
"""
FOREIGN = ("jax", "jaxlib", "onnx", "onnxruntime", "tensorflow", "tf2onnx")


def loaded(package):
    """(modules of a package, backends, libraries of backends) that a process has which imports all of the package."""
    done = subprocess.run([sys.executable, "-c", LOADED, package], capture_output=True, text=True, check=True)
    names, modules = json.loads(done.stdout)
    assert set(names) <= set(modules)
    backends = [name for name in modules if name.startswith("neurochip_bench.backends.")]
    return names, backends, [name for name in modules if name.partition(".")[0] in FOREIGN]


@pytest.mark.parametrize(
    ("package", "needs"),
    [("neurochip_bench.report", ["jinja2", "matplotlib"]), ("neurochip_bench.compare", ["rich"])],
)
def test_reader_of_saved_runs_loads_no_backend(package, needs):
    for module in needs:
        pytest.importorskip(module)
    names, backends, foreign = loaded(package)
    assert len(names) > 10
    assert (backends, foreign) == ([], [])


def test_backends_that_a_package_does_load_are_seen():
    _, backends, foreign = loaded("neurochip_bench.accuracy")
    assert "neurochip_bench.backends.numpy_reference" in backends
    assert foreign == []


@pytest.mark.parametrize("package", ["neurochip_bench", "neurochip_bench.accuracy", "neurochip_bench.backends"])
def test_package_shows_the_names_that_it_loads_on_first_use(package):
    code = f"import sys, {package} as package; print(*(set(package.__all__) - set(dir(package))), '-', *sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    missing, _, modules = said.partition("-")
    assert missing.split() == []
    assert not {"neurochip_bench.accuracy.verdict", "neurochip_bench.backends.registry"} & set(modules.split())
    loaded_here = __import__(package, fromlist=["__all__"])
    assert all(getattr(loaded_here, name) is not None for name in loaded_here.__all__)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        loaded_here.__getattr__("nothing")


def test_what_runs_under_a_vendors_python_does_without_numpys_types():
    names = ("model", "model.network", "neurochip_bench.backends.ipu.program", "neurochip_bench.backends.groq.program")
    code = f"import sys; sys.modules['numpy.typing'] = None; import {', '.join(names)}"  # NumPy 1.19 has no such module
    subprocess.run([sys.executable, "-c", code], check=True)
