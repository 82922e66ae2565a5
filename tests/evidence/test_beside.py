"""A model beside one that it was not judged beside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.records import RECORD, changed, difference, scores
from xacct_ml.evidence.beside import alone, beside, both
from xacct_ml.evidence.finding import Severity
from xacct_ml.evidence.findings import findings, findings_beside
from xacct_ml.evidence.record import Both, Record

OURS, THEIRS = "ab" * 32, "cd" * 32
ALONE: dict[str, Any] = dict.fromkeys(("live", "dataDiff", "schemaDiff", "hyperparameterDiff", "commits"))


def one(auc: float, **members: Any) -> Record:
    """The first that was judged: beside nothing."""
    return changed(**{**ALONE, "scores": {"candidate": scores(auc), "live": None, "difference": None}, **members})


def later(auc: float, **members: Any) -> Record:
    """What serves now, of a run behind the other."""
    own = {"pipelineExecutionId": "run-9", "model": {**RECORD["model"], "sha256": THEIRS}, "commit": "decaf"}
    return one(auc, **{**own, **members})


def kinds(ours: Record, theirs: Record) -> dict[str, Severity]:
    return {each.kind: each.severity for each in findings_beside(beside(ours, theirs, "production"), theirs.gate)}


def test_scored_on_the_rows_of_one_data_set() -> None:
    """Their intervals stand side by side; nobody paired them."""
    found = both(one(0.87), later(0.88))
    assert isinstance(found, Both)
    assert found.candidate is not None
    assert found.live is not None
    assert [each.metrics["auc"].value for each in (found.candidate, found.live)] == [0.87, 0.88]
    assert found.difference is None
    assert kinds(one(0.80), later(0.88))["worse"] is Severity.WARNING
    assert "worse" not in kinds(one(0.875), later(0.88))


def test_the_judge_of_the_later_one_had_both_predict() -> None:
    """Its difference, turned: what was won then is lost now. Its rows are what both are told of."""
    live = {"execution": "run-2", "digest": OURS, "target": "production"}
    data = {**RECORD["data"], "dataset": "data9"}
    given = {"candidate": scores(0.90), "live": scores(0.85), "difference": difference(0.05)}
    held = {"from": "validation", "rows": 1000, "scored": 1000, "repeated": 0}
    theirs = later(0.9, live=live, data=data, scores=given, holdout=held)
    record = beside(one(0.87), theirs, "production")
    assert record.scores.difference is not None
    lost = record.scores.difference.metrics["auc"]
    assert (lost.value, lost.low, lost.high) == pytest.approx((-0.05, -0.06, -0.04))
    assert record.holdout is not None
    assert record.holdout.origin == "validation"
    assert kinds(one(0.87), theirs)["worse"] is Severity.WARNING
    assert beside(theirs, one(0.87), "production").scores == theirs.scores


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ({}, {"data": {**RECORD["data"], "dataset": "data9"}}, "rows of different data sets"),
        ({"holdout": {"from": "validation", "rows": 1000}}, {}, "different rows of the data set"),
        ({}, {"scores": None}, "run run-9 was not scored"),
        ({"scores": {"candidate": scores(rows=5)}}, {}, "different rows of the data set"),
    ],
)
def test_other_rows_are_not_comparable_and_why(ours: Any, theirs: Any, why: str) -> None:
    """No metric of theirs stands beside ours then."""
    record = beside(one(0.6, **ours), later(0.9, **theirs), "production")
    assert record.scores.live is None
    (told,) = [each for each in findings_beside(record, record.gate) if each.kind == "not comparable"]
    assert why in told.text


def test_what_else_is_other_than_what_serves() -> None:
    """Columns, the gate, rows and hyperparameters, by both records."""
    few = {"train": {"rows": 500, "columns": 9}, "validation": {"rows": 1000, "columns": 9}}
    ours = one(0.87, data={**RECORD["data"], "dataset": "data0", "channels": few})
    theirs = later(0.87, gate={**RECORD["gate"], "threshold": 0.86}, hyperparameters={"eta": "0.9"})
    found = kinds(ours, theirs)
    assert (found["schema"], found["less data"]) == (Severity.REFUSAL, Severity.WARNING)
    assert "gate" in found
    assert beside(ours, theirs, "p").hyperparameter_diff == {
        "eta": ("0.9", "0.2"),
        "num_round": (None, "100"),
        "objective": (None, "binary:logistic"),
    }


def test_names_of_columns_are_as_the_judge_of_either_found_them() -> None:
    """What came with the later one goes with the way back."""
    schema = {"columns": [11, 12], "added": ["age"], "removed": [], "changed": [["plan", "number", "category"]]}
    theirs = later(
        0.9,
        live={"execution": "run-2", "digest": OURS},
        data={**RECORD["data"], "dataset": "data9"},
        schemaDiff={**schema, "order": True},
    )
    back = beside(one(0.87), theirs, "production").schema_diff
    assert back is not None
    assert (back.columns, back.added, back.removed) == ((12, 11), (), ("age",))
    assert back.changed == (("plan", "category", "number"),)
    again = beside(theirs, one(0.87), "production").schema_diff
    assert again is not None
    assert again.added == ("age",)


def test_gates_values_tell_where_nothing_was_scored() -> None:
    """Of the same validation rows; with scores it is only a note, for nothing says how sure it is."""
    theirs = {"gate": {**RECORD["gate"], "value": 0.9}}
    assert kinds(one(0, scores=None), later(0, scores=None, **theirs))["worse at the gate"] is Severity.WARNING
    assert kinds(one(0.87), later(0.87, **theirs))["worse at the gate"] is Severity.NOTE
    other = {"data": {**RECORD["data"], "dataset": "data9"}}
    assert "worse at the gate" not in kinds(one(0.87), later(0.87, **theirs, **other))


def test_alone_a_model_is_compared_with_nothing() -> None:
    """What served when it was judged is no news; what is wrong with the model itself is."""
    worse = changed(
        scores={"candidate": scores(0.6), "live": scores(0.88), "difference": difference(-0.28)}, repeatedRows=[0, 4000]
    )
    assert "worse" in {each.kind for each in findings(worse)}
    found = {each.kind for each in findings(alone(worse))}
    assert "worse" not in found
    assert "repeated rows" in found
