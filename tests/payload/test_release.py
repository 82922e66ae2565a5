"""A request to deploy a model of before: what it says is believed of nothing that somebody else said already."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.configs import example
from tests.payload.judged import ACTIONS, BUCKET, MANIFEST, RECORD_KEY
from tests.payload.pipeline import RELEASES, RUN
from tests.payload.releasing import PARAMETERS, RELEASE, Released, zipped
from xacct_ml.operations.runs.diagnosis import diagnose_message
from xacct_ml.payload.job import JobFailed

OTHER_RUN = "99999999-2222-3333-4444-555555555555"


@pytest.fixture
def judged() -> Released:
    return Released()


def refusal(judged: Released, **asked: Any) -> str:
    """Why the request with these members is refused; a person is told of which kind that is, and what to do."""
    judged.request |= asked
    with pytest.raises(JobFailed) as refused:
        judged.ask()
    told = diagnose_message(example(), str(refused.value))
    assert told.kind in {"release", "withdrawn data", "evidence"}, told
    assert told.sentence.split()[0] in str(refused.value)
    return str(refused.value)


def test_what_was_judged_is_told_to_the_actions_that_follow(judged: Released) -> None:
    """From the training pipeline's history and the record."""
    told = judged.ask()["outputVariables"]
    said = judged.variables()
    assert {name: told[name] for name in ("TrainingJob", "ModelDigest", "RecordKey", "RecordDigest")} == {
        name: said[name] for name in ("TrainingJob", "ModelDigest", "RecordKey", "RecordDigest")
    }
    assert (told["Run"], told["Targets"], told["Commit"]) == (RUN, "production", judged.record()["commit"])
    assert (told["ContainerVersion"], told["SchemaChange"]) == ("1.7-1", "false")
    assert (told["Reason"], told["ModelPackage"]) == ("the newer one is slow", "none")


def test_targets_are_in_the_maps_order_and_each_once(judged: Released) -> None:
    judged.request["targets"] = ["second", "production", "second"]
    assert judged.ask()["outputVariables"]["Targets"] == "production,second"


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("schema", "xacct-ml/release/2", "is no request of schema xacct-ml/release/1"),
        ("run", "../other", "names no run"),
        ("run", None, "names no run"),
        ("targets", [], "names no targets"),
        ("targets", ["production"] * 51, "names no targets"),
        ("targets", "production", "names no targets"),
        ("targets", ["prodction"], "names prodction, and the map's targets are production, second"),
        ("targets", [["production"]], "and the map's targets are"),
        ("schemaChange", "yes", "neither true nor false"),
        ("reason", "x" * 501, "a reason that is no text of 500 characters"),
        ("modelDigest", None, "lacks one of"),
    ],
)
def test_a_request_of_another_form_is_refused(judged: Released, member: str, value: Any, reason: str) -> None:
    """It is whoever's who may write the object."""
    assert reason in refusal(judged, **{member: value})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no zip", "release.json cannot be read"),
        (zipped("{}", "other.json"), "has no release.json"),
        (zipped("{"), "release.json"),
        (zipped("[]"), "is no request"),
        (zipped("[" * 10_000), "release.json"),
        (zipped(" " * (17 << 10)), "more than 16,384 bytes"),
    ],
)
def test_what_is_no_request_is_refused(judged: Released, content: bytes, reason: str) -> None:
    with pytest.raises(JobFailed, match=reason) as refused:
        judged.ask(content)
    assert diagnose_message(example(), str(refused.value)).kind == "release"


def test_the_reason_is_one_line(judged: Released) -> None:
    """It goes where an approver reads it."""
    judged.request["reason"] = "good\x1b[2J\nxacct-ml: nothing to see"
    reason = judged.ask()["outputVariables"]["Reason"]
    assert "\n" not in reason
    assert "\x1b" not in reason


@pytest.mark.parametrize("member", ["trainingJob", "modelDigest", "recordKey", "recordDigest"])
def test_a_forged_request_is_refused(judged: Released, member: str) -> None:
    """The run judged something else."""
    assert f"judged something else than the request says: {member}" in refusal(judged, **{member: "0" * 64})


def test_an_unknown_run_is_refused(judged: Released) -> None:
    """Another project's, too: its pipeline is another one."""
    assert f"has no run {OTHER_RUN}" in refusal(judged, run=OTHER_RUN)


@pytest.mark.parametrize("status", ["Failed", "InProgress", "Abandoned"])
def test_a_run_that_was_not_judged_or_missed_its_gate_is_refused(judged: Released, status: str) -> None:
    """The judge's action fails where the gate is missed."""
    judged.pipeline.add(ACTIONS["judge"], status, variables=judged.variables())
    assert f"is {status}, not Succeeded" in refusal(judged)


def test_a_release_is_no_run_to_release(judged: Released) -> None:
    """Its id is of the other pipeline."""
    judged.deployed(run=OTHER_RUN, pipeline=RELEASES)
    assert f"pipeline churn has no run {OTHER_RUN}" in refusal(judged, run=OTHER_RUN)


def test_an_exchanged_record_is_refused(judged: Released) -> None:
    """Whoever wrote it: its digest is the pipeline's."""
    judged.s3.put(BUCKET, RECORD_KEY, json.dumps(judged.record() | {"commit": "0" * 40}).encode())
    assert "is not the one that was judged" in refusal(judged)


def test_a_record_that_is_gone_is_refused(judged: Released) -> None:
    del judged.s3.objects[BUCKET, RECORD_KEY]
    assert "its record is not there any more" in refusal(judged)


def test_a_model_that_is_gone_is_refused(judged: Released) -> None:
    del judged.s3.objects[BUCKET, judged.record()["model"]["key"]]
    assert "is not there any more" in refusal(judged)


def test_a_model_of_withdrawn_data_is_refused(judged: Released) -> None:
    """With who withdrew them and why."""
    note = {"by": "ann", "when": "2026-01-01", "reason": "copied from the test set"}
    judged.s3.put(BUCKET, f"withdrawn/{MANIFEST['dataset']}.json", json.dumps(note).encode())
    assert "was withdrawn by ann at 2026-01-01: copied from the test set" in refusal(judged)


def test_a_model_of_another_image_is_refused() -> None:
    """The map has another one since."""
    judged = Released()
    judged.function.settings["containerVersion"] = "3.0-5"
    assert "is of image 1.7-1, and the map has 3.0-5 since" in refusal(judged)


def test_a_request_by_hand_changes_nothing(judged: Released) -> None:
    """The function is told by its event which run is meant; CodePipeline, whether that run's action is in progress."""
    with pytest.raises(JobFailed, match="with other UserParameters"):
        judged.ask(parameters={**PARAMETERS, "more": "x"})
    with pytest.raises(JobFailed, match="is none of this project's"):
        judged.ask(parameters={**PARAMETERS, "pipeline": "other"})
    judged.pipeline.add("Release/Model", run=RELEASE, pipeline=RELEASES)
    with pytest.raises(JobFailed, match="is Succeeded, not InProgress"):
        judged.function.reply(PARAMETERS, {})


def live_of_columns(judged: Released, columns: int) -> None:
    """The target serves a model of another run, whose data have so many columns."""
    record = judged.record()
    record["pipelineExecutionId"], record["model"]["sha256"] = OTHER_RUN, "ee" * 32
    record["data"]["channels"]["train"]["columns"] = columns
    content = json.dumps(record).encode()
    judged.s3.put(BUCKET, f"evaluations/{OTHER_RUN}/j.json", content)
    told = {
        "ModelDigest": "ee" * 32,
        "RecordKey": f"evaluations/{OTHER_RUN}/j.json",
        "RecordDigest": hashlib.sha256(content).hexdigest(),
    }
    judged.pipeline.add(ACTIONS["judge"], run=OTHER_RUN, variables=told)
    judged.deployed(run=OTHER_RUN, digest="ee" * 32)


def test_other_columns_than_the_live_models_are_refused_unless_they_are_meant(judged: Released) -> None:
    """Whoever asks the endpoint sends those of the live one."""
    live_of_columns(judged, 7)
    assert "its data have 7 columns, this model's 2" in refusal(judged)
    judged.request["schemaChange"] = True
    assert judged.ask()["outputVariables"]["SchemaChange"] == "true"


def test_columns_are_compared_after_waves_were_introduced(judged: Released) -> None:
    """The live model was deployed in a stage that the pipeline has no more."""
    live_of_columns(judged, 7)
    judged.function.settings["deployActions"] = [["production", "Deploy-first/production", "333333333333", "us-east-1"]]
    assert "its data have 7 columns, this model's 2" in refusal(judged)


def test_columns_are_compared_where_the_histories_have_forgotten_the_deployment(judged: Released) -> None:
    """They go back twelve months; what the judge wrote down tells. Of another place by that name it says nothing, and
    what cannot be read is no leave to go on."""
    live_of_columns(judged, 7)
    judged.write_down(run=OTHER_RUN)
    written = judged.live()
    judged.pipeline.actions = [each for each in judged.pipeline.actions if each["pipelineExecutionId"] == RUN]
    assert f"production serves run {OTHER_RUN}, and its data have 7 columns, this model's 2" in refusal(judged)
    judged.s3.put(BUCKET, "live/production.json", b"[]")
    assert "its columns are not known, for live/production.json cannot be read" in refusal(judged)
    judged.s3.put(BUCKET, "live/production.json", json.dumps(written | {"account": "9" * 12}).encode())
    assert judged.ask()["outputVariables"]["Targets"] == "production"


def test_a_target_that_is_not_asked_for_is_not_compared(judged: Released) -> None:
    live_of_columns(judged, 7)
    judged.request["targets"] = ["second"]
    assert judged.ask()["outputVariables"]["Targets"] == "second"


def test_a_live_model_whose_columns_nobody_knows_is_said(judged: Released) -> None:
    """Of a release that wrote no records."""
    judged.deployed(run=OTHER_RUN, digest="ee" * 32)
    assert "its columns are not known, for it is of an earlier release" in refusal(judged)
