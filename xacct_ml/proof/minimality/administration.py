"""What the operator does with the key itself, as hops: the key policy must allow it."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.proof.actions import service_actions
from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.system.names import PROJECT_TAG
from xacct_ml.system.operator import policies as operator_policies

OPERATOR_ROLE = "xacct-ml-operator"
"""Stands for whoever runs this tool in the shared account, where the map names no role."""

KEY_API = "Service Authorization Reference, AWS KMS"


def administration_hops(config: Config, send: Sender, operator: str) -> Iterator[Hop]:
    """Every KMS action of the operator's rendered policy that acts on a key, other than its use through S3."""
    names = send.names
    actions = {
        action
        for statement in operator_policies(config)[names.shared]["key"]["Statement"]
        if "kms:ViaService" not in statement.get("Condition", {}).get("StringEquals", {})
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    defined = service_actions().actions
    tags = {f"aws:{origin}Tag/{PROJECT_TAG}": names.project for origin in ("Resource", "Request")}
    for there in (send, *map(send.in_region, names.other_regions)):
        for action in sorted(actions):
            if "key" in defined[action.lower()].types:
                request = there.call(operator, action, there.key_arn, names.shared, tags)
                yield Hop("Bootstrap", f"The operator manages the key: {action}", request, KEY_API, Evidence.DOCUMENTED)
