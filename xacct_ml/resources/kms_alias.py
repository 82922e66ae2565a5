"""The alias of the shared key: how people and the next run find it."""

from dataclasses import dataclass, field
from threading import Event

from xacct_ml.engine.resource import Kept, Outputs, State
from xacct_ml.resources.base import Driver
from xacct_ml.resources.kms_key import WITH_ALIAS, its_key, key_id, line_for
from xacct_ml.resources.kms_key_search import alias_target, tags_of
from xacct_ml.resources.rights import Rights
from xacct_ml.system import thing as things
from xacct_ml.system.names import ADOPTED_TAG
from xacct_ml.system.storage import ALIAS

RIGHTS = {"adopted key": (Rights("adopted/AdoptKey", "kms: DeleteAlias"),)}
"""Deleting an alias asks its key, too."""


@dataclass(frozen=True, kw_only=True)
class KmsAlias(Driver[things.Alias]):
    """``name`` begins with ``alias/``. An alias has no tags: it is ours if the key it points to is.

    ``claimed`` is set by the key where its creation made the alias too; that is told as the alias's own creation."""

    claimed: Event
    evidence_left: Event = field(default_factory=Event)
    kind = "KMS alias"
    rights = (
        Rights("key/ManageKey", "kms: CreateAlias DeleteAlias DescribeKey UpdateAlias", on=(its_key,)),
        Rights("key/ManageAlias", "kms: CreateAlias DeleteAlias UpdateAlias"),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"key": self.key_arn(outputs)}

    def read(self, outputs: Outputs) -> State | None:
        return None if self.claimed.is_set() else super().read(outputs)

    def observe(self, outputs: Outputs) -> State | None:
        kms = self.client("kms")
        target = alias_target(kms, self.name)
        if target is None:
            return None
        tags, arn = tags_of(kms, target), kms.describe_key(KeyId=target)["KeyMetadata"]["Arn"]
        if arn != self.thing.adopted_key and not super().owns({"tags": tags}):
            raise self.not_ours({"key": arn, "tags": tags})
        return {"key": arn}

    def owns(self, observed: State) -> bool:
        """What ``observe`` returns is ours."""
        return True

    def how_to_adopt(self, observed: State | None) -> str | None:
        """Keys of other regions, and of what is captured, are made."""
        return None if observed is None or self.id != ALIAS else line_for(observed["key"])

    def make(self, outputs: Outputs) -> None:
        if self.claimed.is_set():
            self.claimed.clear()
            return
        self.client("kms").create_alias(AliasName=self.name, TargetKeyId=key_id(self.key_arn(outputs)))

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        self.client("kms").update_alias(AliasName=self.name, TargetKeyId=key_id(self.key_arn(outputs)))

    def remove(self, observed: State) -> None:
        """Raises Kept where the adopted key had it before."""
        kms = self.client("kms")
        tags = tags_of(kms, key_id(observed["key"]))
        if tags.get(ADOPTED_TAG) == WITH_ALIAS or not self.carries_our_tags(tags):
            raise Kept("the adopted key had it before, so it stays")
        if self.evidence_left.is_set():
            raise Kept("names the key of the evidence in the bucket")
        kms.delete_alias(AliasName=self.name)
