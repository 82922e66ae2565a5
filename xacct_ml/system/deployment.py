"""The stages that bring an approved model to production."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.actions import approval, lambda_copy, lambda_deploy, lambda_judge, lambda_registry
from xacct_ml.system.actions.action import EXECUTION, Action, Stage
from xacct_ml.system.actions.lambda_judge import JUDGE_NAMESPACE, Judged
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
    judged = Judged(names.pipeline, JUDGE_NAMESPACE)
    record = names.evaluation_key(EXECUTION, judged.variable("TrainingJob"))
    for wave in waves(config):
        if wave.approve_stage is not None:
            of_wave = f"Wave {wave.name}. " if wave.name else ""
            subject = f"{of_wave}{names.revision_word.capitalize()} {revision}."
            yield Stage(wave.approve_stage, approval.actions(names, subject, record, judged))
        yield deploying(names, keys, wave, judged)
    yield from registering(names, judged)


def registering(names: Names, judged: Judged) -> Iterator[Stage]:
    """The last stage, where models are registered."""
    if names.model_package_group is not None:
        yield Stage(lambda_registry.REGISTRY_STAGE, (lambda_registry.action(names, judged),))


def deploying(names: Names, keys: Keys, wave: DeploymentWave, judged: Judged) -> Stage:
    """The model into the targets' regions first, where there are other ones than the pipeline's; to the targets; and
    what serves where is written down."""
    elsewhere = dict.fromkeys(names.region_of(target) for target in wave.targets if names.elsewhere(target) is not None)
    order = 2 if elsewhere else 1
    actions: list[Action] = [
        lambda_copy.action(names, keys, region, wave.deploy_stage, judged.pipeline) for region in elsewhere
    ]
    actions += [lambda_deploy.action(names, target, judged, run_order=order) for target in wave.targets]
    actions.append(lambda_judge.live(names, judged.pipeline, wave.deploy_stage, run_order=order + 1))
    return Stage(wave.deploy_stage, tuple(actions))
