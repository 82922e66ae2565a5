"""An S3 bucket that was there before: ours are the settings that the pipeline needs and our statements in its policy.

Its lifecycle rules, its other statements, notifications and tags and whatever is in it are its owner's. How the
settings were found is kept in the adopted tag (:mod:`~xacct_ml.resources.bucket_found`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources import bucket_found, policy_document
from xacct_ml.resources.bucket import Bucket
from xacct_ml.resources.policy_document import normalise


@dataclass(frozen=True, kw_only=True)
class AdoptedBucket(Bucket):
    of_adopted = True

    def desired(self, outputs: Outputs) -> State:
        return _without_lifecycle(super().desired(outputs))

    def observe(self, outputs: Outputs) -> State | None:
        observed = super().observe(outputs)
        return None if observed is None else _without_lifecycle(observed)

    def as_found(self, observed: State) -> str:
        return bucket_found.as_tag(observed)

    def _seen_policy(self, text: str) -> dict[str, Any]:
        return normalise(policy_document.ours(policy_document.parsed(text)))

    def _put_policy(self, policy: Mapping[str, Any]) -> None:
        """Merged into the policy as it is now: others may have changed it since it was read."""
        answer = self._setting("get_bucket_policy")
        present = {"Version": policy["Version"]} if answer is None else policy_document.parsed(answer["Policy"])
        super()._put_policy(policy_document.merged(present, policy))


def _without_lifecycle(state: State) -> State:
    """Our rule would let old versions of the owner's objects expire."""
    return {member: value for member, value in state.items() if member != "lifecycle"}
