"""A key that was there before: our statements and tags are put into it and taken out again, and that is all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.configs import SHARED
from tests.resources.cloud import Cloud
from xacct_ml.engine.events import Deleted, Done, KeptBack
from xacct_ml.engine.plan import Action, plan
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.system.names import ADOPTED_TAG

OWNERS = {
    "Sid": "Owners",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


USABLE = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
"""What AWS takes when nothing is said, and moto does not."""


def kms(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "kms")


def theirs(cloud: Cloud, **settings: Any) -> str:
    """A key of somebody else; its ARN. From now on the map names it."""
    policy = json.dumps({"Version": "2012-10-17", "Id": "theirs", "Statement": [OWNERS]})
    tags = [{"TagKey": "team", "TagValue": "x"}]
    key = kms(cloud).create_key(Policy=policy, Description="theirs", Tags=tags, **{**USABLE, **settings})["KeyMetadata"]
    cloud.map(key={"arn": key["Arn"]})
    return str(key["Arn"])


def policy(cloud: Cloud, arn: str) -> dict[str, Any]:
    text: str = kms(cloud).get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    document: dict[str, Any] = json.loads(text)
    return document


def tags(cloud: Cloud, arn: str) -> dict[str, str]:
    return {tag["TagKey"]: tag["TagValue"] for tag in kms(cloud).list_resource_tags(KeyId=arn)["Tags"]}


def both(cloud: Cloud) -> tuple[Any, ...]:
    return cloud.resources("shared/key", "shared/alias")


def test_it_is_used_and_nothing_else_of_it_is_changed(cloud: Cloud) -> None:
    """Policy: theirs, then ours; description and rotation as they were; the alias leads to it; then no write."""
    arn = theirs(cloud)
    report = cloud.apply(*both(cloud))
    assert report.outputs == {"key_arn": arn}
    sids = [one["Sid"] for one in policy(cloud, arn)["Statement"]]
    assert sids[0] == "Owners"
    assert "XacctMlWriteThroughS3" in sids
    assert tags(cloud, arn) == {"team": "x", **cloud.names.tags, ADOPTED_TAG: "yes"}
    assert kms(cloud).describe_key(KeyId="alias/churn")["KeyMetadata"]["Arn"] == arn
    assert kms(cloud).describe_key(KeyId=arn)["KeyMetadata"]["Description"] == "theirs"
    assert not kms(cloud).get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]
    cloud.forget()
    assert cloud.apply(*both(cloud)).written == ()
    assert cloud.writes == []


@pytest.mark.parametrize("still_in_map", [True, False], ids=["in the map", "taken out of the map"])
def test_it_is_given_back(cloud: Cloud, still_in_map: bool) -> None:
    """Never scheduled for deletion; policy and tags as they were; our alias is gone."""
    arn = theirs(cloud)
    before = policy(cloud, arn)
    cloud.apply(*both(cloud))
    if not still_in_map:
        cloud.map()
    outcomes = cloud.destroy(*both(cloud)).outcomes
    assert isinstance(outcomes["shared/alias"], Deleted)
    kept = outcomes["shared/key"]
    assert isinstance(kept, KeptBack)
    assert kept.reason.startswith("adopted, so it stays")
    assert policy(cloud, arn) == before
    assert tags(cloud, arn) == {"team": "x"}
    assert kms(cloud).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Enabled"


def test_an_alias_that_it_had_before_stays(cloud: Cloud) -> None:
    """The error about the alias leads to exactly this map."""
    arn = theirs(cloud)
    kms(cloud).create_alias(AliasName="alias/churn", TargetKeyId=arn)
    assert [step.action for step in plan(both(cloud)).steps] == [Action.UPDATE, Action.NOTHING]
    cloud.apply(*both(cloud))
    assert tags(cloud, arn)[ADOPTED_TAG] == "with its alias"
    for _ in ("taken out", "once more"):
        outcomes = cloud.destroy(*both(cloud)).outcomes
        assert isinstance(outcomes["shared/alias"], KeptBack)
    assert kms(cloud).describe_key(KeyId="alias/churn")["KeyMetadata"]["Arn"] == arn


def test_a_changed_statement_of_ours_is_put_back(cloud: Cloud) -> None:
    """And one that its owner added is no difference."""
    arn = theirs(cloud)
    cloud.apply(*both(cloud))
    document = policy(cloud, arn)
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != "XacctMlDescribeKey"]
    document["Statement"].append({**OWNERS, "Sid": "New"})
    kms(cloud).put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(document))
    cloud.forget()
    (change,) = plan(cloud.resources("shared/key")).steps[0].changes
    assert change.place == "policy.Statement.DescribeKey"
    cloud.apply(*both(cloud))
    assert cloud.writes == ["kms:PutKeyPolicy"]
    assert {"New", "XacctMlDescribeKey"} < {one["Sid"] for one in policy(cloud, arn)["Statement"]}


def test_an_entry_that_was_taken_out_is_asked_for(cloud: Cloud) -> None:
    """Its alias and tag lead to it; a second key would leave the objects behind."""
    arn = theirs(cloud)
    cloud.apply(*both(cloud))
    cloud.map()
    cloud.forget()
    (failure,) = cloud.attempt(*cloud.resources("shared/key")).failures
    assert f"put `key: {{arn: {arn}}}` back into the map" in (failure.error.next_step or "")
    assert cloud.writes == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "its type is RSA_2048"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "its usage is GENERATE_VERIFY_MAC"),
    ],
)
def test_a_key_that_s3_cannot_use(cloud: Cloud, settings: dict[str, str], said: str) -> None:
    """Told by plan already, with what is wrong with it."""
    theirs(cloud, **settings)
    cloud.forget()
    (step,) = plan(cloud.resources("shared/key")).steps
    assert step.action is Action.REFUSE
    assert said in str(step.error)
    assert cloud.writes == []


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_not_enabled(cloud: Cloud, state: str) -> None:
    """Somebody disabled it for a reason: it is not enabled behind his back."""
    arn = theirs(cloud)
    if state == "Disabled":
        kms(cloud).disable_key(KeyId=arn.rsplit("/", 1)[-1])
    else:
        kms(cloud).schedule_key_deletion(KeyId=arn.rsplit("/", 1)[-1])
    cloud.forget()
    (failure,) = cloud.attempt(*cloud.resources("shared/key")).failures
    assert f"its state is {state}, not Enabled" in failure.error.message
    assert cloud.writes == []


def test_an_aws_managed_key(cloud: Cloud) -> None:
    """No other account can use it, and nobody can change its policy."""
    arn = theirs(cloud)
    real = kms(cloud)

    class Managed:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def describe_key(self, **request: Any) -> Any:
            answer = real.describe_key(**request)
            return {"KeyMetadata": answer["KeyMetadata"] | {"KeyManager": "AWS"}}

        def list_resource_tags(self, **_: Any) -> None:
            raise AssertionError(f"nobody may ask for the tags of {arn}")

    cloud.replaced["kms"] = Managed()
    (step,) = plan(cloud.resources("shared/key")).steps
    assert "its manager is AWS, not CUSTOMER" in str(step.error)


def test_a_key_that_does_not_exist(cloud: Cloud) -> None:
    """A typing error in the map makes no key."""
    cloud.map(key={"arn": f"arn:aws:kms:us-east-1:{SHARED}:key/1234abcd-12ab-34cd-56ef-1234567890ab"})
    (step,) = plan(cloud.resources("shared/key")).steps
    assert isinstance(step.error, NotReady)
    assert "does not exist" in step.error.message


def test_a_project_that_has_a_key_of_its_own(cloud: Cloud) -> None:
    """What is in the bucket is encrypted with it: the other key is not put in its place."""
    cloud.apply(*both(cloud))
    theirs(cloud)
    cloud.forget()
    (failure,) = cloud.attempt(*cloud.resources("shared/key")).failures
    assert isinstance(failure.error, XacctError)
    assert "the project has one of its own" in failure.error.message
    assert cloud.writes == []


def test_made_by_the_run_itself_the_alias_is_created(cloud: Cloud) -> None:
    """The key claims it, and it is told as what it is."""
    outcomes = cloud.apply(*both(cloud)).outcomes
    assert [outcome for outcome in outcomes.values() if isinstance(outcome, Done) and outcome.changes is None] == list(
        outcomes.values()
    )
