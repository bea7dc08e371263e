"""Markdown tables, whatever their cells hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench.keep.markdown import literal, table


def cells_of(line):
    """The cells that a reader of Markdown sees: a bar behind a backslash is none."""
    return re.findall(r"((?:\\.|[^\\|])+)\|", line[1:])


def test_columns_of_numbers_stand_to_the_right():
    lines = table(("network", "cells"), [("io", 64), ("lif", None)], right=("cells",))
    assert lines == ["| network | cells |", "|---|--:|", "| io | 64 |", "| lif | None |"]


@pytest.mark.parametrize(
    ("cell", "shown"), [("a|b", r"a\|b"), (r"a\|b", r"a\|b"), (r"a\\|b", r"a\\\|b"), ("a\nb", "a b"), ("`x`", "`x`")]
)
def test_bar_or_end_of_line_in_a_cell_is_no_border(cell, shown):
    assert table(("a", "b"), [(cell, 1)])[-1] == f"| {shown} | 1 |"


@given(st.lists(st.tuples(st.text(), st.text()), max_size=3))
def test_every_line_has_as_many_cells_as_the_head(rows):
    lines = table(("a", "b"), [tuple(map(literal, row)) for row in rows])
    assert len(lines) == 2 + len(rows)
    assert {len(cells_of(line)) for line in lines} == {2}


@given(st.text(alphabet=r"\`*_[]<>|$~&# ab"))
def test_literal_words_show_each_sign(words):
    made = literal(words)
    assert re.sub(r"\\(.)", r"\1", made) == words
    assert not re.search(r"[`*_\[\]<>|$~&#]", re.sub(r"\\.", "", made))
