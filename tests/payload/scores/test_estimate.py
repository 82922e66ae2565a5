"""Intervals whose numbers are known by hand."""

from __future__ import annotations

from array import array

import pytest

from xacct_ml.payload.scores.estimate import Estimate, mean, root


def test_a_share_of_which_no_row_was_wrong_has_a_width() -> None:
    """Wilson's: 1 of 10 rows' share is at least 10 / (10 + 1.96²)."""
    assert mean(array("d", [1.0] * 10), "share").document() == {
        "value": 1,
        "low": pytest.approx(0.7225, abs=1e-4),
        "high": 1,
    }


def test_a_share_by_hand() -> None:
    """8 of 10: 0.49 to 0.943 (Wilson 1927)."""
    found = mean(array("d", [1.0] * 8 + [0.0] * 2), "share").document()
    assert (found["low"], found["high"]) == pytest.approx((0.49, 0.943), abs=0.03)


def test_a_mean_by_hand() -> None:
    """Standard error 1 of ten rows: Student's 2.262 on each side."""
    values = array("d", [5 + 3 * (-1) ** number for number in range(10)])
    found = mean(values).document()
    assert found["value"] == 5
    assert found["high"] - 5 == pytest.approx(2.262, abs=0.005)


def test_the_root_of_nothing_is_nothing() -> None:
    assert root(array("d", [0.0, 0.0])).document() == {"value": 0, "low": 0, "high": 0}


def test_one_row_says_little() -> None:
    assert mean(array("d", [3.0])).document()["value"] == 3
    assert Estimate(0.5, "share", 0).document()["low"] < 0.1
