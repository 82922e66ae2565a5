"""The key: found by alias or tag, brought back, kept until its window has passed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.aws.client_errors import client_error
from tests.configs import SHARED
from tests.resources.cloud import Cloud
from xacct_ml.engine.apply import apply
from xacct_ml.engine.events import Done, Event, KeptBack, Noted


def kms(cloud: Cloud) -> Any:
    return cloud.client(SHARED, "kms")


def keys(cloud: Cloud) -> list[str]:
    return [key["KeyId"] for key in kms(cloud).list_keys()["Keys"]]


def test_a_key_without_its_alias_is_found_by_its_tag(cloud: Cloud) -> None:
    """A run that ended between CreateKey and CreateAlias does not lead to a second key."""
    cloud.apply(*cloud.resources("shared/key"))
    cloud.apply(*cloud.resources("shared/key", "shared/alias"))
    assert len(keys(cloud)) == 1


def test_the_alias_wins_over_the_tag(cloud: Cloud) -> None:
    """With two keys of the project, the one that the alias names is the one."""
    cloud.apply(*cloud.resources("shared/key", "shared/alias"))
    first = cloud.observe("shared/key")["arn"]
    kms(cloud).create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in cloud.names.tags.items()])
    assert cloud.observe("shared/key")["arn"] == first


def test_an_alias_that_points_to_another_of_our_keys_is_moved(cloud: Cloud) -> None:
    """As where two runs made a key each, and the alias was given to the other one's after it was looked at."""
    cloud.apply(*cloud.resources("shared/key", "shared/alias"))
    tags = [{"TagKey": "xacct-ml:project", "TagValue": "churn"}]
    other = kms(cloud).create_key(Tags=tags)["KeyMetadata"]
    (alias,) = cloud.resources("shared/alias")
    outputs = {"key_arn": other["Arn"]}
    observed = alias.read(outputs)
    assert observed is not None
    alias.update(alias.desired(outputs), observed, outputs)
    (moved,) = kms(cloud).list_aliases(KeyId=other["KeyId"])["Aliases"]
    assert moved["AliasName"] == "alias/churn"


def test_a_key_that_was_never_used_is_not_taken_for_the_one_that_was(cloud: Cloud) -> None:
    """One that lost a race stays where its maker may delete none: after teardown it is not the key that comes back, and
    of two that are there without alias it is not the one that teardown deletes."""
    everything = cloud.resources("shared/key", "shared/alias")
    kms(cloud).create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in cloud.names.tags.items()])
    used = kms(cloud).create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in cloud.names.tags.items()])
    used_arn = used["KeyMetadata"]["Arn"]
    kms(cloud).enable_key_rotation(KeyId=used_arn)
    assert cloud.observe("shared/key")["arn"] == used_arn
    cloud.destroy(*everything)
    assert cloud.observe("shared/key") == {**cloud.observe("shared/key"), "arn": used_arn, "state": "PendingDeletion"}
    cloud.apply(*everything)
    assert cloud.observe("shared/key") == {**cloud.observe("shared/key"), "arn": used_arn, "state": "Enabled"}


def test_keys_of_others_are_not_taken(cloud: Cloud) -> None:
    """Without alias and without our tag a key is none of ours."""
    kms(cloud).create_key(Tags=[{"TagKey": "team", "TagValue": "x"}])
    assert cloud.observe("shared/key") is None


def test_teardown_and_bootstrap_bring_the_same_key_back(cloud: Cloud) -> None:
    """The alias is gone, the key waits for its deletion: cancelled and enabled, old objects stay readable."""
    everything = cloud.resources("shared/key", "shared/alias")
    cloud.apply(*everything)
    arn = cloud.observe("shared/key")["arn"]
    kept = cloud.destroy(*everything).outcomes["shared/key"]
    assert isinstance(kept, KeptBack)
    assert "AWS deletes it on 20" in kept.reason
    report = cloud.apply(*everything)
    assert isinstance(report.outcomes["shared/key"], Done)
    assert cloud.observe("shared/key")["arn"] == arn
    assert len(keys(cloud)) == 1


def test_a_deletion_whose_answer_was_lost_is_done(cloud: Cloud) -> None:
    """Asked for again, KMS refuses because of the state that was wanted; the same when it is brought back."""
    real = kms(cloud)
    (key,) = cloud.resources("shared/key")
    cloud.apply(key)

    class Lost:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def schedule_key_deletion(self, **request: Any) -> Any:
            real.schedule_key_deletion(**request)
            raise client_error("KMSInvalidStateException", "the key is pending deletion")

        def cancel_key_deletion(self, **request: Any) -> Any:
            real.cancel_key_deletion(**request)
            raise client_error("KMSInvalidStateException", "the key is not pending deletion")

    cloud.replaced["kms"] = Lost()
    assert isinstance(cloud.destroy(key).outcomes["shared/key"], KeptBack)
    assert isinstance(cloud.apply(key).outcomes["shared/key"], Done)
    assert cloud.observe("shared/key")["state"] == "Enabled"


def test_the_deletion_window_is_the_maps(cloud: Cloud) -> None:
    """Seven days asked for, about seven days given."""
    (key,) = cloud.resources("shared/key")
    cloud.apply(key)
    cloud.destroy(replace(key, thing=replace(key.thing, deletion_window_days=7)))
    metadata = kms(cloud).describe_key(KeyId=keys(cloud)[0])["KeyMetadata"]
    assert metadata["KeyState"] == "PendingDeletion"
    assert (metadata["DeletionDate"] - metadata["CreationDate"]).days in (6, 7)


def test_the_policy_is_the_documents(cloud: Cloud) -> None:
    """What KMS has is what was rendered."""
    (key,) = cloud.resources("shared/key")
    cloud.apply(key)
    policy = kms(cloud).get_key_policy(KeyId=keys(cloud)[0], PolicyName="default")["Policy"]
    assert json.loads(policy) == key.thing.policy


def test_a_principal_that_is_not_known_yet_is_waited_for(cloud: Cloud) -> None:
    """KMS refuses a policy that names somebody created a moment ago; a few seconds later it takes it."""
    refusals = [
        client_error("MalformedPolicyDocumentException", "Policy contains … one or more invalid principals.")
    ] * 3

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def create_key(self, **request: Any) -> Any:
            if refusals:
                raise refusals.pop()
            return real.create_key(**request)

    real = kms(cloud)
    cloud.replaced["kms"] = Late()
    cloud.apply(*cloud.resources("shared/key"))
    assert len(keys(cloud)) == 1
    assert cloud.clock.now() >= 1 + 2 + 4


def test_a_key_that_lost_the_race_for_the_alias_is_deleted_and_told(cloud: Cloud) -> None:
    """Another run was faster, and then died: what its key lacks is done by this one."""
    real = kms(cloud)
    made: list[str] = []

    class Raced:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def create_key(self, **request: Any) -> Any:
            if not made:
                made.append(real.create_key(**request)["KeyMetadata"]["KeyId"])
                real.create_alias(AliasName=cloud.names.key_alias, TargetKeyId=made[0])
            return real.create_key(**request)

    cloud.replaced["kms"] = Raced()
    events: list[Event] = []
    apply(cloud.resources("shared/key"), events.append, clock=cloud.clock).raise_failures()
    (lost,) = (key for key in keys(cloud) if key != made[0])
    assert real.describe_key(KeyId=lost)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert cloud.observe("shared/key")["arn"].endswith(made[0])
    (told,) = (event.text for event in events if isinstance(event, Noted))
    assert lost in told
    assert "never used" in told


@pytest.mark.parametrize("state", ["Enabled", "Disabled"])
def test_the_arn_is_published(cloud: Cloud, state: str) -> None:
    """Dependents get the ARN whatever the key's state."""
    (key,) = cloud.resources("shared/key")
    cloud.apply(key)
    if state == "Disabled":
        kms(cloud).disable_key(KeyId=keys(cloud)[0])
    assert key.publish(key.read({}))["key_arn"].endswith(f":{SHARED}:key/{keys(cloud)[0]}")


@pytest.mark.parametrize("strict", [True, False])
def test_a_key_is_made_by_who_may_not_change_every_keys_policy(cloud: Cloud, strict: bool) -> None:
    """KMS's check counts IAM's rights too (aws-solutions/innovation-sandbox-on-aws #31), and nobody has PutKeyPolicy on
    keys that do not exist; where the check cannot be left out, its sentence and the right stand in the error."""
    real, asked = cloud.client(SHARED, "kms"), []

    class Checking:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def create_key(self, **request: Any) -> Any:
            asked.append(request.pop("BypassPolicyLockoutSafetyCheck", False))
            if not asked[-1] or strict:
                said = "The new key policy will not allow you to update the key policy in the future."
                raise client_error("MalformedPolicyDocumentException", said, call="kms:CreateKey", account=SHARED)
            return real.create_key(**request)

    cloud.replaced["kms"] = Checking()
    report = cloud.attempt(*cloud.resources("shared/key"))
    assert asked == [False, True]
    assert report.ok is not strict
    if strict:
        (failure,) = report.failures
        assert "kms:PutKeyPolicy" in str(failure.error.next_step)
