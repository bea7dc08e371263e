"""An execution provider of ONNX Runtime that is named is a backend: real plugin libraries, and a strict stand-in."""

from __future__ import annotations

import numpy as np
import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.onnx import named, plugged
from neurochip_bench.backends.promises import PROMISES
from neurochip_bench.backends.trial import Trial
from neurochip_bench.keep.conditions import conditions

pytestmark = pytest.mark.usefixtures("onnxruntime")
PLUGIN = """
import os
def get_library_path():
    {}
"""


@pytest.fixture(scope="module")
def onnxruntime():
    """The library, which collection does not load."""
    return pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def providers(onnxruntime):
    """The stand-in, which needs it."""
    from tests.helpers import providers

    return providers


@pytest.fixture
def known(monkeypatch):
    """Makes backends of providers, which are forgotten after the test; the last one's."""
    before, probed = dict(BACKENDS), named.probed

    def forget():
        probed.cache_clear()
        plugged.found.cache_clear()

    def add(*texts):
        named.add(texts)
        return list(BACKENDS.values())[-1]

    yield add
    for name in set(BACKENDS) - set(before):
        del BACKENDS[name]
    forget()


@pytest.fixture
def acme(known, monkeypatch, tmp_path, providers):
    """The backend of a plugin's provider by the stand-in, and the stand-in."""
    library = tmp_path / "libacme.so"
    library.touch()
    standin = providers.Plugged([providers.device("CPU", 1), providers.device("NPU", 2)]).install(monkeypatch)
    monkeypatch.setattr(named, "probed", lambda provider, library: None)
    return known(f"{providers.NAME}={library}"), standin


def installed(monkeypatch, folder, name, body):
    """A package with a plugin, on the path of this process and its children."""
    (folder / f"{name}.py").write_text(PLUGIN.format(body), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))


def test_a_plugins_provider_is_a_backend_with_a_marker_and_its_devices_name(acme, providers, onnxruntime):
    backend, standin = acme
    assert (backend.id, backend.mark) == ("onnxruntime-acme-f32", "acme")
    program = backend.prepare(build("hh", 4))
    assert program.device_name == "AcmeChip (AcmeExecutionProvider)"  # the accelerator, not the processor
    assert program.library_version == f"{onnxruntime.__version__}, plugin 3.1"
    assert program.nodes.startswith("AcmeExecutionProvider ")
    assert list(standin.registered) == [providers.NAME]


@pytest.mark.parametrize("name", ["tells", "parts", "unrecorded", "forgets", "inputs", "resets", "keeps", "refuses"])
def test_a_plugins_provider_keeps_the_promises(acme, name):
    backend, _ = acme
    PROMISES[name].check(Trial(backend, "hh"))


def test_a_plugins_provider_gives_what_the_cpu_gives(acme):
    backend, _ = acme
    network = build("lif", 4)
    other = BACKENDS["onnxruntime-cpu-f32"].prepare(network, "padded", form="calls")
    np.testing.assert_array_equal(backend.prepare(network).run(3).state, other.run(3).state)


def test_a_node_that_is_left_to_the_cpu_is_an_error(acme, monkeypatch, providers):
    monkeypatch.setattr(providers.Session, "leaves", ("Mul",))
    with pytest.raises(RuntimeError, match="AcmeExecutionProvider was asked for and left nodes to the CPU"):
        acme[0].prepare(build("lif", 4))


def test_a_library_without_a_device_is_an_error(known, monkeypatch, tmp_path, providers):
    (tmp_path / "libacme.so").touch()
    providers.Plugged([]).install(monkeypatch)
    with pytest.raises(RuntimeError, match=r"libacme.so lists no device of it here"):
        plugged.found(providers.NAME, str(tmp_path / "libacme.so"))


def test_the_stand_in_has_the_signatures_of_what_is_installed(providers, onnxruntime):
    for name, signature in providers.SIGNATURES.items():
        assert getattr(onnxruntime, name).__doc__.splitlines()[0] == signature
    said = onnxruntime.SessionOptions.add_provider_for_devices.__doc__
    for part in ("arg0: collections.abc.Sequence[", "OrtEpDevice]", "arg1: collections.abc.Mapping[str, str]"):
        assert part in said


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("AzureExecutionProvider", "it left the only node to CPUExecutionProvider"),
        ("NoSuchExecutionProvider", "CPUExecutionProvider, and no installed package brings a library for another"),
    ],
)
def test_a_provider_that_does_nothing_here_is_a_sentence(known, provider, said, onnxruntime):
    if provider.startswith("Azure") and provider not in onnxruntime.get_available_providers():
        pytest.skip("this wheel has no provider that takes no node")
    found = known(provider).missing()
    assert found.startswith(f"ONNX Runtime cannot use {provider}: ")
    assert found.endswith(said)


def test_a_library_that_is_none_is_a_sentence(known, tmp_path):
    (tmp_path / "libnone.so").write_text("no library")
    found = known(f"NoneExecutionProvider={tmp_path / 'libnone.so'}").missing()
    assert "Failed to load library" in found
    assert "\n" not in found


def test_a_plugin_that_ends_its_process_is_a_sentence(known, monkeypatch, tmp_path):
    installed(monkeypatch, tmp_path, "onnxruntime_ep_deadly", "os.abort()")
    found = known("DeadlyExecutionProvider").missing()
    assert found.startswith("ONNX Runtime cannot use DeadlyExecutionProvider: ")
    assert "\n" not in found


def test_openvinos_own_plugin_has_a_device_or_says_that_it_has_none(known):
    pytest.importorskip("onnxruntime_ep_openvino")
    backend = known("OpenVINOExecutionProvider")
    assert backend.id == "onnxruntime-openvino_plugin-f32"  # another backend is for the wheel that has it built in
    missing = backend.missing()
    if missing:
        assert missing.startswith("ONNX Runtime cannot use OpenVINOExecutionProvider: ")
        assert missing.endswith("libonnxruntime_providers_openvino_plugin.so lists no device of it here")
        pytest.skip(missing)
    assert backend.prepare(build("lif", 4)).nodes.startswith("OpenVINOExecutionProvider ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CPUExecutionProvider", "is 'CPUExecutionProvider', which is a device already"),
        ("CUDAExecutionProvider", "is 'CUDAExecutionProvider', which is a device already"),
        ("no-name", "is called 'no-name'"),
        ("SlowExecutionProvider", "is called 'slow'"),
        ("AcmeExecutionProvider=nowhere.so", "there is no file 'nowhere.so': expected a library's path after ="),
        ("AcmeExecutionProvider=", "there is no file '': expected a library's path after ="),
    ],
)
def test_a_name_that_cannot_be_is_refused(text, said):
    before = list(BACKENDS)
    with pytest.raises(ValueError, match=said):
        named.add([text])
    assert list(BACKENDS) == before


def test_a_given_library_is_a_condition_of_going_on(pytestconfig, monkeypatch, tmp_path, providers):
    (tmp_path / "libacme.so").write_text("one")
    monkeypatch.setattr(pytestconfig.option, "provider", [f"{providers.NAME}={tmp_path / 'libacme.so'}"])
    name = f"library {tmp_path / 'libacme.so'}"
    first = conditions(pytestconfig)[name]
    (tmp_path / "libacme.so").write_text("two")
    assert conditions(pytestconfig)[name] != first
