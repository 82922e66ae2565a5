"""Two runs beside each other, by their records."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import TRAINED, accounts, codepipeline, detail, execution, state
from tests.operations.runs.test_evaluation import MODEL, RECORD
from xacct_ml.cli.main import main
from xacct_ml.cli.views.runs import comparison_lines
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.runs.comparison import compare

OTHER = "cd" * 32
AUC = {"value": 0.9, "low": 0.88, "high": 0.92}


def scored(value: float) -> dict[str, Any]:
    metrics = {"auc": {"value": value, "low": value - 0.02, "high": value + 0.02}}
    return {"rows": 100, "metrics": metrics}


FIRST: dict[str, Any] = {
    **RECORD,
    "holdout": {"from": "holdout", "rows": 100},
    "scores": {"candidate": scored(0.9), "live": None, "difference": None},
    "importances": [{"column": 1, "name": "tenure", "share": 0.7}, {"column": 2, "name": "age", "share": 0.3}],
}
SECOND: dict[str, Any] = {
    **FIRST,
    "pipelineExecutionId": "run-2",
    "trainingJob": "churn-2",
    "hyperparameters": {**RECORD["hyperparameters"], "num_round": "200", "eta": "0.1"},
    "model": {**RECORD["model"], "sha256": OTHER},
    "scores": {
        "candidate": scored(0.93),
        "live": scored(0.9),
        "difference": {"metrics": {"auc": {"value": 0.03, "low": 0.01, "high": 0.05}}},
    },
    "live": {"execution": "run-1", "digest": MODEL, "target": "production"},
    "importances": [{"column": 1, "name": "tenure", "share": 1.0}],
}


def two(first: Any = FIRST, second: Any = SECOND, **schemas: bytes) -> FakeAccounts:
    """Two runs with these records, and the schemas of data sets."""
    texts = {
        "run-1": None if first is None else json.dumps(first).encode(),
        "run-2": None if second is None else json.dumps(second).encode(),
    }

    def actions(**request: Any) -> dict[str, Any]:
        run = request["filter"]["pipelineExecutionId"]
        record = texts[run]
        told = {"Outcome": "passed", "RecordDigest": sha256(record or b"").hexdigest()}
        trained = detail("Train", "StateMachine", "Succeeded", run=run, external_id=f"{TRAINED[:-1]}{run[-1]}")
        return {
            "actionExecutionDetails": [detail("Judge", "Evaluation", "Succeeded", run=run, variables=told), trained]
        }

    def get_object(**asked: Any) -> dict[str, Any]:
        contents = {f"evaluations/{run}/": text for run, text in texts.items()}
        contents |= {f"data/{dataset}/schema.json": text for dataset, text in schemas.items()}
        found = next((text for key, text in contents.items() if asked["Key"].startswith(key)), None)
        if found is None:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(found)}

    listed = [execution("run-2", "Succeeded"), execution("run-1", "Succeeded")]
    there = accounts(
        codepipeline(
            get_pipeline_state=state(waiting=None),
            list_pipeline_executions={"pipelineExecutionSummaries": listed},
            list_action_executions=actions,
        )
    )
    there.clients[SHARED, "s3"] = FakeClient(get_object=get_object)
    return there


def test_what_differs_and_by_how_much() -> None:
    """On the same rows, with the paired difference that the judge of the later one found."""
    found = compare(example(), two(), "run-1", "run-2")
    assert found.same_rows
    assert found.hyperparameters == {"eta": (None, "0.1"), "num_round": ("50", "200")}
    assert found.difference is not None
    assert found.difference["auc"].low == 0.01
    assert found.importances == {"tenure": (0.7, 1.0), "age": (0.3, None)}
    shown = "\n".join(comparison_lines(found))
    assert "metrics with 95 % intervals, the same held-out rows" in shown
    assert "+0.030 +0.010…+0.050" in shown


def test_the_other_way_round_the_difference_is_turned() -> None:
    found = compare(example(), two(), "run-2", "run-1")
    assert found.difference is not None
    assert (found.difference["auc"].value, found.difference["auc"].low) == (-0.03, -0.05)


def test_judged_beside_each_other_both_were_scored_on_the_later_ones_rows() -> None:
    """Whatever the first was scored on when it was judged itself."""
    data = {"dataset": "def", "channels": {"train": {"rows": 20}}}
    found = compare(example(), two(FIRST, {**SECOND, "data": data}), "run-1", "run-2")
    assert found.same_rows
    assert [one and one.value for one in found.metrics["auc"]] == [0.9, 0.93]


def test_other_data_are_other_rows() -> None:
    """Their columns are compared by the number, without schemas."""
    data = {"dataset": "def", "channels": {"train": {"rows": 20, "columns": 4}}}
    first = {**FIRST, "data": {"dataset": "abc", "channels": {"train": {"rows": 20, "columns": 3}}}}
    found = compare(example(), two(first, {**SECOND, "data": data, "live": None}), "run-1", "run-2")
    assert not found.same_rows
    assert found.columns == "3 in the first run's data, 4 in the second's"
    assert found.difference is None
    assert "they are not comparable" in "\n".join(comparison_lines(found))


def test_what_cannot_be_compared_is_said() -> None:
    """The same run, one without a record, one whose record somebody exchanged."""
    with pytest.raises(InputError, match="are the same run"):
        compare(example(), two(), "run-1", "run-1")
    with pytest.raises(XacctError, match="run run-2 has no record"):
        compare(example(), two(second=None), "run-1", "run-2")
    with pytest.raises(XacctError, match="none with the id run-7"):
        compare(example(), two(), "run-1", "run-7")


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of the runs, and the two beside each other, as text and as JSON."""
    services = FakeServices(two())
    assert main(["compare", "run-1", "run-2"], services) == 0
    assert "hyperparameters that differ" in capsys.readouterr().out
    assert main(["compare", "run-1", "run-2", "-o", "json"], services) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["hyperparameters"]["eta"] == [None, "0.1"]
    assert result["metrics"]["auc"][1] == {"value": 0.93, "low": 0.91, "high": 0.9500000000000001}
    there = two()
    there.clients[SHARED, "codepipeline"].answers["list_action_executions"] = {"actionExecutionDetails": []}
    assert main(["runs", "--limit", "2"], FakeServices(there)) == 0
    header, newest, _ = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["run", "started", "(UTC)"]
    assert newest.split()[0] == "run-2"
