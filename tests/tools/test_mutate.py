"""Mutants judged by the tests of a small package: some are noticed, some survive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access.survivors import SURVIVORS
from tools.mutate import PACKAGE, ROOT, Suite, survivors, trees, unchanged
from tools.mutations import mutants

pytestmark = pytest.mark.long

MODULE = """
def larger(a, b):
    return a > b

def hang(again):
    while again:
        again = True
"""
TESTS = """
from small.numbers import hang, larger

def test_larger():
    assert larger(2, 1)
    assert not larger(1, 2)

def test_hang():
    hang(False)
"""


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    (tmp_path / "small").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "small" / "numbers.py").write_text(MODULE)
    (tmp_path / "tests" / "test_numbers.py").write_text(TESTS)
    return Suite("small", "tests", tmp_path)


def test_what_no_test_notices_survives(suite: Suite) -> None:
    """Here: whether equal numbers are larger."""
    found = [mutant for mutant in mutants(trees("small", suite.root)) if "larger" in mutant.name]
    judged = {mutant.name: survived for mutant, survived in survivors(suite, found, jobs=2, limit=60)}
    assert judged == {
        "numbers.larger: a > b → a >= b": True,
        "numbers.larger: a > b → a < b": False,
        "numbers.larger: a > b → None": False,
    }


def test_what_hangs_is_stopped_and_noticed(suite: Suite) -> None:
    """Whoever called it would notice."""
    found = [mutant for mutant in mutants(trees("small", suite.root)) if mutant.name == "numbers.hang: again → True"]
    assert [survived for _, survived in survivors(suite, found, jobs=1, limit=2)] == [False]


def test_a_module_without_a_change_survives(suite: Suite) -> None:
    """Otherwise it would be the loading of mutants that the tests notice."""
    first = next(mutants(trees("small", suite.root)))
    assert [survived for _, survived in survivors(suite, [unchanged(first)], jobs=1, limit=30)] == [True]


def test_every_explained_survivor_is_a_mutant_of_the_evaluator() -> None:
    """The list is about the code as it is; whether they survive, ``python -m tools.mutate`` shows."""
    names = {mutant.name for mutant in mutants(trees(PACKAGE, ROOT))}
    assert sorted(SURVIVORS.keys() - names) == []
    assert all(SURVIVORS.values())
