"""The shared S3 bucket with all its settings.

Every call names the expected owner: a bucket's name is global, and somebody else may take one that was deleted
(S3 User Guide, bucket-owner-condition) [D]."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import DENIED, absent_as_none, code_of, codes
from xacct_ml.engine.resource import Kept, NotOurs, Outputs, Resource, State
from xacct_ml.errors import NotReady
from xacct_ml.resources import bucket_found, policy_document
from xacct_ml.resources.base import Driver
from xacct_ml.resources.bucket_contents import RIGHTS as CONTENTS_RIGHTS
from xacct_ml.resources.bucket_contents import empty, empty_when_allowed
from xacct_ml.resources.bucket_settings import encryption_as_written, seen_encryption, seen_lifecycle
from xacct_ml.resources.kms_alias import KmsAlias
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.resources.tags import tag_list, tag_map
from xacct_ml.system import thing as things
from xacct_ml.system.bucket import DENY_DELETION
from xacct_ml.system.names import ADOPTED_TAG
from xacct_ml.system.storage import BUCKET

_UNSET = codes(
    "NoSuchBucketPolicy NoSuchLifecycleConfiguration NoSuchPublicAccessBlockConfiguration NoSuchTagSet "
    "OwnershipControlsNotFoundError ServerSideEncryptionConfigurationNotFoundError"
)
_READ = (
    "get_bucket_ownership_controls",
    "get_public_access_block",
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_bucket_policy",
    "get_bucket_notification_configuration",
)
_WRITE = {
    "ownership": ("put_bucket_ownership_controls", "OwnershipControls"),
    "public_access_block": ("put_public_access_block", "PublicAccessBlockConfiguration"),
    "versioning": ("put_bucket_versioning", "VersioningConfiguration"),
    "encryption": ("put_bucket_encryption", "ServerSideEncryptionConfiguration"),
    "lifecycle": ("put_bucket_lifecycle_configuration", "LifecycleConfiguration"),
    "eventbridge": ("put_bucket_notification_configuration", "NotificationConfiguration"),
    "policy": ("put_bucket_policy", "Policy"),
    "tags": ("put_bucket_tagging", "Tagging"),
}
"""Each member of the state: the call that writes it, and the parameter that its document is."""
_DELETE = {
    "ownership": "delete_bucket_ownership_controls",
    "public_access_block": "delete_public_access_block",
    "encryption": "delete_bucket_encryption",
    "policy": "delete_bucket_policy",
    "tags": "delete_bucket_tagging",
}
NO_LOCATION_CONSTRAINT = "us-east-1"
"""The one region whose buckets must be created without naming it [B]."""


def _own_refusal(error: ClientError) -> bool:
    """Whether S3 says which policy refused: it does so to the bucket's own account and organization alone (S3 User
    Guide, troubleshoot-403-errors) [D], and the organization's other accounts have no policy of the bucket for them."""
    said = str(error.response["Error"].get("Message", ""))
    return "is not authorized to perform" in said and "no resource-based policy" not in said


def _is_adopted(place: Place) -> bool:
    return bool(place.thing.adopted)


@dataclass(frozen=True, kw_only=True)
class Bucket(Driver[things.Bucket]):
    """What begins with one of ``keep`` stays when the bucket is deleted, and then the bucket does; ``evidence_left``
    tells its key."""

    keep: tuple[str, ...] = ()
    evidence_left: Event = field(default_factory=Event)
    kind = "S3 bucket"
    released = "adopted, so it stays with all that is in it; our policy statements, settings and tags were taken out"
    rights = (
        Rights(
            "bucket/Bucket",
            "s3: CreateBucket DeleteBucket GetBucketNotification GetBucketOwnershipControls GetBucketPolicy "
            "GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetEncryptionConfiguration "
            "GetLifecycleConfiguration ListBucket PutBucketNotification PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration TagResource",
        ),
        *CONTENTS_RIGHTS,
        # Of an adopted one, whose policy had nobody's statements before.
        Rights("adopted/AdoptBucket", "s3: DeleteBucketPolicy", needed=_is_adopted),
    )

    def desired(self, outputs: Outputs) -> State:
        settings = self.now(outputs)
        return {
            "tags": self.wanted_tags,
            "region": self.thing.region,
            "ownership": dict(settings.ownership),
            "public_access_block": dict(settings.public_access_block),
            "versioning": "Enabled",
            "encryption": seen_encryption(settings.encryption),
            "lifecycle": seen_lifecycle(settings.lifecycle),
            "policy": normalise(settings.policy),
            "eventbridge": True,
        }

    def observe(self, outputs: Outputs) -> State | None:
        head = self._head()
        if head is None:
            return None
        observed: dict[str, Any] = {
            "tags": tag_map(self._raw_tags()),
            "region": head.get("BucketRegion", self.thing.region),
        }
        if self.owns(observed):
            ownership, block, versioning, encryption, lifecycle, policy, events = concurrently(
                [partial(self._setting, call) for call in _READ]
            )
            observed |= {
                "ownership": ownership and ownership["OwnershipControls"],
                "public_access_block": block and block["PublicAccessBlockConfiguration"],
                "versioning": (versioning or {}).get("Status", "Disabled"),
                "encryption": encryption and seen_encryption(encryption["ServerSideEncryptionConfiguration"]),
                "lifecycle": lifecycle and seen_lifecycle(lifecycle),
                "policy": policy and self._seen_policy(policy["Policy"]),
                "eventbridge": events is not None and "EventBridgeConfiguration" in events,
            }
        return observed

    def check(self, observed: State | None) -> None:
        """Also says where the bucket lies in another region."""
        super().check(observed)
        if observed is not None and observed["region"] != self.thing.region:
            needed = "the map's region is" if self.region is None else "it is needed in"
            raise NotReady(
                f"S3 bucket {self.name} is in {observed['region']}, {needed} {self.thing.region}; "
                "the pipeline needs its bucket in its own region, and each other region's there",
                next_step=self._another_name,
            )

    def how_to_adopt(self, observed: State | None) -> str | None:
        """Buckets of other regions, which hold nothing but copies, and of what is captured are made."""
        return None if self.id != BUCKET else super().how_to_adopt(observed)

    def make(self, outputs: Outputs) -> None:
        s3 = self.client("s3")
        # With the tags: a run that ends right after this call must find the bucket to be its own.
        configuration: dict[str, Any] = {"Tags": tag_list(self.tags)}
        if self.thing.region != NO_LOCATION_CONSTRAINT:
            configuration["LocationConstraint"] = self.thing.region
        try:
            self.eventually(
                "s3",
                s3.create_bucket,
                Bucket=self.name,
                CreateBucketConfiguration=configuration,
                ObjectOwnership="BucketOwnerEnforced",
            )
        except ClientError as error:
            if code_of(error) == "BucketAlreadyExists":
                raise self._taken() from error
            raise
        self._put("tags", {"TagSet": tag_list(self.tags)})
        for member, document in self._documents(outputs).items():
            if member != "ownership":  # was set with the call above
                self.eventually("s3", self._write, member=member, document=document)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        for member, document in self._documents(outputs).items():
            if member in desired and observed[member] != desired[member]:
                self.eventually("s3", self._write, member=member, document=document)

    def write_tags(self, observed: State, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """All of a bucket's tags are written at once: those of others are read again and written back, AWS's own too,
        which nobody may remove ("System tags cannot be removed by requester", Terraform's provider [C])."""
        present = self._raw_tags()
        tags = {**{key: text for key, text in present.items() if key not in drop}, **put}
        if tags:
            self._put("tags", {"TagSet": tag_list(tags)})
        elif present:
            self._call(_DELETE["tags"])

    def take_out(self, observed: State) -> None:
        """Our statements, and our settings where they are still ours: what was found comes back. Nothing of what is in
        the bucket. The policy comes last: what was found of it may be what our public access block forbids."""
        wanted = {**self.desired({}), "encryption": observed["encryption"]}
        found = bucket_found.from_tag(self._raw_tags().get(ADOPTED_TAG, ""))
        for member, value in found.items():
            if observed[member] == wanted[member] and observed[member] != value:
                self._put_back(member, value)
        if (answer := self._setting("get_bucket_policy")) is not None:
            document = policy_document.parsed(answer["Policy"])
            rest = policy_document.others(document)
            if not rest["Statement"]:
                self._call(_DELETE["policy"])
            elif rest != document:
                self._put("policy", json.dumps(rest))

    def remove(self, observed: State) -> None:
        """With everything in it: all versions, delete markers and unfinished uploads.

        Raises Kept where evidence stays."""
        if not self.keep and self._allow_deletion():
            empty_when_allowed(self.client("s3"), self.name, self.account, self.clock)
        elif empty(self.client("s3"), self.name, self.account, self.keep):
            self.evidence_left.set()
            raise Kept(
                f"with {' and '.join(self.keep)} alone, which say what was judged and was served; "
                "xacct-ml teardown --delete-evidence deletes them"
            )
        self._call("delete_bucket")

    def holds(self, other: Resource) -> bool:
        """Its key, and the name that it is found by: without the key nobody can read what is in the bucket."""
        return other.kind in (KmsKey.kind, KmsAlias.kind) and other.account == self.account

    def _allow_deletion(self) -> bool:
        """Takes away what keeps everybody from deleting evidence; whether there was such a statement. One with a
        condition lets the map's operator."""
        answer = self._setting("get_bucket_policy")
        document = policy_document.parsed(answer["Policy"]) if answer else {"Statement": []}
        rest = [one for one in document["Statement"] if one.get("Sid") != DENY_DELETION or "Condition" in one]
        if rest == document["Statement"]:
            return False
        self._put("policy", json.dumps({**document, "Statement": rest}))
        return True

    def _documents(self, outputs: Outputs) -> dict[str, Any]:
        """What each member is written as. The policy comes last: it ends what is open until then."""
        now = self.now(outputs)
        return {
            "ownership": now.ownership,
            "public_access_block": now.public_access_block,
            "versioning": {"Status": "Enabled"},
            "encryption": now.encryption,
            "lifecycle": now.lifecycle,
            "eventbridge": {"EventBridgeConfiguration": {}},
            "policy": now.policy,
        }

    def _write(self, member: str, document: Any) -> None:
        if member == "policy":
            self._put_policy(document)
        elif member == "eventbridge":  # the other notifications stay: this call would replace them
            self._put(member, {**self._notifications(), **document})
        else:
            self._put(member, document)

    def _seen_policy(self, text: str) -> dict[str, Any]:
        return normalise(text)

    def _put_policy(self, policy: Mapping[str, Any]) -> None:
        self._put("policy", json.dumps(policy))

    def _raw_tags(self) -> dict[str, str]:
        """With AWS's own, such as those that CloudFormation gives."""
        tags = self._setting("get_bucket_tagging")
        return {tag["Key"]: tag["Value"] for tag in tags["TagSet"]} if tags else {}

    def _put(self, member: str, document: Any) -> None:
        call, parameter = _WRITE[member]
        self._call(call, **{parameter: document})

    def _call(self, name: str, **parameters: Any) -> Any:
        return getattr(self.client("s3"), name)(Bucket=self.name, ExpectedBucketOwner=self.account, **parameters)

    def _put_back(self, member: str, value: Any) -> None:
        """A setting as it was found; None where there was none. Versioning cannot be undone, only suspended (S3 User
        Guide, manage-versioning-examples) [D]."""
        if value is None:
            self._call(_DELETE[member])
            return
        match member:
            case "versioning":
                value = {"Status": "Suspended"}
            case "encryption":
                value = encryption_as_written(value)
            case "eventbridge":
                value = {key: one for key, one in self._notifications().items() if key != "EventBridgeConfiguration"}
        self._put(member, value)

    def _notifications(self) -> dict[str, Any]:
        present = self._setting("get_bucket_notification_configuration") or {}
        present.pop("ResponseMetadata", None)
        return present

    def _head(self) -> dict[str, Any] | None:
        """HeadBucket's answer, with the bucket's region [B]."""
        try:
            return absent_as_none(("404", "NoSuchBucket"), self._call, name="head_bucket")
        except ClientError as error:
            if code_of(error) in DENIED and not _own_refusal(error):
                raise self._taken() from error
            raise

    def _setting(self, call: str) -> dict[str, Any] | None:
        """One setting; None where it was never made."""
        return absent_as_none(_UNSET, self._call, name=call)

    @property
    def _another_name(self) -> str:
        if self.captures is None:
            return "set another bucket.name in the map"
        return "give another project, or take endpoint.capture out of the map"

    def _taken(self) -> NotOurs:
        return NotOurs(
            f"S3 bucket {self.name} belongs to another account, or its policy shuts account {self.account} out",
            next_step=f"{self._another_name}: names of buckets are shared by all of AWS",
        )
