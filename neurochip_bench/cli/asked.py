"""What is asked of `neurochip-bench compare`, and which of it does not go together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from neurochip_bench import files
from neurochip_bench.compare import gate
from neurochip_bench.compare.errors import CompareError

OF_A_COMPARISON = ("fail_slower", "require_power", "same_machine_only", "markdown", "normalise", "all")


@dataclass(frozen=True)
class Asked:
    """The command's arguments; `pytest` are those that follow the dashes."""

    sides: tuple[str, ...]
    repeat: int | None
    save: str | None
    interleave: tuple[str, str] | None
    fail_slower: str | None
    require_power: str | None
    same_machine_only: bool
    normalise: str | None
    all: bool
    markdown: Path | None
    pytest: tuple[str, ...]

    @property
    def running(self) -> bool:
        """Whether processes are to be run."""
        return self.repeat is not None or bool(self.interleave)

    @cached_property
    def slower(self) -> float | None:
        """The log of the least ratio that fails, or None; raises CompareError where it is no ratio."""
        return None if self.fail_slower is None else gate.threshold(self.fail_slower)

    @cached_property
    def power(self) -> float | None:
        """The log of the slow-down that has to be seen, or None; raises CompareError where it is no ratio."""
        return None if self.require_power is None else gate.threshold(self.require_power, "--require-power")

    def check(self) -> None:
        """Raise CompareError, before anything is run, where options do not go together."""
        if self.repeat is not None and self.repeat < 1:
            raise CompareError(f"--repeat {self.repeat}: expected a number of processes, such as 9")
        self._check_sides()
        if self.running and not self.interleave and not self.save:
            raise CompareError("--repeat needs --save NAME: expected a folder for its runs")
        self._check_comparison(self.slower)

    def _check_sides(self) -> None:
        if self.running and self.sides:
            raise CompareError(
                f"{' '.join(self.sides)}: expected no files with --repeat or --interleave; put -- before pytest's"
            )
        if not self.running and len(self.sides) != 2:
            raise CompareError(f"{len(self.sides)} sides came: expected BASE and NEW; several files of a side as a,b")
        if not self.running and (self.pytest or self.save):
            raise CompareError("-- and --save go with --repeat or --interleave")

    def _check_comparison(self, slower: float | None) -> None:
        useless = [name for name in OF_A_COMPARISON if getattr(self, name) not in (None, False)]
        if useless and self.running and not self.interleave:
            raise CompareError(
                f"--{useless[0].replace('_', '-')}: --repeat compares nothing, expected it with BASE NEW"
            )
        if self.same_machine_only and (slower is None or self.normalise):
            raise CompareError("--same-machine-only goes with --fail-slower, and not with --normalise")
        if self.power is not None and (slower is None or self.power <= slower):
            raise CompareError(
                f"--require-power {self.require_power}: expected a --fail-slower below it, which is what has to see it"
            )
        if self.markdown:
            append(self.markdown, "")


def append(path: Path, lines: str) -> None:
    """Append text to a file; raises CompareError where it cannot be written."""
    try:
        files.append(path, lines)
    except OSError as error:
        raise CompareError(f"--markdown {path}: cannot be written: {error.strerror}") from error
