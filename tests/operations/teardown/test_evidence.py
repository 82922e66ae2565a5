"""Who deletes evidence, where the map does not say who the operator is."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.journeys.project import project
from xacct_ml.operations.teardown.deletion import teardown


@pytest.mark.long
def test_nobody_deletes_it_but_teardown_that_is_asked_to() -> None:
    """Neither the operator, whose policy allows it, nor the account's administrator, before the bucket's policy is
    written; and teardown writes it."""
    operators = {"training": TRAINING, "production": PRODUCTION}
    training, production = (
        {"id": account, "role_arn": f"arn:aws:iam::{account}:role/operator"} for account in operators.values()
    )
    config = example(accounts={"shared": {"id": SHARED}, "training": training, "production": (production,)})
    with project(config) as made:
        made.bootstrap()
        bucket, record = made.names.bucket, "evaluations/run/job.json"
        administrator = made.aws.administrator(SHARED).client("s3")
        policy = administrator.get_bucket_policy(Bucket=bucket)["Policy"]
        administrator.delete_bucket_policy(Bucket=bucket)
        version = administrator.put_object(Bucket=bucket, Key=record, Body=b"{}")["VersionId"]
        administrator.put_bucket_policy(Bucket=bucket, Policy=policy)
        for client in (administrator, made.accounts.client(SHARED, "s3")):
            for which in ({}, {"VersionId": version}):
                with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
                    client.delete_object(Bucket=bucket, Key=record, **which)
        kept = teardown(config, made.accounts, lambda _: None)
        assert kept.report.ok
        assert administrator.get_object(Bucket=bucket, Key=record)["Body"].read() == b"{}"
        assert teardown(config, made.accounts, lambda _: None, delete_evidence=True).report.ok
        assert administrator.list_buckets()["Buckets"] == []
