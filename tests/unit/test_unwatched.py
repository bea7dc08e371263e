"""A session over which nobody watches: a library that ends its process does not end it in silence."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = """
import ctypes, os, sys
def test_before(): pass
def test_ends():
    os.write(2, b"planted words" + bytes([10]))
    END
def test_behind(): pass
"""
IN_A_PYTHON_COPY = "assert os.waitstatus_to_exitcode(os.waitpid(os.fork() or os._exit(7), 0)[1]) == 7"
IN_A_COPY = "assert os.waitstatus_to_exitcode(os.waitpid(os.fork() or ctypes.CDLL(None).exit(7), 0)[1]) == 7"

of_c = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library does not take a handler back")


def session(tmp_path, end, stderr=subprocess.PIPE):
    """(exit code, stdout, stderr) of a session of three tests, of which the second ends as it says."""
    (tmp_path / "test_rows.py").write_text(ROWS.replace("END", end))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "neurochip_bench.keep.unwatched", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("PYTEST_CURRENT_TEST")  # the test that asks
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("end", [pytest.param("ctypes.CDLL(None).exit(0)", marks=of_c), "os._exit(0)"])
def test_end_of_the_process_within_a_test_is_told_with_its_last_words_and_is_not_green(end, tmp_path):
    code, out, error = session(tmp_path, end)
    assert (code, out) == (3, ".")
    assert error == (
        "\nerror: test_rows.py::test_ends: a library ended pytest's process; its last words: planted words; "
        "nothing behind it ran, as it does in a run that is saved\n"
    )


@of_c
def test_exit_of_c_before_any_test_is_told(tmp_path):
    (tmp_path / "conftest.py").write_text("import ctypes\ndef pytest_configure(): ctypes.CDLL(None).exit(0)\n")
    code, out, error = session(tmp_path, "pass")
    assert (code, out) == (3, "")
    assert error.startswith("\nerror: outside any test: a library ended pytest's process; nothing behind it ran")


@of_c
def test_session_is_not_green_where_its_word_cannot_be_written_either(tmp_path):
    with open("/dev/full", "w") as full:
        assert session(tmp_path, "ctypes.CDLL(None).exit(0)", full)[0] == 3


@pytest.mark.parametrize(
    ("end", "code"),
    [("sys.exit(0)", 1), pytest.param(f"{IN_A_COPY}; {IN_A_PYTHON_COPY}", 0, marks=of_c)],
    ids=["pythons_exit", "in_copies"],
)
def test_session_that_comes_to_its_end_has_its_own_code_and_no_word(tmp_path, end, code):
    found, out, error = session(tmp_path, end)
    assert (found, error) == (code, "")
    assert f"{2 + (code == 0)} passed" in out


@pytest.mark.parametrize("end", [pytest.param("ctypes.CDLL(None).exit(0)", marks=of_c), "os._exit(0)"])
def test_command_whose_process_a_library_ends_says_so_and_is_no_success(end, tmp_path):
    (tmp_path / "ending.py").write_text(f"import ctypes, os\nprint('before')\n{end}\n")
    command = [sys.executable, "-m", "neurochip_bench", "--plugin", "ending", "backends"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stdout) == (3, "before\n")
    assert ran.stderr == "error: a library ended the process of this command, which did not come to its end\n"
