"""A KMS key that was there before, and that the map names by its ARN: it gets our statements and tags, nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from xacct_ml.aws.concurrently import both
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.resources import policy_document
from xacct_ml.resources.base import ADOPTED, differs
from xacct_ml.resources.kms_key import ENABLED, WITH_ALIAS, KmsKey, key_id, line_for
from xacct_ml.resources.kms_key_search import alias_target, tags_of
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Rights

_USABLE = {"manager": "CUSTOMER", "usage": "ENCRYPT_DECRYPT", "spec": "SYMMETRIC_DEFAULT", "state": ENABLED}
"""What S3 can encrypt with for roles of other accounts (S3 User Guide, UsingKMSEncryption; KMS, key types) [D]."""

_SAID = {"manager": "its manager", "usage": "its usage", "spec": "its type", "state": "its state"}
_MEMBER = {"manager": "KeyManager", "usage": "KeyUsage", "spec": "KeySpec", "state": "KeyState"}
"""Members of DescribeKey's ``KeyMetadata`` [B]."""


@dataclass(frozen=True, kw_only=True)
class AdoptedKey(KmsKey):
    """The key ``arn`` that was there before. Its other statements and tags, description and rotation stay as they are.

    It must be usable as the project's: customer managed, symmetric, for encryption, and enabled."""

    of_adopted = True
    rights: ClassVar[tuple[Rights, ...]] = (
        # It has no tag of ours yet, by which the rights on other keys are bound.
        Rights("adopted/AdoptKey", "kms: PutKeyPolicy TagResource UntagResource"),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"arn": self.arn, **_USABLE, "policy": normalise(self.thing.policy), "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        """Raises XacctError where the project has a key of its own already."""
        kms = self.client("kms")
        found = absent_as_none("NotFoundException", kms.describe_key, KeyId=self.arn)
        if found is None:
            return None
        metadata = found["KeyMetadata"]
        tags, target = both(lambda: self._tags(kms, metadata), lambda: alias_target(kms, self.name))
        if target is not None and target != metadata["KeyId"] and self.carries_our_tags(tags_of(kms, target)):
            raise XacctError(
                f"the map names a key in key.arn, but the project has one of its own: key {target}, alias {self.name}, "
                f"in account {self.account}",
                next_step="take key.arn out of the map; to change to another key, run xacct-ml teardown before",
            )
        usable = {member: str(metadata[given]) for member, given in _MEMBER.items()}
        observed: dict[str, Any] = {"arn": metadata["Arn"], "tags": tags, **usable}
        if self.owns(observed) and metadata["KeyManager"] == "CUSTOMER":
            document = policy_document.parsed(kms.get_key_policy(KeyId=self.arn, PolicyName="default")["Policy"])
            observed["policy"] = normalise(policy_document.ours(document))
        return observed

    def check(self, observed: State | None) -> None:
        super().check(observed)
        if observed is None:
            return
        for member, wanted in _USABLE.items():
            if observed[member] != wanted:
                raise NotReady(
                    f"the key {self.arn}, which the map names in key.arn, cannot be used: "
                    f"{_SAID[member]} is {observed[member]}, not {wanted}",
                    next_step="enable it" if member == "state" else "name another key in the map's key.arn",
                )

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """Merged into the policy as it is now: others may have changed it since it was read."""
        if not differs(observed, desired, "policy"):
            return
        kms = self.client("kms")
        document = policy_document.parsed(kms.get_key_policy(KeyId=self.arn, PolicyName="default")["Policy"])
        policy = json.dumps(policy_document.merged(document, self.thing.policy))
        self.eventually("kms", kms.put_key_policy, KeyId=self.arn, PolicyName="default", Policy=policy)

    def as_found(self, observed: State) -> str:
        return WITH_ALIAS if alias_target(self.client("kms"), self.name) == key_id(observed["arn"]) else ADOPTED

    def how_to_adopt(self, observed: State | None) -> str:
        return line_for(self.arn)

    @staticmethod
    def _tags(kms: Any, metadata: Mapping[str, Any]) -> dict[str, str]:
        """An AWS managed key's tags cannot be asked for by everybody; it has none that matter."""
        return tags_of(kms, metadata["KeyId"]) if metadata["KeyManager"] == "CUSTOMER" else {}
