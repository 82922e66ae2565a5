"""Each rule at its border: what is a finding, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.records import RECORD, changed, column, diff, difference, interval, scored, scores
from xacct_ml.evidence.finding import Severity
from xacct_ml.evidence.findings import findings, refusals, warnings
from xacct_ml.evidence.record import Record

HELD = RECORD["holdout"]


def kinds(record: Record, least: Severity = Severity.WARNING) -> list[str]:
    return [one.kind for one in findings(record) if one.severity >= least]


def text(record: Record, kind: str) -> str:
    return next(one.text for one in findings(record) if one.kind == kind)


def test_nothing_is_found_in_a_good_candidate() -> None:
    """Beside the live model, not even a note."""
    assert findings(changed()) == ()


def test_the_gravest_comes_first() -> None:
    """Refusals before warnings before notes, each by weight."""
    record = scored(
        scores(0.7),
        scores(),
        difference(-0.17),
        schemaDiff={"columns": [11, 9]},
        holdout={**HELD, "from": "validation", "repeated": 500},
    )
    found = findings(record)
    assert [one.kind for one in found[:3]] == ["schema", "leaked rows", "worse"]
    assert [one.severity for one in found] == sorted((one.severity for one in found), reverse=True)
    assert [one.kind for one in refusals(found)] == ["schema"]
    assert "leaked rows" in [one.kind for one in warnings(found)]


BAD: dict[str, tuple[Record, str, str]] = {
    "leaked rows": (
        changed(holdout={**HELD, "repeated": 320}),
        "leaked rows",
        "320 of 1,000 held-out rows are training rows too: the scores say too much",
    ),
    "constant": (
        scored(scores(predictions={"mean": 0.109, "distinct": 1})),
        "constant",
        "The model answers the same for all 1,000 rows: 0.109",
    ),
    "guessing": (scored(scores(0.51)), "guessing", "No better than guessing: auc is 0.510 (0.490 to 0.530)"),
    "recall": (
        scored(scores(confusion={"matrix": [[988, 0], [12, 0]]})),
        "recall",
        "None of the 12 rows of class 1 is found (recall 0, 1.2 % of all), while accuracy is 0.880",
    ),
    "overconfident": (
        scored(
            scores(calibration=[{"mean": 0.03, "share": 0.3, "rows": 400}, {"mean": 0.97, "share": 0.7, "rows": 600}])
        ),
        "calibration",
        "Overconfident: of 600 rows given 0.970 on average, 70 % are true (error 0.270)",
    ),
    "one feature": (
        changed(importances=[{"column": 4, "share": 0.97}]),
        "one feature",
        "feature 4 has 97 % of the model's gain: is it known before the label?",
    ),
    "does not hold": (
        scored(scores(0.8), scores(0.79), difference(0.01)),
        "does not hold",
        "validation:auc 0.875 does not hold on the held-out rows: auc is 0.800 (0.780 to 0.820)",
    ),
    "gate on holdout": (
        scored(scores(0.77), scores(0.765), difference(0.005), gate={**RECORD["gate"], "value": 0.801}),
        "gate on holdout",
        "The held-out rows miss the gate's 0.800: auc is 0.770 (0.750 to 0.790)",
    ),
    "worse": (
        scored(scores(0.85), scores(0.88), difference(-0.03)),
        "worse",
        "Worse than the live model: auc 0.850, live 0.880, difference −0.030 (−0.040 to −0.020)",
    ),
    "labels turned round": (
        scored(scores(0.87), scores(0.13), difference(0.74)),
        "label meaning",
        "The live model is worse than guessing on these rows (auc 0.130): are the labels turned round?",
    ),
    "labels of another meaning": (
        scored(scores(0.87), scores(0.6), difference(0.27)),
        "label meaning",
        "The live model fails on these rows (auc 0.600, 0.870 on its own): do labels or columns mean something else?",
    ),
    "less data": (
        changed(dataDiff=diff(rows={"train": [5000, 500]})),
        "less data",
        "Trained on 500 rows, the live model on 5,000 (10 %)",
    ),
    "label shift": (
        changed(
            dataDiff=diff(label={"live": {"counts": {"0": 90, "1": 10}}, "candidate": {"counts": {"0": 50, "1": 50}}})
        ),
        "label shift",
        "Label 0 has 50 % of the training rows, 90 % of the live model's",
    ),
    "classes": (
        changed(dataDiff=diff(label={"live": {"counts": {"0": 9}}, "candidate": {"counts": {"0": 5, "2": 5}}})),
        "classes",
        "The labels have other classes than the live model's: new: 2",
    ),
    "shifted": (
        changed(dataDiff=diff(features=[{"column": 1, "name": "age", "live": column(), "candidate": column(16.0)}])),
        "shifted data",
        "1 feature has shifted since the live model's data: age mean 10 to 16 (3.0 sd)",
    ),
    "gaps": (
        changed(dataDiff=diff(features=[{"column": 1, "live": column(), "candidate": column(missing=0.4)}])),
        "shifted data",
        "1 feature has shifted since the live model's data: feature 1 missing 0 % to 40 %",
    ),
    "emptied": (
        changed(dataDiff=diff(features=[{"column": 1, "live": column(), "candidate": column(std=0.0)}])),
        "shifted data",
        "1 feature has shifted since the live model's data: feature 1 always 10 now",
    ),
    "hyperparameters": (
        changed(hyperparameterDiff={"max_depth": [None, "20"], "eta": ["0.2", "0.21"]}),
        "hyperparameters",
        "Far from the live model's hyperparameters: max_depth unset to 20, eta 0.2 to 0.21",
    ),
    "objective": (
        changed(hyperparameterDiff={"objective": ["binary:logistic", "reg:squarederror"]}),
        "objective",
        "Another objective than the live model's: objective binary:logistic to reg:squarederror",
    ),
    "a column more": (
        changed(schemaDiff={"columns": [11, 12]}),
        "schema",
        "Columns differ from the live model's: 12 where the live model has 11. Clients of the endpoint break",
    ),
    "another order": (
        changed(schemaDiff={"columns": [3, 3], "added": [], "removed": [], "changed": [], "order": False}),
        "schema",
        "Columns differ from the live model's: the same in another order. Clients of the endpoint break",
    ),
    "another type": (
        changed(schemaDiff={"columns": [3, 3], "added": [], "removed": [], "changed": [["age", "number", "category"]]}),
        "schema",
        "Columns differ from the live model's: of another type: age. Clients of the endpoint break",
    ),
}


@pytest.mark.parametrize(("record", "kind", "said"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_a_sentence_with_its_numbers(record: Record, kind: str, said: str) -> None:
    """And asks for attention."""
    assert kind in kinds(record)
    assert text(record, kind) == said


def slices(auc: float) -> list[dict[str, Any]]:
    return [{"column": "region", "slice": "north", "rows": 300, "metric": "auc", **interval(auc, 0.03)}]


def test_a_slice_that_collapsed() -> None:
    """Beside the live model's, or where there is none beside the whole."""
    record = scored(scores(slices=slices(0.55)), scores(0.865, slices=slices(0.86)))
    assert text(record, "slice") == "Worse where region is north (300 rows): auc 0.550, live 0.860"
    alone = scored(scores(slices=slices(0.55)), live=None)
    assert text(alone, "slice") == "Collapsed where region is north (300 rows): auc 0.550, 0.870 over all"
    assert "slice" not in kinds(scored(scores(slices=slices(0.84)), scores(0.865, slices=slices(0.86))))
    assert "slice" not in kinds(scored(scores(slices=slices(0.75)), live=None))


def test_a_difference_that_may_be_chance_is_no_warning() -> None:
    """Nor is one that does not matter: a note, where it is sure."""
    assert "worse" not in kinds(scored(scores(0.85), scores(0.88), difference(-0.03, 0.04)), Severity.NOTE)
    small = scored(scores(0.865), scores(0.87), difference(-0.005, 0.001))
    assert "worse" not in kinds(small)
    assert "worse" in kinds(small, Severity.NOTE)
    assert "worse" in kinds(scored(scores(0.8), scores(0.88)))  # two intervals that do not meet
    assert "worse" not in kinds(scored(scores(0.86), scores(0.88)), Severity.NOTE)


def test_too_good_beside_the_live_model() -> None:
    """Errors that vanish are asked about."""
    record = scored(scores(0.995), scores(0.87), difference(0.125))
    assert text(record, "too good").startswith("Better than one expects: auc 0.995, live 0.870")
    assert "too good" not in kinds(scored(scores(0.92), scores(0.87), difference(0.05)))


def test_few_rows_say_little() -> None:
    """A handful of positives neither condemns a model nor acquits it."""
    few = {"counts": {"0": 60, "1": 4}}
    record = scored(scores(0.5, rows=64, labels=few), scores(0.4, labels=few), gate={**RECORD["gate"], "value": 0.5})
    assert not {"guessing", "label meaning"} & set(kinds(record))
    assert {"guessing", "few rows"} <= set(kinds(record, Severity.NOTE))


def test_the_validation_file_as_holdout_is_said() -> None:
    """As a note, and that validation does not hold there is no finding."""
    record = scored(scores(0.7), None, holdout={**HELD, "from": "validation", "scored": 500})
    assert {"no holdout", "part"} <= set(kinds(record, Severity.NOTE))
    assert "does not hold" not in kinds(record)


def test_without_a_live_model() -> None:
    """It is said that nothing is compared, once."""
    assert kinds(scored(scores(), live=None), Severity.NOTE) == ["live not scored"]
    first = changed(scores={"candidate": scores()}, live=None, dataDiff=None, schemaDiff=None)
    assert kinds(first, Severity.NOTE) == ["first"]


def test_the_live_model_itself() -> None:
    """Trained to the same bytes: nothing would change."""
    record = changed(live={"digest": "ab" * 32})
    assert kinds(record, Severity.NOTE) == ["same model"]


def test_numbers_are_no_classes() -> None:
    """A rare count that is missing is nothing; the mean is what is compared."""
    counts = {"live": {"counts": {"0": 9, "22": 1}}, "candidate": {"counts": {"0": 9, "14": 1}}}
    hyperparameters = {"objective": "count:poisson"}
    assert "classes" not in kinds(changed(dataDiff=diff(label=counts), hyperparameters=hyperparameters))
    means = {"live": {"mean": 10.0, "std": 2.0}, "candidate": {"mean": 14.0, "std": 2.0}}
    record = changed(dataDiff=diff(label=means), hyperparameters=hyperparameters)
    assert (
        text(record, "label shift") == "The labels' mean is 14, 10 in the live model's data (2.0 standard deviations)"
    )


@pytest.mark.parametrize(
    ("pair", "far"),
    [
        (("eta", "0.3", "0.01"), True),
        (("eta", None, "0.29"), False),
        (("max_depth", "3", "8"), True),
        (("max_depth", "4", "6"), False),
        (("subsample", "1", "0.5"), True),
        (("subsample", "0.9", "0.7"), False),
        (("num_round", "100", "150"), False),
        (("booster", None, "dart"), True),
        (("gamma", "0", "4"), False),
        (("seed", "one", "two"), False),
    ],
)
def test_which_hyperparameters_are_far(pair: tuple[str, str | None, str], far: bool) -> None:
    """By their factor, or their distance; unset is XGBoost's default. All others are told."""
    name, before, after = pair
    record = changed(hyperparameterDiff={name: [before, after]})
    assert ("hyperparameters" in kinds(record)) is far
    assert "hyperparameters" in kinds(record, Severity.NOTE)
