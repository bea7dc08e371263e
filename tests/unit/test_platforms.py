"""A platform of JAX that is named is a backend: here JAX's own client for the CPU, under another name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS, Backend, platforms
from neurochip_bench.backends.platforms import PlatformProgram

ROOT = Path(__file__).parents[2]
CLIENT = """
def initialize():
    from jax._src import xla_bridge
    from jax._src.lib import xla_client
    {}
    xla_bridge.register_backend_factory("mychip", xla_client.make_cpu_client, priority=10)
"""
SESSION = """
import json, sys
from neurochip_bench.backends import BACKENDS, platforms
from model import build
platforms.add(["mychip"])
mine, jax = BACKENDS["jax-mychip-f32"], BACKENDS["jax-cpu-f32"]
if mine.missing():
    print(json.dumps(mine.missing()))
    sys.exit()
program, other = (backend.prepare(build("lif", 4)) for backend in (mine, jax))
same = bool((program.run(2).state == other.run(2).state).all())
(where,) = program._rows[0].devices()
print(json.dumps([where.client.platform_version == program._device.client.platform_version, program.device_name, same]))
"""


def said(tmp_path, extra="pass"):
    pytest.importorskip("jax")
    folder = tmp_path / "jax_plugins" / "mychip"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(CLIENT.format(extra), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    environment.pop("JAX_PLATFORMS", None)
    done = subprocess.run([sys.executable, "-c", SESSION], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow  # JAX is started once more: two seconds
def test_a_named_platform_runs_and_gives_what_its_client_gives(tmp_path):
    assert said(tmp_path) == [True, "cpu (mychip)", True]


def test_a_plugin_that_ends_its_process_is_a_sentence(tmp_path):
    found = said(tmp_path, "import os; os.abort()")
    assert found.startswith("JAX has no device of platform 'mychip': ")
    assert "SIGABRT" in found or "last words" in found or "Fatal" in found
    assert "\n" not in found


@pytest.mark.parametrize("name", ["cpu", "gpu", "no-name", "slow", "openvino"])
def test_a_name_that_cannot_be_is_refused(name):
    before = list(BACKENDS)
    with pytest.raises(ValueError, match=f"is (called )?'{name}'"):
        platforms.add([name])
    assert list(BACKENDS) == before


def test_a_state_that_is_elsewhere_is_an_error(monkeypatch):
    pytest.importorskip("jax")

    class Elsewhere(PlatformProgram):
        platform = "cpu"

        def _put(self, value):
            return Away()

    class Away:
        def devices(self):
            return {"another device"}

    monkeypatch.setattr(platforms, "probed", lambda platform: None)
    with pytest.raises(RuntimeError, match="cpu was asked for, but the state is on another device"):
        Backend("jax", "elsewhere", "f32", Elsewhere).prepare(build("hh", 4))
