"""``approve`` and ``reject``: first the evidence, then the decision, for exactly the run that was looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import DENIED, code_of, codes
from xacct_ml.config.model import Config, Person
from xacct_ml.errors import CredentialsError, InputError, XacctError
from xacct_ml.evidence.findings import refusals
from xacct_ml.operations import approvers_trust
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.costs.estimate import CostOfRun, cost_of_run
from xacct_ml.operations.preconditions import require_pipeline
from xacct_ml.operations.runs.evaluation import (
    Evaluation,
    Judgement,
    Package,
    disagreements,
    judgement,
    read_evaluation,
)
from xacct_ml.operations.runs.executions import executions, pipeline_state
from xacct_ml.operations.runs.overtaken import Newer, overtaken
from xacct_ml.operations.runs.stages import PendingApproval, Stage, pending_approvals, stages
from xacct_ml.resources.rights import Rights, within
from xacct_ml.system.names import Names
from xacct_ml.system.waves import DeploymentWave, wave_of_stage, waves

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights(
            "pipeline/Stages",
            "codepipeline: PutApprovalResult",
            on=(within("/*"),),
            needed=lambda place: place.names.approver_role is None,
        ),
    ),
    "AWS::CodeCommit::Repository": (Rights("repository/Repository", "codecommit: GetCommit"),),
}

SUMMARY_LIMIT = 512
"""Characters of PutApprovalResult's ``result.summary`` [B]."""
_RECORD_NOTE = " [record sha256:{}]"
_NOTE_LENGTH = len(_RECORD_NOTE.format("0" * 64))
SCHEMA_CHANGE = "--schema-change"

_NO_COMMIT = codes("CommitIdDoesNotExistException CommitDoesNotExistException RepositoryDoesNotExistException")


@dataclass(frozen=True, slots=True)
class Commit:
    """The revision that was trained from: a commit, or a version of the source zip, which has neither message nor
    author. Both are None as well where the repository no longer has the commit, or belongs to another account that
    whoever approves cannot enter; a git host's author is not told."""

    id: str
    message: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What an approver decides about: the model behind ``endpoint``. ``wave`` is the one whose targets come next,
    ``later`` are the waves after it; ``objections`` are why it can only be rejected, ``unbound_names`` is why two
    approvals may be of one person; ``schema_change``: columns that differ from the live model's are meant."""

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


def as_approver(config: Config, name: str | None = None) -> Config:
    """The map whose shared account is entered as whoever approves, under ``name`` or the name of the credentials; the
    map itself where it names no approvers."""
    approvers, accounts = config.approvers, config.accounts
    if approvers is None:
        return config
    entered = {"role_arn": approvers.role_arn, "profile": approvers.profile, "external_id": approvers.external_id}
    person = Person(id=accounts.shared.id, name=name, **entered)
    return config.model_copy(update={"accounts": accounts.model_copy(update={"shared": person})})


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
    state = pipeline_state(config, accounts)
    waiting = pending_approvals(state)
    if not waiting:
        raise XacctError("no run waits for approval", next_step=STATUS)
    meant = [each for each in waiting if execution in (None, each.execution) and stage in (None, each.stage)]
    if not meant:
        raise _nobody_meant(config, waiting, execution, wave)
    if len(meant) > 1:
        raise XacctError(
            f"{len(meant)} runs wait for approval: name the one that you mean",
            details=tuple(map(partial(_said, config), meant)),
            next_step="give --execution ID or --wave NAME",
        )
    (approval,) = meant
    asked = wave_of_stage(config, approval.stage)
    if asked is None:
        raise XacctError(
            f"run {approval.execution} waits for approval in {approval.stage}, a stage that the map does not have",
            next_step="xacct-ml plan shows where the pipeline differs from the map",
        )
    in_order = waves(config)
    done = stages(config, accounts, approval.execution, state)
    judged = judgement(config, approval.execution, done)
    evaluation = read_evaluation(config, accounts, judged)
    commit = _commit(config, accounts, judged)
    objections = (
        *disagreements(judged, evaluation),
        *_second_approval(config, accounts, approval, done),
        *(() if schema_change else _refused(evaluation)),
    )
    later = in_order[in_order.index(asked) + 1 :]
    unbound = approvers_trust.look(config, accounts)
    return Review(
        approval,
        Names(config).endpoint,
        asked,
        later,
        commit,
        evaluation,
        objections,
        schema_change,
        unbound,
        package=judged.package,
        newer=()
        if evaluation is None
        else overtaken(config, accounts, evaluation.record, approval.execution, (asked, *later)),
        cost=cost_of_run(config, done),
    )


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
    config: Config, waiting: tuple[PendingApproval, ...], execution: str | None, wave: str | None
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
    wave = wave_of_stage(config, approval.stage)
    of = f" of wave {wave.name}" if wave is not None and wave.name is not None else ""
    return f"run {approval.execution} waits for approval{of} in {approval.stage}"


def decide(config: Config, accounts: Clients, reviewed: Review, *, approve: bool, summary: str) -> None:
    """Answer the approval that was reviewed: its token makes sure that it is that one.

    Raises :class:`XacctError` if it was answered, timed out or was stopped meanwhile, the pipeline is not ours, or what
    is to be approved has objections."""
    names = Names(config)
    if approve and reviewed.objections:
        raise XacctError(
            f"run {reviewed.approval.execution} cannot be approved",
            details=reviewed.objections,
            next_step=f"xacct-ml reject --execution {reviewed.approval.execution}",
        )
    require_pipeline(config, accounts)
    try:
        accounts.client(names.shared, "codepipeline").put_approval_result(
            pipelineName=names.pipeline,
            stageName=reviewed.approval.stage,
            actionName=reviewed.approval.action,
            token=reviewed.approval.token,
            result={"status": "Approved" if approve else "Rejected", "summary": _with_record(summary, reviewed)},
        )
    except ClientError as error:
        if code_of(error) not in {"InvalidApprovalTokenException", "ApprovalAlreadyCompletedException"}:
            raise
        raise XacctError(
            f"the approval of {reviewed.approval.execution} no longer waits: it was answered or stopped meanwhile",
            next_step=f"{STATUS} --execution {reviewed.approval.execution}",
        ) from None


def needs_wave(config: Config) -> bool:
    """Whether a run waits for more than one approval, so that its id alone does not say which is meant."""
    return sum(wave.approval for wave in waves(config)) > 1


def checked_summary(summary: str) -> str:
    """Raises :class:`InputError` beyond what CodePipeline takes, less what names the record."""
    if len(summary) > SUMMARY_LIMIT - _NOTE_LENGTH:
        raise InputError(
            f"--summary has {len(summary)} characters; CodePipeline takes {SUMMARY_LIMIT}, and {_NOTE_LENGTH} of them "
            "name the record"
        )
    return summary


def _with_record(summary: str, reviewed: Review) -> str:
    """The summary says which record the person saw."""
    evaluation = reviewed.evaluation
    return summary if evaluation is None else f"{summary}{_RECORD_NOTE.format(evaluation.sha256)}".strip()


def _commit(config: Config, accounts: Clients, judged: Judgement) -> Commit | None:
    """The revision that CodePipeline itself names."""
    names, commit = Names(config), judged.commit
    if commit is None:
        return None
    if not names.uses_codecommit:
        run = next((run for run in executions(config, accounts) if run.id == judged.execution), None)
        return Commit(commit, run.message if run else None)
    elsewhere = names.repository_account != names.shared
    try:
        found = accounts.client(names.repository_account, "codecommit").get_commit(
            repositoryName=names.repository, commitId=commit
        )["commit"]
    except ClientError as error:
        if code_of(error) not in _NO_COMMIT and not (elsewhere and code_of(error) in DENIED):
            raise
        return Commit(commit)
    except (CredentialsError, BotoCoreError):
        if not elsewhere:
            raise
        return Commit(commit)
    author = found.get("author") or {}
    address = f" <{author['email']}>" if author.get("email") else ""
    return Commit(
        commit, found.get("message", "").strip() or None, f"{author.get('name', '')}{address}".strip() or None
    )
