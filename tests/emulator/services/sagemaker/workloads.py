"""What the tests of jobs, endpoints, machines, stacks and functions set up: service roles, a bucket with data,
waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.emulator.rights import allow, policy
from xacct_ml.emulator import data
from xacct_ml.emulator.server import EmbeddedAws
from xacct_ml.tables.regions import image_uri

DATA = Path(data.__file__).parent
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PARAMETERS = {"objective": "binary:logistic", "num_round": "20", "max_depth": "4", "eta": "0.3", "eval_metric": "auc"}


def service_role(
    aws: EmbeddedAws,
    account: str,
    name: str,
    service: str,
    *statements: Mapping[str, Any],
    trust_conditions: Mapping[str, Any] | None = None,
) -> str:
    """A role that ``service`` (``sagemaker``) may assume; its ARN. Without statements it may do nothing."""
    iam = aws.administrator(account).client("iam")
    principal = {"Service": f"{service}.amazonaws.com"}
    trust = policy(allow("sts:AssumeRole", principal=principal, **(trust_conditions or {})))
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy(*statements))
    return arn


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """The first true answer of ``look``; fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@contextmanager
def slow_transitions(aws: EmbeddedAws) -> Iterator[None]:
    """What begins inside has an endpoint Creating, Updating or Deleting long enough to be seen so."""
    pace = aws.runtime.pace
    aws.runtime.pace = replace(pace, endpoint_transition=1.0)
    try:
        yield
    finally:
        aws.runtime.pace = pace


def bucket_with_data(aws: EmbeddedAws, account: str, name: str, region: str) -> str:
    """A bucket of ``account`` with the project's own data under ``data/train/`` and ``data/validation/``; its name."""
    s3 = aws.administrator(account).client("s3")
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place)
    for channel in ("train", "validation"):
        s3.put_object(Bucket=name, Key=f"data/{channel}/{channel}.csv", Body=(DATA / f"{channel}.csv").read_bytes())
    return name


def training_request(name: str, role: str, bucket: str, region: str, **more: Any) -> dict[str, Any]:
    """CreateTrainingJob's parameters for the project's own data in ``bucket``."""
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": image_uri(region, "1.7-1"), "TrainingInputMode": "File"},
        "HyperParameters": PARAMETERS,
        "InputDataConfig": [
            {
                "ChannelName": channel,
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/data/{channel}/"}},
            }
            for channel in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **more,
    }


def first_rows(count: int) -> bytes:
    """Rows of the validation data without their labels."""
    lines = (DATA / "validation.csv").read_text().splitlines()[:count]
    return "\n".join(line.split(",", 1)[1] for line in lines).encode()
