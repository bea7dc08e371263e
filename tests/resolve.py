"""Which extra can be installed where? Each is resolved by uv from wheels alone, for platforms that need not be here.

`python -m tests.resolve [EXTRA ...]` prints a Markdown table of the Pythons on which an extra resolves and brings
something, and on stderr what uv says of the others. It exits with 1 where the table is not that of docs/platforms.md.
pip's --platform would not do: markers stay those of the running machine.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Sequence

import tomllib

from neurochip_bench.keep.markdown import table
from tests.trials import ROOT

PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_34",
    "Linux Arm": "aarch64-manylinux_2_34",
    "macOS Arm": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACOS = "14.0"  # the oldest that ONNX Runtime's wheels are for
DOCUMENT = ROOT / "docs" / "platforms.md"


def command(extra: str, platform: str, python: str) -> list[str]:
    """What resolves an extra; of the project alone where it is empty."""
    where = ["--only-binary", ":all:", "--python-platform", PLATFORMS[platform], "--python-version", python]
    asked = ["--extra", extra] if extra else []
    own = ["--python", sys.executable, "--no-python-downloads"]  # else it looks for the other Python first
    return ["uv", "pip", "compile", "pyproject.toml", *asked, *where, *own, "--quiet", "--no-header", "--no-annotate"]


def resolved(extra: str, platform: str, python: str) -> frozenset[str] | None:
    """Names of the packages that an extra brings with the project, None where it does not resolve."""
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS}
    asked = command(extra, platform, python)
    ran = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"{extra} on {platform}, Python {python}: {' '.join(ran.stderr.split())}", file=sys.stderr)
        return None
    return frozenset(re.findall(r"^([\w.-]+)", ran.stdout, re.MULTILINE))


def span(pythons: Sequence[str]) -> str:
    """Some of the Pythons in words, such as "3.11 to 3.13"."""
    if not pythons:
        return "none"
    first, last = (PYTHONS.index(pythons[place]) for place in (0, -1))
    if last - first + 1 > len(pythons) or len(pythons) == 1:
        return ", ".join(pythons)
    return f"{pythons[0]} to {pythons[-1]}"


def lines_for(extras: Sequence[str]) -> list[str]:
    """The table, a row for each extra."""
    cases = list(product(["", *extras], PLATFORMS, PYTHONS))
    with ThreadPoolExecutor(16) as pool:
        found = dict(zip(cases, pool.map(lambda case: resolved(*case), cases)))

    def brings(extra: str, platform: str, python: str) -> bool:
        return bool((found[extra, platform, python] or frozenset()) - (found["", platform, python] or frozenset()))

    def cell(extra: str, platform: str) -> str:
        return span([python for python in PYTHONS if brings(extra, platform, python)])

    return table(
        ["extra", *PLATFORMS], [[f"`{extra}`", *(cell(extra, name) for name in PLATFORMS)] for extra in extras]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a line of it is not in the document."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    parser = argparse.ArgumentParser(prog="python -m tests.resolve", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("extra", nargs="*", choices=[*extras, []], help="all if none is named", metavar="EXTRA")
    lines = lines_for(parser.parse_args(arguments).extra or list(extras))
    print(*lines, sep="\n")
    told = DOCUMENT.read_text(encoding="utf-8").splitlines()
    differing = [line for line in lines if line not in told]
    if differing:
        print(f"{DOCUMENT.relative_to(ROOT)} says otherwise of these:", *differing, sep="\n", file=sys.stderr)
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
