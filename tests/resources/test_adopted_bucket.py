"""A bucket that was there before: merged with what its owner has in it, and given back as it was found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import SHARED
from tests.engine.fakes import FakeClock
from tests.resources.cloud import Cloud
from xacct_ml.engine.apply import apply
from xacct_ml.engine.events import Event, KeptBack, Noted
from xacct_ml.engine.plan import plan
from xacct_ml.errors import NotReady
from xacct_ml.system.names import ADOPTED_TAG, KEEP_TAG

BUCKET = "churn-111111111111-us-east-1"
OWNERS = {
    "Sid": "Owners",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/theirs/*",
}
EXPIRY = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "theirs/"}, "Expiration": {"Days": 1}}
BLOCKS = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def s3(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "s3")


@pytest.fixture
def theirs(cloud: Cloud) -> Cloud:
    """A bucket with settings, a policy, rules, notifications and an object of its owner's, named in the map."""
    client = s3(cloud)
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "x"}]})
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2008-10-17", "Statement": [OWNERS]}))
    client.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [EXPIRY]})
    client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=BLOCKS)
    client.put_object(Bucket=BUCKET, Key="theirs/a", Body=b"a")
    cloud.map(adopt=("shared/bucket",))
    return cloud


def settings(cloud: Cloud) -> dict[str, Any]:
    """Everything of the bucket that somebody may have set."""
    (bucket,) = cloud.resources("shared/bucket")
    state = dict(bucket.observe({}))
    client = s3(cloud)
    state["policy"] = json.loads(client.get_bucket_policy(Bucket=BUCKET)["Policy"])
    state["lifecycle"] = client.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    return state


def adopt(cloud: Cloud) -> None:
    cloud.apply(*cloud.resources("shared/key", "shared/bucket"))


def test_ours_are_merged_in(theirs: Cloud) -> None:
    """Policy: theirs and ours; lifecycle rules: theirs alone; the settings that the pipeline needs: ours."""
    adopt(theirs)
    after = settings(theirs)
    sids = [one["Sid"] for one in after["policy"]["Statement"]]
    assert sids[0] == "Owners"
    assert {"XacctMlDenyOtherKeys", "XacctMlTrainingReadsData"} < set(sids)
    assert [rule["ID"] for rule in after["lifecycle"]] == ["theirs"]
    assert (after["versioning"], after["eventbridge"]) == ("Enabled", True)
    assert all(after["public_access_block"].values())
    assert after["tags"]["team"] == "x"


def test_given_back_as_it_was_found(theirs: Cloud) -> None:
    """Settings, policy, rules and tags are theirs again, their object is there; versioning can only be suspended."""
    before = settings(theirs)
    adopt(theirs)
    theirs.destroy(*theirs.resources("shared/key", "shared/bucket"))
    assert settings(theirs) == {**before, "versioning": "Suspended"}
    assert s3(theirs).get_object(Bucket=BUCKET, Key="theirs/a")["Body"].read() == b"a"


def test_what_the_owner_set_meanwhile_stays(theirs: Cloud) -> None:
    """Only what is still as we set it is put back; a new statement of theirs stays."""
    adopt(theirs)
    client = s3(theirs)
    policy = json.loads(client.get_bucket_policy(Bucket=BUCKET)["Policy"])
    policy["Statement"].append({**OWNERS, "Sid": "New"})
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    client.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    theirs.destroy(*theirs.resources("shared/bucket"))
    after = settings(theirs)
    assert [one["Sid"] for one in after["policy"]["Statement"]] == ["Owners", "New"]
    assert after["ownership"] == {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}


def test_only_our_statements_drift(theirs: Cloud) -> None:
    """A statement of theirs that comes later is no difference; one of ours that is changed is put back."""
    adopt(theirs)
    client = s3(theirs)
    policy = json.loads(client.get_bucket_policy(Bucket=BUCKET)["Policy"])
    changed = [
        {**one, "Effect": "Allow"} if one["Sid"] == "XacctMlDenyOtherKeys" else one for one in policy["Statement"]
    ]
    policy["Statement"] = [*changed, {**OWNERS, "Sid": "New"}]
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    (step,) = plan(theirs.resources("shared/bucket")).steps
    places = [change.place for change in step.changes if change.path[0] == "policy"]
    assert places[0] == "policy.Statement.DenyOtherKeys.Effect"
    assert not [place for place in places if "New" in place]
    adopt(theirs)
    sids = {one["Sid"]: one["Effect"] for one in settings(theirs)["policy"]["Statement"]}
    assert sids["XacctMlDenyOtherKeys"] == "Deny"
    assert "New" in sids


def test_a_bucket_without_a_policy_has_none_again(cloud: Cloud) -> None:
    """Not an empty one, which S3 refuses."""
    s3(cloud).create_bucket(Bucket=BUCKET)
    cloud.map(adopt=("shared/bucket",))
    adopt(cloud)
    cloud.forget()
    cloud.destroy(*cloud.resources("shared/bucket"))
    assert "s3:DeleteBucketPolicy" in cloud.writes
    assert "s3:DeleteBucketTagging" in cloud.writes


def test_the_user_hears_of_statements_that_stay(theirs: Cloud) -> None:
    """They may deny what the pipeline needs: verify --live tells."""
    heard: list[Event] = []
    apply(theirs.resources("shared/key", "shared/bucket"), heard.append, clock=FakeClock())
    assert [event.text for event in heard if isinstance(event, Noted)] == [
        "statements of others stay in its policy (Owners); xacct-ml verify --live proves them together with ours"
    ]


def test_aws_own_tags_are_written_back(cloud: Cloud) -> None:
    """S3 refuses to remove those of CloudFormation."""
    sent: list[list[dict[str, str]]] = []

    class OfAStack:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def get_bucket_tagging(self, **_: Any) -> dict[str, Any]:
            return {"TagSet": [{"Key": "aws:cloudformation:stack-name", "Value": "theirs"}]}

        def put_bucket_tagging(self, *, Tagging: dict[str, Any], **_: Any) -> None:  # noqa: N803
            sent.append(Tagging["TagSet"])

    real = s3(cloud)
    cloud.replaced["s3"] = OfAStack()
    cloud.map(adopt=("shared/bucket",))
    (bucket,) = cloud.resources("shared/bucket")
    bucket.write_tags({}, {ADOPTED_TAG: "yes"}, ())
    assert [tag["Key"] for tag in sent[0]] == ["aws:cloudformation:stack-name", ADOPTED_TAG]


def test_the_key_stays_with_what_it_encrypts(theirs: Cloud) -> None:
    """The objects stay in the bucket, so a key of ours is not scheduled for deletion; it remembers why by itself."""
    adopt(theirs)
    theirs.destroy(*theirs.resources("shared/key", "shared/bucket"))
    theirs.forget()
    kept = theirs.destroy(*theirs.resources("shared/key")).outcomes["shared/key"]
    assert isinstance(kept, KeptBack)
    assert f"S3 bucket {BUCKET}" in kept.reason
    assert theirs.writes == []
    theirs.map()
    (failure,) = theirs.attempt(*theirs.resources("shared/key")).failures
    assert "encrypts what is in the adopted S3 bucket" in failure.error.message
    assert KEEP_TAG in (failure.error.next_step or "")
    assert theirs.writes == []


def test_a_bucket_of_another_region(cloud: Cloud) -> None:
    """CodePipeline's artifacts must lie in its own region."""
    s3(cloud).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    cloud.map(adopt=("shared/bucket",))
    (step,) = plan(cloud.resources("shared/bucket")).steps
    assert isinstance(step.error, NotReady)
    assert "is in eu-central-1, the map's region is us-east-1" in step.error.message
