"""``predict --batch``: one batch transform for the same files, however often the command is killed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, example
from tests.operations.runs.test_evaluation import MODEL
from tests.operations.test_predict import NO_ENDPOINT
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.operations.predict_batch import Files, batch_target, files, predict_files
from xacct_ml.system.names import Names

CONFIG = example(batch={"bucket": "churn-files", "instance_count": 2})
BATCH = CONFIG.batch
assert BATCH is not None
URL = f"s3://b/judged/{MODEL}/model.tar.gz"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
FILES = Files("churn-files", "in/", "out/")


class Pages:
    """``list_objects_v2`` of a bucket with these keys, by their ETags."""

    def __init__(self, **keys: str) -> None:
        self.keys = dict(keys)
        self.asked: list[dict[str, str]] = []

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        self.asked.append(request)
        prefix = request["Prefix"]
        return [
            {
                "Contents": [
                    {"Key": key, "ETag": etag, "Size": len(etag)}
                    for key, etag in sorted(self.keys.items())
                    if key.startswith(prefix)
                ]
            }
        ]


class SageMaker(FakeClient):
    """Remembers models and jobs. ``outcomes`` are how the jobs end, one after the other."""

    def __init__(self, bucket: Pages, *outcomes: str, **endpoint: Any) -> None:
        self.bucket, self.outcomes = bucket, list(outcomes)
        self.models: set[str] = set()
        self.jobs: dict[str, dict[str, Any]] = {}
        container = {"Image": "image", "ModelDataUrl": URL}
        served = {
            "describe_endpoint": {"EndpointConfigName": "churn-1", "EndpointStatus": "InService"},
            "describe_endpoint_config": {"ProductionVariants": [{"ModelName": "churn-1"}]},
            "describe_model": {"PrimaryContainer": container},
        }
        super().__init__(**{**served, **endpoint})

    def create_model(self, **request: Any) -> None:
        self.calls.append(("create_model", request))
        if request["ModelName"] in self.models:
            raise refused("CreateModel", "ValidationException", "Cannot create already existing model")
        self.models.add(request["ModelName"])

    def delete_model(self, ModelName: str) -> None:  # noqa: N803
        self.models.discard(ModelName)

    def create_transform_job(self, **request: Any) -> None:
        self.calls.append(("create_transform_job", request))
        self.jobs[request["TransformJobName"]] = {"TransformJobStatus": "InProgress"}

    def describe_transform_job(self, TransformJobName: str) -> dict[str, Any]:  # noqa: N803
        if TransformJobName not in self.jobs:
            raise refused("DescribeTransformJob", "ValidationException", "Requested resource not found.")
        return self.jobs[TransformJobName]

    def end(self, _: float = 0) -> None:
        """What passes while the command sleeps."""
        for job in self.jobs.values():
            if job["TransformJobStatus"] == "InProgress":
                outcome = self.outcomes.pop(0)
                times = {"TransformStartTime": BEGAN, "TransformEndTime": BEGAN + timedelta(seconds=90)}
                job.update(times, TransformJobStatus=outcome)
                if outcome == "Completed":
                    self.bucket.keys |= {"out/a.csv.out": "x", "out/b.csv.out": "x"}
                else:
                    job["FailureReason"] = "AlgorithmError: See job logs for more information"

    @property
    def begun(self) -> list[dict[str, Any]]:
        return [request for call, request in self.calls if call == "create_transform_job"]


def cloud(*outcomes: str, bucket: Any = None, **endpoint: Any) -> tuple[SageMaker, FakeAccounts]:
    pages = bucket or Pages(**{"in/": "", "in/a.csv": "1", "in/b.csv": "2"})
    sagemaker = SageMaker(pages, *outcomes, **endpoint)
    return sagemaker, FakeAccounts({(PRODUCTION, "sagemaker"): sagemaker, (PRODUCTION, "s3"): pages})


def predict(sagemaker: SageMaker, accounts: FakeAccounts, sleep: Callable[[float], None] | None = None) -> Any:
    return predict_files(CONFIG, accounts, FILES, sleep or sagemaker.end, lambda *_: None)


def test_files_are_predicted_by_the_model_that_is_served() -> None:
    """Without a network, as the role for it, in the map's instances; nothing but the answers stays."""
    sagemaker, accounts = cloud("Completed")
    done = predict(sagemaker, accounts)
    assert done.answers == {
        "s3://churn-files/in/a.csv": "s3://churn-files/out/a.csv.out",
        "s3://churn-files/in/b.csv": "s3://churn-files/out/b.csv.out",
    }
    assert (done.model, done.seconds, done.before) == (MODEL, 90, False)
    made = next(request for call, request in sagemaker.calls if call == "create_model")
    assert made["PrimaryContainer"] == {"Image": "image", "ModelDataUrl": URL}
    assert made["ExecutionRoleArn"].endswith("role/churn-batch")
    assert made["EnableNetworkIsolation"] is True
    (begun,) = sagemaker.begun
    assert begun["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert begun["TransformOutput"]["S3OutputPath"] == "s3://churn-files/out"
    assert {"Key": "xacct-ml:project", "Value": "churn"} in begun["Tags"]
    assert sagemaker.models == set()
    assert {asked["ExpectedBucketOwner"] for asked in sagemaker.bucket.asked} == {PRODUCTION}


class Killed(Exception):
    """The command is, while it waits."""


def killed(_: float) -> None:
    raise Killed


def test_killed_and_run_again_it_waits_for_the_same_job() -> None:
    """And once more it has nothing to do."""
    sagemaker, accounts = cloud("Completed")
    with pytest.raises(Killed):
        predict(sagemaker, accounts, killed)
    first = predict(sagemaker, accounts)
    again = predict(sagemaker, accounts)
    assert len(sagemaker.begun) == 1
    assert (first.job, first.before, again.before) == (again.job, False, True)


def test_killed_between_model_and_job() -> None:
    """The model that is there is its own."""
    sagemaker, accounts = cloud("Completed")
    name = predict(sagemaker, accounts).job
    sagemaker, accounts = cloud("Completed")
    sagemaker.models.add(name)
    assert predict(sagemaker, accounts).job == name


class Crashing:
    """A client whose call of that number, counted over all calls, kills the command before or after its effect."""

    def __init__(self, client: Any, at: int, *, done: bool) -> None:
        self.client, self.at, self.done, self.count = client, at, done, 0

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.count += 1
            if self.count == self.at and not self.done:
                raise Killed
            try:
                answer = getattr(self.client, name)(**request)
            finally:
                if self.count == self.at:
                    raise Killed
            return answer

        return call


@pytest.mark.parametrize("done", [False, True], ids=["before its effect", "after it"])
def test_killed_at_any_call_and_run_again_there_is_one_job_and_no_model(done: bool) -> None:
    at, killed_at = 1, 0
    while True:
        sagemaker, accounts = cloud("Completed")
        crashing = Crashing(sagemaker, at, done=done)
        accounts.clients[PRODUCTION, "sagemaker"] = crashing
        try:
            predict(sagemaker, accounts)
        except Killed:
            killed_at += 1
        else:
            break
        accounts.clients[PRODUCTION, "sagemaker"] = sagemaker
        assert predict(sagemaker, accounts).seconds == 90
        assert len(sagemaker.begun) == 1
        assert sagemaker.models == set()
        at += 1
    assert killed_at == at - 1 > 6


def test_other_files_another_model_or_answers_that_are_gone_are_another_job() -> None:
    """A file is another one where its bytes are."""
    sagemaker, accounts = cloud(*["Completed"] * 4)
    names = {predict(sagemaker, accounts).job}
    sagemaker.bucket.keys["in/a.csv"] = "changed"
    names.add(predict(sagemaker, accounts).job)
    sagemaker.answers["describe_model"] = {"PrimaryContainer": {"Image": "i", "ModelDataUrl": URL.replace("a", "b", 1)}}
    names.add(predict(sagemaker, accounts).job)
    del sagemaker.bucket.keys["out/a.csv.out"]
    names.add(predict(sagemaker, accounts).job)
    assert len(names) == 4


def test_a_job_that_failed_is_told_and_the_next_is_another() -> None:
    """A job's name is used once."""
    sagemaker, accounts = cloud("Failed", "Completed")
    with pytest.raises(XacctError, match=r"in production failed: AlgorithmError: See job logs") as raised:
        predict(sagemaker, accounts)
    assert "no header, no label" in raised.value.details[0]
    assert sagemaker.models == set()
    assert predict(sagemaker, accounts).seconds == 90
    assert len({request["TransformJobName"] for request in sagemaker.begun}) == 2


def test_it_does_not_fail_for_ever() -> None:
    sagemaker, accounts = cloud(*["Stopped"] * 20)
    for _ in range(20):
        with pytest.raises(XacctError, match="stopped"):
            predict(sagemaker, accounts)
    with pytest.raises(XacctError, match="20 batch transforms of these files with this model have failed"):
        predict(sagemaker, accounts)


@pytest.mark.parametrize("status", [NO_ENDPOINT, {"EndpointConfigName": "churn-1", "EndpointStatus": "Creating"}])
def test_no_model_is_served_yet(status: Any) -> None:
    sagemaker, accounts = cloud(describe_endpoint=status)
    with pytest.raises(NotReady, match="no endpoint churn in production yet, so no model"):
        predict(sagemaker, accounts)


def test_a_model_that_nobody_judged_predicts_no_files() -> None:
    """The role may not read it either."""
    sagemaker, accounts = cloud(describe_model={"PrimaryContainer": {"ModelDataUrl": "s3://b/models/x/output/m"}})
    with pytest.raises(XacctError, match="it serves no judged model"):
        predict(sagemaker, accounts)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "there is no s3://churn-files/in/"),
        ({"in/a.csv": ""}, "s3://churn-files/in/a.csv is empty"),
        ({"in/deeper/a.csv": "1"}, "files must lie right under it"),
        ({f"in/{number}": "1" for number in range(1001)}, "has over 1,000 files"),
    ],
    ids=["none", "empty", "deeper", "many"],
)
def test_files_that_are_no_input(keys: dict[str, str], said: str) -> None:
    sagemaker, accounts = cloud(bucket=Pages(**keys))
    with pytest.raises(InputError, match=said):
        predict(sagemaker, accounts)
    assert sagemaker.begun == []


def test_a_file_whose_name_begins_another_is_not_read_beside_it() -> None:
    """S3Prefix takes every object whose key begins so."""
    _, accounts = cloud(bucket=Pages(**{"in/a.csv": "1", "in/a.csv.bak": "1"}))
    with pytest.raises(InputError, match=r"also begins the name of s3://churn-files/in/a.csv.bak"):
        predict_files(CONFIG, accounts, Files("churn-files", "in/a.csv", "out/"), killed, lambda *_: None)


def test_no_bucket() -> None:
    class Gone(Pages):
        def paginate(self, **_: str) -> list[dict[str, Any]]:
            raise refused("ListObjectsV2", "NoSuchBucket")

    sagemaker, accounts = cloud(bucket=Gone())
    with pytest.raises(NotReady, match=f"there is no bucket churn-files in account {PRODUCTION}"):
        predict(sagemaker, accounts)


@pytest.mark.parametrize(
    ("source", "output", "said"),
    [
        ("in/a.csv", "s3://churn-files/out/", "--batch in/a.csv: give s3://churn-files/"),
        ("s3://other/a.csv", "s3://churn-files/out/", "comes to bucket churn-files only"),
        ("s3://churn-files", "s3://churn-files/out/", "name a file, or a prefix that ends with a slash"),
        ("s3://churn-files/a.csv", "s3://churn-files/", "--out s3://churn-files/: name a prefix"),
        ("s3://churn-files/in/", "s3://churn-files/in/out/", "answers would be asked next time"),
        ("s3://churn-files/in/a.csv", "s3://churn-files/in", "answers would be asked next time"),
        (f"s3://churn-files/{'x' * 1024}", "s3://churn-files/out/", "up to 1024 printable characters"),
    ],
)
def test_places_that_cannot_be_meant(source: str, output: str, said: str) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match=said):
        files(BATCH, source, output)


def test_places_that_are_meant() -> None:
    assert files(BATCH, "s3://churn-files/in/a.csv", "s3://churn-files/out") == Files("churn-files", "in/a.csv", "out/")
    assert files(BATCH, "s3://churn-files/in/", "s3://churn-files/input/").output == "input/"


def test_a_map_without_batch_or_another_target() -> None:
    with pytest.raises(InputError, match="the map has no `batch`"):
        batch_target(example(), None)
    with pytest.raises(InputError, match="the map predicts files at production"):
        batch_target(CONFIG, "europe")
    assert batch_target(CONFIG, "production")[1].id == PRODUCTION
    assert Names(example()).batch_target is None
