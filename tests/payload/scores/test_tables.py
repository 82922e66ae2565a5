"""Texts of a batch transform, and the tables beside them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.foreign import ForeignTextError
from xacct_ml.payload.scores.tables import numbers, slices


def test_empty_lines_and_carriage_returns_are_passed_over() -> None:
    """Whether ``AssembleWith: Line`` ends a line once more is not documented."""
    assert list(numbers([b"0.5\n\n0.2", b"5\r\n1"], "the predictions")) == [0.5, 0.25, 1.0]


def test_a_column_of_slices_may_be_quoted() -> None:
    assert slices([b'plan,"home, town"\n"a, b",x\nc,y\n'], "slices.csv") == {
        "plan": ["a, b", "c"],
        "home, town": ["x", "y"],
    }


def test_five_columns_at_most() -> None:
    assert list(slices([b"a,b,c,d,e,f\n1,2,3,4,5,6\n"], "slices.csv")) == list("abcde")


@pytest.mark.parametrize(("text", "said"), [(b"", "has no header"), (b"a,a\n1,2\n", "names a column twice")])
def test_what_is_no_table_of_slices(text: bytes, said: str) -> None:
    with pytest.raises(ForeignTextError, match=said):
        slices([text], "slices.csv")


@given(st.binary(max_size=200))
def test_whatever_was_written_is_numbers_or_a_reason(text: bytes) -> None:
    for read in (numbers, slices):
        with contextlib.suppress(ForeignTextError):
            read([text], "it")
