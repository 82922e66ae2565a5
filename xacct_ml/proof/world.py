"""The documents that a map would deploy, as a policy store."""

from __future__ import annotations

from xacct_ml.access.documents_store import DocumentStore, RolePolicies
from xacct_ml.access.policy import Policy
from xacct_ml.config.model import Config
from xacct_ml.documents.bucket import bucket_policy
from xacct_ml.documents.key import key_policy
from xacct_ml.documents.operator import policies as operator_policies
from xacct_ml.documents.roles import roles
from xacct_ml.naming import Names

KEY_DOCUMENT = "key policy"
BUCKET_DOCUMENT = "bucket policy"


def documents_store(config: Config, key_arn: str) -> DocumentStore:
    """Roles, key and bucket as rendered, and the shared account's operator under the rendered operator policies."""
    names = Names(config)
    made = {
        role.arn: RolePolicies(
            trust=Policy.parse(role.trust, f"trust of {role.name}"),
            identity=tuple(
                Policy.parse(document, f"{role.name}/{policy_name}") for policy_name, document in role.policies.items()
            ),
            boundary=None,
        )
        for role in roles(config, key_arn)
    }
    operator = config.accounts.shared.role_arn
    operators = (
        {}
        if operator is None
        else {
            operator: tuple(
                Policy.parse(document, f"operator/{policy_name}")
                for policy_name, document in operator_policies(config)[names.shared].items()
            )
        }
    )
    return DocumentStore(
        roles=made,
        keys={key_arn: Policy.parse(key_policy(config), KEY_DOCUMENT)},
        buckets={names.bucket_arn: Policy.parse(bucket_policy(config, key_arn), BUCKET_DOCUMENT)},
        principals=operators,
    )
