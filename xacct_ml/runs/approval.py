"""``approve`` and ``reject``: first the evidence, then the decision, for exactly the run that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.errors import DENIED, code_of
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError, InputError, XacctError
from xacct_ml.foundation import require_pipeline
from xacct_ml.naming import Names
from xacct_ml.runs.evaluation import Evaluation, read_evaluation
from xacct_ml.runs.executions import PendingApproval, executions, pending_approval, pipeline_state

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients

SUMMARY_LIMIT = 512
"""Characters of PutApprovalResult's ``result.summary`` [B]."""

NEXT = "xacct-ml status"

_NO_COMMIT = frozenset(
    {"CommitIdDoesNotExistException", "CommitDoesNotExistException", "RepositoryDoesNotExistException"}
)


@dataclass(frozen=True, slots=True)
class Commit:
    """The revision that was trained from: a commit, or a version of the source zip, which has neither message nor
    author. Both are None as well where the repository no longer has the commit, or belongs to another account that
    whoever approves cannot enter; a git host's author is not told.
    """

    id: str
    message: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What an approver decides about."""

    approval: PendingApproval
    commit: Commit | None
    evaluation: Evaluation | None


def review(config: Config, accounts: Clients, execution: str | None = None) -> Review:
    """The run that waits for approval, with its evidence.

    Raises :class:`XacctError` when none waits, or when ``execution`` is given and another one waits.
    """
    waiting = pending_approval(pipeline_state(config, accounts))
    if waiting is None:
        raise XacctError("no run waits for approval", next_step=NEXT)
    if execution is not None and waiting.execution != execution:
        raise XacctError(
            f"{execution} is not the run that waits for approval; that is {waiting.execution}",
            next_step=f"look at it: {NEXT} --execution {waiting.execution}",
        )
    evaluation = read_evaluation(config, accounts, waiting.execution)
    return Review(waiting, _commit(config, accounts, waiting.execution, evaluation), evaluation)


def decide(config: Config, accounts: Clients, reviewed: Review, *, approve: bool, summary: str) -> None:
    """Answer the approval that was reviewed: its token makes sure that it is that one.

    Raises :class:`XacctError` if it was answered, timed out or was stopped meanwhile, or the pipeline is not ours.
    """
    names = Names(config)
    require_pipeline(config, accounts)
    try:
        accounts.client(names.shared, "codepipeline").put_approval_result(
            pipelineName=names.pipeline,
            stageName=reviewed.approval.stage,
            actionName=reviewed.approval.action,
            token=reviewed.approval.token,
            result={"status": "Approved" if approve else "Rejected", "summary": summary},
        )
    except ClientError as error:
        if code_of(error) not in {"InvalidApprovalTokenException", "ApprovalAlreadyCompletedException"}:
            raise
        raise XacctError(
            f"the approval of {reviewed.approval.execution} no longer waits: it was answered or stopped meanwhile",
            next_step=f"{NEXT} --execution {reviewed.approval.execution}",
        ) from None


def checked_summary(summary: str) -> str:
    """Raises :class:`InputError` beyond what CodePipeline takes."""
    if len(summary) > SUMMARY_LIMIT:
        raise InputError(f"--summary has {len(summary)} characters; CodePipeline takes {SUMMARY_LIMIT}")
    return summary


def _commit(config: Config, accounts: Clients, execution: str, evaluation: Evaluation | None) -> Commit | None:
    names = Names(config)
    commit = evaluation.commit if evaluation else None
    if commit is None or not names.uses_codecommit:
        run = next((run for run in executions(config, accounts) if run.id == execution), None)
        commit = commit or (run.commit if run else None)
        if commit is None or not names.uses_codecommit:
            return None if commit is None else Commit(commit, run.message if run else None)
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
