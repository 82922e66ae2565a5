"""What an approver is shown: the run that waits, its evidence, and what it would replace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.errors import InputError, XacctError
from xacct_ml.evidence.findings import refusals
from xacct_ml.operations import approvers_trust
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.costs.estimate import CostOfRun, cost_of_run
from xacct_ml.operations.release.beside import Candidate, candidate
from xacct_ml.operations.release.serving import Serving, serving
from xacct_ml.operations.runs.beside_map import beside_map
from xacct_ml.operations.runs.commit import Commit, commit_of
from xacct_ml.operations.runs.evaluation import (
    Evaluation,
    Judgement,
    Package,
    Release,
    disagreements,
    judgement,
    read_evaluation,
)
from xacct_ml.operations.runs.executions import IN_PROGRESS, one_named
from xacct_ml.operations.runs.overtaken import Newer, overtaken
from xacct_ml.operations.runs.pipelines import states
from xacct_ml.operations.runs.stages import PendingApproval, Stage, pending_approvals, stages
from xacct_ml.operations.source_state import Difference
from xacct_ml.system.names import Names
from xacct_ml.system.waves import DEPLOY_STAGE, DeploymentWave, wave_of_stage, waves

SCHEMA_CHANGE = "--schema-change"


@dataclass(frozen=True, slots=True)
class Review:
    """What an approver decides about: the model behind ``endpoint``. ``wave`` is the one whose targets come next,
    ``later`` are the waves after it; ``objections`` are why it can only be rejected, ``unbound_names`` is why two
    approvals may be of one person; ``schema_change``: columns that differ from the live model's are meant.

    Of a ``release`` the wave has the targets that it asks for, and ``serving`` is what they serve now."""

    approval: PendingApproval
    endpoint: str
    wave: DeploymentWave
    later: tuple[DeploymentWave, ...]
    commit: Commit | None
    evaluation: Evaluation | None
    objections: tuple[str, ...] = ()
    schema_change: bool = False
    unbound_names: str | None = None
    package: Package | None = None
    newer: tuple[Newer, ...] = ()
    """What was deployed since the run was judged, beside which it was not scored."""
    cost: CostOfRun | None = None
    release: Release | None = None
    serving: tuple[Serving, ...] = ()
    at_work: tuple[str, ...] = ()
    """Targets that the other pipeline deploys to right now."""
    candidate: Candidate | None = None
    """Of a release, its model beside what it would replace."""
    beside_map: tuple[Difference, ...] = ()
    """What the map has otherwise than the run; nothing of a release, whose model is older."""


def review(
    config: Config,
    accounts: Clients,
    execution: str | None = None,
    wave: str | None = None,
    *,
    schema_change: bool = False,
) -> Review:
    """The run that waits for approval, with its evidence. ``execution`` and ``wave`` say which, where several wait;
    with ``schema_change`` columns that differ from the live model's are no objection.

    Raises :class:`InputError` for a wave that is none or that nobody approves; :class:`XacctError` when no run waits,
    when another than the one meant does, and when more than one could be meant."""
    stage = None if wave is None else _approve_stage(config, wave)
    of_all = states(config, accounts)
    approval = _meant(config, [each for state in of_all for each in pending_approvals(state)], execution, stage, wave)
    state = next(each for each in of_all if each["pipelineName"] == approval.pipeline)
    done = stages(config, accounts, approval.execution, state)
    judged = judgement(config, approval.execution, done)
    asked, later = _to_come(config, approval, judged)
    evaluation = read_evaluation(config, accounts, judged)
    objections = (
        *disagreements(judged, evaluation),
        *_second_approval(config, accounts, approval, done),
        # What a release asks for was compared with what serves by the judge.
        *(() if schema_change or judged.release is not None else _refused(evaluation)),
    )
    targets = [target.name for each in (asked, *later) for target in each.targets]
    now = serving(config, accounts)
    return Review(
        approval,
        Names(config).endpoint,
        asked,
        later,
        commit_of(config, accounts, judged),
        evaluation,
        objections,
        schema_change,
        approvers_trust.look(config, accounts),
        package=judged.package,
        newer=()
        if evaluation is None or judged.release is not None
        else overtaken(now, evaluation.record, approval.execution, (asked, *later)),
        cost=cost_of_run(config, done, approval.pipeline, None if judged.release is None else judged.release.targets),
        release=judged.release,
        serving=tuple(now[target] for target in targets if target in now),
        at_work=tuple(_at_work(of_all, approval.pipeline, targets)),
        candidate=None
        if evaluation is None or judged.release is None
        else candidate(config, accounts, evaluation, targets, now),
        beside_map=() if evaluation is None or judged.release is not None else beside_map(config, evaluation.record),
    )


def _meant(
    config: Config, waiting: Sequence[PendingApproval], execution: str | None, stage: str | None, wave: str | None
) -> PendingApproval:
    """The one that waits and that is meant."""
    if not waiting:
        raise XacctError("no run waits for approval", next_step=STATUS)
    if execution is not None:
        execution = one_named([each.execution for each in waiting], execution) or execution
    meant = [each for each in waiting if execution in (None, each.execution) and _is_of(config, each, stage)]
    if not meant:
        raise _nobody_meant(config, waiting, execution, wave)
    if len(meant) > 1:
        raise XacctError(
            f"{len(meant)} runs wait for approval: name the one that you mean",
            details=tuple(map(partial(_said, config), meant)),
            next_step="give --execution ID or --wave NAME",
        )
    return meant[0]


def _is_of(config: Config, approval: PendingApproval, stage: str | None) -> bool:
    """Whether it is the approval of that stage of the pipeline that trains, if one is given."""
    return stage is None or (approval.stage == stage and not _is_release(config, approval))


def _is_release(config: Config, approval: PendingApproval) -> bool:
    return approval.pipeline == Names(config).release_pipeline


def _to_come(
    config: Config, approval: PendingApproval, judged: Judgement
) -> tuple[DeploymentWave, tuple[DeploymentWave, ...]]:
    """The wave that is asked about, and those after it. A release has one approval, for all of its targets."""
    if judged.release is not None:
        return DeploymentWave(None, targets_named(config, judged.release.targets), approval=True), ()
    asked = None if _is_release(config, approval) else wave_of_stage(config, approval.stage)
    if asked is None:
        raise XacctError(
            f"run {approval.execution} waits for approval in {approval.stage}, a stage that the map does not have",
            next_step="xacct-ml plan shows where the pipeline differs from the map",
        )
    in_order = waves(config)
    return asked, in_order[in_order.index(asked) + 1 :]


def targets_named(config: Config, named: Sequence[str]) -> tuple[ProductionTarget, ...]:
    """Those of the map's targets, in its order."""
    return tuple(target for target in config.accounts.production if target.name in named)


def _at_work(of_all: Sequence[dict[str, Any]], pipeline: str, targets: Sequence[str]) -> Iterator[str]:
    """The targets to which another pipeline than this one deploys right now."""
    for state in of_all:
        for stage in state["stageStates"] if state["pipelineName"] != pipeline else ():
            if stage["stageName"].startswith(DEPLOY_STAGE):
                for action in stage["actionStates"]:
                    under_way = (action.get("latestExecution") or {}).get("status") == IN_PROGRESS
                    yield from [action["actionName"]] if under_way and action["actionName"] in targets else []


def _refused(evaluation: Evaluation | None) -> Iterator[str]:
    """What nobody approves unless they say that it is meant."""
    for finding in refusals(evaluation.findings) if evaluation is not None else ():
        yield f"{finding.text}. If that is meant: approve {SCHEMA_CHANGE}"


def _second_approval(
    config: Config, accounts: Clients, approval: PendingApproval, done: tuple[Stage, ...]
) -> Iterator[str]:
    """Why whoever asks may not give the second approval of a stage: they gave the first."""
    actions = (action for stage in done if stage.name == approval.stage for action in stage.actions)
    given = {action.decided_by for action in actions if action.status == "Succeeded"}
    if given:
        me = accounts.client(config.accounts.shared.id, "sts").get_caller_identity()["Arn"]
        if me in given:
            yield f"{me} has approved it already: a second person must"


def _approve_stage(config: Config, name: str) -> str:
    """Raises :class:`InputError` for a wave without approval, or no wave at all."""
    asked = [wave for wave in waves(config) if wave.approval and wave.name is not None]
    for wave in asked:
        if wave.name == name and wave.approve_stage is not None:
            return wave.approve_stage
    known = ", ".join(str(wave.name) for wave in asked)
    what = "goes on without approval" if any(wave.name == name for wave in waves(config)) else "is not in the map"
    allowed = f"give one of {known}" if known else "leave --wave out: the map has no waves with approval"
    raise InputError(f"wave {name} {what}", next_step=allowed)


def _nobody_meant(
    config: Config, waiting: Sequence[PendingApproval], execution: str | None, wave: str | None
) -> XacctError:
    first = waiting[0].execution
    if execution is not None and all(each.execution != execution for each in waiting):
        others = " and ".join(dict.fromkeys(each.execution for each in waiting))
        message = f"{execution} is not the run that waits for approval; that is {others}"
    else:
        which = "no run waits" if execution is None else f"run {execution} does not wait"
        message = f"{which} for approval of wave {wave}"
    details = tuple(map(partial(_said, config), waiting)) if len(waiting) > 1 or wave is not None else ()
    return XacctError(message, details=details, next_step=f"look at it: {STATUS} --execution {first}")


def _said(config: Config, approval: PendingApproval) -> str:
    if _is_release(config, approval):
        return f"release {approval.execution} waits for approval"
    wave = wave_of_stage(config, approval.stage)
    of = f" of wave {wave.name}" if wave is not None and wave.name is not None else ""
    return f"run {approval.execution} waits for approval{of} in {approval.stage}"
