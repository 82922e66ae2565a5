"""Every role of the project: who may assume it and what it may do, one module per account.

Rights and their sources: CodePipeline User Guide (security-iam, pipelines-create-cross-account), Step Functions
Developer Guide (sagemaker-iam, procedure-create-iam-role), SageMaker Developer Guide (sagemaker-roles,
security-confused-deputy-prevention). Each right is listed again, with its source, as a hop in
:mod:`xacct_ml.proof`."""

from xacct_ml.config.model import Config
from xacct_ml.system.batch import batch_role
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import action_rights
from xacct_ml.system.production_roles import production_roles
from xacct_ml.system.shared_roles import shared_roles
from xacct_ml.system.source_roles import source_roles
from xacct_ml.system.thing import Role
from xacct_ml.system.training_roles import training_roles


def roles(config: Config, keys: Keys) -> tuple[Role, ...]:
    """All roles, shared account first, then the source account's, production targets in the map's order."""
    names, rights = Names(config), action_rights(config, keys)
    return (
        *shared_roles(names, keys, rights),
        *source_roles(names, rights),
        *training_roles(names, keys, rights),
        *(role for target in names.production for role in production_roles(names, target, keys, rights)),
        *batch_role(names, keys),
    )
