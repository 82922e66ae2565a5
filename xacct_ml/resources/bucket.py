"""The shared S3 bucket with all its settings.

Every call names the expected owner: a bucket's name is global, and somebody else may take one that was deleted
(S3 User Guide, bucket-owner-condition) [D].
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.aws.retry import eventually, propagating
from xacct_ml.aws.together import together
from xacct_ml.engine.resource import NotOurs, Outputs, State
from xacct_ml.resources.base import AwsResource, tag_list, tag_map
from xacct_ml.resources.bucket_contents import empty
from xacct_ml.resources.policy_document import normalise

_UNSET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
_SETTINGS = (
    "get_bucket_ownership_controls",
    "get_public_access_block",
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_bucket_policy",
    "get_bucket_notification_configuration",
)
NO_LOCATION_CONSTRAINT = "us-east-1"
"""The one region whose buckets must be created without naming it [B]."""


@dataclass(frozen=True, kw_only=True)
class BucketSettings:
    """The documents of one bucket, as the Put… calls take them."""

    ownership: Mapping[str, Any]
    public_access_block: Mapping[str, Any]
    encryption: Mapping[str, Any]
    lifecycle: Mapping[str, Any]
    policy: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Bucket(AwsResource):
    """``settings`` gives the documents for the key's ARN."""

    region: str
    settings: Callable[[str], BucketSettings]
    kind = "S3 bucket"

    def desired(self, outputs: Outputs) -> State:
        settings = self.settings(self.key_arn(outputs))
        return {
            "tags": dict(self.tags),
            "ownership": dict(settings.ownership),
            "public_access_block": dict(settings.public_access_block),
            "versioning": "Enabled",
            "encryption": _encryption(settings.encryption),
            "lifecycle": _lifecycle(settings.lifecycle),
            "policy": normalise(settings.policy),
            "eventbridge": True,
        }

    def observe(self, outputs: Outputs) -> State | None:  # noqa: ARG002
        if not self._exists():
            return None
        tags = self._setting("get_bucket_tagging")
        observed: dict[str, Any] = {"tags": tag_map(tags["TagSet"]) if tags else {}}
        if self.owns(observed):
            ownership, block, versioning, encryption, lifecycle, policy, events = together(
                [partial(self._setting, call) for call in _SETTINGS]
            )
            observed |= {
                "ownership": ownership and ownership["OwnershipControls"],
                "public_access_block": block and block["PublicAccessBlockConfiguration"],
                "versioning": (versioning or {}).get("Status", "Disabled"),
                "encryption": encryption and _encryption(encryption["ServerSideEncryptionConfiguration"]),
                "lifecycle": lifecycle and _lifecycle(lifecycle),
                "policy": policy and normalise(policy["Policy"]),
                "eventbridge": events is not None and "EventBridgeConfiguration" in events,
            }
        return observed

    def make(self, outputs: Outputs) -> None:
        s3 = self.client("s3")
        # With the tags: a run that ends right after this call must find the bucket to be its own.
        configuration: dict[str, Any] = {"Tags": tag_list(self.tags)}
        if self.region != NO_LOCATION_CONSTRAINT:
            configuration["LocationConstraint"] = self.region
        try:
            eventually(
                lambda: s3.create_bucket(
                    Bucket=self.name,
                    CreateBucketConfiguration=configuration,
                    ObjectOwnership="BucketOwnerEnforced",
                ),
                propagating("s3"),
                self.clock,
            )
        except ClientError as error:
            if code_of(error) == "BucketAlreadyExists":
                raise self._taken() from error
            raise
        for member, write in self._writers(outputs).items():
            if member != "ownership":  # was set with the call above
                eventually(write, propagating("s3"), self.clock)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        for member, write in self._writers(outputs).items():
            if observed[member] != desired[member]:
                eventually(write, propagating("s3"), self.clock)

    def remove(self, observed: State) -> None:  # noqa: ARG002
        """With everything in it: all versions, delete markers and unfinished uploads."""
        s3 = self.client("s3")
        empty(s3, self.name, self.account)
        s3.delete_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)

    def _writers(self, outputs: Outputs) -> dict[str, Callable[[], object]]:
        """One call per member of the state. The policy comes last: it ends what is open until then."""
        settings, put = self.settings(self.key_arn(outputs)), self._put
        return {
            "tags": lambda: put("tagging", Tagging={"TagSet": tag_list(self.tags)}),
            "ownership": lambda: put("ownership_controls", OwnershipControls=settings.ownership),
            "public_access_block": lambda: self.client("s3").put_public_access_block(
                Bucket=self.name,
                ExpectedBucketOwner=self.account,
                PublicAccessBlockConfiguration=settings.public_access_block,
            ),
            "versioning": lambda: put("versioning", VersioningConfiguration={"Status": "Enabled"}),
            "encryption": lambda: put("encryption", ServerSideEncryptionConfiguration=settings.encryption),
            "lifecycle": lambda: put("lifecycle_configuration", LifecycleConfiguration=settings.lifecycle),
            "eventbridge": self._enable_eventbridge,
            "policy": lambda: put("policy", Policy=json.dumps(settings.policy)),
        }

    def _put(self, what: str, **document: Any) -> object:
        call: Callable[..., object] = getattr(self.client("s3"), f"put_bucket_{what}")
        return call(Bucket=self.name, ExpectedBucketOwner=self.account, **document)

    def _enable_eventbridge(self) -> object:
        """The other notifications stay: this call would replace them."""
        present = self._setting("get_bucket_notification_configuration") or {}
        present.pop("ResponseMetadata", None)
        return self._put(
            "notification_configuration", NotificationConfiguration={**present, "EventBridgeConfiguration": {}}
        )

    def _exists(self) -> bool:
        try:
            self.client("s3").head_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if code_of(error) in ("404", "NoSuchBucket"):
                return False
            if code_of(error) in DENIED:
                raise self._taken() from error
            raise
        return True

    def _setting(self, call: str) -> dict[str, Any] | None:
        """One setting; None where it was never made."""
        try:
            setting: dict[str, Any] = getattr(self.client("s3"), call)(
                Bucket=self.name, ExpectedBucketOwner=self.account
            )
        except ClientError as error:
            if code_of(error) in _UNSET:
                return None
            raise
        return setting

    def _taken(self) -> NotOurs:
        return NotOurs(
            f"S3 bucket {self.name} belongs to another account, or its policy shuts account {self.account} out",
            next_step="set another bucket.name in the map: names of buckets are shared by all of AWS",
        )


def _encryption(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Without what S3 fills in by itself (``BlockedEncryptionTypes`` on newer buckets [B])."""
    rule = configuration["Rules"][0]
    return {
        **rule["ApplyServerSideEncryptionByDefault"],
        "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
    }


def _lifecycle(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The rules by id. An empty filter, one with an empty prefix and none mean the same: every object [D]."""
    rules = {}
    for rule in configuration["Rules"]:
        prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
        members = {key: value for key, value in rule.items() if key not in ("ID", "Filter", "Prefix")}
        more = {key: value for key, value in rule.get("Filter", {}).items() if key != "Prefix"}
        rules[rule["ID"]] = {**members, "Prefix": prefix, **({"Filter": more} if more else {})}
    return rules
