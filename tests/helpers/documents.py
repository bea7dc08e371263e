"""The commands that documents, `tox.ini` and the workflows tell a person to type, parsed by the real parsers."""

from __future__ import annotations

import configparser
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from neurochip_bench.backends.onnx.plugged import short
from neurochip_bench.cli.asked import Asked
from neurochip_bench.cli.group import COMMANDS, PROGRAM, group

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
TOX = ROOT / "tox.ini"
PROGRAMS = (PROGRAM, "pytest", "tox")


def texts(path: Path) -> Iterator[str]:
    """What may be a command: of a Markdown file its blocks, but those in Python, and what stands in backticks."""
    content = path.read_text(encoding="utf-8")
    if path == TOX:
        yield from (line for name in environments().sections() for line in commands_of(name))
    elif path.suffix == ".yml":
        yield from content.replace("\\\n", " ").splitlines()
    else:
        blocks = re.findall(r"^```(\w*)\n(.*?)^```$", content, re.DOTALL | re.MULTILINE)
        yield from (line for language, block in blocks if language != "python" for line in block.splitlines())
        prose = re.sub(r"^```.*?^```$", "", content, flags=re.DOTALL | re.MULTILINE)
        yield from re.findall(r"`([^`]+)`", prose)


def commands(path: Path) -> list[list[str]]:
    """The words of each command of a file that runs one of `PROGRAMS`, the program's name first."""
    found = []
    for text in texts(path):
        text = re.sub(r"^\s*(- )?run: ", "", text)
        if re.search(rf"\b({'|'.join(PROGRAMS)})\b", text) and text.count('"') % 2 == 0:
            parts = [words(part) for part in text.split(" && ")]
            found += [part for part in parts if part and part[0] in PROGRAMS]
    return found


def words(text: str) -> list[str]:
    """A command's words, without what stands before the program's name."""
    try:
        found = shlex.split(text, comments=True)
    except ValueError:
        return []  # prose with an apostrophe
    while found and (re.fullmatch(r"env|python|\{env_python\}|-m|\w+=\S*", found[0])):
        del found[0]
    return [Path(found[0]).name.replace("neurochip_bench", PROGRAM), *found[1:]] if found else []


def environments() -> configparser.ConfigParser:
    """tox.ini."""
    read = configparser.ConfigParser(interpolation=None)
    read.read(TOX, encoding="utf-8")
    return read


def commands_of(environment: str, arguments: str | None = None) -> list[str]:
    """The commands of a section of tox.ini, with these arguments, or the default ones, after the dashes."""
    lines = environments()[environment].get("commands", "").replace("\\\n", " ").splitlines()
    return [re.sub(r"\{posargs:?([^}]*)\}", lambda m: m[1] if arguments is None else arguments, line) for line in lines]


def check(command: list[str], config: pytest.Config) -> None:
    """Parse a command; raises click's exception, CompareError or ValueError where it cannot be given."""
    program, *arguments = command
    {PROGRAM: check_own, "pytest": check_pytest, "tox": check_tox}[program](arguments, config)


def check_own(arguments: list[str], config: pytest.Config) -> None:
    """Parse a command of this project; one that stands alone, such as `neurochip-bench report`, has only to exist."""
    while arguments[:1] in (["--plugin"], ["--platform"], ["--provider"]):
        arguments = arguments[2:]
    if not arguments or arguments == ["--help"]:
        return
    if arguments[0] not in COMMANDS:
        raise ValueError(f"there is no subcommand {arguments[0]!r}")
    if len(arguments) == 1:
        return
    found = group.get_command(click.Context(group), arguments[0])
    assert found is not None
    context = found.make_context(arguments[0], arguments[1:])
    if arguments[0] == "compare":
        Asked(**{**context.params, "markdown": None}, pytest=context.obj).check()
        check_pytest(list(context.obj), config)


def check_pytest(arguments: list[str], config: pytest.Config) -> None:
    """Each option is one that pytest has here, or that a plugin of the command's brings; so is each marker."""
    parsed, unknown = config._parser.parse_known_and_unknown_args(arguments)  # pytest has no public way to only parse
    wrong = set(unknown) - {name for plugin in parsed.plugins for name in options_of(plugin)}
    markers = {line.split(":")[0] for line in config.getini("markers")} | {"and", "or", "not"}
    markers |= {*parsed.platform, *(short(text.partition("=")[0]) for text in parsed.provider)}
    wrong |= set(re.findall(r"\w+", parsed.markexpr or "")) - markers
    if wrong:
        raise ValueError(f"pytest has no {', '.join(sorted(wrong))}")


def options_of(plugin: str) -> list[str]:
    """The options that a plugin given by `-p` adds."""
    names: list[str] = []

    class Listening:
        def getgroup(self, name: str) -> Listening:
            return self

        def addoption(self, *added: str, **_: object) -> None:
            names.extend(added)

    if not plugin.startswith("no:"):
        getattr(importlib.import_module(plugin), "pytest_addoption", lambda parser: None)(Listening())
    return names


def check_tox(arguments: list[str], config: pytest.Config) -> None:
    """Each environment is there, and takes what follows the dashes."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    if arguments[:1] != ["-e"] or cut != 2:
        raise ValueError(f"tox {' '.join(arguments)}: expected -e ENVIRONMENT")
    rest = shlex.join(arguments[cut + 1 :]) if arguments[cut:] else None
    for name in arguments[1].split(","):
        if f"testenv:{name}" not in environments():
            raise ValueError(f"tox.ini has no environment {name!r}")
        for line in commands_of(f"testenv:{name}", rest):
            found = words(line)
            if found and found[0] in PROGRAMS:
                check(found, config)
