"""What an endpoint is asked is captured, compared with what its model was trained on, read by nobody else, and deleted
with the project."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.journeys.hops import asked_for, listed
from tests.journeys.project import DATA, Project, project
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.drift import DRIFT, NO_DRIFT, TOO_FEW, Drift, drift
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "max_depth": 4, "eval_metric": "auc"}
ENDPOINT = {"instance_type": "ml.m5.large", "instance_count": 1, "capture": {"percent": 100, "days": 7}}


def ask(made: Project, rows: list[str], **more: str) -> None:
    runtime = made.aws.administrator(PRODUCTION).client("sagemaker-runtime")
    body = "\n".join(rows)
    runtime.invoke_endpoint(EndpointName=made.names.endpoint, ContentType="text/csv", Body=body, **more)


def look(made: Project) -> Drift:
    return drift(made.config, made.accounts, made.target, datetime.now(UTC) - timedelta(hours=1))


def objects(made: Project) -> list[str]:
    s3 = made.aws.administrator(PRODUCTION).client("s3")
    listed = s3.list_objects_v2(Bucket=made.names.capture_bucket(made.target))
    return [each["Key"] for each in listed.get("Contents", ())]


def test_what_is_asked_is_captured_compared_and_deleted() -> None:
    with project(example(training={"hyperparameters": HYPERPARAMETERS}, endpoint=ENDPOINT)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (run,) = made.runs()
        made.settled(run)
        made.judge(run, approve=True)
        assert made.settled(run).execution.status == "Succeeded"  # type: ignore[union-attr]

        rows = [line.partition(",")[2] for line in (DATA / "validation.csv").read_text().splitlines()]
        ask(made, rows[:50])
        ask(made, rows[:50], InferenceId="xacct-ml-smoke-1")
        assert (look(made).verdict, look(made).rows) == (TOO_FEW, 50)
        for start in range(50, len(rows), 50):
            ask(made, rows[start : start + 50])
        same = look(made)
        assert (same.verdict, same.rows, same.captures) == (NO_DRIFT, len(rows), True)
        assert same.skipped == {"requests of the project itself": 1}

        moved = [",".join(["1e6", *row.split(",")[1:]]) for row in rows]
        ask(made, [*moved, *moved])
        ask(made, ["1,2"])
        found = look(made)
        assert (found.verdict, [each.column for each in found.shifted]) == (DRIFT, [1])
        assert found.shifted[0].outside > 0.5
        assert found.skipped["rows of 2 values"] == 1

        _as_proven(made)
        _nobody_else_reads(made)
        bucket = made.names.capture_bucket(made.target)
        plain = example(training={"hyperparameters": HYPERPARAMETERS})
        (note,) = (one for one in plan_project(plain, made.accounts).notes if bucket in one)
        assert "have what the endpoint was asked by an earlier map, and stay" in note
        left = {one.what: one.why for one in teardown(plain, made.accounts, lambda _: None).left}
        assert "expires" in left[f"bucket {bucket} and key alias/churn-capture"]
        assert objects(made)
        teardown(made.config, made.accounts, lambda _: None, delete_evidence=True).report.raise_failures()
        with pytest.raises(ClientError, match="NoSuchBucket"):
            objects(made)


def _as_proven(made: Project) -> None:
    """Nothing is asked that no hop is about, nothing was refused, and the endpoint's role has no right to capture that
    it does not need."""
    hops, asked = listed(made.config), asked_for(made)
    assert asked - hops.keys() == set()
    captured = {hop: expected for hop, expected in hops.items() if "capture" in hop[2]}
    assert captured
    assert {hop: hop in asked for hop in captured} == captured
    assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []


def _nobody_else_reads(made: Project) -> None:
    key = objects(made)[0]
    where: dict[str, Any] = {"Bucket": made.names.capture_bucket(made.target), "Key": key}
    content = made.accounts.client(PRODUCTION, "s3").get_object(**where)
    assert json.loads(content["Body"].read())["captureData"]["endpointInput"]["encoding"] == "CSV"
    assert (
        content["SSEKMSKeyId"]
        == made.accounts.client(PRODUCTION, "kms").describe_key(KeyId=made.names.capture_key_alias)["KeyMetadata"][
            "Arn"
        ]
    )
    strangers = [made.aws.administrator(account).client("s3") for account in (SHARED, TRAINING, PRODUCTION)]
    for s3 in (*strangers, made.accounts.client(SHARED, "s3")):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_object(**where)
    with pytest.raises(ClientError, match="AccessDenied"):
        strangers[-1].put_object(**where, Body=b"not asked")
