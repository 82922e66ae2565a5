"""The generic difference of two states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.engine.diff import ABSENT, diff

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
states = st.dictionaries(st.text(max_size=3), values, max_size=4)


@pytest.mark.parametrize(
    ("observed", "desired", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["~ a: 1 → 2"]),
        ({}, {"a": 2}, ["+ a: 2"]),
        ({"a": 1}, {}, ["- a: 1"]),
        ({"a": None}, {}, ["- a: null"]),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, ["~ a.b[1].c: 2 → 3"]),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ['~ a: ["x"] → ["x", "y"]']),
        ({"a": ("x",)}, {"a": ["x"]}, []),
        ({"a": 1}, {"a": True}, ["~ a: 1 → true"]),
        ({"b": 1, "z": 0}, {"a": 1, "b": 2}, ["+ a: 1", "~ b: 1 → 2", "- z: 0"]),
    ],
)
def test_changes_read_well(observed: dict[str, Any], desired: dict[str, Any], expected: list[str]) -> None:
    """Each difference is one line with its place, in the desired state's order."""
    assert [str(change) for change in diff(observed, desired)] == expected


def test_long_values_are_shortened() -> None:
    """A whole document does not flood the terminal."""
    (change,) = diff({}, {"policy": "x" * 500})
    assert len(str(change)) < 150


def test_absent_is_not_none() -> None:
    """A member that is missing differs from one that is null."""
    (change,) = diff({}, {"a": None})
    assert (change.before, change.after) == (ABSENT, None)


@given(states)
def test_nothing_differs_from_itself(state: dict[str, Any]) -> None:
    """Equal states have no changes."""
    assert diff(state, state) == ()


@given(states, states)
def test_a_difference_is_seen_from_both_sides(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The reverse difference has the same places, before and after exchanged."""
    there = {(change.path, str(change.before), str(change.after)) for change in diff(one, other)}
    back = {(change.path, str(change.after), str(change.before)) for change in diff(other, one)}
    assert there == back
