"""Attacks on releases: one that is asked for, started, approved or changed by whom it does not concern, and a record of
what serves that says what never happened.

A forged request, and one for a model that must not be deployed, no policy can refuse: the judge's function does
(``tests/payload/test_release.py``)."""

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import DEPLOYED, EXECUTION
from xacct_ml.proof.world import World
from xacct_ml.system.approver import approvals
from xacct_ml.system.statements import actions

RELEASES = "Releases"
_OF_THE_PIPELINE = actions(
    "codepipeline",
    "StartPipelineExecution StopPipelineExecution RetryStageExecution RollbackStage UpdatePipeline DeletePipeline",
)


def release_attacks(world: World) -> Iterator[Attack]:
    """By every role of the project, and by administrators of all accounts but the pipelines' own."""
    names = world.names
    strangers = [each for _, each in administrators(names) if Arn.parse(each).account != names.shared]
    for asking in (*(role.arn for role in world.roles), *strangers):
        yield from _by(world, asking)


def _by(world: World, asking: str) -> Iterator[Attack]:
    send, names, who = world.send, world.names, Arn.parse(asking)
    words = f"{who.name} of {who.account}"
    yield Attack(RELEASES, f"{words} asks for one", send.write(asking, names.release_key))
    for action in _OF_THE_PIPELINE:
        if (asking, action) != (names.start_role, "codepipeline:StartPipelineExecution"):
            yield Attack(RELEASES, f"{words}: {action}", send.call(asking, action, names.release_pipeline_arn))
    for arn in (each for each in approvals(names) if each.startswith(f"{names.release_pipeline_arn}/")):
        review = Arn.parse(arn).name
        request = send.call(asking, "codepipeline:PutApprovalResult", arn)
        yield Attack(RELEASES, f"{words} answers {review}", request)
    if asking != names.judge_role:
        serves, served = names.live_key("production"), names.history_key("production", DEPLOYED, EXECUTION)
        yield Attack(RELEASES, f"{words} says what serves", send.write(asking, serves))
        yield Attack(RELEASES, f"{words} says what served", once(send.write(asking, served)))
