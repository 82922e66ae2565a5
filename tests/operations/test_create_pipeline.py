"""The pipeline is made only when run 1 has all it needs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from tests.operations.release.releases import DAY, FIRST, project, released, releases
from tests.waved import waved
from xacct_ml.engine.diff import Change
from xacct_ml.engine.plan import Action, Plan, Step
from xacct_ml.errors import NotReady
from xacct_ml.operations.create_pipeline import (
    create_pipeline_input,
    new_targets,
    not_run_yet,
    released_since_update,
    update_warnings,
)
from xacct_ml.operations.preconditions import branch_head, key_arn
from xacct_ml.operations.upload.data import current_manifest
from xacct_ml.resources.blueprint import pipeline_resources
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import PIPELINE, pipeline


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RepositoryDoesNotExistException", "there is no repository churn yet"),
        ("BranchDoesNotExistException", "the repository churn has no commit on main yet"),
    ],
)
def test_without_a_commit_there_is_nothing_to_run(code: str, message: str) -> None:
    """The next step is bootstrap, which makes the first commit."""
    accounts = FakeAccounts({(SHARED, "codecommit"): FakeClient(get_branch=refused("GetBranch", code))})
    with pytest.raises(NotReady, match=message) as caught:
        branch_head(example(), accounts)
    assert caught.value.next_step == "xacct-ml bootstrap"


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport"])
def test_a_key_that_cannot_be_used_is_no_key(state: str) -> None:
    """Bootstrap brings it back."""
    answer = {"KeyMetadata": {"Arn": "arn", "KeyState": state}}
    with pytest.raises(NotReady, match=state):
        key_arn(example(), FakeAccounts({(SHARED, "kms"): FakeClient(describe_key=answer)}))


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_without_data_there_is_no_manifest(code: str) -> None:
    """Not an error to look for it."""
    accounts = FakeAccounts({(SHARED, "s3"): FakeClient(get_object=refused("GetObject", code))})
    assert current_manifest(example(), accounts) is None


def with_runs(**runs: str) -> FakeClient:
    """A pipeline with these runs, newest first."""
    found = [{"pipelineExecutionId": id_, "status": status} for id_, status in runs.items()]
    return FakeClient(list_pipeline_executions={"pipelineExecutionSummaries": found})


def pipeline_plan(action: Action, *paths: str) -> Plan:
    resource = next(each for each in pipeline_resources(example(), FakeAccounts({})) if each.id == PIPELINE)
    return Plan((Step(resource, action, tuple(Change((path,), 1, 2) for path in paths)),), {})


@pytest.mark.parametrize(
    ("action", "paths"), [(Action.CREATE, ("structure", "tags")), (Action.UPDATE, ("tags",)), (Action.NOTHING, ())]
)
def test_only_another_structure_stops_runs(action: Action, paths: tuple[str, ...]) -> None:
    """Nothing else is an UpdatePipeline, so nothing is looked up or warned of."""
    assert update_warnings(example(), FakeAccounts({}), pipeline_plan(action, *paths)) == ()


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ({"run-3": "InProgress", "run-2": "Succeeded", "run-1": "Stopping"}, "stops the runs under way: run-3, run-1"),
        ({"run-1": "Failed"}, "no run is under way, so it stops none"),
    ],
)
def test_an_update_is_warned_of(runs: dict[str, str], words: str) -> None:
    """Which runs it stops, and that earlier runs are no longer there to roll back to."""
    accounts = FakeAccounts({(SHARED, "codepipeline"): with_runs(**runs)})
    first, second = update_warnings(example(), accounts, pipeline_plan(Action.UPDATE, "tags", "structure"))
    assert first == f"updating pipeline churn: {words}"
    assert second.startswith(
        "no stage can be rolled back to any run from before the update; nor does a roll-back of CodePipeline's deploy"
    )


def test_a_pipeline_that_was_deleted_meanwhile_has_no_runs_to_stop() -> None:
    """The update finds it gone and makes it: that is no reason to end before."""
    gone = FakeClient(list_pipeline_executions=refused("ListPipelineExecutions", "PipelineNotFoundException"))
    accounts = FakeAccounts({(SHARED, "codepipeline"): gone})
    first, _ = update_warnings(example(), accounts, pipeline_plan(Action.UPDATE, "structure"))
    assert first.endswith("no run is under way, so it stops none")


@pytest.mark.parametrize(
    ("runs", "version", "expected"),
    [((), 1, False), ((1,), 1, False), ((1,), 2, True), ((2, 1), 2, False)],
    ids=["not shown yet", "as created", "updated", "updated and run"],
)
def test_an_update_is_to_be_run(runs: tuple[int, ...], version: int, expected: bool) -> None:
    """Where the newest run is of an earlier version. A creation starts its run itself, even if it is not shown yet."""
    listed = [{"pipelineExecutionId": f"run-{number}"} for number in runs[:1]]
    codepipeline = FakeClient(
        get_pipeline={"pipeline": {"version": version}},
        list_pipeline_executions={"pipelineExecutionSummaries": listed},
        get_pipeline_execution=lambda **request: {
            "pipelineExecution": {"pipelineVersion": int(request["pipelineExecutionId"].removeprefix("run-"))}
        },
    )
    assert not_run_yet(example(), FakeAccounts({(SHARED, "codepipeline"): codepipeline})) is expected


def test_a_target_that_is_new_gets_what_serves_by_a_release() -> None:
    """None is new before something serves; an update that a release came after is for it."""
    assert new_targets(waved(), project(targets=("canary", "mobile"))) == ("web",)
    assert new_targets(waved(), project(targets=())) == ()
    assert new_targets(example(), project()) == ()


@pytest.mark.parametrize(
    ("updated", "known"), [(DAY, True), (DAY + timedelta(days=60), False)], ids=["before it", "since it"]
)
def test_a_release_since_the_update_is_what_it_was_for(updated: datetime, known: bool) -> None:
    """Then no training is made up for."""
    there = project(releases(released(FIRST, "web")))
    there.clients[SHARED, "codepipeline"].answers["get_pipeline"] = {"pipeline": {}, "metadata": {"updated": updated}}
    assert released_since_update(example(), there) is known


def test_the_cli_input_has_the_pipeline_and_its_tags_alone() -> None:
    """`aws codepipeline create-pipeline --cli-input-json` knows no other member; tags are its lower-case form."""
    config = example(tags={"team": "ads"})
    structure = pipeline(config, Keys.stand_ins(Names(config)))
    document: dict[str, Any] = json.loads(json.dumps(create_pipeline_input(config, structure)))
    assert set(document) == {"pipeline", "tags"}
    assert document["tags"] == [
        {"key": "team", "value": "ads"},
        {"key": "xacct-ml:pipeline", "value": "arn:aws:codepipeline:us-east-1:111111111111:churn"},
        {"key": "xacct-ml:project", "value": "churn"},
    ]
    assert document["pipeline"]["name"] == "churn"
