"""The mutations of `tox -e mutations` still have their aim: the tool itself takes minutes and runs apart."""

from __future__ import annotations

import ast
import re

import pytest

from tests.mutations import MUTATIONS
from tests.trials import ROOT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.what)
def test_text_stands_once_in_its_file_and_what_it_becomes_is_python(mutation):
    source = (ROOT / mutation.file).read_text()
    assert source.count(mutation.old) == 1
    ast.parse(source.replace(mutation.old, mutation.new))
    assert (ROOT / mutation.tests[0]).is_file()


def test_page_names_each_mutation_and_a_test_that_caught_it():
    page = (ROOT / "docs" / "mutations.md").read_text()
    rows = dict(re.findall(r"^\| (.+?) \| [\w/.]+ \| (test_.+?) \|$", page, re.MULTILINE))
    assert set(rows) == {mutation.what for mutation in MUTATIONS}
    for mutation in MUTATIONS:
        test = rows[mutation.what].split("[")[0]
        assert f"def {test}(" in (ROOT / mutation.tests[0]).read_text()
