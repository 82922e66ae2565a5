"""What is changed in a module, how it is named, and that nothing stays changed."""

from __future__ import annotations

import ast

import pytest

from tools.mutations import Mutant, mutants


def of(source: str) -> list[Mutant]:
    return list(mutants({"module": ast.parse(source)}))


def changes(source: str) -> set[str]:
    return {mutant.name.removeprefix("module: ") for mutant in of(source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = a <= b", {"a <= b → a < b", "a <= b → a > b"}),
        ("x = a is not b", {"a is not b → a is b"}),
        ("x = a and b", {"a and b → a or b", "a and b → b", "a and b → a"}),
        (
            "x = a or b or c",
            {"a or b or c → a and b and c", *(f"a or b or c → {two}" for two in ("b or c", "a or c", "a or b"))},
        ),
        ("x = not a", {"not a → a"}),
        ("x = 3", {"3 → 4"}),
        ("x = True", {"True → False"}),
        ("x = 'word'", {"'word' → 'word~'"}),
        ("x = a + b", {"a + b → a - b"}),
        ("x = min(a)", {"min → max"}),
        ("x = [a for a in b if c]", {"c → True"}),
        ("x = a if b else c", {"b → True", "b → False"}),
        ("f()", {"f() → nothing"}),
        ("raise Wrong('word')", {"raise Wrong('word') → nothing"}),
        ("x += y", {"x += y → nothing"}),
    ],
)
def test_every_kind_of_change_is_made(source: str, expected: set[str]) -> None:
    """Once each."""
    assert changes(source) == expected


def test_returned_values_and_branches_of_functions_are_changed() -> None:
    """With the name of the function, and of its class."""
    source = "class C:\n def f(self):\n  if a:\n   return b\n  return None\n"
    assert {mutant.name for mutant in of(source)} == {
        "module.C.f: a → True",
        "module.C.f: a → False",
        "module.C.f: b → None",
    }


def test_members_of_enums_take_each_others_place() -> None:
    """By their class, and by names of their own."""
    source = "class Truth(IntEnum):\n NO = a\n YES = b\nx = Truth.YES\ny = NO\n"
    assert changes(source) == {"Truth.YES → Truth.NO", "NO → YES"}


@pytest.mark.parametrize(
    "source",
    ["'''Words.'''", "x: 'int'", "import a", "f'{a} word'", "def f(a: 'b') -> 'c':\n '''Words.'''\n pass", "x = None"],
)
def test_words_and_annotations_are_left(source: str) -> None:
    """They decide nothing."""
    assert [name for name in changes(source) if "nothing" not in name] == []


def test_the_same_change_in_two_places_has_two_names() -> None:
    """Names tell mutants apart."""
    assert {"3 → 4", "3 → 4 #2"} == changes("x = 3\ny = 3")


def test_a_change_is_undone() -> None:
    """The next mutant starts from the module as it is."""
    tree = ast.parse("def f(a):\n    if a:\n        g()\n    return a + 1\n")
    before = ast.unparse(tree)
    seen = set()
    for mutant in mutants({"module": tree}):
        with mutant.applied() as changed:
            seen.add(ast.unparse(changed))
        assert ast.unparse(tree) == before
    assert before not in seen
    assert len(seen) == len(of(before))
