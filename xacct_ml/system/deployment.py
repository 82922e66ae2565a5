"""The stages that bring an approved model to production."""

from collections.abc import Iterator, Sequence

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.system.actions import approval, lambda_copy, lambda_deploy
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.waves import waves


def deployment(config: Config, keys: Keys, *, revision: str, training_execution: str) -> Iterator[Stage]:
    """Wave after wave: its approval, if it has one, then its targets side by side.

    A stage begins when every action of the one before has succeeded (CodePipeline User Guide, concepts) [D], and a
    deploy action succeeds when its endpoint is InService with the intended configuration: so a wave whose endpoint
    fails or rolls back is the last one. ``revision`` and ``training_execution`` are pipeline variables: what was
    trained from, and the ARN of the Step Functions execution that trained."""
    names = Names(config)
    for wave in waves(config):
        if wave.approve_stage is not None:
            yield Stage(wave.approve_stage, (approval.action(names, wave, revision),))
        actions = _deploy_all(names, keys, wave.targets, revision, training_execution)
        yield Stage(wave.deploy_stage, tuple(actions))


def _deploy_all(
    names: Names, keys: Keys, targets: Sequence[ProductionTarget], revision: str, training_execution: str
) -> Iterator[Action]:
    """A stage's actions: the model into the targets' regions first, where there are other ones than the pipeline's."""
    elsewhere = dict.fromkeys(names.region_of(target) for target in targets if names.elsewhere(target) is not None)
    for region in elsewhere:
        yield lambda_copy.action(names, keys, region, training_execution)
    for target in targets:
        yield lambda_deploy.action(
            names, target, revision=revision, training_execution=training_execution, run_order=2 if elsewhere else 1
        )
