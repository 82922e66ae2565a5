"""The bucket: created where it belongs, never somebody else's, emptied to the last version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from moto import mock_aws

from tests.aws.client_errors import client_error
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.resources.cloud import Cloud
from xacct_ml.engine.resource import NotOurs
from xacct_ml.errors import AwsCallFailed
from xacct_ml.resources.bucket_contents import empty

BUCKET = "churn-111111111111-us-east-1"


def s3(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "s3")


def open_to_moto(cloud: Cloud, **owner: str) -> None:
    """moto takes every Deny of a bucket policy as met, whatever its condition."""
    s3(cloud).delete_bucket_policy(Bucket=BUCKET, **owner)


class Recorded:
    """S3 with the requests of every call."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.requests: list[tuple[str, dict[str, Any]]] = []
        s3.meta.events.register("provide-client-params", self._record)

    def _record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests.append((model.name, dict(params)))


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1"])
def test_the_region_is_only_named_where_it_may_be(region: str) -> None:
    """us-east-1 must not be named; everywhere else it must."""
    with mock_aws():
        cloud = Cloud(example(region))
        recorded = Recorded(s3(cloud))
        cloud.apply(*cloud.resources("shared/key", "shared/bucket"))
        (created,) = (params for name, params in recorded.requests if name == "CreateBucket")
        configuration = created["CreateBucketConfiguration"]
        assert configuration.get("LocationConstraint") == (None if region == "us-east-1" else region)


def test_every_call_names_the_expected_owner(cloud: Cloud) -> None:
    """A bucket that somebody took in the meantime is never read or written."""
    recorded = Recorded(s3(cloud))
    everything = cloud.resources("shared/key", "shared/bucket")
    cloud.apply(*everything)
    open_to_moto(cloud, ExpectedBucketOwner=SHARED)
    s3(cloud).put_object(Bucket=BUCKET, Key="a", ExpectedBucketOwner=SHARED)
    cloud.destroy(*everything)
    without = {name for name, params in recorded.requests if params.get("ExpectedBucketOwner") != SHARED}
    assert without == {"CreateBucket"}


def test_it_is_created_with_its_tags(cloud: Cloud) -> None:
    """A run that ends right after CreateBucket leaves a bucket that the next run knows to be its own."""
    recorded = Recorded(s3(cloud))
    cloud.apply(*cloud.resources("shared/key", "shared/bucket"))
    (created,) = (params for name, params in recorded.requests if name == "CreateBucket")
    assert {"Key": "xacct-ml:project", "Value": "churn"} in created["CreateBucketConfiguration"]["Tags"]


def test_the_key_is_named_by_its_arn(cloud: Cloud) -> None:
    """An alias or id would be looked up in the account of whoever writes."""
    cloud.apply(*cloud.resources("shared/key", "shared/bucket"))
    assert cloud.observe("shared/bucket")["encryption"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": cloud.observe("shared/key")["arn"],
        "BucketKeyEnabled": True,
    }


def test_a_name_that_is_taken_elsewhere(cloud: Cloud) -> None:
    """Another account has a bucket of this name: it is said so, with what to change in the map."""
    cloud.client(TRAINING, "s3").create_bucket(Bucket=BUCKET)

    class Elsewhere:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def head_bucket(self, **_: Any) -> None:
            raise client_error("403", "Forbidden")

    real = s3(cloud)
    cloud.replaced["s3"] = Elsewhere()
    cloud.forget()
    (failure,) = cloud.attempt(*cloud.resources("shared/bucket")).failures
    assert isinstance(failure.error, NotOurs)
    assert "belongs to another account" in failure.error.message
    assert "bucket.name" in (failure.error.next_step or "")
    assert cloud.writes == []


def test_other_notifications_stay(cloud: Cloud) -> None:
    """Turning EventBridge on replaces nothing."""
    everything = cloud.resources("shared/key", "shared/bucket")
    cloud.apply(*everything)
    queue = cloud.client(SHARED, "sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = cloud.client(SHARED, "sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    theirs = {"QueueArn": arn["Attributes"]["QueueArn"], "Events": ["s3:ObjectRemoved:*"], "Id": "theirs"}
    s3(cloud).put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [theirs]}
    )
    s3(cloud).notifying.clear()
    cloud.apply(*everything)
    after = s3(cloud).get_bucket_notification_configuration(Bucket=BUCKET)
    assert [queue["Id"] for queue in after["QueueConfigurations"]] == ["theirs"]
    assert "EventBridgeConfiguration" in after


def test_everything_in_it_is_deleted(cloud: Cloud) -> None:
    """Versions, delete markers and unfinished uploads, over many pages."""
    everything = cloud.resources("shared/key", "shared/bucket")
    cloud.apply(*everything)
    open_to_moto(cloud)
    client = s3(cloud)
    for number in range(20):
        client.put_object(Bucket=BUCKET, Key=f"data/{number % 5}")
    client.delete_object(Bucket=BUCKET, Key="data/1")
    client.create_multipart_upload(Bucket=BUCKET, Key="half")

    class SmallPages:
        """S3 with three entries to a page."""

        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def list_object_versions(self, **request: Any) -> Any:
            return client.list_object_versions(**request, MaxKeys=3)

    cloud.replaced["s3"] = SmallPages()
    cloud.forget()
    assert cloud.destroy(*everything).failures == ()
    assert client.list_buckets()["Buckets"] == []
    assert cloud.calls.count("s3:DeleteObjects") == 7


@dataclass
class Guarded:
    """S3 that keeps records as the bucket's policy says, and acts on another policy some calls late."""

    s3: Any
    late: int = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.s3, name)

    def delete_objects(self, **request: Any) -> Any:
        guarded = "DenyDeletion" in self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
        self.late -= not guarded
        if guarded or self.late >= 0:
            return {"Errors": [{"Key": "evaluations/a", "Code": "AccessDenied", "Message": "explicit deny"}]}
        self.s3.delete_bucket_policy(Bucket=BUCKET)
        return self.s3.delete_objects(**request)


def with_evidence(cloud: Cloud) -> tuple[Any, ...]:
    """Key and bucket with one record in it; the map names no operator."""
    cloud.map(accounts={"shared": {"id": SHARED}, "training": {"id": TRAINING}, "production": ({"id": PRODUCTION},)})
    everything = cloud.resources("shared/key", "shared/bucket")
    cloud.apply(*everything)
    policy = s3(cloud).get_bucket_policy(Bucket=BUCKET)["Policy"]
    open_to_moto(cloud)
    s3(cloud).put_object(Bucket=BUCKET, Key="evaluations/a")
    s3(cloud).put_bucket_policy(Bucket=BUCKET, Policy=policy)
    return everything


def test_what_keeps_everybody_from_deleting_evidence_is_taken_away_first(cloud: Cloud) -> None:
    """Only that statement goes, before anything is deleted."""
    everything = with_evidence(cloud)
    recorded = Recorded(s3(cloud))
    cloud.replaced["s3"] = Guarded(s3(cloud))
    assert cloud.destroy(*everything).failures == ()
    assert s3(cloud).list_buckets()["Buckets"] == []
    (written,) = (params["Policy"] for name, params in recorded.requests if name == "PutBucketPolicy")
    before = cloud.resources("shared/bucket")[0].desired({})["policy"]["Statement"]
    assert {one["Sid"] for one in json.loads(written)["Statement"]} == before.keys() - {"DenyDeletion"}


def test_a_bucket_that_still_denies_is_told(cloud: Cloud) -> None:
    """As S3 says it, after as long as a policy may take; the next attempt goes on."""
    everything = with_evidence(cloud)
    client = s3(cloud)
    cloud.replaced["s3"] = Guarded(client, late=1000)
    failure = cloud.destroy(*everything).failures[0]
    assert "the first is evaluations/a: AccessDenied" in failure.error.message
    cloud.replaced["s3"] = Guarded(client, late=0)
    assert cloud.destroy(*everything).failures == ()


def test_the_statement_that_lets_the_maps_operator_stays(cloud: Cloud) -> None:
    """Nothing is written. The statement allows here: moto would take a Deny as met."""
    everything = cloud.resources("shared/key", "shared/bucket")
    cloud.apply(*everything)
    deletion = {"Sid": "DenyDeletion", "Effect": "Allow", "Principal": {"AWS": SHARED}, "Action": "s3:DeleteObject"}
    his = {**deletion, "Resource": f"arn:aws:s3:::{BUCKET}/*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "x"}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [his]})
    open_to_moto(cloud)
    s3(cloud).put_bucket_policy(Bucket=BUCKET, Policy=policy)
    cloud.forget()
    assert cloud.destroy(*everything).failures == ()
    assert "s3:PutBucketPolicy" not in cloud.calls


def test_objects_that_cannot_be_deleted_are_told(cloud: Cloud) -> None:
    """DeleteObjects succeeds even where single objects fail: the first is named."""
    client = s3(cloud)
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="locked")

    class Locked:
        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "locked", "Code": "AccessDenied", "Message": "Access Denied"}]}

    with pytest.raises(AwsCallFailed, match="1 objects of bucket bucket could not be deleted, the first is locked"):
        empty(Locked(), "bucket", SHARED)
