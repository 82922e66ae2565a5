"""One look at a run: its stages, who waits behind it, what is served."""

from __future__ import annotations

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.configs import PRODUCTION, example
from tests.operations.runs.pipelines import (
    NO_ENDPOINT,
    SERVING,
    accounts,
    codepipeline,
    detail,
    execution,
    judged,
    state,
    two_approvals,
    two_waves,
)
from tests.operations.runs.test_evaluation import MODEL
from tests.waved import TARGETS, TWO_WAVES, waved
from xacct_ml.cli.views.status import status_json, status_lines
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.runs.endpoint import EndpointState
from xacct_ml.operations.runs.executions import start
from xacct_ml.operations.runs.stages import pending_approvals, stages
from xacct_ml.operations.runs.status import status


def test_a_run_that_waits_for_approval() -> None:
    """The approval's stage has our own word, and nothing more happens by itself."""
    seen = status(example(), accounts())
    assert [(stage.name, stage.status) for stage in seen.stages] == [
        ("Source", "Succeeded"),
        ("Train", "Succeeded"),
        ("Judge", "Succeeded"),
        ("Approve", "WaitingForApproval"),
        ("Deploy", "NotStarted"),
    ]
    assert seen.settled
    assert seen.evaluation is not None
    assert seen.evaluation.metrics["validation:auc"] == 0.9


def test_a_run_that_waits_for_two_people() -> None:
    """Both approvals wait; the first is the one to answer. Another run's are not this run's."""
    asked = [detail("Approve", action, "InProgress") for action in ("Review", "SecondReview")]
    done = {"actionExecutionDetails": [*asked, *judged()]}
    pipeline = codepipeline(get_pipeline_state=two_approvals(), list_action_executions=done)
    seen = stages(example(), accounts(pipeline), "run-1", two_approvals())
    assert [action.status for action in seen[3].actions] == ["WaitingForApproval"] * 2
    assert [approval.action for approval in pending_approvals(two_approvals())] == ["Review"]
    others = stages(example(), accounts(pipeline), "run-2", two_approvals())
    assert [action.status for action in others[3].actions] == ["InProgress"] * 2


def test_the_reason_of_a_failure() -> None:
    """It is the failed action's own message; of a retried action the newest execution counts."""
    details = [
        detail("Train", "StateMachine", "Failed", "The quality gate was missed"),
        detail("Train", "StateMachine", "Succeeded"),
    ]
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Failed")]},
        list_action_executions={"actionExecutionDetails": details},
    )
    seen = status(example(), accounts(pipeline, record=None))
    assert seen.stages[1].status == "Failed"
    assert seen.stages[1].actions[0].reason == "The quality gate was missed"
    assert seen.evaluation is None
    assert seen.settled


def test_newer_runs_wait_behind_an_older_one() -> None:
    """Those under way that began later, and in front of which stage they queue."""
    pipeline = codepipeline(
        get_pipeline_state=state(inbound=("run-3",)),
        list_pipeline_executions={
            "pipelineExecutionSummaries": [execution("run-3"), execution("run-2", "Superseded"), execution("run-1")]
        },
    )
    seen = status(example(), accounts(pipeline), "run-1")
    assert [run.id for run in seen.newer] == ["run-3"]
    assert seen.stages[3].waiting == ("run-3",)


def test_another_runs_approval_is_not_this_runs() -> None:
    """The stage's state belongs to the run inside it."""
    pipeline = codepipeline(
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-2"), execution("run-1")]},
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "InProgress")]},
    )
    seen = status(example(), accounts(pipeline))
    assert [stage.status for stage in seen.stages][1:4] == ["InProgress", "NotStarted", "NotStarted"]
    assert not seen.settled


def test_pages_of_actions_are_followed() -> None:
    """ListActionExecutions pages."""
    pages = {
        None: {"actionExecutionDetails": [detail("Approve", "Review", "InProgress")], "nextToken": "more"},
        "more": {"actionExecutionDetails": [detail("Train", "StateMachine", "Succeeded")]},
    }
    pipeline = codepipeline(list_action_executions=lambda **request: pages[request.get("nextToken")])
    assert status(example(), accounts(pipeline)).stages[1].status == "Succeeded"


def test_what_the_endpoint_serves() -> None:
    """Down to the training job, which says whose model it is."""
    assert status(example(), accounts(sagemaker=SERVING)).endpoints == (
        EndpointState(
            "production",
            PRODUCTION,
            "churn",
            "InService",
            "churn-cfg",
            "churn-model",
            "churn-1",
            region="us-east-1",
            commit="c0ffee",
            of_run=True,
            digest=MODEL,
            run="run-1",
        ),
    )


def test_an_account_that_cannot_be_read_hides_nothing_else() -> None:
    """The run is shown all the same."""
    denied = FakeClient(describe_endpoint=refused("DescribeEndpoint", "AccessDeniedException", "no"))
    seen = status(example(), accounts(sagemaker=denied))
    assert seen.execution is not None
    assert seen.endpoints[0].status == "Unknown"
    assert "AccessDeniedException: no" in (seen.endpoints[0].reason or "")


def test_before_the_first_run() -> None:
    """No run is no error."""
    pipeline = codepipeline(list_pipeline_executions={"pipelineExecutionSummaries": []})
    assert status(example(), accounts(pipeline)).execution is None


def test_an_unknown_run_is_named() -> None:
    """A misspelt id must not show another run."""
    with pytest.raises(XacctError, match="have none with the id run-9"):
        status(example(), accounts(), "run-9")


def test_without_a_pipeline() -> None:
    """The next step is named."""
    pipeline = codepipeline(
        get_pipeline_state=refused("GetPipelineState", "PipelineNotFoundException"),
        start_pipeline_execution=refused("StartPipelineExecution", "PipelineNotFoundException"),
    )
    for call in (status, start):
        with pytest.raises(NotReady, match="there is no pipeline churn") as caught:
            call(example(), accounts(pipeline))
        assert caught.value.next_step == "xacct-ml create-pipeline"


def test_nobody_elses_pipeline_is_started() -> None:
    """It has the project's name and not its tag."""
    pipeline = codepipeline(list_tags_for_resource={"tags": []})
    with pytest.raises(NotReady, match="pipeline churn in account 111111111111 is not this project's"):
        start(example(), accounts(pipeline))
    assert [name for name, _ in pipeline.calls] == ["list_tags_for_resource"]


def test_a_failed_run_does_not_hide_the_one_that_waits() -> None:
    """The run in the approval is named beside the newest."""
    pipeline = codepipeline(
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-2", "Failed"), execution("run-1")]},
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "Failed", "missed")]},
    )
    seen = status(example(), accounts(pipeline))
    assert seen.execution is not None
    assert [(seen.execution.id, each.execution) for each in seen.approvals] == [("run-2", "run-1")]
    assert "  waiting  run-1, another run, waits for approval" in status_lines(seen)


def test_who_stands_behind_an_older_runs_approval() -> None:
    """The newest run queues in front of an approval that an older one holds: the older one is to be judged."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting="run-1", inbound=("run-3",)),
        list_pipeline_executions={
            "pipelineExecutionSummaries": [execution("run-3"), execution("run-2", "Failed"), execution("run-1")]
        },
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "Succeeded")]},
    )
    seen = status(example(), accounts(pipeline, record=None))
    assert [(each.execution, each.behind) for each in seen.approvals] == [("run-1", ("run-3",))]
    lines = status_lines(seen)
    assert "  waiting  run-1, another run, waits for approval, in front of run-3 (this run)" in lines
    assert lines[-1] == "next: xacct-ml approve --execution run-1 (or reject)"


def test_a_failed_run_beside_one_that_waits() -> None:
    """It is named; the next step is that of the run that is shown, never an approval of one that nobody looked at."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting="run-1"),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-2", "Failed"), execution("run-1")]},
        list_action_executions={"actionExecutionDetails": [detail("Train", "StateMachine", "Failed", "no")]},
    )
    lines = status_lines(status(example(), accounts(pipeline, record=None)))
    assert "  waiting  run-1, another run, waits for approval" in lines
    assert lines[-1] == "next: xacct-ml logs run-2 --of training; when it is mended: xacct-ml retry --execution run-2"


OLD_JOB, OLD_MODEL = "churn-0e5b0a8c-1111-4222-8333-444455556666", "cd" * 32


def test_whose_model_each_target_serves() -> None:
    """A row for each target in the order of the waves: this run's, an older run's with its commit, none."""
    old = FakeClient(
        **{**SERVING.answers, "describe_model": {"PrimaryContainer": {"ModelDataUrl": model_of(OLD_MODEL)}}}
    )
    older = {**execution("run-0", "Succeeded"), "sourceRevisions": [{"revisionId": "0ddba11"}]}
    pipeline = codepipeline(
        get_pipeline_state=two_waves(rest="run-1"),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1"), older]},
        list_action_executions=lambda **request: {
            "actionExecutionDetails": judged()
            if "filter" in request
            else [*judged("run-1"), *judged("run-0", TrainingJob=OLD_JOB, ModelDigest=OLD_MODEL)]
        },
    )
    there = accounts(pipeline)
    for account, client in zip(TARGETS.values(), (SERVING, old, NO_ENDPOINT), strict=True):
        there.clients[account, "sagemaker"] = client
    seen = status(waved(*TWO_WAVES), there)
    assert [(each.target, each.wave, each.of_run, each.commit) for each in seen.endpoints] == [
        ("canary", "first", True, "c0ffee"),
        ("web", "rest", False, "0ddba11"),
        ("mobile", "rest", None, None),
    ]
    assert [(each.execution, each.wave, each.targets) for each in seen.approvals] == [
        ("run-1", "rest", ("web", "mobile"))
    ]
    assert status_lines(seen)[-7:] == [
        "target  wave   account       region     endpoint  state       serves",
        "canary  first  333333333333  us-east-1  churn     InService   this run's model",
        "  model    churn-model of training job churn-1, commit c0ffee",
        "web     rest   444444444444  us-east-1  churn     InService   another run's model",
        f"  model    churn-model of training job {OLD_JOB}, commit 0ddba11",
        "mobile  rest   555555555555  us-east-1  churn     NotCreated  nothing",
        "next: xacct-ml approve --execution run-1 --wave rest (or reject): it goes on to web, mobile",
    ]


def model_of(digest: str) -> str:
    return f"s3://bucket/judged/{digest}/model.tar.gz"


@pytest.mark.parametrize(
    ("location", "job"),
    [(model_of(OLD_MODEL), None), (f"s3://bucket/models/{OLD_JOB}/output/model.tar.gz", OLD_JOB)],
    ids=["judged", "before there was a judge"],
)
def test_a_models_commit_that_history_does_not_tell(location: str, job: str | None) -> None:
    """It is left out; whether it is the run's own model is known all the same."""
    old = FakeClient(**{**SERVING.answers, "describe_model": {"PrimaryContainer": {"ModelDataUrl": location}}})
    (endpoint,) = status(example(), accounts(sagemaker=old)).endpoints
    assert (endpoint.job, endpoint.commit, endpoint.of_run) == (job, None, False)


@pytest.mark.parametrize(
    ("location", "outdated"),
    [(model_of(OLD_MODEL), False), (f"s3://bucket/models/{OLD_JOB}/output/model.tar.gz", True)],
)
def test_an_endpoint_of_an_earlier_release_is_warned_of(location: str, outdated: bool) -> None:
    """Its role may read judged models only; a run of this release ends that."""
    old = FakeClient(**{**SERVING.answers, "describe_model": {"PrimaryContainer": {"ModelDataUrl": location}}})
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Succeeded")]},
    )
    seen = status(example(), accounts(pipeline, sagemaker=old))
    lines = status_lines(seen)
    warned = "  warning  an earlier release deployed it: it serves on, and starts no new instance until a run of this"
    assert any(line.startswith(warned) for line in lines) is outdated
    assert (lines[-1].startswith("next: xacct-ml start, and approve the run")) is outdated
    assert [each["outdated"] for each in status_json(seen)["endpoints"]] == [outdated]


def test_what_to_answer_first_where_several_wait() -> None:
    """The run's own approval; else the one that it queues behind; else the first."""
    runs = [execution("run-3"), execution("run-2"), execution("run-1")]
    pipeline = codepipeline(
        get_pipeline_state=two_waves(first="run-2", rest="run-1", inbound=("run-3",)),
        list_pipeline_executions={"pipelineExecutionSummaries": runs},
    )
    there = accounts(pipeline, record=None)
    there.clients |= {(account, "sagemaker"): NO_ENDPOINT for account in TARGETS.values()}
    awaited = [status(waved(*TWO_WAVES), there, run).awaited for run in ("run-1", "run-2", "run-3")]
    assert [each and each.execution for each in awaited] == ["run-1", "run-2", "run-1"]


def test_after_a_failed_deployment_the_next_step_is_to_mend_and_retry() -> None:
    """Its siblings and the waves before keep what they have."""
    pipeline = codepipeline(
        get_pipeline_state=state(waiting=None),
        list_pipeline_executions={"pipelineExecutionSummaries": [execution("run-1", "Failed")]},
        list_action_executions={"actionExecutionDetails": [detail("Deploy", "production", "Failed", "rolled back")]},
    )
    lines = status_lines(status(example(), accounts(pipeline, record=None)))
    assert lines[-1] == "next: xacct-ml logs run-1 --of deploy; when it is mended: xacct-ml retry --execution run-1"


def test_the_package_is_told_from_the_runs_own_variables() -> None:
    """Pending until the release says otherwise, of the same package; nobody's right in the registry is needed."""
    arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3"
    release = {"stageName": "Registry", "actionStates": [{"actionName": "Package"}]}
    given = state()
    given["stageStates"].append(release)
    for released, details in (
        (False, []),
        (False, [detail("Registry", "Package", "Failed", "why")]),
        (False, [detail("Registry", "Package", "Succeeded", variables={"ModelPackage": f"{arn}4"})]),
        (True, [detail("Registry", "Package", "Succeeded", variables={"ModelPackage": arn})]),
    ):
        actions = {"actionExecutionDetails": [*details, *judged(ModelPackage=arn)]}
        pipeline = codepipeline(get_pipeline_state=given, list_action_executions=actions)
        seen = status(example(), accounts(pipeline))
        assert status_json(seen)["package"] == {"arn": arn, "released": released}
        assert any(arn in line for line in status_lines(seen))
    assert status_json(status(example(), accounts()))["package"] is None
