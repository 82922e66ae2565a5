"""Each rule at its border: what is a finding, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.records import RECORD, changed, column, diff, difference, interval, scored, scores
from xacct_ml.evidence.finding import Severity
from xacct_ml.evidence.findings import findings, refusals, warnings
from xacct_ml.evidence.record import Record

HELD, GATE = RECORD["holdout"], {name: RECORD["gate"][name] for name in ("metric", "direction", "threshold")}
BOTH_POOR = {"scores": {"candidate": scores(0.72), "live": scores(0.72), "difference": difference(0.0)}}
NUMBERS = {"rows": 1000, "metrics": {"mae": {"value": 0.7, "low": 0.65, "high": 0.75}}}
RANKS = {"rows": 600, "metrics": {"ndcg": interval(0.7)}, "labels": {"counts": {"0": 250, "1": 200, "2": 100, "3": 50}}}


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
    "a gate that asks for less": (
        changed(live={**RECORD["live"], "gate": {**GATE, "threshold": 0.88}}),
        "gate",
        "The gate asks for less than the live model's did: 0.8, then 0.88, which this model misses",
    ),
    "another gate": (
        changed(live={**RECORD["live"], "gate": {**GATE, "metric": "validation:accuracy"}}),
        "gate",
        "Another gate than the live model's: validation:auc, which was judged by validation:accuracy",
    ),
    "older data": (
        changed(dataDiff=diff(created=["2026-03-02T10:00:00Z", "2026-01-31T23:59:00Z"])),
        "older data",
        "The data are older than the live model's: of 2026-01-31T23:59, live 2026-03-02T10:00",
    ),
    "rows again and again": (
        changed(repeatedRows=[48, 4000]),
        "repeated rows",
        "4,000 of 5,000 training rows repeat an earlier one (80 %); 1 % in the live model's data",
    ),
    "learnt by heart": (
        changed(metrics=[{"name": "train:auc", "value": 1.0}], **BOTH_POOR),
        "overfit",
        "Learnt by heart: train:auc is 1.000, 0.720 on rows not seen",
    ),
    "errors learnt by heart": (
        changed(metrics=[{"name": "train:mae", "value": 0.1}], scores={"candidate": NUMBERS}),
        "overfit",
        "Learnt by heart: train:mae is 0.100, 0.700 on rows not seen",
    ),
    "order by chance": (
        changed(scores={"candidate": RANKS}),
        "guessing",
        "No better than guessing: ndcg is 0.700 (0.680 to 0.720)",
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
        "Columns differ from the live model's: of another type: age (number to category). "
        "Clients of the endpoint break",
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


def test_classes_that_changed_places() -> None:
    """The live model tells one as the other, which the candidate does not."""
    right, turned = [[90, 10, 0], [10, 90, 0], [0, 0, 100]], [[10, 90, 0], [90, 10, 0], [0, 0, 100]]
    record = scored(scores(confusion={"matrix": right}), scores(0.865, confusion={"matrix": turned}))
    assert text(record, "label meaning") == (
        "The live model says 1 of 90 % of the rows of class 0: does the label mean something else?"
    )
    poor = [[30, 70, 0], [10, 90, 0], [0, 0, 100]]
    assert "label meaning" not in kinds(
        scored(scores(confusion={"matrix": right}), scores(0.865, confusion={"matrix": poor}))
    )
    assert "label meaning" not in kinds(
        scored(scores(confusion={"matrix": turned}), scores(0.865, confusion={"matrix": turned}))
    )


def test_a_class_that_the_live_model_does_not_find_either() -> None:
    """Is nothing new."""
    lost = {"matrix": [[988, 0], [12, 0]]}
    record = scored(scores(confusion=lost), scores(0.865, confusion=lost))
    assert "recall" not in kinds(record)
    assert text(record, "recall").endswith("; nor by the live model")


def test_a_feature_that_is_seldom_anything_else() -> None:
    """Its spread says little of the next sample: of a few rows there may be none, or three times as many."""
    seldom = {"missing": 0.0, "low": 0.0, "high": 8.0, "mean": 0.004, "std": 0.12}
    for change in ({"std": 0.0, "mean": 0.0, "high": 0.0}, {"std": 0.03}, {"std": 0.45}):
        pair = {"column": 1, "live": seldom, "candidate": {**seldom, **change}}
        assert "shifted data" not in kinds(changed(dataDiff=diff(features=[pair])))
    never = {"missing": 0.0, "low": 0.0, "high": 0.0, "mean": 0.0, "std": 0.0}
    often = {"missing": 0.0, "low": 0.0, "high": 8.0, "mean": 0.4, "std": 1.5}
    for pair, rare in (({"live": never, "candidate": seldom}, True), ({"live": never, "candidate": often}, False)):
        found = kinds(changed(dataDiff=diff(features=[{"column": 1, **pair}])))
        assert ("shifted data" not in found) is rare


def test_what_is_as_it_was_is_not_said() -> None:
    """A stricter gate, later data, rows that repeat as often as before, a lower gate that this model would have passed
    and copies in the first data set, which are told without alarm."""
    live = {**RECORD["live"], "gate": {**GATE, "threshold": 0.7}}
    assert findings(changed(live=live, dataDiff=diff(created=["2026-01-01", "2026-01-02"]))) == ()
    assert findings(changed(repeatedRows=[3900, 4000])) == ()
    passed = changed(live={**live, "gate": {**GATE, "threshold": 0.87}})
    assert [(one.kind, one.severity) for one in findings(passed)] == [("gate", Severity.NOTE)]
    assert kinds(changed(repeatedRows=[None, 4000])) == []
    assert kinds(changed(live={**RECORD["live"], "containerVersion": "1.5-1"}), Severity.NOTE) == ["container"]


def test_a_log_likelihood_has_a_unit_of_its_own() -> None:
    """A twentieth of it matters, however large the sum of its constant parts is."""
    gate = {
        **RECORD["gate"],
        "metric": "validation:gamma-nloglik",
        "direction": "minimize",
        "threshold": 9,
        "value": 4.07,
    }
    for apart, matters in ((0.07, True), (0.02, False)):
        both = [{"rows": 1000, "metrics": {"gamma-nloglik": interval(4.0 + add)}} for add in (apart, 0.0)]
        difference_ = {"metrics": {"gamma-nloglik": interval(apart, 0.01)}}
        record = changed(gate=gate, scores={"candidate": both[0], "live": both[1], "difference": difference_})
        assert ("worse" in kinds(record)) is matters


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
