"""The alias of the shared key: how people and the next run find it."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import AwsResource
from xacct_ml.resources.kms_key import alias_target, tags_of


@dataclass(frozen=True, kw_only=True)
class KmsAlias(AwsResource):
    """``name`` begins with ``alias/``. An alias has no tags: it is ours if the key it points to is."""

    kind = "KMS alias"

    def desired(self, outputs: Outputs) -> State:
        return {"key": self.key_arn(outputs)}

    def observe(self, outputs: Outputs) -> State | None:  # noqa: ARG002
        kms = self.client("kms")
        target = alias_target(kms, self.name)
        if target is None:
            return None
        if not self.owns({"tags": tags_of(kms, target)}):
            raise self.not_ours()
        return {"key": kms.describe_key(KeyId=target)["KeyMetadata"]["Arn"]}

    def owns(self, observed: State) -> bool:
        return "tags" not in observed or super().owns(observed)

    def make(self, outputs: Outputs) -> None:
        self.client("kms").create_alias(AliasName=self.name, TargetKeyId=_key_id(self.key_arn(outputs)))

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:  # noqa: ARG002
        self.client("kms").update_alias(AliasName=self.name, TargetKeyId=_key_id(self.key_arn(outputs)))

    def remove(self, observed: State) -> None:  # noqa: ARG002
        self.client("kms").delete_alias(AliasName=self.name)


def _key_id(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
