"""How a run is saved: under its name once all of it is on the disk, and where it cannot be, told before a row runs.

A pytest plugin: pytest-benchmark opens its files by their names, and has no hook that writes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Mapping

import pytest
from pytest_benchmark.storage.file import FileStorage
from pytest_benchmark.utils import safe_dumps

from neurochip_bench import files

Saved = Mapping[str, Any]  # any JSON


class Storage(FileStorage):
    """pytest-benchmark's folder of saved runs, whose files are whole."""

    @property
    def location(self) -> str:
        """The folder, wherever it lies: theirs fails for one that is not below the working directory."""
        return str(self.path)

    def save(self, output_json: Saved, save: str) -> None:
        """Write a run under the next number."""
        path = self.get(f"{self._next_num}_{save}.json")
        write(path, output_json)
        self.logger.info(f"Saved benchmark data in: {path}")


def write(path: Path, output_json: Saved) -> None:
    """Write a run, or end the session with a sentence: its rows are in the journal, which stays."""
    try:
        files.write(path, safe_dumps(output_json, ensure_ascii=True, indent=4))
    except OSError as error:
        sentence = f"{path}: cannot be written: {error.strerror}; the rows are kept, --resume saves them"
        pytest.exit(sentence, returncode=pytest.ExitCode.USAGE_ERROR)


def write_json(session: Any, output_json: Saved) -> None:  # Any is pytest-benchmark's session, untyped
    """Write a run into the file of --benchmark-json."""
    write(session.json, output_json)
    session.logger.info(f"Wrote benchmark data in: {session.json}")


def install(session: Any) -> None:  # Any is pytest-benchmark's session, untyped
    """Let pytest-benchmark's session write whole files."""
    if isinstance(session.storage, FileStorage):
        session.storage = Storage(session.storage.path, session.logger, session.machine_id)
    session.save_json = partial(write_json, session)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Once pytest-benchmark has its session, which it makes while it is configured."""
    config: Any = session.config
    install(config._benchmarksession)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_benchmark_compare_machine_info(benchmarksession: Any) -> None:  # Any is pytest-benchmark's, untyped
    """Before pytest-benchmark, while it is configured, says where the run lies whose machine is another."""
    install(benchmarksession)


def check(config: pytest.Config) -> None:
    """Raise UsageError where what a session writes cannot be written, or --benchmark-compare is no saved run."""
    path, compared = config.option.benchmark_json, config.option.benchmark_compare
    if isinstance(compared, str) and len(Path(compared).parts) > 2 and not Path(compared).is_file():
        raise pytest.UsageError(
            f"--benchmark-compare {compared}: expected the number of a saved run or its file, and tests before it"
        )
    if path and not files.can_be_written(Path(config.invocation_params.dir, path)):
        raise pytest.UsageError(
            f"--benchmark-json {path}: cannot be written: expected a file in a folder that is there"
        )
    outputs, junit = getattr(config.option, "outputs", None), getattr(config.option, "xmlpath", None)
    _check_folder(config, "--outputs", outputs, outputs)
    _check_folder(config, "--junitxml", junit, junit and Path(junit).parent)


def _check_folder(config: pytest.Config, option: str, given: str | Path | None, folder: str | Path | None) -> None:
    """Raise UsageError where the folder that an option needs, and that is made for it, cannot be."""
    if given and folder and not files.can_be_made(Path(config.invocation_params.dir, folder)):
        raise pytest.UsageError(f"{option} {given}: cannot be written: expected {folder} to be a folder, or to be made")


def kept_in(config: pytest.Config, storage: Path) -> Path:
    """The folder for what is kept of a run while it goes on.

    It is the storage, but where only --benchmark-json is written, and the storage cannot be, that file's own folder.
    """
    option, path = config.option, config.option.benchmark_json
    if option.benchmark_save or option.benchmark_autosave or not path or files.can_be_made(storage):
        return storage
    path = Path(config.invocation_params.dir, path)
    return storage if files.in_place(path) and not path.is_file() else path.resolve().parent
