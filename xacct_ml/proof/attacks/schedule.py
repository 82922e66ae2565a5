"""Attacks on the schedule: runs started by whom it does not concern, a schedule that does something else, a function
that is more than a starter, and notes of what never happened."""

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.requests.schedule import noted
from xacct_ml.proof.world import World
from xacct_ml.system.statements import actions

SCHEDULE = "The schedule"
_ON_SCHEDULE = actions("scheduler", "CreateSchedule UpdateSchedule DeleteSchedule")
_OF_THE_PIPELINE = actions(
    "codepipeline",
    "UpdatePipeline DeletePipeline StopPipelineExecution RetryStageExecution RollbackStage "
    "DisableStageTransition EnableStageTransition",
)


def schedule_attacks(world: World) -> Iterator[Attack]:
    """None where the map has no schedule."""
    if world.config.schedule is None:
        return
    names = world.names
    strangers = [each for _, each in administrators(names) if Arn.parse(each).account != names.shared]
    people = [*strangers, *(each for each in (names.approver_role,) if each is not None)]
    for asking in (*(role.arn for role in world.roles), *people):
        yield from _by(world, asking)
    yield from _beyond_the_job(world)


def _by(world: World, asking: str) -> Iterator[Attack]:
    send, names, who = world.send, world.names, Arn.parse(asking)
    words = f"{who.name} of {who.account}"
    for action in _ON_SCHEDULE:
        yield Attack(SCHEDULE, f"{words}: {action}", send.call(asking, action, names.schedule_arn))
    group = "scheduler:DeleteScheduleGroup"
    yield Attack(SCHEDULE, f"{words}: {group}", send.call(asking, group, names.schedule_group_arn))
    for operation in ("InvokeFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"):
        if (asking, operation) != (names.scheduler_role, "InvokeFunction"):
            request = send.call(asking, f"lambda:{operation}", names.schedule_function_arn)
            yield Attack(SCHEDULE, f"{words}: lambda:{operation}", request)
    if asking != names.schedule_function_role:
        yield Attack(SCHEDULE, f"{words} notes a run", noted(send, asking))
        if asking != names.start_role:
            started = send.call(asking, "codepipeline:StartPipelineExecution", names.pipeline_arn)
            yield Attack(SCHEDULE, f"{words} starts the pipeline", started)


def _beyond_the_job(world: World) -> Iterator[Attack]:
    """The two roles at what is not theirs: the pipeline itself, its approvals, other functions, and what Scheduler
    can call anything of in a target."""
    send, names = world.send, world.names
    functions = [names.judge_function_arn, *(names.function_arn(target) for target in names.production)]
    for role in (names.scheduler_role, names.schedule_function_role):
        who = Arn.parse(role).name
        for action in _OF_THE_PIPELINE:
            yield Attack(SCHEDULE, f"{who}: {action}", send.call(role, action, names.pipeline_arn))
        for stage in (stage["name"] for stage in world.structure["stages"]):
            approved = send.call(role, "codepipeline:PutApprovalResult", f"{names.pipeline_arn}/{stage}/Review")
            yield Attack(SCHEDULE, f"{who}: PutApprovalResult in {stage}", approved)
        for function in functions:
            what = f"{who} invokes {Arn.parse(function).name} of {Arn.parse(function).account}"
            yield Attack(SCHEDULE, what, send.call(role, "lambda:InvokeFunction", function))
