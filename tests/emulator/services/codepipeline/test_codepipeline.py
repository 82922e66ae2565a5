"""CodePipeline over HTTP: pipelines, their runs, approvals and jobs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.configs import PRODUCTION, SHARED
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.codepipeline.pipelines import APPROVE, Workshop, eventually
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.codepipeline import moto_patches as codepipeline
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Job, Run, Trigger


@pytest.fixture
def shop(aws: EmbeddedAws, unique: str) -> Workshop:
    return Workshop(aws, f"{unique}-a-pipeline-with-a-name")


def approval(name: str, **more: Any) -> dict[str, Any]:
    return {**APPROVE["actions"][0], "name": name, **more}


# -- pipelines ---------------------------------------------------------------------------------------------------------
def test_creating_a_pipeline_starts_its_first_run(shop: Workshop) -> None:
    """Version 1 whatever was given; the run says what started it."""
    given = shop.declaration(version=18)
    made = shop.codepipeline.create_pipeline(pipeline=given, tags=[{"key": "team", "value": "ml"}])
    assert (made["pipeline"]["version"], made["tags"]) == (1, [{"key": "team", "value": "ml"}])
    (run,) = shop.runs()
    assert run["trigger"]["triggerType"] == "CreatePipeline"
    stored = shop.codepipeline.get_pipeline(name=shop.name)
    assert stored["metadata"]["pipelineArn"] == shop.arn("codepipeline", shop.name)
    assert stored["pipeline"]["stages"][0]["actions"][0]["runOrder"] == 1


def test_the_source_action_leaves_an_encrypted_zip_and_variables(shop: Workshop) -> None:
    """Under the truncated names of pipeline and artifact."""
    run = shop.create_pipeline()
    shop.waiting(run)
    source = shop.actions(run)["Repository"]
    place = source["output"]["outputArtifacts"][0]["s3location"]
    assert re.fullmatch(re.escape(shop.name[:20]) + r"/SourceOutp/\w{7}\.zip", place["key"])
    assert shop.files(place) == {"template.json": b"{}", "bin/run.sh": b"#!"}
    stored = shop.s3.head_object(Bucket=place["bucket"], Key=place["key"])
    assert stored["ServerSideEncryption"] == "aws:kms"
    variables = source["output"]["outputVariables"]
    assert (variables["CommitId"], variables["CommitMessage"], variables["BranchName"]) == (
        shop.first,
        "change",
        "main",
    )
    assert shop.run(run)["artifactRevisions"][0]["revisionId"] == shop.first
    review = shop.actions(run)["Review"]["input"]["resolvedConfiguration"]
    assert review == {"CustomData": f"{shop.first} in {run}"}


def test_a_role_that_codepipeline_may_not_assume_is_refused(shop: Workshop) -> None:
    """Nothing is created."""
    role = shop.create_role(f"{shop.name}-x", "states.amazonaws.com", allow("*", resource="*"))
    code, message, _ = error_of(shop.codepipeline.create_pipeline, pipeline=shop.declaration(roleArn=role))
    assert code == "InvalidStructureException"
    assert message == f"CodePipeline is not authorized to perform AssumeRole on role {role}"
    assert error_of(shop.codepipeline.get_pipeline, name=shop.name)[0] == "PipelineNotFoundException"


def test_an_action_role_that_the_pipeline_role_may_not_assume_is_refused(shop: Workshop, roles: Roles) -> None:
    """In another account whose role trusts only itself."""
    other = roles.create(f"{shop.name}-deploy", account=PRODUCTION)
    stage = {"name": "Deploy", "actions": [approval("A", roleArn=other)]}
    code, message, _ = error_of(shop.codepipeline.create_pipeline, pipeline=shop.declaration(stage))
    assert code == "InvalidStructureException"
    assert message == f"{shop.role} is not authorized to perform AssumeRole on role {other}"


def test_limits_that_botocore_does_not_check_are_checked(shop: Workshop) -> None:
    """A name with a space, an unknown execution mode."""
    code, message, _ = error_of(
        shop.codepipeline.create_pipeline, pipeline=shop.declaration(name="a b", executionMode="X")
    )
    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected:")


def test_a_name_is_taken_and_a_missing_pipeline_is_not_found(shop: Workshop) -> None:
    """Deleting succeeds twice."""
    shop.create_pipeline()
    assert error_of(shop.codepipeline.create_pipeline, pipeline=shop.declaration())[0] == "PipelineNameInUseException"
    for _ in range(2):
        shop.codepipeline.delete_pipeline(name=shop.name)
    for call in (shop.codepipeline.get_pipeline, shop.codepipeline.get_pipeline_state):
        assert error_of(call, name=shop.name)[0] == "PipelineNotFoundException"
    assert error_of(shop.codepipeline.update_pipeline, pipeline=shop.declaration())[0] == "ResourceNotFoundException"


def test_updating_bumps_the_version_and_cancels_the_run_in_flight(shop: Workshop) -> None:
    """What get_pipeline returns is accepted as it is."""
    run = shop.create_pipeline()
    shop.waiting(run)
    stored = shop.codepipeline.get_pipeline(name=shop.name)["pipeline"]
    assert shop.codepipeline.update_pipeline(pipeline=stored)["pipeline"]["version"] == 2
    assert shop.run(run)["status"] == "Cancelled"
    shop.waiting(shop.start())


def test_a_pipeline_is_tagged(shop: Workshop) -> None:
    """System tags are refused."""
    shop.create_pipeline()
    arn = shop.arn("codepipeline", shop.name)
    shop.codepipeline.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    shop.codepipeline.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert shop.codepipeline.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    system = [{"key": "aws:x", "value": "1"}]
    assert error_of(shop.codepipeline.tag_resource, resourceArn=arn, tags=system)[0] == "InvalidTagsException"


def test_creating_a_pipeline_passes_its_role(shop: Workshop, roles: Roles) -> None:
    """CreatePipeline alone is not enough; PassRole must be to CodePipeline."""
    arn = shop.arn("codepipeline", shop.name)
    to_states = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    session = roles.session(
        f"{shop.name}-dev",
        allow("codepipeline:CreatePipeline", resource=arn),
        allow("iam:PassRole", resource=shop.role, **to_states),
    )
    code, message, _ = error_of(session.client("codepipeline").create_pipeline, pipeline=shop.declaration())
    assert code == "AccessDeniedException"
    assert f"iam:PassRole on resource: {shop.role}" in message


# -- runs ---------------------------------------------------------------------------------------------------------
def test_a_right_taken_from_the_role_fails_the_run_at_that_hop_and_later_runs_go_on(shop: Workshop) -> None:
    """CodeCommit's archive permissions, which no API call asks for, are asked; the denial is in errorDetails."""
    archive = [{"Effect": "Deny", "Action": "codecommit:UploadArchive", "Resource": "*"}]
    shop.rights(shop.name, allow("*", resource="*"), *archive)
    failed = shop.ended(shop.create_pipeline())
    assert failed["status"] == "Failed"
    error = shop.action("Source")["errorDetails"]
    assert error["code"] == "PermissionError"
    assert "is not authorized to perform: codecommit:UploadArchive" in error["message"]
    assert shop.stage("Source")["latestExecution"]["status"] == "Failed"
    shop.rights(shop.name, allow("*", resource="*"))
    shop.waiting(shop.start())


def test_a_missing_branch_is_named(shop: Workshop) -> None:
    """In the words of CodePipeline."""
    shop.codecommit.create_branch(repositoryName=shop.name, branchName="other", commitId=shop.first)
    shop.codecommit.update_default_branch(repositoryName=shop.name, defaultBranchName="other")
    shop.codecommit.delete_branch(repositoryName=shop.name, branchName="main")
    shop.ended(shop.create_pipeline())
    assert "no branch named main was found" in shop.action("Source")["errorDetails"]["message"]


def test_a_run_can_be_pinned_to_a_commit_and_a_token_starts_once(shop: Workshop) -> None:
    """sourceRevisions of the wrong type are refused."""
    shop.create_pipeline()
    shop.commit({"template.json": b"[]"}, shop.first)
    pin = {"actionName": "Repository", "revisionType": "COMMIT_ID", "revisionValue": shop.first}
    run = shop.start(sourceRevisions=[pin], clientRequestToken="once")
    assert shop.start(clientRequestToken="once") == run
    eventually(lambda: shop.actions(run).get("Repository", {}).get("status") == "Succeeded")
    assert shop.actions(run)["Repository"]["output"]["outputVariables"]["CommitId"] == shop.first
    wrong = [{**pin, "revisionType": "S3_OBJECT_VERSION_ID"}]
    assert error_of(shop.start, sourceRevisions=wrong)[0] == "ValidationException"


def test_a_pipeline_that_does_not_say_false_polls(shop: Workshop) -> None:
    """A push starts it without any rule; one that says false is not started."""
    declared = shop.declaration()
    declared["stages"][0]["actions"][0]["configuration"].pop("PollForSourceChanges")
    shop.codepipeline.create_pipeline(pipeline=declared)
    quiet = shop.declaration(name=f"{shop.name}-quiet")
    shop.codepipeline.create_pipeline(pipeline=quiet)
    shop.commit({"template.json": b"[]"}, shop.first)
    assert [run["trigger"]["triggerType"] for run in shop.runs()] == ["PollForSourceChanges", "CreatePipeline"]
    listed = shop.codepipeline.list_pipeline_executions(pipelineName=quiet["name"])["pipelineExecutionSummaries"]
    assert len(listed) == 1


def test_a_zip_in_a_versioned_bucket_is_a_source(shop: Workshop) -> None:
    """Its version is the revision; an unversioned bucket is refused."""
    archive = zipped({"code.txt": (b"1", False)})
    source = {
        "name": "Object",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"S3Bucket": shop.name, "S3ObjectKey": "code.zip", "PollForSourceChanges": "false"},
        "outputArtifacts": [{"name": "SourceOutput"}],
    }
    approval_without_variables = {"name": "Approve", "actions": [approval("Review", configuration={})]}
    stages = [{"name": "Source", "actions": [source]}, approval_without_variables]
    shop.s3.put_object(Bucket=shop.name, Key="code.zip", Body=archive)
    assert shop.ended(shop.create_pipeline(stages=stages))["status"] == "Failed"
    assert "versioning" in shop.action("Source")["errorDetails"]["message"]
    shop.s3.put_bucket_versioning(Bucket=shop.name, VersioningConfiguration={"Status": "Enabled"})
    version = shop.s3.put_object(Bucket=shop.name, Key="code.zip", Body=archive)["VersionId"]
    run = shop.start()
    shop.waiting(run)
    found = shop.actions(run)["Object"]["output"]
    assert found["outputVariables"]["VersionId"] == version
    assert shop.files(found["outputArtifacts"][0]["s3location"]) == {"code.txt": b"1"}


def test_pipeline_variables_are_resolved(shop: Workshop) -> None:
    """The given value wins over the default; an unknown one is refused."""
    stage = {"name": "Approve", "actions": [approval("Review", configuration={"CustomData": "#{variables.Who}"})]}
    declared = [{"name": "Who", "defaultValue": "nobody"}]
    first = shop.create_pipeline(stage, pipelineType="V2", variables=declared)
    shop.answer(shop.waiting(first))
    second = shop.start(variables=[{"name": "Who", "value": "Ada"}])
    shop.waiting(second)
    resolved = [shop.actions(run)["Review"]["input"]["resolvedConfiguration"]["CustomData"] for run in (first, second)]
    assert resolved == ["nobody", "Ada"]
    assert shop.run(second)["variables"] == [{"name": "Who", "resolvedValue": "Ada"}]
    assert error_of(shop.start, variables=[{"name": "Nope", "value": "1"}])[0] == "ValidationException"


@pytest.mark.long
def test_newer_runs_wait_before_the_approval_and_supersede_each_other(shop: Workshop) -> None:
    """The state shows the inbound run; the list shows who was overtaken."""
    first = shop.create_pipeline()
    token = shop.waiting(first)
    second = shop.start()
    eventually(lambda: shop.stage("Approve").get("inboundExecution", {}).get("pipelineExecutionId") == second)
    third = shop.start()
    assert shop.ended(second)["status"] == "Superseded"
    shop.answer(token)
    shop.waiting(third)
    assert [run["status"] for run in shop.runs()] == ["InProgress", "Superseded", "Succeeded"]


def test_a_run_is_stopped_once(shop: Workshop) -> None:
    """An approval that waits goes on waiting until it is abandoned."""
    run = shop.create_pipeline()
    shop.waiting(run)
    stop = {"pipelineName": shop.name, "pipelineExecutionId": run}
    shop.codepipeline.stop_pipeline_execution(**stop, reason="enough")
    assert shop.run(run)["status"] == "Stopping"
    assert error_of(shop.codepipeline.stop_pipeline_execution, **stop)[0] == "DuplicatedStopRequestException"
    shop.codepipeline.stop_pipeline_execution(**stop, abandon=True)
    assert (shop.run(run)["status"], shop.action("Approve")["status"]) == ("Stopped", "Abandoned")
    code, _, _ = error_of(shop.codepipeline.stop_pipeline_execution, **stop)
    assert code == "PipelineExecutionNotStoppableException"


def test_a_failed_stage_is_retried_and_a_transition_holds(shop: Workshop) -> None:
    """Only the latest failed run of the stage can be retried."""
    run = shop.create_pipeline()
    shop.answer(shop.waiting(run), "Rejected", "not yet")
    assert shop.ended(run)["status"] == "Failed"
    retry = {
        "pipelineName": shop.name,
        "stageName": "Approve",
        "pipelineExecutionId": run,
        "retryMode": "FAILED_ACTIONS",
    }
    assert shop.codepipeline.retry_stage_execution(**retry)["pipelineExecutionId"] == run
    shop.answer(shop.waiting(run))
    assert shop.ended(run)["status"] == "Succeeded"
    assert error_of(shop.codepipeline.retry_stage_execution, **retry)[0] == "StageNotRetryableException"
    way = {"pipelineName": shop.name, "stageName": "Approve", "transitionType": "Inbound"}
    shop.codepipeline.disable_stage_transition(**way, reason="closed")
    assert shop.stage("Approve")["inboundTransitionState"]["disabledReason"] == "closed"
    second = shop.start()
    eventually(lambda: shop.stage("Approve").get("inboundExecution", {}).get("pipelineExecutionId") == second)
    shop.codepipeline.enable_stage_transition(**way)
    shop.waiting(second)


# -- approvals ---------------------------------------------------------------------------------------------------------
def test_an_approval_takes_its_token_once(shop: Workshop) -> None:
    """A wrong token, an unknown stage and an unknown action are told apart."""
    run = shop.create_pipeline()
    token = shop.waiting(run)
    wrong = "00000000-0000-0000-0000-000000000000"
    assert error_of(shop.answer, token=wrong)[0] == "InvalidApprovalTokenException"
    answer = {"token": token, "result": {"status": "Approved", "summary": ""}, "pipelineName": shop.name}
    put = shop.codepipeline.put_approval_result
    assert error_of(put, stageName="No", actionName="Review", **answer)[0] == "StageNotFoundException"
    assert error_of(put, stageName="Approve", actionName="No", **answer)[0] == "ActionNotFoundException"
    shop.answer(token, summary="good metrics")
    assert shop.ended(run)["status"] == "Succeeded"
    assert error_of(shop.answer, token=token)[0] == "ApprovalAlreadyCompletedException"
    assert shop.action("Approve")["summary"] == "good metrics"
    assert "token" not in shop.action("Approve")


def test_approving_is_decided_on_the_action(shop: Workshop, roles: Roles) -> None:
    """The resource is pipeline/stage/action."""
    run = shop.create_pipeline()
    token = shop.waiting(run)
    arn = shop.arn("codepipeline", f"{shop.name}/Approve/Review")
    stranger = roles.session(f"{shop.name}-s", allow("codepipeline:*", resource=shop.arn("codepipeline", shop.name)))
    approver = roles.session(f"{shop.name}-a", allow("codepipeline:PutApprovalResult", resource=arn))
    answer: dict[str, Any] = {"pipelineName": shop.name, "stageName": "Approve", "actionName": "Review", "token": token}
    answer["result"] = {"status": "Approved", "summary": ""}
    code, message, _ = error_of(stranger.client("codepipeline").put_approval_result, **answer)
    assert (code, arn in message) == ("AccessDeniedException", True)
    approver.client("codepipeline").put_approval_result(**answer)
    assert shop.ended(run)["status"] == "Succeeded"


# -- jobs ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def job(aws: EmbeddedAws) -> Job:
    """A job that waits for its worker."""
    backend = codepipeline.backend(SHARED, aws.runtime.region)
    declared = {
        "name": "A",
        "actionTypeId": {"category": "Invoke", "owner": "AWS", "provider": "Lambda", "version": "1"},
    }
    run = Run({"name": "p", "version": 1, "stages": [], "executionMode": "SUPERSEDED"}, Trigger("x", "y"))
    made = Job("p", run, ActionExecution("S", declared, 1), {"inputArtifacts": [], "outputArtifacts": []})
    backend.executor.open_job(made)
    return made


def test_a_job_is_answered_once(aws: EmbeddedAws, job: Job) -> None:
    """The second answer, success or failure, is an InvalidJobStateException."""
    client = aws.administrator(SHARED).client("codepipeline")
    assert client.get_job_details(jobId=job.id)["jobDetails"]["data"]["pipelineContext"]["pipelineName"] == "p"
    client.put_job_success_result(jobId=job.id, outputVariables={"Key": "value"}, executionDetails={"summary": "done"})
    assert job.reply is not None
    assert (job.reply.variables, job.reply.summary, job.reply.token) == ({"Key": "value"}, "done", None)
    assert error_of(client.put_job_success_result, jobId=job.id)[0] == "InvalidJobStateException"
    failure = {"type": "JobFailed", "message": "late"}
    assert (
        error_of(client.put_job_failure_result, jobId=job.id, failureDetails=failure)[0] == "InvalidJobStateException"
    )


def test_variables_do_not_go_with_a_continuation_token(aws: EmbeddedAws, job: Job) -> None:
    """And a job of another account does not exist."""
    client = aws.administrator(SHARED).client("codepipeline")
    both = {"jobId": job.id, "continuationToken": "t", "outputVariables": {"a": "b"}}
    assert error_of(client.put_job_success_result, **both)[0] == "ValidationException"
    other = aws.administrator(PRODUCTION).client("codepipeline")
    assert error_of(other.put_job_success_result, jobId=job.id)[0] == "JobNotFoundException"
    assert job.reply is None


def test_job_results_need_a_grant_on_everything(job: Job, roles: Roles, unique: str) -> None:
    """A grant on pipelines is not enough: the calls have no resource."""
    narrow = roles.session(
        f"{unique}-n", allow("codepipeline:PutJobSuccessResult", resource="arn:aws:codepipeline:*:*:*")
    )
    wide = roles.session(f"{unique}-w", allow("codepipeline:PutJobSuccessResult", resource="*"))
    assert error_of(narrow.client("codepipeline").put_job_success_result, jobId=job.id)[0] == "AccessDeniedException"
    wide.client("codepipeline").put_job_success_result(jobId=job.id)
    assert job.reply is not None
