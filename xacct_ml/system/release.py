"""The release pipeline: deploys a model that was judged in a run before, without training, to targets that a request
names.

The request is an object in the bucket, each of whose versions starts a run; it only says what is wanted. The judge's
function finds what was judged in the training pipeline's history, people approve it, and the deploying functions
believe this pipeline as they believe the other. Its Approve stage is always there, also where no wave of the map has
one."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.actions import approval, lambda_judge
from xacct_ml.system.actions.action import Action, Stage
from xacct_ml.system.actions.lambda_judge import RELEASE_NAMESPACE, Judged
from xacct_ml.system.deployment import deploying, registering
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.sources.s3 import object_action
from xacct_ml.system.sources.source import SOURCE_STAGE
from xacct_ml.system.waves import APPROVE_STAGE, waves

RELEASE_PIPELINE = "shared/release-pipeline"
"""Its id."""

REQUEST_ACTION, REQUEST_ARTIFACT = "Request", "Release"


def release_stages(config: Config, keys: Keys) -> tuple[Stage, ...]:
    """In the order of a run."""
    names = Names(config)
    request = object_action(names, names.release_key, REQUEST_ACTION, REQUEST_ARTIFACT)
    return (
        Stage(SOURCE_STAGE, (request,)),
        Stage(lambda_judge.RELEASE_STAGE, (lambda_judge.release(names, REQUEST_ARTIFACT),)),
        *_deployment(names, keys),
    )


def _deployment(names: Names, keys: Keys) -> Iterator[Stage]:
    judged = Judged(names.release_pipeline, RELEASE_NAMESPACE)
    yield Stage(APPROVE_STAGE, _approval(names, judged))
    for wave in waves(names.config):
        yield deploying(names, keys, wave, judged)
    yield from registering(names, judged)


def _approval(names: Names, judged: Judged) -> tuple[Action, ...]:
    run, commit = judged.variable("Run"), judged.variable("Commit")
    subject = f"Release of run {run}. {names.revision_word.capitalize()} {commit}."
    return approval.actions(names, subject, judged.variable("RecordKey"), judged)
