"""Records as they are read: of this release and the one before, with bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.records import RECORD, changed
from xacct_ml.evidence.findings import findings
from xacct_ml.evidence.record import parse

EARLIER = {name: RECORD[name] for name in RECORD if name not in {"holdout", "live", "importances", "dataDiff"}} | {
    "schema": "xacct-ml/evaluation/2",
    "scores": {"candidate": None, "live": None},
    "schemaDiff": None,
    "hyperparameterDiff": None,
    "commits": None,
}


def test_a_record_is_read_whole() -> None:
    """By the names that it has in the document, and written by them again."""
    found = parse(json.dumps(RECORD).encode())
    assert found is not None
    assert found.scores.candidate is not None
    assert found.scores.candidate.metrics["auc"].low == 0.85
    assert found.scores.difference is not None
    assert (found.holdout.origin, found.holdout.repeated) == ("holdout", 0) if found.holdout else False
    assert found.document()["holdout"]["from"] == "holdout"
    assert parse(json.dumps(found.document()).encode()) == found


def test_a_record_of_the_release_before_is_read() -> None:
    """It has no scores: which is said, and nothing is made up."""
    found = parse(json.dumps(EARLIER).encode())
    assert found is not None
    assert found.scores.candidate is None
    assert [one.kind for one in findings(found)] == ["not scored"]


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "xacct-ml/evaluation/4"},
        {"scores": {"candidate": {"rows": -1, "metrics": {}}}},
        {"scores": {"candidate": {"rows": 1, "metrics": {"auc": {"value": "high"}}}}},
        {"importances": [{"column": 1, "share": 2}]},
        {"scores": {"candidate": {"rows": 1, "metrics": {}, "calibration": [{"mean": 1e200, "share": 0, "rows": 1}]}}},
        {"commits": ["x" * 301, "y"]},
        {"hyperparameterDiff": {str(name): ["1", "2"] for name in range(401)}},
    ],
    ids=[
        "another schema",
        "rows below 0",
        "a metric that is text",
        "a share above 1",
        "a number whose square is none",
        "a long text",
        "too many",
    ],
)
def test_what_is_out_of_bounds_is_no_record(changes: dict[str, Any]) -> None:
    """None, as for any other text."""
    assert parse(json.dumps({**RECORD, **changes}).encode()) is None


ANYTHING = st.recursive(
    st.none() | st.floats() | st.integers() | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(RECORD)), ANYTHING)
def test_whatever_a_member_is_the_findings_are_sentences(member: str, value: Any) -> None:
    """Or the text is no record."""
    found = parse(json.dumps({**RECORD, member: value}).encode())
    assert found is None or all(one.text.isprintable() for one in findings(found))


@given(st.text(max_size=300))
def test_names_are_of_one_line(name: str) -> None:
    """Whoever named a column."""
    record = changed(importances=[{"column": 1, "name": name, "share": 0.99}])
    assert all(one.text.isprintable() and len(one.text) < 200 for one in findings(record))
