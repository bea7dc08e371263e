"""What the README promises and nothing else would notice."""

from __future__ import annotations

import re
from pathlib import Path

from tests.suite import rows, support

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_table_of_backends_is_the_registry():
    table = re.search(r"<!-- backends -->(.*)<!-- end of backends -->", README, re.DOTALL)
    assert table is not None
    assert table[1].strip().splitlines() == support.table()


def test_number_of_the_papers_sides_is_theirs():
    assert f"all {len(rows.PAPER_SIDES)} of the paper's" in README


def test_devices_are_the_markers():
    assert f"`{' '.join(rows.DEVICES)}`" in README
