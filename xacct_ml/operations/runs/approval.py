"""``approve`` and ``reject``: first the evidence, then the decision, for exactly the run that was looked at."""

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import code_of
from xacct_ml.config.model import Config, Person
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.preconditions import require_pipeline
from xacct_ml.operations.runs.review import Review
from xacct_ml.resources.rights import Rights, within
from xacct_ml.system.names import Names
from xacct_ml.system.waves import waves

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights(
            "pipeline/Stages",
            "codepipeline: PutApprovalResult",
            on=(within("/*"),),
            needed=lambda place: place.names.approver_role is None,
        ),
    )
}

SUMMARY_LIMIT = 512
"""Characters of PutApprovalResult's ``result.summary`` [B]."""
_RECORD_NOTE = " [record sha256:{}]"
_NOTE_LENGTH = len(_RECORD_NOTE.format("0" * 64))


def as_approver(config: Config, name: str | None = None) -> Config:
    """The map whose shared account is entered as whoever approves, under ``name`` or the name of the credentials; the
    map itself where it names no approvers."""
    approvers, accounts = config.approvers, config.accounts
    if approvers is None:
        return config
    entered = {"role_arn": approvers.role_arn, "profile": approvers.profile, "external_id": approvers.external_id}
    person = Person(id=accounts.shared.id, name=name, **entered)
    return config.model_copy(update={"accounts": accounts.model_copy(update={"shared": person})})


def decide(config: Config, accounts: Clients, reviewed: Review, *, approve: bool, summary: str) -> None:
    """Answer the approval that was reviewed: its token makes sure that it is that one.

    Raises :class:`XacctError` if it was answered, timed out or was stopped meanwhile, the pipeline is not ours, or what
    is to be approved has objections."""
    names, pipeline = Names(config), reviewed.approval.pipeline
    if approve and reviewed.objections:
        raise XacctError(
            f"run {reviewed.approval.execution} cannot be approved",
            details=reviewed.objections,
            next_step=f"xacct-ml reject --execution {reviewed.approval.execution}",
        )
    require_pipeline(config, accounts, pipeline)
    try:
        accounts.client(names.shared, "codepipeline").put_approval_result(
            pipelineName=pipeline,
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
