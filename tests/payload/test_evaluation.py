"""The candidate beside the live model: what is recorded, what is compared, and what is refused."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.payload.judged import ACTIONS, BUCKET, COMMIT, HELD_OUT, IMAGE, KMS_KEY, MANIFEST, RECORD_KEY, RunToJudge
from tests.payload.pipeline import JOB, RUN
from tests.payload.scorer import said
from xacct_ml.payload.golden import Golden
from xacct_ml.payload.job import JobFailed

DIGEST = hashlib.sha256(b"model").hexdigest()
LIVE_RUN, LIVE_JOB, LIVE_DIGEST = "00000000-live", "churn-live", "cd" * 32
LIVE_IMAGE = IMAGE.replace("1.7-1", "1.5-1")
LIVE_KEY = f"evaluations/{LIVE_RUN}/{LIVE_JOB}.json"


def live_record(**more: Any) -> dict[str, Any]:
    return {
        "image": LIVE_IMAGE,
        "containerVersion": "1.5-1",
        "commit": "d" * 40,
        "trainingJob": LIVE_JOB,
        "hyperparameters": {"objective": "binary:logistic", "eta": "0.3", "num_round": "100"},
        "data": {"dataset": "fedcba9876543210", "channels": MANIFEST["channels"]},
        **more,
    }


def with_live(record: dict[str, Any] | None = None, *, target: str = "production") -> RunToJudge:
    """A run before which another was judged and deployed."""
    run = RunToJudge()
    document = json.dumps(record or live_record()).encode()
    run.s3.put(BUCKET, LIVE_KEY, document)
    variables = {
        "ModelDigest": LIVE_DIGEST,
        "RecordKey": LIVE_KEY,
        "RecordDigest": hashlib.sha256(document).hexdigest(),
    }
    run.pipeline.add(ACTIONS["judge"], run=LIVE_RUN, variables=variables)
    run.pipeline.add(f"Deploy/{target}", run=LIVE_RUN, parameters={"modelDigest": LIVE_DIGEST})
    run.scorer.predictions[LIVE_IMAGE] = b"0.6\n0.9\n0.1\n0.2\n"
    return run


def refused(run: RunToJudge, said: str) -> None:
    with pytest.raises(JobFailed, match=said):
        run.judge()
    assert (BUCKET, RECORD_KEY) not in run.s3.objects
    assert not run.scorer.models


def test_the_first_model_is_scored_alone() -> None:
    run = RunToJudge()
    run.judge()
    record = run.record()
    assert record["scores"]["candidate"]["metrics"]["error"]["value"] == 0.25
    assert record["scores"]["candidate"]["confusion"] == {"threshold": 0.5, "matrix": [[2, 0], [1, 1]]}
    assert (record["scores"]["live"], record["live"], record["hyperparameterDiff"]) == (None, None, None)
    assert record["commits"] == [None, COMMIT]
    assert record["repeatedRows"] == [None, None]
    assert record["holdout"] == {"from": "validation", "rows": 4, "scored": 4, "repeated": None}


def test_what_is_asked_of_sagemaker() -> None:
    """The judged model in its own image, without a network, as the one role; the features alone."""
    run = RunToJudge()
    run.judge()
    ((name, job),) = run.scorer.jobs.items()
    assert name.startswith("churn-scoring-")
    assert job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == f"s3://{BUCKET}/{HELD_OUT}/features.csv"
    assert job["TransformOutput"]["S3OutputPath"].startswith(f"s3://{BUCKET}/scores/{RUN}/{JOB}/candidate-")
    assert job["TransformOutput"]["KmsKeyId"] == KMS_KEY
    assert job["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    assert run.scorer.cleared == [name]


def test_the_live_model_is_scored_on_the_same_rows() -> None:
    run = with_live()
    run.judge()
    record = run.record()
    assert record["scores"]["live"]["metrics"]["error"]["value"] == 0.5
    assert record["scores"]["difference"]["metrics"]["error"]["value"] == -0.25
    expected = {"execution": LIVE_RUN, "digest": LIVE_DIGEST, "recordKey": LIVE_KEY, "target": "production"}
    assert expected.items() <= record["live"].items()
    assert (record["live"]["image"], record["live"]["notScored"], record["live"]["gate"]) == (LIVE_IMAGE, None, None)
    assert record["hyperparameterDiff"] == {"eta": ["0.3", "0.2"], "eval_metric": [None, "auc"]}
    assert record["commits"] == ["d" * 40, COMMIT]
    assert len(run.scorer.cleared) == 2


def test_the_newest_deployment_counts_and_the_others_are_listed() -> None:
    run = with_live()
    other = {"modelDigest": "ef" * 32}
    run.pipeline.add("Deploy/second", run="an-older-one", parameters=other)
    run.pipeline.add("Deploy/production", "Failed", run="a-failed-one", parameters=other)
    run.judge()
    live = run.record()["live"]
    assert (live["execution"], live["digest"]) == (LIVE_RUN, LIVE_DIGEST)
    assert live["others"] == [{"target": "second", "execution": "an-older-one", "digest": "ef" * 32}]


def test_where_the_first_target_serves_nothing_the_next_that_does_is_compared_with() -> None:
    """A target that is new, put first in the map."""
    run = with_live(target="second")
    run.judge()
    live = run.record()["live"]
    assert (live["target"], live["execution"], live["others"]) == ("second", LIVE_RUN, [])


def test_a_live_model_of_other_columns_is_not_scored() -> None:
    """It cannot read the rows; the record says why there is no score."""
    channels = {name: {**channel, "columns": 7} for name, channel in MANIFEST["channels"].items()}
    run = with_live(live_record(data={"dataset": "f" * 16, "channels": channels}))
    run.judge()
    record = run.record()
    assert record["scores"]["live"] is None
    assert record["live"]["notScored"] == "its data have 7 columns, the candidate's 2"
    assert record["schemaDiff"]["columns"] == [7, 2]


def test_a_live_model_without_a_record_is_named_and_not_scored() -> None:
    run = with_live()
    del run.s3.objects[BUCKET, LIVE_KEY]
    run.judge()
    assert run.record()["live"]["notScored"] == "its record is not there any more"


def test_a_live_model_that_nobody_judged_is_named_and_not_scored() -> None:
    """Release 8e7c681 deployed what was approved; its pipeline had no judge, and told its function no digest."""
    run = RunToJudge()
    run.pipeline.add("Deploy/production", run=LIVE_RUN, parameters={"modelPackage": "1"})
    run.judge()
    live = run.record()["live"]
    assert (live["execution"], live["digest"], live["recordKey"]) == (LIVE_RUN, None, None)
    assert live["notScored"] == "it is of an earlier release, which judged no models"
    assert run.record()["scores"]["live"] is None


def test_a_live_record_that_was_changed_is_refused() -> None:
    run = with_live()
    run.s3.put(BUCKET, LIVE_KEY, b"{}")
    refused(run, "is not the one that was judged")


def test_a_deployment_of_another_model_than_was_judged_is_refused() -> None:
    run = with_live()
    run.pipeline.add("Deploy/production", run=LIVE_RUN, parameters={"modelDigest": "ef" * 32})
    refused(run, "judged another model than it deployed")


def test_a_missed_gate_is_not_scored() -> None:
    run = RunToJudge({"GateThreshold": "0.95"})
    with pytest.raises(JobFailed, match="missed"):
        run.judge()
    assert run.scorer.jobs == {}
    assert run.record()["scores"] is None


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("Failed", "batch transform of the candidate .* failed: AlgorithmError: See job logs.*xacct-ml retry"),
        ("Stopped", "batch transform of the candidate .* stopped: nobody said why.*xacct-ml retry"),
    ],
)
def test_a_transform_that_does_not_complete_fails_with_its_reason(ends: str, said: str) -> None:
    run = RunToJudge()
    run.scorer.ends = ends
    refused(run, said)


def test_a_transform_that_never_ends_is_stopped() -> None:
    run = RunToJudge()
    run.scorer.polls = 10
    run.now += timedelta(hours=3)
    refused(run, "had not ended after 2 hours and was stopped")
    assert run.scorer.stopped


def test_a_retried_stage_begins_anew() -> None:
    """A name of a transform job is used for good, and where its predictions lie there may be one version."""
    run = RunToJudge()
    run.scorer.ends = "Failed"
    refused(run, "failed")
    run.scorer.ends = "Completed"
    run.pipeline.attempt = 2
    run.judge()
    assert len(run.scorer.jobs) == 2
    assert run.record()["scores"]["candidate"]["rows"] == 4


# -- what who operates the training account tries --------------------------------------------------------------------
def test_predictions_that_were_written_beside_are_noticed() -> None:
    """As the role scoring, before or after SageMaker."""
    run = RunToJudge()
    reply = run.invoke("judge")
    reply = run.invoke("judge", reply["continuationToken"])
    (job,) = run.scorer.jobs.values()
    key = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{BUCKET}/") + "/features.csv.out"
    run.s3.put(BUCKET, key, b"0.1\n0.9\n0.1\n0.9\n")
    reply = run.invoke("judge", reply["continuationToken"])
    with pytest.raises(JobFailed, match="was written to beside the batch transform"):
        run.invoke("judge", reply["continuationToken"])


def changed(run: RunToJudge, kind: str, **members: Any) -> None:
    """What SageMaker says of the judge's model or job."""
    original = getattr(run.scorer, f"describe_{kind}")

    def described(**request: Any) -> dict[str, Any]:
        found = original(**request)
        for path, value in members.items():
            *above, name = path.split("__")
            at = found
            for each in above:
                at[each] = dict(at[each])
                at = at[each]
            at[name] = value
        return dict(found)

    setattr(run.scorer, f"describe_{kind}", described)


@pytest.mark.parametrize(
    ("kind", "member", "value", "said"),
    [
        ("model", "PrimaryContainer__Image", "evil", "Image is 'evil', expected"),
        ("model", "PrimaryContainer__ModelDataUrl", "s3://main/models/x", "ModelDataUrl is 's3://main/models/x'"),
        ("model", "PrimaryContainer__Environment", {"SAGEMAKER_PROGRAM": "x"}, "Environment is"),
        ("model", "PrimaryContainer__Mode", "MultiModel", "Mode is 'MultiModel'"),
        ("model", "PrimaryContainer__ModelDataSource", {"S3DataSource": {"S3Uri": "s3://x"}}, "ModelDataSource is"),
        ("model", "PrimaryContainer__MultiModelConfig", {"ModelCacheSetting": "x"}, "MultiModelConfig is"),
        ("model", "EnableNetworkIsolation", False, "EnableNetworkIsolation is False"),
        ("model", "ExecutionRoleArn", "other", "ExecutionRoleArn is 'other'"),
        ("model", "Containers", [{}], "Containers is"),
        ("transform_job", "ModelName", "other", "ModelName is 'other'"),
        ("transform_job", "TransformInput__SplitType", "None", "TransformInput.SplitType is 'None'"),
        ("transform_job", "TransformOutput__S3OutputPath", "s3://main/x", "TransformOutput.S3OutputPath is"),
        ("transform_job", "DataProcessing", {"InputFilter": "$[1:]"}, "DataProcessing is"),
        ("transform_job", "Environment", {"A": "b"}, "Environment is"),
    ],
)
def test_what_ran_otherwise_is_noticed(kind: str, member: str, value: Any, said: str) -> None:
    run = RunToJudge()
    changed(run, kind, **{member: value})
    refused(run, f"is not what was asked for: .*{said}")


def test_a_model_that_was_made_again_is_noticed() -> None:
    """Another one ran, and the right one was put back."""
    run = RunToJudge()
    original = run.scorer.describe_model
    later = {"CreationTime": run.now + timedelta(minutes=5)}
    run.scorer.describe_model = lambda ModelName: {**original(ModelName), **later}  # type: ignore[method-assign]  # noqa: N803
    refused(run, "its model was made again after it was started")


@pytest.mark.parametrize(
    ("predicted", "said"),
    [
        (b"0.1\n0.8\n", "the predictions have 2 rows, the labels 4"),
        (b"0.1\n0.8\nx\n0.3\n", "line 3: 'x' is no finite number"),
        (b"0.1\n0.8\n7\n0.3\n", "no probability"),
    ],
)
def test_predictions_that_are_none_fail_the_action(predicted: bytes, said: str) -> None:
    run = RunToJudge()
    run.scorer.predictions[IMAGE] = predicted
    refused(run, said)


def test_labels_of_another_content_than_the_manifest_says_are_refused() -> None:
    run = RunToJudge()
    run.s3.objects[BUCKET, f"{HELD_OUT}/labels.csv"][0].content = b"1\n0\n1\n0\n"
    refused(run, "has another content than the data manifest says")


def test_the_same_evaluation_twice_is_the_same_record() -> None:
    contents = []
    for _ in range(2):
        run = with_live()
        run.judge()
        contents.append(run.s3.content(BUCKET, RECORD_KEY))
    assert contents[0] == contents[1]


# -- instances, and invocations that were cut short ------------------------------------------------------------------
def test_where_one_instance_is_allowed_the_two_models_are_scored_one_after_the_other() -> None:
    run = with_live()
    run.scorer.instances = 1
    run.judge()
    assert len(run.scorer.jobs) == 2
    assert run.record()["scores"]["difference"]["metrics"]["error"]["value"] == -0.25


def test_no_quota_at_all_fails_at_once() -> None:
    run = RunToJudge()
    run.scorer.instances = 0
    refused(run, "candidate .* gets no instance: The account-level service limit 'ml.m5.large for transform job usage'")
    assert run.scorer.models == {}


def test_nobody_waits_for_an_instance_for_good() -> None:
    """Of another's jobs all of them are in use."""
    run = RunToJudge()
    run.scorer.instances, run.scorer.others = 2, 2
    reply = run.invoke("judge")
    for _ in range(3):
        reply = run.invoke("judge", reply["continuationToken"])
    run.now += timedelta(hours=3)
    with pytest.raises(JobFailed, match=r"gets no instance: .* is 2 Instances, with current utilization of 2"):
        run.invoke("judge", reply["continuationToken"])
    assert run.scorer.models == {}


def test_too_many_calls_are_waited_for() -> None:
    run = RunToJudge()
    run.scorer.refusals = [said("ThrottlingException", "Rate exceeded")]
    run.judge()
    assert run.record()["scores"]["candidate"]["rows"] == 4


def test_what_sagemaker_refuses_otherwise_leaves_nothing() -> None:
    run = with_live()
    run.scorer.refusals = [None, said("AccessDeniedException", "is not authorized to perform")]
    with pytest.raises(ClientError, match="not authorized"):
        run.judge()
    assert run.scorer.models == {}
    assert len(run.scorer.stopped) == 2


class Cut(BaseException):
    """The function's process ended here."""


CALLS = (
    *("create_model", "create_transform_job", "describe_transform_job", "describe_model", "delete_model"),
    *("put_object", "get_object", "list_object_versions"),
)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("behind", [False, True])
def test_an_invocation_that_is_cut_short_anywhere_is_taken_up(name: str, behind: bool) -> None:
    """Before or behind each call of that name in turn, until there are no more: the record is the same, and no model
    is left."""
    whole = with_live()
    whole.judge()
    expected = whole.s3.content(BUCKET, RECORD_KEY)
    cuts = 0
    while _cut(with_live(), name, behind, cuts, expected):
        cuts += 1
    assert cuts


def _cut(run: RunToJudge, name: str, behind: bool, number: int, expected: bytes) -> bool:
    """Whether there was such a call."""
    service: Any = run.scorer if hasattr(run.scorer, name) else run.s3
    original, seen = getattr(service, name), 0

    def call(**request: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen != number + 1:
            return original(**request)
        if behind:
            with suppress(ClientError):
                original(**request)
        raise Cut

    setattr(service, name, call)
    token, answered, was_cut = None, False, False
    while not answered:
        try:
            reply = run.invoke("judge", token)
        except Cut:
            was_cut = True
            continue
        token, answered = reply.get("continuationToken"), "continuationToken" not in reply
    assert run.s3.content(BUCKET, RECORD_KEY) == expected
    assert run.scorer.models == {}
    assert len(run.scorer.jobs) == 2
    return was_cut


@pytest.mark.parametrize(("rows", "said"), [(3, "labels.csv has 4 rows, the manifest 3"), (0, "is not one of this")])
def test_labels_of_another_number_than_the_manifest_says_are_refused(rows: int, said: str) -> None:
    run = RunToJudge()
    manifest = {**MANIFEST, "holdout": {**MANIFEST["holdout"], "scored": rows}}
    version = run.s3.put(BUCKET, "data/manifest.json", json.dumps(manifest).encode()).version
    run.checked["ManifestVersionId"] = version
    refused(run, said)


# -- what was there before -------------------------------------------------------------------------------------------
def planted(run: RunToJudge, **container: str) -> dict[str, Any]:
    """Model and job under the judge's own names, made by somebody else before it; the model's description."""
    own = RunToJudge()
    own.judge()
    ((name, job),) = own.scorer.jobs.items()
    model = {
        "ModelName": name,
        "ExecutionRoleArn": "arn:aws:iam::222222222222:role/churn-scoring",
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/judged/{DIGEST}/model.tar.gz"} | container,
        "EnableNetworkIsolation": True,
        "CreationTime": run.now,
    }
    run.scorer.models[name] = model
    run.scorer.jobs[name] = job
    return model


@pytest.mark.parametrize("member", ["Image", "ModelDataUrl"])
def test_a_model_and_a_job_that_were_made_before_with_something_else_are_noticed(member: str) -> None:
    run = RunToJudge()
    planted(run, **{member: "s3://main/models/evil"})
    run.scorer.predictions["s3://main/models/evil"] = run.scorer.predictions[IMAGE]
    refused(run, f"is not what was asked for: {member} is 's3://main/models/evil'")


def test_a_model_and_a_job_that_were_made_before_as_the_judge_makes_them_are_its_own() -> None:
    """An invocation that was cut short made them, or somebody who might have waited."""
    run = RunToJudge()
    planted(run)
    run.judge()
    assert len(run.scorer.jobs) == 1
    assert run.scorer.models == {}


def test_predictions_that_lay_there_before_are_noticed() -> None:
    """SageMaker writes a second version."""
    run = RunToJudge()
    own = RunToJudge()
    own.judge()
    ((_, job),) = own.scorer.jobs.items()
    prefix = job["TransformOutput"]["S3OutputPath"].removeprefix(f"s3://{BUCKET}/")
    run.s3.put(BUCKET, f"{prefix}/features.csv.out", b"0\n1\n0\n1\n")
    refused(run, "was written to beside the batch transform: versions")


@pytest.mark.parametrize("part", ["features", "labels"])
def test_rows_held_out_that_were_written_over_are_noticed(part: str) -> None:
    """Before anything is scored, and between the two."""
    run = RunToJudge()
    run.s3.put(BUCKET, f"{HELD_OUT}/{part}.csv", b"1\n0\n1\n0\n")
    refused(run, f"the rows held out are {HELD_OUT}/{part}.csv in version v2, expected v1")
    assert run.scorer.jobs == {}
    run = RunToJudge()
    reply = run.invoke("judge", run.invoke("judge")["continuationToken"])
    run.s3.put(BUCKET, f"{HELD_OUT}/{part}.csv", b"1\n0\n1\n0\n")
    with pytest.raises(JobFailed, match="the rows held out are"):
        run.invoke("judge", reply["continuationToken"])
    assert run.scorer.models == {}


GOLDEN = {"golden": True}
GOLDEN_CSV, GOLDEN_JSON = f"judged/{DIGEST}/golden.csv", f"judged/{DIGEST}/golden.json"


def test_golden_rows_and_the_candidates_answers_are_kept_beside_the_model() -> None:
    """Scored by a transform of their own; both are written once, and the record has none of it."""
    run = RunToJudge(settings=GOLDEN)
    run.judge()
    golden = Golden.parse(run.s3.content(BUCKET, GOLDEN_JSON), DIGEST)
    assert run.s3.content(BUCKET, GOLDEN_CSV).decode().splitlines() == list(golden.rows)
    assert golden.answers == tuple((len(row) / 100,) for row in golden.rows)
    assert run.s3.objects[BUCKET, GOLDEN_JSON][0].encryption == ("aws:kms", KMS_KEY)
    (job,) = (each for each in run.scorer.jobs.values() if "/golden-" in each["TransformOutput"]["S3OutputPath"])
    assert job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == f"s3://{BUCKET}/{GOLDEN_CSV}"
    assert not run.scorer.models
    assert "golden" not in run.record()


def test_without_smoke_tests_there_are_no_golden_rows() -> None:
    run = RunToJudge()
    run.judge()
    assert [key for _, key in run.s3.objects if "golden" in key] == []


def test_a_judgement_that_is_repeated_keeps_the_first_answers() -> None:
    run = RunToJudge(settings=GOLDEN)
    run.judge()
    del run.s3.objects[BUCKET, RECORD_KEY]
    run.scorer.golden = lambda _: b"9\n"  # type: ignore[method-assign]
    run.pipeline.attempt += 1
    run.judge()
    assert len(run.s3.objects[BUCKET, GOLDEN_JSON]) == len(run.s3.objects[BUCKET, GOLDEN_CSV]) == 1
    assert Golden.parse(run.s3.content(BUCKET, GOLDEN_JSON), DIGEST).answers[0] != (9.0,)


def test_golden_answers_that_are_no_numbers_are_refused() -> None:
    run = RunToJudge(settings=GOLDEN)
    run.scorer.golden = lambda _: b"nan\n"  # type: ignore[method-assign]
    refused(run, "the golden rows cannot be scored: .* has a line that is no numbers")


def test_golden_rows_that_others_answered_are_refused() -> None:
    run = RunToJudge(settings=GOLDEN)
    run.scorer.golden = lambda _: b"1\n2\n"  # type: ignore[method-assign]
    refused(run, "the golden rows cannot be scored: .* has 40 lines")
