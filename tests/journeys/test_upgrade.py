"""A project that release 8e7c681 made and that serves a model, taken over by this one: nothing of it is stranded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.configs import SHARED
from tests.journeys.earlier import replay
from tests.journeys.project import Project, eventually, project
from tests.journeys.sources import MAPS
from xacct_ml.cli.bootstrap import run_plan
from xacct_ml.cli.configure import run_configure
from xacct_ml.cli.create_pipeline import run_create_pipeline
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.plan import Action
from xacct_ml.operations.bootstrap import ProjectPlan, after_bootstrap, plan_project
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.teardown.deletion import TeardownResult, teardown
from xacct_ml.system.names import PIPELINE_TAG
from xacct_ml.validation import load

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Upgrade:
    """What the commands said and did, in their order."""

    made: Project
    earlier: Status
    planned: ProjectPlan
    plan_shown: str
    following: str
    looked: dict[str, Any]
    pushed: dict[str, Any]
    again: dict[str, Any]
    head: tuple[str, str]
    created: dict[str, Any]
    waiting: Status
    ended: Status
    tags: list[str | None]
    served: float
    safe_again: bool
    torn: TeardownResult
    kept: list[str]
    back: list[Action]
    last: TeardownResult


EVIDENCE = ("shared/key", "shared/alias", "shared/bucket")


def approve_as_then(made: Project, run: str) -> None:
    """With a client: this release asks for a judge's word, which that one's pipeline has not."""
    codepipeline = made.aws.administrator(made.names.shared).client("codepipeline")
    eventually(lambda: run in made.waiting() or None, "does not wait for approval")
    states = codepipeline.get_pipeline_state(name=made.names.pipeline)["stageStates"]
    ((stage, action),) = [
        (stage["stageName"], action)
        for stage in states
        for action in stage["actionStates"]
        if action.get("latestExecution", {}).get("token")
    ]
    codepipeline.put_approval_result(
        pipelineName=made.names.pipeline,
        stageName=stage,
        actionName=action["actionName"],
        token=action["latestExecution"]["token"],
        result={"summary": "", "status": "Approved"},
    )


MAP = {"release-8e7c681": MAPS.parents[1] / "config.example.yaml", "source-account": MAPS / "source-account.yaml"}


@pytest.fixture(scope="module", params=["release-8e7c681", "release-8e7c681-source-account"])
def upgrade(request: pytest.FixtureRequest) -> Iterator[Upgrade]:
    config = load(MAP[request.param.removeprefix("release-8e7c681-")])
    with project(config) as made:
        replay(made, f"{request.param}.json.gz")
        (run,) = made.runs()
        approve_as_then(made, run)
        earlier = made.settled(run)
        assert 0 < made.predict() < 1
        planned = plan_project(config, made.accounts)
        plan_shown = io.StringIO()
        run_plan(config, made.accounts, Terminal(out=plan_shown, err=io.StringIO()))
        made.bootstrap()
        following = after_bootstrap(config, made.accounts, changed=True)
        before = head(made)
        looked = configure(made, push=False)
        assert head(made) == before
        pushed, again = configure(made, push=True), configure(made, push=True)
        screen = io.StringIO()
        created = run_create_pipeline(config, made.accounts, Terminal(out=screen, err=screen), yes=True).result
        newest = made.runs()[-1]
        waiting = made.settled(newest)
        assert waiting.waits_for_approval, [action.reason for stage in waiting.stages for action in stage.actions]
        made.judge(newest, approve=True)
        ended = made.settled(newest)
        s3 = made.aws.administrator(SHARED).client("s3")
        yield Upgrade(
            made=made,
            earlier=earlier,
            planned=planned,
            plan_shown=plan_shown.getvalue(),
            following=following,
            looked=looked,
            pushed=pushed,
            again=again,
            head=(before, head(made)),
            created=created,
            waiting=waiting,
            ended=ended,
            tags=pipelines_tags(made),
            served=made.predict(),
            safe_again=made.bootstrap().written == (),
            torn=teardown(config, made.accounts, lambda _: None),
            kept=[one["Key"] for one in s3.list_objects_v2(Bucket=made.names.bucket)["Contents"]],
            back=[
                step.action
                for step in plan_project(config, made.accounts).bootstrap.steps
                if step.resource.id in EVIDENCE
            ],
            last=teardown(config, made.accounts, lambda _: None, delete_evidence=True),
        )


def configure(made: Project, *, push: bool) -> dict[str, Any]:
    screen = io.StringIO()
    result: dict[str, Any] = run_configure(
        made.config, made.accounts, Terminal(out=screen, err=screen), push=push
    ).result
    return {**result, "shown": screen.getvalue()}


def pipelines_tags(made: Project) -> list[str | None]:
    """The pipeline's tag of the state machine, and of the training jobs, oldest first."""
    aws = made.aws.administrator(made.names.training)
    sagemaker = aws.client("sagemaker")
    machine = aws.client("stepfunctions").list_tags_for_resource(resourceArn=made.names.state_machine_arn)["tags"]
    jobs = sagemaker.list_training_jobs(SortBy="CreationTime", SortOrder="Ascending")["TrainingJobSummaries"]
    found = [{tag["key"]: tag["value"] for tag in machine}]
    for job in jobs:
        tags = sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        found.append({tag["Key"]: tag["Value"] for tag in tags})
    return [each.get(PIPELINE_TAG) for each in found]


def head(made: Project) -> str:
    codecommit = made.aws.administrator(made.names.repository_account).client("codecommit")
    branch = codecommit.get_branch(repositoryName=made.names.repository, branchName=made.names.branch)
    return str(branch["branch"]["commitId"])


def test_the_plan_takes_everything_over(upgrade: Upgrade) -> None:
    """Nothing is refused, replaced or made a second time: what is new is the judge's, and the pipeline that
    releases."""
    assert upgrade.planned.refusal(()) is None
    actions = {step.resource.id: step.action for step in upgrade.planned.whole.steps}
    assert not [id_ for id_, action in actions.items() if action is Action.REPLACE]
    assert {id_ for id_, action in actions.items() if action is Action.CREATE} == {
        "shared/role/judge",
        "shared/judge-function",
        "shared/judge-log-group",
        "training/role/evidence",
        "training/role/scorer",
        "training/role/scoring",
        "shared/release-pipeline",
        f"shared/rule/{upgrade.made.names.release_rule}",
    }


def test_the_documents_show_the_plan_as_it_is_printed(upgrade: Upgrade) -> None:
    """Of the example map."""
    if upgrade.made.names.source_account is None:
        documented = (MAPS.parent / "upgrade.md").read_text(encoding="utf-8")
        assert f"$ xacct-ml plan\n{upgrade.plan_shown}```\n" in documented


def test_that_the_endpoint_takes_up_no_new_instance_meanwhile_is_said_before_bootstrap(upgrade: Upgrade) -> None:
    """With the commands that end it; status says it too, until a run of this release is deployed."""
    (note,) = upgrade.planned.notes
    assert "which its role may not read once bootstrap is done: it serves on, and starts no new instance" in note
    assert "xacct-ml configure --push, create-pipeline, approve" in note
    assert [one.outdated for one in upgrade.earlier.endpoints] == [True]
    assert [one.outdated for one in upgrade.ended.endpoints] == [False]


def test_a_run_of_that_release_can_still_be_looked_at(upgrade: Upgrade) -> None:
    assert upgrade.earlier.execution is not None
    assert upgrade.earlier.execution.status == "Succeeded"


def test_configure_shows_and_commits_once(upgrade: Upgrade) -> None:
    """The template alone: the values in the configuration are the team's."""
    assert upgrade.following == "xacct-ml configure --push"
    assert [change["file"] for change in upgrade.looked["changes"]] == ["template.yaml"]
    assert "+    TemplateVersion: 5" in upgrade.looked["shown"]
    assert upgrade.looked["data"] == {"outdated": True, "renewed": False, "problem": None}
    assert upgrade.looked["revision"] is None
    assert upgrade.head == (upgrade.head[0], upgrade.pushed["revision"])
    assert upgrade.pushed["data"]["renewed"]
    assert (upgrade.again["changes"], upgrade.again["data"]["outdated"]) == ([], False)


def test_a_run_of_this_release_reaches_the_endpoint(upgrade: Upgrade) -> None:
    """On the data that were there."""
    assert upgrade.created["updated"]
    assert upgrade.waiting.waits_for_approval
    assert upgrade.waiting.evaluation is not None
    assert upgrade.waiting.evaluation.rows == {"train": 900, "validation": 300}
    assert upgrade.ended.execution is not None
    assert upgrade.ended.execution.status == "Succeeded"
    (endpoint,) = upgrade.ended.endpoints
    assert (endpoint.status, endpoint.of_run) == ("InService", True)
    assert 0 < upgrade.served < 1
    assert upgrade.safe_again


def test_what_the_template_makes_has_the_pipelines_tag_from_this_release_on(upgrade: Upgrade) -> None:
    """The state machine, updated, and the new job; the job of before has none."""
    arn = upgrade.made.names.pipeline_arn
    assert upgrade.tags == [arn, None, arn]


def test_evidence_of_both_releases_stays_until_asked(upgrade: Upgrade) -> None:
    """With nothing beside it in the bucket, and a key that reads it; a later bootstrap finds its own."""
    earlier, run = upgrade.earlier.execution, upgrade.ended.execution
    assert earlier is not None
    assert run is not None
    assert {key.split("/")[0] for key in upgrade.kept} == {"evaluations", "history", "judged"}
    assert f"evaluations/{earlier.id}.json" in upgrade.kept
    assert any(key.startswith(f"evaluations/{run.id}/") for key in upgrade.kept)
    why = {one.what: one.why for one in upgrade.torn.left}
    assert "teardown --delete-evidence deletes them" in why[f"S3 bucket {upgrade.made.names.bucket}"]
    assert why["KMS key alias/churn"] == "usable: the evidence in the bucket is encrypted with it"
    assert upgrade.back == [Action.NOTHING] * len(EVIDENCE)


def test_teardown_leaves_nothing_of_that_release(upgrade: Upgrade) -> None:
    """But the repository, which has commits beyond the first one."""
    assert [failure.error.lines() for torn in (upgrade.torn, upgrade.last) for failure in torn.report.failures] == []
    assert {one.what for one in upgrade.last.left} == {
        "CodeCommit repository churn",
        "KMS key alias/churn",
        "event rule StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        "log group /aws/sagemaker/TrainingJobs",
    }
    logs = upgrade.made.aws.administrator(SHARED).client("logs")
    assert logs.describe_log_groups()["logGroups"] == []
    assert upgrade.made.aws.administrator(SHARED).client("s3").list_buckets()["Buckets"] == []
    sagemaker = upgrade.made.aws.administrator(upgrade.made.target.id).client("sagemaker")
    assert (sagemaker.list_models()["Models"], sagemaker.list_endpoint_configs()["EndpointConfigs"]) == ([], [])
