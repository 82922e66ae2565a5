"""The stages that bring an approved model to production."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.actions import approval, lambda_copy, lambda_deploy, lambda_registry
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.waves import DeploymentWave, waves


def deployment(config: Config, keys: Keys, *, revision: str) -> Iterator[Stage]:
    """Wave after wave: its approval, if it has one, then its targets side by side.

    A stage begins when every action of the one before has succeeded (CodePipeline User Guide, concepts) [D], and a
    deploy action succeeds when its endpoint is InService with the intended configuration: so a wave whose endpoint
    fails or rolls back is the last one. What is deployed everywhere is released, where models are registered.
    ``revision`` is the pipeline variable of what was trained from."""
    names = Names(config)
    for wave in waves(config):
        if wave.approve_stage is not None:
            yield Stage(wave.approve_stage, approval.actions(names, wave, revision))
        yield Stage(wave.deploy_stage, tuple(_deploy_all(names, keys, wave)))
    if names.model_package_group is not None:
        yield Stage(lambda_registry.REGISTRY_STAGE, (lambda_registry.action(names),))


def _deploy_all(names: Names, keys: Keys, wave: DeploymentWave) -> Iterator[Action]:
    """A stage's actions: the model into the targets' regions first, where there are other ones than the pipeline's."""
    elsewhere = dict.fromkeys(names.region_of(target) for target in wave.targets if names.elsewhere(target) is not None)
    for region in elsewhere:
        yield lambda_copy.action(names, keys, region, wave.deploy_stage)
    for target in wave.targets:
        yield lambda_deploy.action(names, target, run_order=2 if elsewhere else 1)
