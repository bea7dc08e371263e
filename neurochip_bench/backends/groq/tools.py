"""Groq's compiler and assembler: from ONNX files to a package of programs that share memory on the chip.

What the vendor has published tells of co-resident programs and of packages. That `--persistent` ties their tensors
together, and the assembler's flags besides `--no-metrics`, are known only from the code of Landsmeer et al. 2024.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Mapping

from neurochip_bench.backends.groq.files import NAMES, TIED
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.probes import groq_tool
from neurochip_bench.backends.remote.survive import ending

ASSEMBLER = ("--no-metrics", "--auto-agt", "--auto-repeat", "--ifetch-slice-ordering", "round-robin")


def run_tool(name: str, *arguments: object) -> None:
    """Run a tool; what it prints goes to the standard error, and if it fails into a RuntimeError."""
    path = groq_tool(name)
    if path is None:
        raise RuntimeError(f"{name} is not on the PATH: expected it from groq-devtools of GroqWare")
    command = [path, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        raise RuntimeError(f"{name} {ending(done.returncode)}, called as {' '.join(command)}:\n{output}")
    sys.stderr.write(output)


def save(models: Mapping[str, Handle], folder: Path) -> list[Path]:
    """Write models by name; their paths."""
    paths = [folder / f"{name}.onnx" for name in models]
    for path, model in zip(paths, models.values()):
        path.write_bytes(model.SerializeToString())
    return paths


def build_package(models: Mapping[str, Handle], folder: Path, large: bool = False) -> Path:
    """Path of the package made of the models of `package`, see `files` in this package."""
    names = f"--persistent={','.join(TIED)}"
    out = folder / "package"
    run_tool("groq-compiler", "--effort=standard", names, "-o", out, "--coresident", *save(models, folder))
    previous: tuple[object, ...] = ()
    for i, name in enumerate(NAMES):
        program = folder / f"{i}.iop"
        flags = [*ASSEMBLER, *(["--large-program"] if large and name == "steps" else []), *previous]
        run_tool("aa-latest", f"{out}.{i}.aa", "--name", name, "--output-iop", program, *flags)
        previous = ("--program-package", program)
    return program


def cycles(model: Handle, folder: Path) -> int:
    """Cycles of one run of a model, as the compiler counts them."""
    (path,), statistics = save({"steps": model}, folder), folder / "statistics.json"
    run_tool("groq-compiler", "--effort=standard", "--save-stats", statistics, "-o", folder / "steps", path)
    return json.loads(statistics.read_text())["total_cycles"]
