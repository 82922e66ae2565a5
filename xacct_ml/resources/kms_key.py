"""The shared customer managed KMS key.

A key has no name: how it is found is :mod:`~xacct_ml.resources.kms_key_search`. CreateKey with tags is one call, so
there is never a key of ours without them.

A key that the map names by its ARN is an :class:`~xacct_ml.resources.adopted_key.AdoptedKey`."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from xacct_ml.aws.concurrently import both
from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.engine.progress import note
from xacct_ml.engine.resource import Kept, Outputs, State
from xacct_ml.errors import XacctError
from xacct_ml.resources import policy_document
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.kms_key_search import PENDING_DELETION, Found, by_alias, by_tag, wait_for_alias
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Place, Rights, anything
from xacct_ml.resources.tags import Tagging, tag_list
from xacct_ml.system import thing as things
from xacct_ml.system.names import ADOPTED_TAG, KEEP_TAG, PROJECT_TAG
from xacct_ml.system.statements import Conditions
from xacct_ml.system.storage import KEY

ENABLED = "Enabled"
_WRONG_STATE = "KMSInvalidStateException"
LOCK_OUT = "will not allow you to update the key policy in the future"
"""What CreateKey and PutKeyPolicy say where who calls could not change the policy afterwards; also where the policy
leaves that to IAM, which does not allow it (aws-solutions/innovation-sandbox-on-aws #31) [C]."""
WITH_ALIAS = "with its alias"
"""Value of the adopted tag of a key that had the project's alias before."""


def its_key(place: Place) -> str:
    """The key of the thing's region; in a production account, that of what is captured there."""
    target = place.names.target_at(place.account, place.region)
    return place.keys[place.region or place.names.region] if target is None else place.keys.of_captured(target.name)


def _every_key(place: Place) -> str:
    """All keys of the thing's account and region: nobody knows a key's id before it exists."""
    return place.names.arn("kms", place.account, "key/*", region=place.region)


def _is_made(place: Place) -> bool:
    return not place.thing.adopted


def _tagging_ours(place: Place) -> Conditions:
    """Where a call makes a key with our tag."""
    return {"StringEquals": {f"aws:RequestTag/{PROJECT_TAG}": place.names.project}}


def _tagging_new(place: Place) -> Conditions:
    """Where a call gives our tag to a key that no project has."""
    return {**_tagging_ours(place), "Null": {f"aws:ResourceTag/{PROJECT_TAG}": "true"}}


def _its_alias(place: Place) -> str:
    return place.names.arn("kms", place.account, place.thing.name, region=place.region)


@dataclass(frozen=True, kw_only=True)
class KmsKey(Driver[things.Key]):
    """``name`` is the alias (``alias/…``); the alias itself is :class:`~xacct_ml.resources.kms_alias.KmsAlias`.

    ``claimed`` is set once this run has made key and alias, ``evidence_left`` where the bucket was not deleted."""

    claimed: Event = field(default_factory=Event)
    evidence_left: Event = field(default_factory=Event)
    kind = "KMS key"
    released = "adopted, so it stays; our statements in its policy and our tags were taken out"
    tagging = Tagging("kms", "KeyId", form=partial(tag_list, key="TagKey", value="TagValue"))
    rights: ClassVar[tuple[Rights, ...]] = (
        # Of the key that does not exist yet nothing is known: no id, and its tags take up to five minutes to count (KMS
        # Developer Guide, tag-authorization). It is tagged in the call that makes it, which asks TagResource of key/*.
        # So nothing here may do harm to another key, and no right anywhere follows from a tag or an alias.
        Rights("first-run/CreateKey", "kms: CreateKey", on=(anything,), condition=_tagging_ours, needed=_is_made),
        Rights("first-run/TagNewKey", "kms: TagResource", on=(_every_key,), condition=_tagging_new, needed=_is_made),
        Rights(
            "first-run/FinishNewKey",
            "kms: CreateAlias DescribeKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags",
            on=(_every_key,),
            needed=_is_made,
        ),
        Rights("key/FindKey", "kms: ListAliases ListKeys", on=(anything,)),
        Rights(
            "key/ManageKey",
            "kms: CancelKeyDeletion CreateAlias DescribeKey EnableKey EnableKeyRotation GetKeyPolicy "
            "GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource "
            "UpdateKeyDescription",
            on=(its_key,),
        ),
        Rights("key/ManageAlias", "kms: CreateAlias", on=(_its_alias,)),
    )

    def desired(self, outputs: Outputs) -> State:
        return {
            "arn": self.key_arn(outputs),
            "state": ENABLED,
            "description": self.thing.description,
            "rotation": True,
            "policy": normalise(self.thing.policy),
            "tags": self.wanted_tags,
        }

    def observe(self, outputs: Outputs) -> State | None:
        kms = self.client("kms")
        found = by_alias(kms, self.name) or self._by_tag()
        if found is None:
            return None
        key, metadata = found.metadata["KeyId"], found.metadata
        observed: dict[str, Any] = {
            "arn": metadata["Arn"],
            "state": metadata["KeyState"],
            "description": metadata["Description"],
            "tags": found.tags,
        }
        if self.owns(observed):
            # Waiting for its deletion it has no rotation status (KMS: key-state) [D]; an adopted one's is not ours.
            rotates = metadata["KeyState"] != PENDING_DELETION and ADOPTED_TAG not in found.tags
            policy, rotation = both(
                lambda: kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
                lambda: rotates and kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
            )
            observed |= {"rotation": rotation, "policy": normalise(policy)}
        return observed

    def make(self, outputs: Outputs) -> None:
        """The alias decides which key is the project's where two runs make one at the same time: the other key is
        scheduled for deletion at once, before anything was encrypted with it.

        Raises CreateAlias's ClientError then, so that the key of the other run is continued with."""
        kms = self.client("kms")
        try:
            key = self._create(kms)
        except ClientError as error:
            if LOCK_OUT not in error.response["Error"].get("Message", ""):
                raise
            # KMS asks whether this operator may change the policy of a key that does not exist yet. The key's policy
            # leaves that to the account's IAM, so it would need a right on every key, which render gives nobody. The
            # account can change the policy whoever makes the key.
            key = self._create(kms, BypassPolicyLockoutSafetyCheck=True)
        try:
            self.eventually("kms", kms.create_alias, AliasName=self.name, TargetKeyId=key)
        except ClientError as error:
            if code_of(error) != "AlreadyExistsException":
                raise
            if wait_for_alias(kms, self.name, self.clock) != key:
                self._give_up(kms, key)
                raise
        self.claimed.set()
        self.eventually("kms", kms.enable_key_rotation, KeyId=key)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        kms, key = self.client("kms"), key_id(observed["arn"])
        if observed["state"] == PENDING_DELETION:
            # Leaves it disabled [B]; the old objects become readable again.
            _unless_done(kms, key, lambda: kms.cancel_key_deletion(KeyId=key), pending=False)
        if observed["state"] != ENABLED:
            kms.enable_key(KeyId=key)
        if differs(observed, desired, "policy"):
            self.eventually(
                "kms", kms.put_key_policy, KeyId=key, PolicyName="default", Policy=json.dumps(self.thing.policy)
            )
        if differs(observed, desired, "description"):
            kms.update_key_description(KeyId=key, Description=self.thing.description)
        if differs(observed, desired, "rotation"):
            kms.enable_key_rotation(KeyId=key)

    def tagged(self, observed: State) -> str:
        return key_id(observed["arn"])

    def check(self, observed: State | None) -> None:
        """Also says where the key would be given up that objects in an adopted bucket are encrypted with."""
        super().check(observed)
        needed_by = None if observed is None else observed["tags"].get(KEEP_TAG)
        if needed_by not in (None, self.tags.get(KEEP_TAG)):
            raise XacctError(
                f"{self.kind} {self.name} in account {self.account} encrypts what is in the adopted {needed_by}, "
                "but the map does not adopt that any more",
                next_step="put the bucket back into the map's `adopt`; "
                f"or, if teardown may delete the key, take its tag {KEEP_TAG} off",
            )

    def how_to_adopt(self, observed: State | None) -> str | None:
        """Keys of other regions, and of what is captured, are made."""
        return None if observed is None or self.id != KEY else line_for(observed["arn"])

    def take_out(self, observed: State) -> None:
        """Our statements. They stay where there are no others: a key without any could not be administered again."""
        kms, key = self.client("kms"), key_id(observed["arn"])
        document = policy_document.parsed(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        rest = policy_document.others(document)
        if rest["Statement"] and rest != document:
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(rest))

    def remove(self, observed: State) -> None:
        """Schedules the deletion. Raises Kept: a key stays, unusable, until its window has passed; or usable, where an
        adopted bucket stays with objects that are encrypted with it."""
        if (needed_by := observed["tags"].get(KEEP_TAG)) is not None:
            raise Kept(f"usable: what is in the adopted {needed_by} is encrypted with it")
        if self.evidence_left.is_set():
            raise Kept("usable: the evidence in the bucket is encrypted with it")
        kms, key = self.client("kms"), key_id(observed["arn"])
        if observed["state"] != PENDING_DELETION:
            self._schedule_deletion(kms, key)
        date = kms.describe_key(KeyId=key)["KeyMetadata"].get("DeletionDate")
        when = f"on {date:%Y-%m-%d}" if date else f"in {self.thing.deletion_window_days} days"
        raise Kept(f"unusable, AWS deletes it {when}; bootstrap before then brings it back")

    def publish(self, observed: State) -> Outputs:
        return {self.key_output: observed["arn"]}

    def _create(self, kms: Any, **more: Any) -> str:
        """The id of the new key."""
        made = self.eventually(
            "kms",
            kms.create_key,
            Description=self.thing.description,
            Policy=json.dumps(self.thing.policy),
            Tags=tag_list(self.tags, "TagKey", "TagValue"),
            **more,
        )
        return str(made["KeyMetadata"]["KeyId"])

    def _by_tag(self) -> Found | None:
        return by_tag(self.client("kms"), lambda tags: self.owns({"tags": tags}))

    def _give_up(self, kms: Any, key: str) -> None:
        """Another run's key has the alias. Who may delete no key but the project's leaves that to others."""
        made = f"another run made the project's key at the same time; key {key}, made here, was never used and is "
        try:
            self._schedule_deletion(kms, key)
        except ClientError as error:
            if code_of(error) not in DENIED:
                raise
            note(
                f"{made}left: an administrator of account {self.account} can delete it with "
                f"aws kms schedule-key-deletion --key-id {key}"
            )
            return
        note(f"{made}deleted in {self.thing.deletion_window_days} days")

    def _schedule_deletion(self, kms: Any, key: str) -> None:
        days = self.thing.deletion_window_days
        _unless_done(kms, key, lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days), pending=True)


def _unless_done(kms: Any, key: str, call: Callable[[], Any], *, pending: bool) -> None:
    """``call()``, which begins or cancels the key's deletion; fine where that was done already.

    An answer that was lost is asked for again, and another run may do the same: KMS refuses the second time (KMS
    Developer Guide, key-state) [D]."""
    try:
        call()
    except ClientError as error:
        if code_of(error) != _WRONG_STATE:
            raise
        state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        if (state == PENDING_DELETION) is not pending:
            raise


def line_for(arn: str) -> str:
    """What the map has to say to use a key."""
    return f"key: {{arn: {arn}}}"


def key_id(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
