"""What processes of a run but the first keep: nothing; what they would keep lies in a folder that goes with them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Iterator

from neurochip_bench.keep.child import JOURNAL


@contextmanager
def apart(option: Any, name: str | None) -> Iterator[None]:  # Any is pytest's options
    """Within it a process saves a run, if it is one that is saved as `name`, where nobody looks for it.

    A child saves it where its supervisor has put the journal.
    """
    with TemporaryDirectory(prefix="neurochip-") as folder:
        journal = os.environ.get(JOURNAL)
        option.benchmark_storage = f"file://{folder if journal is None else Path(journal).parents[1]}"
        option.benchmark_save, option.benchmark_autosave = name, None
        option.benchmark_json = option.benchmark_compare = option.benchmark_compare_fail = None
        option.benchmark_histogram = option.benchmark_cprofile_dump = option.xmlpath = option.outputs = None
        option.benchmark_quiet, option.resume = True, False
        yield
