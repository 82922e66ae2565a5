"""The list of runs: what each was made from, judged to be, and who let it serve where."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import STARTED, accounts, codepipeline, detail, execution, judged
from tests.operations.runs.test_evaluation import RECORD
from xacct_ml.errors import XacctError
from xacct_ml.operations.runs.executions import Execution, find, look_up
from xacct_ml.operations.runs.listing import Decision, Run, runs, started_by
from xacct_ml.system.names import Names

ANN = "arn:aws:sts::111111111111:assumed-role/ml-approver/ann"


def approval(run: str, status: str = "Succeeded") -> dict[str, Any]:
    return detail("Approve", "Review", status, run=run) | ({"updatedBy": ANN} if status != "InProgress" else {})


def there(*details: dict[str, Any], statuses: dict[str, str], record: Any = RECORD) -> FakeAccounts:
    summaries = [execution(run, status) for run, status in statuses.items()]
    answers = {
        "list_pipeline_executions": {"pipelineExecutionSummaries": summaries},
        "list_action_executions": {"actionExecutionDetails": list(details)},
    }
    return accounts(codepipeline(**answers), record=record)


def checked(run: str) -> dict[str, Any]:
    return detail("Check", "Configuration", "Succeeded", run=run, variables={"DataSet": "8a01b7c5d2e94f30"})


def test_who_let_what_serve() -> None:
    """The newest deployment serves, with the record's metric; its approver is named."""
    deployed = detail("Deploy", "production", "Succeeded", run="run-1")
    found = runs(
        example(), there(deployed, approval("run-1"), *judged(), checked("run-1"), statuses={"run-1": "Succeeded"}), 20
    )
    (run,) = found
    assert (run.serves, run.dataset, run.outcome, run.job) == (("production",), "8a01b7c5d2e94f30", "passed", "churn-1")
    assert run.decisions == (Decision("Approve", ANN, approved=True),)
    assert run.evaluation is not None
    assert not run.mistaken


def test_an_earlier_deployment_serves_no_more() -> None:
    """And a run that was rejected says by whom, one that waits that it does."""
    details = (
        approval("run-3", "InProgress"),
        approval("run-2", "Failed"),
        detail("Deploy", "production", "Succeeded", run="run-1"),
        detail("Deploy", "production", "Succeeded", run="run-0") | {"lastUpdateTime": STARTED - timedelta(days=1)},
    )
    statuses = {"run-3": "InProgress", "run-2": "Failed", "run-1": "Succeeded", "run-0": "Succeeded"}
    third, second, first, none = runs(example(), there(*details, statuses=statuses, record=None), 20)
    assert third.waits
    assert (second.stopped_in, second.decisions) == ("Approve", (Decision("Approve", ANN, approved=False),))
    assert (first.serves, none.serves) == (("production",), ())


def test_a_record_of_somebody_else_is_not_shown() -> None:
    """The judge told the pipeline another digest."""
    forged = {**RECORD, "metrics": [{"name": "validation:auc", "value": 0.99}]}
    (run,) = runs(example(), there(*judged(), statuses={"run-1": "InProgress"}, record=forged), 20)
    assert run.mistaken
    assert run.evaluation is None


def test_a_retried_action_counts_as_it_ended() -> None:
    """The newest of several."""
    details = (detail("Train", "StateMachine", "Succeeded"), detail("Train", "StateMachine", "Failed", "no capacity"))
    (run,) = runs(example(), there(*details, statuses={"run-1": "InProgress"}, record=None), 20)
    assert run.stopped_in is None


def test_no_further_back_than_it_takes() -> None:
    """Once what serves everywhere is known, older runs than those listed are not read."""

    def pages(**request: Any) -> dict[str, Any]:
        assert "nextToken" not in request, "a second page was asked for"
        old = detail("Train", "StateMachine", "Succeeded", run="run-0") | {"startTime": STARTED - timedelta(days=1)}
        deployed = detail("Deploy", "production", "Succeeded") | {"startTime": STARTED}
        return {"actionExecutionDetails": [deployed, old], "nextToken": "more"}

    found = there(statuses={"run-1": "Succeeded"}, record=None)
    found.clients[SHARED, "codepipeline"].answers["list_action_executions"] = pages
    assert [run.serves for run in runs(example(), found, 1)] == [("production",)]


def test_nothing_ran() -> None:
    assert runs(example(), there(statuses={}), 20) == ()


@pytest.mark.parametrize(
    ("trigger", "detail_", "word"),
    [
        ("CreatePipeline", "arn:aws:sts::111111111111:assumed-role/operator/ann", "create-pipeline"),
        ("StartPipelineExecution", "arn:aws:sts::111111111111:assumed-role/operator/ann", "start by ann"),
        ("StartPipelineExecution", None, "start"),
        ("CloudWatchEvent", "push", "push"),
        ("CloudWatchEvent", "data", "data"),
        ("CloudWatchEvent", "arn:aws:events:us-east-1:111111111111:rule/theirs", "an event"),
        ("ManualRollback", None, "roll-back"),
    ],
)
def test_what_started_it(trigger: str, detail_: str | None, word: str) -> None:
    names = Names(example())
    arn = {"push": names.rule_arn(names.push_rule), "data": names.rule_arn(names.data_rule)}.get(detail_ or "", detail_)
    assert started_by(names, Execution("run-1", "Succeeded", trigger, None, None, None, trigger_detail=arn)) == word


def several(*ids: str) -> tuple[Execution, ...]:
    return tuple(Execution(id_, "Succeeded", "Webhook", None, None, None) for id_ in ids)


def test_the_beginning_of_an_id_is_enough() -> None:
    """Of six characters and more, where no other begins so; a whole id is always that run."""
    found = several("3f2a9c01-1111", "3f2a9c01-2222", "3f2a9c", "b81e44d7-0000")
    assert find(found, "b81e44") == found[3]
    assert find(found, "3f2a9c") == found[2]
    with pytest.raises(XacctError, match="2 runs have ids that begin with 3f2a9c01"):
        find(found, "3f2a9c01")
    with pytest.raises(XacctError, match="none with the id b81e4"):
        find(found, "b81e4")


def test_an_old_run_is_looked_up_page_by_page() -> None:
    """Among all that CodePipeline keeps; no page is read behind the run."""

    def pages(**request: Any) -> dict[str, Any]:
        page = int(request.get("nextToken", "0"))
        assert page < 2, "read behind the run"
        return {"pipelineExecutionSummaries": [execution(f"run-{page}", "Succeeded")], "nextToken": str(page + 1)}

    found = look_up(example(), accounts(codepipeline(list_pipeline_executions=pages)), "run-1")
    assert found is not None
    assert found.id == "run-1"


def test_as_json_it_has_everything() -> None:
    """Nothing that Python has and JSON has not."""
    from xacct_ml.cli.views.runs import run_json

    (run,) = runs(example(), there(*judged(), statuses={"run-1": "InProgress"}), 20)
    assert isinstance(run, Run)
    told = json.loads(json.dumps(run_json(run)))
    assert told["metric"] == {"name": "auc", "value": 0.9, "low": None, "high": None}
    assert (told["execution"], told["outcome"], told["started_by"]) == ("run-1", "passed", "an event")
