"""Releases, looked at, approved and retried with the commands on runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient
from tests.cli.fakes import refused as no
from tests.configs import PRODUCTION, SHARED, example
from tests.operations.release.releases import (
    ANN,
    DIGESTS,
    FIRST,
    RELEASE,
    SECOND,
    Bucket,
    deployed,
    of_run,
    project,
    release,
    released,
    releases,
    trained,
)
from tests.operations.release.test_history import written
from tests.operations.runs.pipelines import STARTED, detail, execution, state
from xacct_ml.cli.views.release import at_work_lines, release_lines
from xacct_ml.cli.views.status import review_lines, status_lines
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import RELEASE_AGAIN as AGAIN
from xacct_ml.operations.explanation import explain_run
from xacct_ml.operations.policies import world
from xacct_ml.operations.runs.approval import decide
from xacct_ml.operations.runs.evaluation import Release, evaluation_of
from xacct_ml.operations.runs.failure import failed_action, retry
from xacct_ml.operations.runs.listing import runs
from xacct_ml.operations.runs.log_places import Of
from xacct_ml.operations.runs.logs import run_logs
from xacct_ml.operations.runs.review import review
from xacct_ml.operations.runs.status import status
from xacct_ml.system.names import Names

ON_DAY_30 = {"startTime": STARTED + timedelta(days=30)}
WAITING = releases(released(FIRST, "production", detail("Approve", "Review", "InProgress", run=RELEASE)), waiting=True)


def waiting_behind(there: FakeAccounts, *, deploying: bool = False) -> FakeAccounts:
    """Run 2 waits for approval in the pipeline that trains, or is deployed right now."""
    given = state(None if deploying else SECOND)
    if deploying:
        given["stageStates"][4]["actionStates"][0]["latestExecution"] = {"status": "InProgress"}
    pipeline = there.clients[SHARED, "codepipeline"]
    pipeline.answers["get_pipeline_state"] = given
    pipeline.answers["list_pipeline_executions"] = {
        "pipelineExecutionSummaries": [execution(SECOND), execution(FIRST, "Succeeded")]
    }
    return there


def test_the_newest_of_both_pipelines_is_shown() -> None:
    """A release says of which run it is and why; it waits for a person like a run."""
    seen = status(example(), project(WAITING))
    assert (seen.pipeline, seen.settled, seen.waits_for_approval) == ("churn-release", True, True)
    assert seen.judged is not None
    assert seen.judged.execution == FIRST
    assert seen.judged.release == Release(RELEASE, ("production",), schema_change=False, reason="it drifts")
    assert seen.evaluation is not None
    shown = status_lines(seen)
    assert f"  release  of run {FIRST} to production" in shown
    assert "  reason   it drifts" in shown
    assert seen.next_step == f"xacct-ml approve --execution {RELEASE} (or reject)"


def test_a_run_of_either_is_found_by_its_id() -> None:
    assert status(example(), project(WAITING), RELEASE).pipeline == "churn-release"
    assert status(example(), project(WAITING), FIRST[:8]).pipeline == "churn"
    with pytest.raises(XacctError, match="none with the id 77777777"):
        status(example(), project(WAITING), "77777777")


def test_the_run_that_made_the_pipeline_was_asked_for_by_nobody() -> None:
    """CreatePipeline starts a release of nothing, which fails."""
    made = release(status="Failed") | {"trigger": {"triggerType": "CreatePipeline"}}
    there = project(releases(list_pipeline_executions={"pipelineExecutionSummaries": [made]}))
    assert status(example(), there).pipeline == "churn"
    with pytest.raises(XacctError, match="no run failed"):
        retry(example(), there)


def test_without_a_pipeline_that_releases_everything_is_as_before() -> None:
    """A project of an earlier release."""
    there = project()
    there.clients[SHARED, "codepipeline"].releases = None
    assert status(example(), there).pipeline == "churn"
    assert [run.serves for run in runs(example(), there, 5)] == [("production",), ()]


def test_watching_ends_behind_somebody_elses_approval() -> None:
    """The run cannot go on before a person has answered for the one in front of it."""
    there = waiting_behind(project())
    pipeline = there.clients[SHARED, "codepipeline"]
    pipeline.answers["get_pipeline_state"] = state(FIRST, inbound=(SECOND,))
    pipeline.answers["list_pipeline_executions"] = {"pipelineExecutionSummaries": [execution(SECOND), execution(FIRST)]}
    seen = status(example(), there, SECOND)
    assert (seen.waits_for_approval, seen.settled) == (False, True)
    assert str(seen.next_step).startswith(f"xacct-ml approve --execution {FIRST}")
    assert status(example(), waiting_behind(project(), deploying=True), SECOND).settled is False


def test_what_a_target_serves_is_told_as_it_was_written_down() -> None:
    """Since when, by which release, and who approved it; only where that is what it really serves."""
    (content,) = written(FIRST, 3, execution=RELEASE, pipeline="churn-release").values()
    serving = FakeClient(
        describe_endpoint={"EndpointStatus": "InService", "EndpointConfigName": "c"},
        describe_endpoint_config={"ProductionVariants": [{"ModelName": "m"}]},
        describe_model={"PrimaryContainer": {"ModelDataUrl": f"s3://b/judged/{DIGESTS[FIRST]}/model.tar.gz"}},
    )
    there = project(bucket=Bucket(**{"live/production.json": content}))
    there.clients[PRODUCTION, "sagemaker"] = serving
    (endpoint,) = status(example(), there).endpoints
    assert (endpoint.run, endpoint.release, endpoint.approved_by) == (FIRST, RELEASE, (ANN,))
    other = f"s3://b/judged/{DIGESTS[SECOND]}/model.tar.gz"
    serving.answers["describe_model"] = {"PrimaryContainer": {"ModelDataUrl": other}}
    (endpoint,) = status(example(), there).endpoints
    assert (endpoint.run, endpoint.release, endpoint.since) == (SECOND, None, None)


def test_the_evidence_of_a_release() -> None:
    """That of the run whose model it is, what the target serves now, and that it was judged beside something else."""
    reviewed = review(example(), project(WAITING))
    assert reviewed.objections == ()
    assert [target.name for target in reviewed.wave.targets] == ["production"]
    assert reviewed.release is not None
    assert reviewed.evaluation is not None
    assert reviewed.evaluation.execution == FIRST
    shown = list(release_lines(reviewed, STARTED + timedelta(days=60)))
    assert shown[:2] == [f"  release  of run {FIRST}, without training", "  reason   it drifts"]
    assert shown[2:] == [
        f"  serving  production: {DIGESTS[SECOND][:12]} of run {SECOND[:8]} since 2026-03-03 12:00 UTC;",
        "           it was judged beside no model",
        "  age      trained 2026-03-01 12:00 UTC (60 days ago)",
        "           what production serves: 2026-03-01 12:00 UTC (60 days ago)",
        f"  compare  xacct-ml compare {SECOND[:8]} {FIRST[:8]} says more of both",
    ]
    assert all(line in review_lines(reviewed) for line in shown[:4])


def test_the_answer_goes_to_the_pipeline_that_releases() -> None:
    """With the record that was seen, as of a run."""
    there = project(WAITING)
    reviewed = review(example(), there, RELEASE)
    decide(example(), there, reviewed, approve=True, summary="good")
    (call, sent) = there.clients[SHARED, "codepipeline"].releases.calls[-1]
    assert (call, sent["pipelineName"], sent["stageName"]) == ("put_approval_result", "churn-release", "Approve")
    assert reviewed.evaluation is not None
    assert reviewed.evaluation.sha256 in sent["result"]["summary"]


def test_a_release_whose_record_was_exchanged_is_not_approved() -> None:
    """Between the judge's look and the approver's."""
    there = project(WAITING, Bucket(**{f"evaluations/{FIRST}/churn-{FIRST}.json": b"{}"}))
    assert review(example(), there).objections == ("there is no record of this run that this release can read",)


def test_where_both_pipelines_wait_one_is_named() -> None:
    """Whichever it is."""
    there = waiting_behind(project(WAITING))
    with pytest.raises(XacctError, match="2 runs wait for approval") as caught:
        review(example(), there)
    assert caught.value.details[1] == f"release {RELEASE} waits for approval"
    assert review(example(), there, RELEASE).release is not None
    assert review(example(), there, SECOND).release is None


def test_a_deployment_of_the_other_pipeline_under_way_is_said() -> None:
    """What ends last serves."""
    reviewed = review(example(), waiting_behind(project(WAITING), deploying=True))
    assert reviewed.at_work == ("production",)
    shown = " ".join(at_work_lines(reviewed))
    assert "a run that trained is deployed to production right now" in shown


def test_a_release_is_retried_in_its_own_pipeline() -> None:
    failed = detail("Deploy", "production", "Failed", "no capacity", run=RELEASE) | ON_DAY_30
    answers = releases(
        released(FIRST, "production", failed),
        list_pipeline_executions={"pipelineExecutionSummaries": [release(status="Failed")]},
    )
    there = project(answers)
    assert retry(example(), there).actions == ("production",)
    (call, sent) = there.clients[SHARED, "codepipeline"].releases.calls[-1]
    assert (call, sent["pipelineName"]) == ("retry_stage_execution", "churn-release")


def test_a_release_that_codepipeline_does_not_retry_is_asked_for_again() -> None:
    """A run that began now would be a training."""
    failed = detail("Deploy", "production", "Failed", "no capacity", run=RELEASE) | ON_DAY_30
    answers = releases(
        released(FIRST, "production", failed),
        list_pipeline_executions={"pipelineExecutionSummaries": [release(status="Failed")]},
        retry_stage_execution=no("RetryStageExecution", "StageNotRetryableException"),
    )
    with pytest.raises(XacctError, match="cannot be retried") as caught:
        retry(example(), project(answers))
    assert caught.value.next_step == AGAIN


@pytest.mark.parametrize(
    ("status_", "more", "step"),
    [
        (
            "Failed",
            [detail("Approve", "Review", "Failed", "Rejected by ann", run=RELEASE)],
            f"{AGAIN}; the rejected one",
        ),
        ("Superseded", [], f"{AGAIN}: a newer one took its place"),
        ("Stopped", [], AGAIN),
    ],
)
def test_a_release_that_is_over_is_asked_for_again(status_: str, more: list[dict[str, Any]], step: str) -> None:
    """Rejected, dropped for a newer one that is over too, or stopped: no training does it again."""
    listed = {"pipelineExecutionSummaries": [release(status=status_)]}
    answers = releases(released(FIRST, "production", *more), list_pipeline_executions=listed)
    seen = status(example(), project(answers))
    assert str(seen.next_step).startswith(step)
    told = seen.failure()
    assert told is not None
    assert str(told.next_step).startswith(AGAIN)


def failed_run(what: list[dict[str, Any]], *later: dict[str, Any]) -> FakeAccounts:
    """Run 2's deployment failed as ``what`` on day 2; run 1 serves since day 1, and what releases did ``later``."""
    there = project(releases(list(later), list_pipeline_executions={"pipelineExecutionSummaries": []}))
    pipeline = there.clients[SHARED, "codepipeline"]
    pipeline.answers["list_action_executions"] = of_run([*what, *trained(SECOND, 2, ()), *trained(FIRST, 1)])
    pipeline.answers["list_pipeline_executions"] = {
        "pipelineExecutionSummaries": [execution(SECOND, "Failed"), execution(FIRST, "Succeeded")]
    }
    pipeline.answers["retry_stage_execution"] = {}
    return there


@pytest.mark.parametrize("message", ["no capacity", "inconclusive: only 3 requests of others came"])
def test_a_retry_undoes_no_newer_release(message: str) -> None:
    """One that ended since the failed deployment began; an earlier one, or one of the same model, is no obstacle."""
    when = STARTED + timedelta(days=2)
    failed = detail("Deploy", "production", "Failed", message, run=SECOND)
    what = [failed | {"startTime": when, "lastUpdateTime": when}]
    assert retry(example(), failed_run(what)).actions == ("production",)
    same = released(SECOND, "production", deployed(RELEASE, SECOND, "production", 3))
    assert retry(example(), failed_run(what, *same)).actions == ("production",)
    there = failed_run(what, *released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3)))
    refusal = f"production serves the model of run {FIRST} since 2026-03-04 12:00 UTC: a retry would replace it"
    with pytest.raises(XacctError, match=refusal) as caught:
        retry(example(), there)
    assert str(caught.value.next_step).startswith(f"xacct-ml deploy --run {SECOND} --target production")
    assert all(call != "retry_stage_execution" for call, _ in there.clients[SHARED, "codepipeline"].calls)


def test_a_retry_comes_to_no_target_that_a_release_reached_first() -> None:
    """The copy before it failed, so that it was never begun; the targets that nobody else reached are named."""
    when = STARTED + timedelta(days=2)
    failed = detail("Deploy", "Copy", "Failed", "no right", run=SECOND) | {"startTime": when, "lastUpdateTime": when}
    there = failed_run([failed], *released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3)))
    stage = there.clients[SHARED, "codepipeline"].answers["get_pipeline_state"]["stageStates"][-1]
    assert stage["stageName"] == "Deploy"
    stage["actionStates"].insert(0, {"actionName": "Copy"})
    with pytest.raises(XacctError, match="a retry would replace it"):
        retry(example(), there)


def test_a_release_is_approved_by_the_beginning_of_its_id() -> None:
    """Six characters or more, and no other that waits begins so."""
    assert review(example(), project(WAITING), RELEASE[:6]).approval.execution == RELEASE
    with pytest.raises(XacctError, match="99999 is not the run that waits"):
        review(example(), project(WAITING), RELEASE[:5])
    there = waiting_behind(project(WAITING))
    there.clients[SHARED, "codepipeline"].answers["get_pipeline_state"] = state(f"{RELEASE[:-1]}0")
    with pytest.raises(XacctError, match="2 runs have ids that begin with 999999"):
        review(example(), there, RELEASE[:6])


@pytest.mark.parametrize(
    ("message", "kind", "step"),
    [
        ("data set abc was withdrawn by ann. Run: x", "withdrawn data", "a release: a run of other data"),
        ("the moon is in the way", "unknown", "when it is mended, xacct-ml deploy or rollback asks again"),
    ],
)
def test_what_the_judge_refused_is_asked_for_again(message: str, kind: str, step: str) -> None:
    """A retried stage would look at the same request."""
    refused = detail("Release", "Model", "Failed", message, run=RELEASE)
    answers = releases([refused], list_pipeline_executions={"pipelineExecutionSummaries": [release(status="Failed")]})
    seen = status(example(), project(answers))
    assert seen.diagnosis is not None
    assert (seen.diagnosis.kind, seen.diagnosis.sentence) == (kind, message.removesuffix(". Run: x"))
    assert step in str(seen.next_step)


def test_a_refusal_in_a_release_is_explained_among_its_own_requests() -> None:
    """Which stage it is of is told apart from that of the pipeline that trains."""
    key = Names(example()).evaluation_key(FIRST, "churn-1")
    message = (
        f"User: arn:aws:sts::{SHARED}:assumed-role/churn-judge/churn-judge is not authorized to perform: s3:GetObject "
        f'on resource: "arn:aws:s3:::{Names(example()).bucket}/{key}" because no identity-based policy allows the '
        "s3:GetObject action"
    )
    answers = releases(
        [detail("Release", "Model", "Failed", message, run=RELEASE)],
        list_pipeline_executions={"pipelineExecutionSummaries": [release(status="Failed")]},
    )
    failed = failed_action(example(), project(answers))
    assert failed is not None
    assert failed.pipeline == "churn-release"
    given = explain_run(failed, world(example()), live=False, starts=False)
    assert {finding.hop and finding.hop.stage for finding in given.found.allowed} == {"Release: Release Model"}


def test_its_record_is_that_of_the_run_whose_model_it_is() -> None:
    """As ``report`` and ``compare`` want it."""
    judged, evaluation = evaluation_of(example(), project(WAITING), RELEASE)
    assert judged.execution == FIRST
    assert evaluation is not None
    assert evaluation.execution == FIRST


def test_the_judge_writes_a_releases_log() -> None:
    """Before it is deployed."""
    assert run_logs(example(), project(WAITING), RELEASE, None).of is Of.JUDGE


def test_the_list_says_where_a_run_serves_by_a_release() -> None:
    answers = releases(released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3)))
    found: dict[str, Any] = {run.execution.id: run.serves for run in runs(example(), project(answers), 5)}
    assert found == {SECOND: (), FIRST: ("production",)}
