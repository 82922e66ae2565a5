"""Every role of the project: who may assume it and what it may do, one module per account.

Rights and their sources: CodePipeline User Guide (security-iam, pipelines-create-cross-account), Step Functions
Developer Guide (sagemaker-iam, procedure-create-iam-role), SageMaker Developer Guide (sagemaker-roles,
security-confused-deputy-prevention). Each right is listed again, with its source, as a hop in
:mod:`xacct_ml.proof`.
"""

from __future__ import annotations

from xacct_ml.config.model import Config
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.system.production_roles import production_roles
from xacct_ml.system.role import RoleDocument
from xacct_ml.system.shared_roles import shared_roles
from xacct_ml.system.source_roles import source_roles
from xacct_ml.system.training_roles import training_roles

__all__ = ["RoleDocument", "production_roles", "roles", "shared_roles", "source_roles", "training_roles"]


def roles(config: Config, key_arn: str, regional_keys: RegionalKeys | None = None) -> tuple[RoleDocument, ...]:
    """All roles, shared account first, then the source account's, production targets in the map's order.

    ``key_arn`` is the key of the pipeline's region; ``regional_keys`` the others', stand-ins by default.
    """
    names = Names(config)
    others = names.regional_keys() if regional_keys is None else regional_keys
    keys = {names.region: key_arn, **others}
    return (
        *shared_roles(names, key_arn, others),
        *source_roles(names, key_arn),
        *training_roles(names, key_arn),
        *(
            role
            for target in names.production
            for role in production_roles(names, target, keys[names.region_of(target)])
        ),
    )
