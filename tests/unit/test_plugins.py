"""Kernels and backends of other packages: what is added, what is refused in a sentence, what an installed one gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.checks import Registry
from model.kernels import KERNELS
from model.network import build
from neurochip_bench.accuracy.units import name_in
from neurochip_bench.additions import kernels, sources
from neurochip_bench.additions.loader import Loader
from neurochip_bench.additions.registry import Lazy
from neurochip_bench.backends import BACKENDS, Backend, Device
from neurochip_bench.backends.device import GPU
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.registry import DEVICES, checked
from neurochip_bench.backends.remote import worker
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.settings import steps_per_millisecond
from neurochip_bench.suite import marked, presence
from neurochip_bench.suite.keeping import SOURCES, sources_of
from tests.helpers import private
from tests.helpers.examples import FOLDER, MODELS
from tests.helpers.sessions import BENCHMARK, LIGHT, PROMPT, QUICK

ROOT = Path(__file__).parents[2]
HH, OWN = KERNELS["hh"], MODELS[0]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a module that is on the path, and an entry point of it where a package is named."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv(sources.NAMED, raising=False)

    def make(module, content, name=None):
        (tmp_path / f"{module}.py").write_text(content, encoding="utf-8")
        if name:
            info = tmp_path / f"{name}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
            (info / "entry_points.txt").write_text(f"[neurochip_bench.kernels]\nx = {module}\n", encoding="utf-8")

    return make


@pytest.fixture
def registry(monkeypatch):
    """Kernels that are looked for when they are first read, and what looks for them."""
    found: Lazy = Lazy("kernel", {"hh": HH})
    monkeypatch.setattr(kernels, "KERNELS", found)
    found.loaders.append(Loader("kernel", kernels.GROUP, "KERNELS", kernels.add))
    return found, found.loaders[0]


MAKES = "from dataclasses import replace\nfrom model.kernels import KERNELS as KNOWN\n"


def test_an_installed_package_is_looked_for_when_a_registry_is_first_read(package, registry):
    package("newcomers", f"{MAKES}KERNELS = [replace(KNOWN['hh'], name='newcomer')]", "new-comers")
    found, loader = registry
    assert "newcomers" not in sys.modules
    assert list(found) == ["hh", "newcomer"]
    assert found["newcomer"].name == "newcomer"
    assert (found.own, loader.troubles, loader.added["newcomer"].who) == (("hh",), [], "package new-comers")
    del sys.modules["newcomers"]


WRONG = {
    "raises": ("raise RuntimeError('no\\nchip')", "cannot be imported: RuntimeError: no"),
    "exits": ("raise SystemExit('bye')", "cannot be imported: SystemExit: bye"),
    "lacks": ("import nothing_of_this_name", "cannot be imported: ModuleNotFoundError: No module named 'nothing_of"),
    "empty": ("", "wrong_empty.KERNELS is NoneType, no tuple"),
    "other": ("KERNELS = ('hh',)", "a kernel is str: expected a model.kernels.Kernel"),
    "known": (f"{MAKES}KERNELS = (KNOWN['hh'],)", "a kernel 'hh' is known already, expected another name"),
    "word": (f"{MAKES}KERNELS = (replace(KNOWN['hh'], name='slow'),)", "a kernel is called 'slow': expected letters"),
    "id": (f"{MAKES}KERNELS = (replace(KNOWN['hh'], name='h-h'),)", "a kernel is called 'h-h': expected letters"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_package_that_cannot_be_added_is_one_sentence_and_takes_nothing_down(package, registry, case):
    content, sentence = WRONG[case]
    package(f"wrong_{case}", content, f"wrong-{case}")
    package("good", f"{MAKES}KERNELS = (replace(KNOWN['hh'], name='good'),)", "good")
    found, loader = registry
    assert list(found) == ["hh", "good"]
    (trouble,) = loader.troubles
    assert trouble.startswith(f"package wrong-{case}")
    assert sentence in trouble
    assert "\n" not in trouble
    sys.modules.pop("good")


def test_a_kernel_is_registered_by_hand_once():
    found: Registry = Registry("kernel", {"hh": HH})
    assert found.register("mine", OWN) == "mine"
    assert (list(found), found.own) == (["hh", "mine"], ("hh",))
    with pytest.raises(ValueError, match="'mine' is known already, expected another name"):
        found.register("mine", OWN)


def backend(**changes):
    return replace(Backend("my", "chip", "f32", NumpyProgram, Device("mine", "chip of mine")), **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"device": "my-chip"}, "is called 'my-chip'"),
        ({"on": Device("hh", "x")}, "is marked 'hh', which is a kernel"),
        ({"on": Device("slow", "x")}, "is called 'slow'"),
        ({"on": Device("gpu", "other GPU")}, "is on another device 'gpu' than is known"),
        ({"precision": "f16"}, "has precision 'f16': expected one of f32, f64, tf32"),
    ],
)
def test_a_backend_that_cannot_be_told_apart_is_refused(changes, sentence):
    assert checked(backend()).id == "my-chip-f32"
    assert checked(backend(on=GPU)).id == "my-chip-f32"
    with pytest.raises(ValueError, match=sentence):
        checked(backend(**changes))


def test_what_is_kept_of_an_own_kernel_depends_on_its_module(package, monkeypatch):
    package("edited", f"{MAKES}KERNELS = (replace(KNOWN['hh'], name='edited'),)", "edited")
    kernels.OTHERS.look()
    try:
        assert [path.name for path in sources_of("edited")] == [*(path.name for path in SOURCES), "edited.py"]
        assert sources_of("hh") == [*SOURCES]
    finally:
        del KERNELS["edited"], kernels.OTHERS.added["edited"]


class RemoteNumpy(RemoteProgram, NumpyProgram):
    """NumPy in a worker."""

    there, variable, needs = NumpyProgram, "NEUROCHIP_NUMPY_PYTHON", private.NUMPY


def test_a_worker_knows_the_kernels_of_other_packages(package, monkeypatch):
    package("abroad", f"{MAKES}KERNELS = (replace(KNOWN['hh'], name='abroad'),)", "abroad")
    monkeypatch.setenv(RemoteNumpy.variable, sys.executable)
    kernels.OTHERS.look()
    try:
        network = build("abroad", 4).rounded()
        there, here = (backend(program=program).prepare(network).run(2) for program in (RemoteNumpy, NumpyProgram))
        assert np.array_equal(there.state, here.state)
    finally:
        worker.close_all()
        del KERNELS["abroad"], kernels.OTHERS.added["abroad"]


def test_a_probe_that_fails_is_a_sentence():
    class Failing(NumpyProgram):
        @staticmethod
        def missing():
            raise OSError("no driver")

    assert backend(program=Failing).missing() == "what looks for it failed: OSError: no driver"


def test_no_word_that_selects_rows_can_be_a_kernels_name():
    assert {*marked.words()} <= {*sources.WORDS, *KERNELS, *(device.mark for device in DEVICES)}


@pytest.mark.parametrize("expression", ["newdevice", "cpu and newdevice", "not newdevice", "cpu and (io or iou)"])
def test_a_word_that_selects_no_row_is_an_error_that_lists_the_known(expression):
    with pytest.raises(pytest.UsageError, match=r"no row is marked '(newdevice|iou)': expected some of cpu, gpu"):
        marked.check_words(expression)


@pytest.mark.parametrize("expression", ["", "cpu and not (io or slow)", "energy and gpu", "experiment", "emulated"])
def test_known_words_are_fine(expression):
    marked.check_words(expression)


def test_a_device_of_ones_own_is_asked_for_by_its_marker(monkeypatch):
    monkeypatch.setitem(BACKENDS, "my-chip-f32", backend())
    assert marked.asks_for_rows("mine")
    assert presence.absent("mine") is None
    assert "mine" in marked.words()


def test_that_steps_fill_a_millisecond_is_a_rule_of_kernels_in_ms():
    with pytest.raises(ValueError, match="divides a millisecond"):
        steps_per_millisecond(0.3, HH)
    assert [steps_per_millisecond(dt, OWN) for dt in (0.3, 0.025, 5.0)] == [3, 40, 1]
    with pytest.raises(ValueError, match="expected a step of fitzhugh_nagumo"):
        steps_per_millisecond(0.0, OWN)


def test_tables_name_a_kernels_units():
    assert [name_in(units, "v1_mv") for units in (None, "mV, ms", "1, 1", "V, s")] == [
        "v1_mv",
        "v1_mv",
        "v1",
        "v1 in V",
    ]
    assert [name_in("1, s", name) for name in ("spike_shift_ms", "spikes_total")] == [
        "spike_shift in s",
        "spikes_total",
    ]


SESSION = """
import json
from neurochip_bench import BACKENDS, plugins
from model import KERNELS, build
from model.network import drive
backend = BACKENDS["toy-chip-f32"]
network = build("izhikevich", 4).rounded()
run = backend.prepare(network).run(3)
print(json.dumps([list(KERNELS), list(BACKENDS)[-1], int(run.spikes.size), plugins.troubles()]))
"""


SESSION_HERE = [
    "-m",
    "pytest",
    "--rootdir",
    str(ROOT),
    "-c",
    str(ROOT / "pytest.ini"),
    str(ROOT / "tests/perf/test_run.py"),
]
SHORT = {**LIGHT, "PYTEST_PLUGINS": f"{BENCHMARK},{PROMPT}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example packages, installed without the network."""
    pytest.importorskip("hatchling")
    target = tmp_path_factory.mktemp("installed")
    built = [str(FOLDER / name) for name in ("fitzhugh_nagumo", "izhikevich", "toy_chip")]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *built], check=True, cwd=target)
    return target


def environment(*paths, **named):
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*paths, ROOT))), **named}


def test_installed_examples_are_found_by_another_process(folder):
    done = subprocess.run(
        [sys.executable, "-c", SESSION], env=environment(folder), cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["io", "hh", "lif", "fitzhugh_nagumo", "izhikevich"],
        "toy-chip-f32",
        3 * 64,
        [],
    ]


def test_a_saved_session_has_judged_rows_of_an_own_kernel_on_an_own_chip(folder, tmp_path):
    """By an installed chip and a kernel that is named: --plugin reaches the child of the supervisor."""
    command = [*SESSION_HERE, *QUICK, "--side=4", "--plugin", "own_cells", "-k", "not prepare"]
    command += ["-m", "toy and own_cells and connected", "--benchmark-save=own"]
    command += [f"--benchmark-storage={tmp_path / 'kept'}"]
    source = (FOLDER / "izhikevich" / "izhikevich.py").read_text(encoding="utf-8")
    (tmp_path / "own_cells.py").write_text(source.replace('"izhikevich"', '"own_cells"'), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *command], env=environment(folder, **SHORT), cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (saved,) = (tmp_path / "kept").rglob("*_own.json")
    (row,) = json.loads(saved.read_text(encoding="utf-8"))["benchmarks"]
    assert row["name"] == "test_run[own_cells-connected-toy-chip-f32-n=64]"
    found = {name: row["extra_info"][name] for name in ("verdict", "model", "kind", "accelerator", "units")}
    assert found == {
        "verdict": "faithful",
        "model": "own_cells",
        "kind": "toy",
        "accelerator": True,
        "units": "mV, ms",
    }


def test_a_networks_file_may_be_of_a_kernel_that_is_named(tmp_path):
    (tmp_path / "mine.csv").write_text("# kernel: izhikevich\npre,post\n0,1\n", encoding="utf-8")
    command = [*SESSION_HERE, *QUICK, "--collect-only", "-q", "--plugin", "izhikevich"]
    command += ["--network", "mine.csv", "-k", "test_run and numpy and f32"]
    path = environment(FOLDER / "izhikevich", **SHORT)
    done = subprocess.run([sys.executable, *command], env=path, cwd=tmp_path, capture_output=True, text=True)
    assert "test_run[mine-numpy-cpu-f32-n=2]" in done.stdout, done.stdout + done.stderr


def test_a_package_that_is_left_out_is_told_of_by_the_command_and_takes_nothing_down(tmp_path, folder):
    info = tmp_path / "bad_one-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-one\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[neurochip_bench.backends]\nx = bad_one\n", encoding="utf-8")
    command = [sys.executable, "-m", "neurochip_bench", "backends"]
    done = subprocess.run(command, env=environment(tmp_path, folder), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert "toy-chip-f32" in done.stdout
    said = "left out: package bad-one cannot be imported: ModuleNotFoundError: No module named 'bad_one'\n"
    assert done.stderr == said


@pytest.mark.parametrize("arguments", [["backends"], ["export", "--kernel", "hh", "-o", "x.onnx"]])
def test_a_plugin_of_the_command_that_cannot_be_imported_is_one_sentence(arguments, tmp_path):
    command = [sys.executable, "-m", "neurochip_bench", "--plugin", "no_such_module", *arguments]
    done = subprocess.run(command, env=environment(), cwd=tmp_path, capture_output=True, text=True)
    said = "error: plugin no_such_module cannot be imported: ModuleNotFoundError: No module named 'no_such_module'\n"
    assert (done.returncode, done.stdout, done.stderr) == (4, "", said)
