"""The evidence as an approver reads it in a terminal of 80 columns."""

from __future__ import annotations

from typing import Any

from tests.evidence.records import RECORD, changed, difference, interval, scores
from xacct_ml.cli.views.evidence import evaluation_json, evaluation_lines, package_lines, verdict_lines
from xacct_ml.evidence.record import Record
from xacct_ml.operations.runs.evaluation import Evaluation, Package
from xacct_ml.operations.runs.overtaken import Newer


def evaluation(record: Record) -> Evaluation:
    return Evaluation(record, "12" * 32)


def test_verdict_first_then_both_models_then_what_changes() -> None:
    """Each of the record's own numbers."""
    live = {**RECORD["live"], "image": "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.5-1"}
    both = {"candidate": scores(0.85), "live": scores(0.88), "difference": difference(-0.03)}
    record = changed(scores=both, live=live, hyperparameterDiff={"max_depth": ["4", "5"]})
    assert evaluation_lines(evaluation(record)) == [
        "  gate     passed: validation:auc is 0.875, required is at least 0.8",
        "  warning  Worse than the live model: auc 0.850, live 0.880, difference −0.030",
        "           (−0.040 to −0.020)",
        "  note     Hyperparameters: max_depth 4 to 5",
        "  data     data2 (5,000 train, 1,000 validation rows)",
        "  metrics  train:auc 0.93, validation:auc 0.875",
        "  scores   on 1,000 rows of the holdout, with 95 % intervals",
        "            candidate          live               difference",
        "  auc       0.850 0.830…0.870  0.880 0.860…0.900  −0.030 −0.040…−0.020",
        "  accuracy  0.880 0.860…0.900  0.880 0.860…0.900",
        "  logloss   0.300 0.280…0.320  0.300 0.280…0.320",
        "           finds 160 of 250 of class 1, and 720 of 750 of class 0",
        "  live     cdcdcdcdcdcd… of run run-1 at production",
        "  image    sagemaker-xgboost:1.7-1 (container 1.7-1)",
        "           live: sagemaker-xgboost:1.5-1 (container 1.7-1)",
        "  rows     train 4,800 → 5,000, validation 1,000",
        "  columns  those of the live model",
        "  settings max_depth 4 → 5",
        "  weighs   day minutes 40 %, months 30 %",
        "  since    decaf, the live model's",
        f"  model    {'ab' * 32}",
        "           of training job churn-2",
        f"  record   {'12' * 32}",
    ]


def test_a_refusal_that_is_meant_is_a_warning() -> None:
    """And is not said a second time where it stands among the objections."""
    seen = evaluation(changed(schemaDiff={"columns": [11, 12]}))
    assert verdict_lines(seen)[1].startswith("  refused  Columns differ")
    assert verdict_lines(seen, refusal="warning")[1].startswith("  warning  Columns differ")
    assert len(verdict_lines(seen, refusal=None)) == 1


def test_no_line_of_the_verdict_is_longer_than_the_screen() -> None:
    """However long names are."""
    record = changed(importances=[{"column": 1, "name": "x" * 250, "share": 0.99}])
    assert all(len(line) <= 80 for line in verdict_lines(evaluation(record)))


def test_what_will_change_comes_second() -> None:
    """At each target of the wave, from which model to which."""
    others = [{"target": "asia", "execution": "5f0c2a1b-7d", "digest": "ef" * 32}]
    seen = evaluation(changed(live={**RECORD["live"], "others": others}))
    told = verdict_lines(seen, endpoint="churn", targets=["production", "asia", "new"])[1:]
    assert [line[11:] for line in told] == [
        "churn at production: cdcdcdcdcdcd of run run-1 → abababababab, asia:",
        "efefefefefef of run 5f0c2a1b → abababababab, new: no model yet →",
        "abababababab",
    ]
    assert "  others   efefefefefef… of run 5f0c2a1b-7d at asia" in evaluation_lines(seen)


def test_what_was_deployed_since_comes_before_all_findings() -> None:
    """A run that waited behind another was compared with what serves no more."""
    told = verdict_lines(
        evaluation(changed()),
        endpoint="churn",
        targets=["production"],
        newer=[Newer("production", "5f0c2a1b-7d", "ef" * 32)],
    )
    assert told[1] == "  change   churn at production: efefefefefef of run 5f0c2a1b → abababababab"
    assert told[2].startswith("  warning  Compared with a model that serves no more")


def test_a_run_without_record() -> None:
    """So much is said."""
    assert evaluation_lines(None) == ["  metrics  none recorded (yet)"]
    assert evaluation_json(None) is None


def test_json_has_all_of_it() -> None:
    """The findings, and the record as it is read."""
    seen: Any = evaluation_json(evaluation(changed(holdout={**RECORD["holdout"], "repeated": 500})))
    assert seen["findings"][0] == {
        "kind": "leaked rows",
        "severity": "warning",
        "weight": 96,
        "text": "500 of 1,000 held-out rows are training rows too: the scores say too much",
    }
    assert seen["record"]["scores"]["candidate"]["metrics"]["auc"] == interval(0.87)
    assert seen["record"]["holdout"]["from"] == "holdout"
    assert (seen["metrics"]["validation:auc"], seen["rows"]["train"]) == (0.875, 5000)


def test_where_a_model_is_registered() -> None:
    """Nothing where no model is."""
    arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3"
    assert package_lines(None) == []
    assert package_lines(Package(arn, released=False)) == [f"  package  {arn}, pending until the run has deployed it"]
    assert package_lines(Package(arn, released=True)) == [f"  package  {arn}, Approved"]
