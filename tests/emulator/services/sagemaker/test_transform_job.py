"""Batch transforms over HTTP: a real model predicts the rows of an object, as the role that its model is given."""

from __future__ import annotations

from typing import Any

import pytest
import xgboost

from tests.configs import TRAINING
from tests.emulator.rights import Roles, allow, error_of
from tests.emulator.services.sagemaker.workloads import (
    ALL,
    PARAMETERS,
    bucket_with_data,
    first_rows,
    service_role,
    until,
)
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.emulator.services.sagemaker.serving import LoadedModel
from xacct_ml.emulator.services.sagemaker.trainer import train
from xacct_ml.tables.regions import image_uri

BUCKET, MODEL = "transform-tests", "judged/model.tar.gz"
ROWS = first_rows(40)


@pytest.fixture(scope="module")
def archive() -> bytes:
    rows = b"".join(b"%d,%s\n" % (number % 2, row) for number, row in enumerate(ROWS.splitlines()))
    return train({"train": [rows]}, {**PARAMETERS, "num_round": "3"}, "1.7-1").archive


@pytest.fixture(scope="module")
def region(aws: EmbeddedAws, archive: bytes) -> str:
    bucket_with_data(aws, TRAINING, BUCKET, aws.runtime.region)
    s3 = aws.administrator(TRAINING).client("s3")
    s3.put_object(Bucket=BUCKET, Key=MODEL, Body=archive)
    s3.put_object(Bucket=BUCKET, Key="holdout/features.csv", Body=ROWS)
    s3.put_object(Bucket=BUCKET, Key="holdout/labels.csv", Body=b"0\n" * 40)
    return aws.runtime.region


@pytest.fixture
def sagemaker(aws: EmbeddedAws) -> Any:
    return aws.administrator(TRAINING).client("sagemaker")


def model(aws: EmbeddedAws, region: str, name: str, *statements: dict[str, Any]) -> str:
    """A model whose role may do everything, unless statements are given."""
    role = service_role(aws, TRAINING, name, "sagemaker", *(statements or (ALL,)))
    container = {"Image": image_uri(region, "1.7-1"), "ModelDataUrl": f"s3://{BUCKET}/{MODEL}"}
    aws.administrator(TRAINING).client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container, EnableNetworkIsolation=True
    )
    return name


def request(name: str, key: str = "holdout/features.csv", **more: Any) -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{key}"}}
    return {
        "TransformJobName": name,
        "ModelName": name,
        "TransformInput": {"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {
            "S3OutputPath": f"s3://{BUCKET}/scores/{name}",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **more,
    }


def finished(sagemaker: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    sagemaker.create_transform_job(**wanted)

    def over() -> Any:
        found = sagemaker.describe_transform_job(TransformJobName=wanted["TransformJobName"])
        return found if found["TransformJobStatus"] in ("Completed", "Failed", "Stopped") else None

    ended: dict[str, Any] = until(over)
    return ended


def output(aws: EmbeddedAws, name: str) -> bytes:
    s3 = aws.administrator(TRAINING).client("s3")
    body: bytes = s3.get_object(Bucket=BUCKET, Key=f"scores/{name}/features.csv.out")["Body"].read()
    return body


def test_each_row_is_predicted(aws: EmbeddedAws, sagemaker: Any, region: str, archive: bytes, unique: str) -> None:
    job = finished(sagemaker, request(model(aws, region, unique)))
    assert job["TransformJobStatus"] == "Completed", job
    import numpy as np

    rows = np.array([[float(each or "nan") for each in row.split(b",")] for row in ROWS.splitlines()])
    expected = LoadedModel.from_archive(archive, "1.7-1").booster.predict(xgboost.DMatrix(rows)).tolist()
    assert output(aws, unique).decode() == "".join(f"{value}\n" for value in expected)
    summaries = sagemaker.list_transform_jobs(NameContains=unique)["TransformJobSummaries"]
    assert [each["TransformJobStatus"] for each in summaries] == ["Completed"]


@pytest.mark.parametrize(
    "more", [{"BatchStrategy": "SingleRecord"}, {"MaxPayloadInMB": 1}, {"BatchStrategy": "MultiRecord"}]
)
def test_however_it_is_split_the_output_is_the_same(
    aws: EmbeddedAws, sagemaker: Any, region: str, unique: str, more: dict[str, Any]
) -> None:
    assert finished(sagemaker, request(model(aws, region, unique), **more))["TransformJobStatus"] == "Completed"
    assert output(aws, unique).count(b"\n") == 40


def test_several_classes_are_a_list_in_a_transform() -> None:
    """As SAGEMAKER_BATCH makes it; an endpoint has commas."""
    rows = b"".join(b"%d,%d,%d\n" % (each % 3, each, each * 7 % 5) for each in range(30))
    parameters = {"objective": "multi:softprob", "num_class": "3", "num_round": "2"}
    loaded = LoadedModel.from_archive(train({"train": [rows]}, parameters, "1.7-1").archive, "1.7-1")
    text = loaded.predict(b"1,2\n", "text/csv", "text/csv", batch=True)[0].decode()
    assert text.startswith("[")
    assert text.endswith("]\n")
    assert loaded.predict(b"1,2\n", "text/csv", "text/csv")[0].decode() == text.replace(", ", ",").replace(
        "[", ""
    ).replace("]", "")


def test_what_the_container_refuses_fails_the_job(aws: EmbeddedAws, sagemaker: Any, region: str, unique: str) -> None:
    """With AWS's words; the container's are in the data log."""
    aws.administrator(TRAINING).client("s3").put_object(Bucket=BUCKET, Key=f"bad/{unique}.csv", Body=b"a,b\n")
    job = finished(sagemaker, request(model(aws, region, unique), f"bad/{unique}.csv"))
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    logs = aws.administrator(TRAINING).client("logs")
    group = "/aws/sagemaker/TransformJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{unique}/")["logStreams"]
    (stream,) = [each["logStreamName"] for each in streams if each["logStreamName"].endswith("data-log")]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
    assert events[0]["message"] == f"{BUCKET}/bad/{unique}.csv: ClientError: 415"


@pytest.mark.parametrize(
    ("missing", "said"),
    [("s3:ListBucket", "s3:ListBucket"), ("s3:PutObject", "s3:PutObject"), ("input", "s3:GetObject")],
)
def test_the_models_role_reads_and_writes(
    aws: EmbeddedAws, sagemaker: Any, region: str, unique: str, missing: str, said: str
) -> None:
    readable = [
        f"arn:aws:s3:::{BUCKET}/judged/*",
        *([] if missing == "input" else [f"arn:aws:s3:::{BUCKET}/holdout/*"]),
    ]
    actions = {"s3:ListBucket", "s3:PutObject"} - {missing}
    statements = (allow("s3:GetObject", resource=readable), allow(*sorted(actions), resource="*"))
    job = finished(sagemaker, request(model(aws, region, unique, *statements)))
    assert job["TransformJobStatus"] == "Failed"
    assert said in job["FailureReason"]


def test_nothing_to_read_fails_the_job(aws: EmbeddedAws, sagemaker: Any, region: str, unique: str) -> None:
    job = finished(sagemaker, request(model(aws, region, unique), "nothing/"))
    assert job["FailureReason"].startswith("ClientError: No S3 objects found")


def test_what_create_refuses(aws: EmbeddedAws, sagemaker: Any, region: str, unique: str) -> None:
    assert error_of(sagemaker.create_transform_job, **request(unique))[1].startswith("Could not find model")
    wanted = request(model(aws, region, unique))
    finished(sagemaker, wanted)
    assert error_of(sagemaker.create_transform_job, **wanted)[0] == "ResourceInUse"
    code, message, _ = error_of(
        sagemaker.create_transform_job,
        **{**wanted, "TransformJobName": f"{unique}-2"},
        MaxPayloadInMB=60,
        MaxConcurrentTransforms=2,
    )
    assert (code, "100 MB" in message) == ("ValidationException", True)
    code, message, _ = error_of(sagemaker.stop_transform_job, TransformJobName=unique)
    assert (code, "Completed" in message) == ("ValidationException", True)
    assert error_of(sagemaker.describe_transform_job, TransformJobName="none")[1] == "Requested resource not found."


def test_a_stopped_job_ends_as_stopped(aws: EmbeddedAws, sagemaker: Any, region: str, unique: str) -> None:
    """Or completed, where it was faster."""
    wanted = request(model(aws, region, unique), BatchStrategy="SingleRecord")
    sagemaker.create_transform_job(**wanted)
    try:
        sagemaker.stop_transform_job(TransformJobName=unique)
    except sagemaker.exceptions.ClientError:
        assert sagemaker.describe_transform_job(TransformJobName=unique)["TransformJobStatus"] == "Completed"
        return
    described = until(lambda: _over(sagemaker, unique))
    assert described in ("Stopped", "Completed")


def _over(sagemaker: Any, name: str) -> str | None:
    status: str = sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"]
    return status if status not in ("InProgress", "Stopping") else None


def test_condition_keys(aws: EmbeddedAws, roles: Roles, region: str, unique: str) -> None:
    """The model's ARN, the instance type and the output's key are seen (Service Authorization Reference)."""
    name = model(aws, region, unique)
    arn = f"arn:aws:sagemaker:{region}:{TRAINING}"
    right = {
        "StringEquals": {"sagemaker:ModelArn": f"{arn}:model/{name}"},
        "ForAllValues:StringEquals": {"sagemaker:InstanceTypes": "ml.m5.large"},
        "Null": {"sagemaker:OutputKmsKeyArn": "true"},
    }
    job = f"{arn}:transform-job/{name}*"
    rights = allow("sagemaker:CreateTransformJob", resource=job, **right)
    allowed = roles.session(f"{unique}-caller", rights, account=TRAINING).client("sagemaker", region)
    allowed.create_transform_job(**request(name))
    big = request(name, TransformResources={"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1})
    assert (
        error_of(allowed.create_transform_job, **{**big, "TransformJobName": f"{name}-2"})[0] == "AccessDeniedException"
    )
