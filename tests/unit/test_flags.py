"""Variables that hold flags: what the user set stays, but for caches, which would be timed as a compiler."""

from __future__ import annotations

import os

import pytest

from neurochip_bench.backends import flags
from neurochip_bench.backends.onnx.providers import OpenvinoProgram, TensorrtProgram, TensorrtTf32Program
from neurochip_bench.backends.xla import fast_math, set_flags

OTHER = "--xla_dump_to='a folder'"


@pytest.mark.parametrize(("variable", "name"), [(v, name) for v, names in flags.CACHES.items() for name in names])
@pytest.mark.parametrize("value", ["/cache", "'/a cache'", '"/a cache"'])
def test_flags_of_caches_are_taken_out_and_no_other(monkeypatch, variable, name, value):
    monkeypatch.setenv(variable, f"{OTHER}  --{name}={value} --x=1")
    flags.without_caches(variable)
    assert os.environ[variable] == f"{OTHER} --x=1"


@pytest.mark.parametrize("text", ["", " ", OTHER, f"{OTHER}  --x"])
def test_variable_without_caches_stays_as_it_is(monkeypatch, text):
    monkeypatch.setenv(flags.XLA, text)
    flags.without_caches(flags.XLA)
    assert os.environ[flags.XLA] == text


def test_flags_in_a_file_are_read_and_added_to(monkeypatch, tmp_path):
    file = tmp_path / "flags"
    file.write_text("--xla_gpu_load_autotune_results_from=/cache\n--xla_dump_to=/x\n")
    monkeypatch.setenv(flags.XLA, str(file))
    flags.without_caches(flags.XLA)
    flags.add_flag(flags.XLA, "y", 1)
    assert os.environ[flags.XLA] == "--xla_dump_to=/x --y=1"


def test_file_that_is_not_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv(flags.TENSORFLOW, raising=False)
    monkeypatch.setenv(flags.XLA, str(tmp_path / "none"))
    assert flags.unreadable(flags.TENSORFLOW) is None
    assert flags.unreadable(flags.TENSORFLOW, flags.XLA) == (
        f"XLA_FLAGS is {str(tmp_path / 'none')!r}: expected flags that start with --, or a file of them"
    )


def test_a_flag_whose_name_only_begins_alike_is_another(monkeypatch):
    monkeypatch.setenv(flags.XLA, "--y_more=1")
    flags.add_flag(flags.XLA, "y", 2)
    assert os.environ[flags.XLA] == "--y_more=1 --y=2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("--xla_cpu_enable_fast_math", True),
        ("--xla_cpu_enable_fast_math=true", True),
        ("--xla_cpu_enable_fast_math=true --xla_cpu_enable_fast_math=false", False),
        ("--xla_cpu_enable_fast_math_more=true", None),
    ],
)
def test_fast_math_of_the_user_is_known(monkeypatch, text, expected):
    monkeypatch.setenv(flags.XLA, text)
    set_flags()
    assert fast_math() is expected


@pytest.mark.parametrize("program", [TensorrtProgram, TensorrtTf32Program])
def test_tensorrt_is_told_to_keep_neither_engines_nor_timings(program):
    first = program._providers(program.__new__(program))[0]
    assert isinstance(first, tuple)
    name, options = first
    assert name == "TensorrtExecutionProvider"
    assert (options["trt_engine_cache_enable"], options["trt_timing_cache_enable"]) == ("False", "False")


def test_openvino_is_told_to_keep_nothing():
    program = OpenvinoProgram.__new__(OpenvinoProgram)
    program.threads = 1
    ((_, options),) = program._providers()  # type: ignore[str-unpack] # it has options
    assert options["cache_dir"] == ""
