"""A project in a bucket, with a key and a role, that were there before; everything under the operators' own rights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING, example
from tests.journeys.project import Project, project
from xacct_ml.operations.deployed_policies import differences, others_statements
from xacct_ml.operations.operator_policies import policies
from xacct_ml.operations.policies import live as live_policies
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.proof.prove import prove
from xacct_ml.system.statements import trust_service

pytestmark = pytest.mark.long

BUCKET = "churn-111111111111-us-east-1"
OWNERS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Owners",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/theirs/*",
        }
    ],
}


def make(made: Project) -> str:
    """Bucket, key and role of somebody else; the key's ARN."""
    s3, kms = (made.aws.administrator(SHARED).client(service) for service in ("s3", "kms"))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(OWNERS))
    s3.put_object(Bucket=BUCKET, Key="theirs/a", Body=b"a")
    iam = made.aws.administrator(TRAINING).client("iam")
    trust = json.dumps(trust_service("ec2.amazonaws.com"))
    iam.create_role(RoleName="churn-training", AssumeRolePolicyDocument=trust)
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def found(made: Project, key: str) -> dict[str, Any]:
    """What somebody may have set of the bucket and the key."""
    s3, kms = (made.aws.administrator(SHARED).client(service) for service in ("s3", "kms"))
    return {
        "policy": json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]),
        "encryption": s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"],
        "object": s3.get_object(Bucket=BUCKET, Key="theirs/a")["Body"].read(),
        "events": "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=BUCKET),
        "key policy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
        "key tags": kms.list_resource_tags(KeyId=key)["Tags"],
        "key state": kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"],
    }


def test_adopted_proven_and_given_back() -> None:
    """Every hop is allowed by the merged policies; afterwards everything is as it was, and nothing else is left."""
    with project(example()) as before:
        key = make(before)
        as_it_was = found(before, key)
        made = Project(example(key={"arn": key}, adopt=("shared/bucket", "training/role/training")), before.aws)
        rights = json.dumps(policies(made.config)[SHARED]["adopted"])
        iam = made.aws.administrator(SHARED).client("iam")
        iam.put_role_policy(RoleName="xacct-ml-operator", PolicyName="adopted", PolicyDocument=rights)
        made.bootstrap()
        assert made.bootstrap().written == ()
        live = live_policies(made.config, made.accounts)
        assert live.world.keys.pipeline == key
        assert differences(live) == ()
        assert others_statements(live) == {
            f"key policy of {SHARED}": ("Enable IAM User Permissions",),
            f"bucket policy of {SHARED}": ("Owners",),
        }
        assert prove(live.world).holds
        made.upload()
        torn = teardown(made.config, made.accounts, lambda _: None, delete_evidence=True)
        assert [failure.error.lines() for failure in torn.report.failures] == []
        kept = {left.what for left in torn.left if left.why.startswith("adopted, so it stays")}
        assert kept == {f"S3 bucket {BUCKET}", "KMS key alias/churn", "IAM role churn-training"}
        assert found(made, key) == as_it_was
