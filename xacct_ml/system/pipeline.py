"""The pipelines: their stages, their actions, and their structures as CreatePipeline takes them. The one that trains is
here, the one that releases in :mod:`xacct_ml.system.release`.

No artifact passes between two accounts neither of which is the pipeline's (CodePipeline User Guide,
pipelines-create-cross-account) [D]: from training to production go variables only."""

from collections.abc import Iterable

from xacct_ml.config.model import Config
from xacct_ml.system.actions import cloudformation, lambda_judge, stepfunctions
from xacct_ml.system.actions.action import Rights, Stage
from xacct_ml.system.deployment import deployment
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.release import release_stages
from xacct_ml.system.sources import source
from xacct_ml.system.statements import Document, policy

PIPELINE = "shared/pipeline"
"""Its id."""

WORKFLOW_STAGE = "Workflow"


def stages(config: Config, keys: Keys) -> tuple[Stage, ...]:
    """In the order of a run."""
    names, origin = Names(config), source(config, keys)
    workflow = cloudformation.action(config, keys, artifact=origin.artifact, revision=origin.revision)
    train = stepfunctions.action(names, revision=origin.revision)
    return (
        *origin.stages,
        Stage(lambda_judge.CHECK_STAGE, (lambda_judge.check(names, origin.artifact),)),
        Stage(WORKFLOW_STAGE, (workflow,)),
        Stage(stepfunctions.TRAIN_STAGE, (train,)),
        Stage(lambda_judge.JUDGE_STAGE, (lambda_judge.judge(names, origin.artifact),)),
        *deployment(config, keys, revision=origin.revision),
    )


def stages_of_all(config: Config, keys: Keys) -> tuple[Stage, ...]:
    """Of both pipelines."""
    return (*stages(config, keys), *release_stages(config, keys))


def pipeline(config: Config, keys: Keys) -> Document:
    """The ``pipeline`` member of CreatePipeline and UpdatePipeline."""
    names, triggers = Names(config), source(config, keys).triggers
    structure = _structure(names, keys, names.pipeline, stages(config, keys))
    if triggers:
        structure["triggers"] = list(triggers)
    return structure


def release_pipeline(config: Config, keys: Keys) -> Document:
    """As :func:`pipeline`, of the one that releases: a request that waits is replaced by a newer one."""
    names = Names(config)
    return _structure(names, keys, names.release_pipeline, release_stages(config, keys))


def _structure(names: Names, keys: Keys, name: str, of_run: Iterable[Stage]) -> Document:
    return {
        "name": name,
        "roleArn": names.pipeline_role,
        **_artifact_stores(names, keys),
        "pipelineType": "V2",
        "executionMode": "SUPERSEDED",
        "stages": [stage.declaration for stage in of_run],
    }


def action_roles(names: Names, roles: Iterable[str]) -> list[str]:
    """Of the roles that run actions, in the order of a run, those that the pipeline assumes; those of production in the
    map's order."""
    found = [role for role in roles if role != names.pipeline_role]
    production = [names.deploy_action_role(target) for target in names.production]
    return sorted(found, key=lambda role: production.index(role) if role in production else -1)


def action_rights(config: Config, keys: Keys) -> Rights:
    """What the actions of both pipelines need of the roles that run them: by role, in the order of a run, inline
    policies by name.

    A statement that several actions of a role need is in the policy of the first."""
    return rights_of(stages_of_all(config, keys), Names(config).pipeline_role)


def rights_of(stages: Iterable[Stage], pipeline_role: str) -> Rights:
    """As :func:`action_rights`, of these stages."""
    found: dict[str, dict[str, Document]] = {}
    for action in (action for stage in stages for action in stage.actions):
        policies = found.setdefault(action.role or pipeline_role, {})
        for name, document in action.rights.items():
            known = [statement for each in policies.values() for statement in each["Statement"]]
            new = [statement for statement in document["Statement"] if statement not in known]
            if new:
                policies[name] = policy(*policies.get(name, policy())["Statement"], *new)
    return found


def _artifact_stores(names: Names, keys: Keys) -> Document:
    """One store, or with actions in other regions one for each region (CodePipeline API reference) [B].

    The key's ARN: an id or alias would resolve in the action's account (CodePipeline User Guide) [D]."""
    stores = {
        region: {"type": "S3", "location": names.bucket_in(region), "encryptionKey": {"id": key_arn, "type": "KMS"}}
        for region, key_arn in keys.items()
    }
    return {"artifactStore": stores[names.region]} if len(stores) == 1 else {"artifactStores": stores}
