"""Runs as CodePipeline has them: which there are, and what they did.

Functions that take a ``pipeline``, its name, are about the one that trains where none is given."""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import DENIED, absent_as_none, code_of, translate
from xacct_ml.config.model import Config
from xacct_ml.errors import AwsCallFailed, NotReady, XacctError
from xacct_ml.foreign import ForeignTextError, bounded, document
from xacct_ml.operations.command_names import CREATE_PIPELINE, RUNS
from xacct_ml.operations.preconditions import require_pipeline
from xacct_ml.resources.rights import Rights
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.names import Names

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights(
            "pipeline/Pipeline",
            "codepipeline: GetPipelineState ListActionExecutions ListPipelineExecutions StartPipelineExecution",
        ),
    )
}

IN_PROGRESS = "InProgress"
UNDER_WAY = (IN_PROGRESS, "Stopping")
"""Of a run that has not ended (CodePipeline API reference, PipelineExecution) [B]."""
_LISTED = 100
_NO_POLICY = "no identity-based policy allows"
"""In AWS's sentence where nothing allows it, and nothing denies it either (IAM User Guide, troubleshoot_access-denied)
[D]."""
EVENT_LOOKS = 40
EVENT_SECONDS = 3.0
"""So often, and so far apart, it is looked for the run that an object's event starts: within seconds as a rule, though
nobody promises when (S3 User Guide, EventBridge: typically within a minute or so is assumed)."""
SHORTEST_ID = 6
"""So many characters of a run's id are enough to name it, where no other begins so."""
LOOKED_THROUGH = 5_000
"""So many actions of the past, the newest, are looked through for what runs did."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One run. ``status`` is CodePipeline's; times are aware. ``trigger`` is its type, ``trigger_detail`` which: a
    rule's ARN, or that of whoever did it.

    ``commit`` is the source's revision: a commit's id, or the id of the source zip's version; ``message`` the commit's.
    """

    id: str
    status: str
    trigger: str
    commit: str | None
    started: datetime | None
    updated: datetime | None
    message: str | None = None
    trigger_detail: str | None = None


def start(config: Config, accounts: Clients) -> str:
    """Start a run of the branch's head on the current data set; its id. Raises :class:`NotReady` without a pipeline of
    ours."""
    names = Names(config)
    require_pipeline(config, accounts)
    codepipeline = _codepipeline(names, accounts)
    token = str(uuid.uuid4())
    answer = _of_pipeline(names, codepipeline.start_pipeline_execution, name=names.pipeline, clientRequestToken=token)
    return str(answer["pipelineExecutionId"])


def executions(config: Config, accounts: Clients, pipeline: str | None = None) -> tuple[Execution, ...]:
    """The newest runs (100 at most), newest first. Raises :class:`NotReady` without a pipeline."""
    names = Names(config)
    list_runs = _codepipeline(names, accounts).list_pipeline_executions
    answer = _of_pipeline(names, list_runs, pipelineName=pipeline or names.pipeline, maxResults=_LISTED)
    return tuple(_execution(summary) for summary in answer["pipelineExecutionSummaries"])


def past_executions(config: Config, accounts: Clients, pipeline: str | None = None) -> Iterator[Execution]:
    """All runs that CodePipeline keeps, of the last twelve months [D], newest first; a page per call. Raises
    :class:`NotReady` without a pipeline."""
    names = Names(config)
    codepipeline = _codepipeline(names, accounts)
    request = {"pipelineName": pipeline or names.pipeline, "maxResults": _LISTED}
    while True:
        answer = _of_pipeline(names, codepipeline.list_pipeline_executions, **request)
        yield from map(_execution, answer["pipelineExecutionSummaries"])
        if not (token := answer.get("nextToken")):
            return
        request["nextToken"] = token


def find(runs: tuple[Execution, ...], execution: str | None) -> Execution | None:
    """The run with that id, or the only one whose id begins so, or the newest; None where nothing ran yet. Raises
    :class:`XacctError` for an unknown id, and for a beginning of several."""
    if execution is None:
        return runs[0] if runs else None
    named = one_named([run.id for run in runs], execution)
    for run in runs:
        if run.id == named:
            return run
    raise XacctError(f"the pipeline's last {len(runs):,} runs have none with the id {execution}", next_step=RUNS)


def one_named(ids: Iterable[str], execution: str) -> str | None:
    """The id that is ``execution``, or the only one that begins so; None where there is none. Raises
    :class:`XacctError` for a beginning of several."""
    known = dict.fromkeys(ids)
    begin = [each for each in known if each.startswith(execution)] if len(execution) >= SHORTEST_ID else []
    if execution in known or not begin:
        return execution if execution in known else None
    if len(begin) > 1:
        several = f"{len(begin)} runs have ids that begin with {execution}"
        raise XacctError(several, details=tuple(begin[:5]), next_step="give more of the id")
    return begin[0]


def look_up(config: Config, accounts: Clients, execution: str | None, pipeline: str | None = None) -> Execution | None:
    """As :func:`find`, of all runs that CodePipeline keeps."""
    seen = []
    for run in past_executions(config, accounts, pipeline):
        if execution in (None, run.id):
            return run
        seen.append(run)
    return find(tuple(seen), execution)


def pipeline_state(config: Config, accounts: Clients, pipeline: str | None = None) -> dict[str, Any]:
    """GetPipelineState's answer. Raises :class:`NotReady` without a pipeline."""
    names = Names(config)
    return _of_pipeline(names, _codepipeline(names, accounts).get_pipeline_state, name=pipeline or names.pipeline)


def judged_runs(config: Config, accounts: Clients) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Id of each run that was judged and the judge's output variables, newest first; a page per call."""
    for detail in past_actions(config, accounts):
        if detail["stageName"] == JUDGE_STAGE and detail["status"] == "Succeeded":
            yield detail["pipelineExecutionId"], variables(detail)


def past_actions(
    config: Config, accounts: Clients, pipeline: str | None = None, execution: str | None = None
) -> Iterator[dict[str, Any]]:
    """What all runs did, or the ``execution``, as ListActionExecutions has it, newest first; a page per call. Raises
    :class:`NotReady` without a pipeline."""
    names = Names(config)
    codepipeline = _codepipeline(names, accounts)
    request: dict[str, Any] = {"pipelineName": pipeline or names.pipeline, "maxResults": _LISTED}
    if execution is not None:
        request["filter"] = {"pipelineExecutionId": execution}
    while True:
        answer = _of_pipeline(names, codepipeline.list_action_executions, **request)
        yield from answer["actionExecutionDetails"]
        if not (token := answer.get("nextToken")):
            return
        request["nextToken"] = token


def variables(detail: Mapping[str, Any]) -> Mapping[str, str]:
    """The output variables of an action, of what ListActionExecutions tells of it."""
    return (detail.get("output") or {}).get("outputVariables") or {}


def trained_job(config: Config, external_id: str | None) -> str | None:
    """The training job of a run, by the external id of its training action: the state machine's execution's ARN."""
    prefix = Names(config).execution_arn("")
    return external_id.removeprefix(prefix) if external_id and external_id.startswith(prefix) else None


def _codepipeline(names: Names, accounts: Clients) -> Any:
    return accounts.client(names.shared, "codepipeline")


def _of_pipeline(names: Names, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The call's answer. Raises :class:`NotReady` without a pipeline, and what it likely is where no policy speaks of
    it: an operator's policies name the pipeline by its ARN, so that another is denied, there or not."""
    named = arguments.get("name") or arguments.get("pipelineName")
    try:
        answer: dict[str, Any] | None = absent_as_none("PipelineNotFoundException", call, **arguments)
    except ClientError as error:
        if code_of(error) not in DENIED or _NO_POLICY not in str(error):
            raise
        raise _unknown_to_policies(names, str(named), error) from error
    if answer is None:
        missing = f"there is no pipeline {named} in account {names.shared} yet"
        raise NotReady(missing, next_step=CREATE_PIPELINE)
    return answer


def _unknown_to_policies(names: Names, pipeline: str, error: ClientError) -> XacctError:
    told = translate(error)
    if not isinstance(told, AwsCallFailed):
        return told
    return AwsCallFailed(
        told.message,
        account=told.account,
        call=told.call,
        code=told.code,
        details=(
            f"Likelier than a missing right: there is no pipeline {pipeline} in {names.region}, and the operator's "
            "policies are of a map with another project or region.",
        ),
        next_step="look at project and region in the map; who may list sees what is there by aws codepipeline "
        f"list-pipelines --region {names.region}. If they are right: {told.next_step}",
    )


def _execution(summary: dict[str, Any]) -> Execution:
    revisions = summary.get("sourceRevisions") or []
    return Execution(
        id=summary["pipelineExecutionId"],
        status=summary["status"],
        trigger=(summary.get("trigger") or {}).get("triggerType", "unknown"),
        commit=revisions[0].get("revisionId") if revisions else None,
        started=summary.get("startTime"),
        updated=summary.get("lastUpdateTime"),
        message=text(_message(revisions[0].get("revisionSummary"))) if revisions else None,
        trigger_detail=text((summary.get("trigger") or {}).get("triggerDetail")),
    )


def revision_word(revision: str) -> str:
    """What a revision is called to a person: a git commit's id is hexadecimal, the id of an object's version is not.

    By the revision and not by the map, which may have changed since the run."""
    return "commit" if re.fullmatch(r"[0-9a-f]+", revision) else "version"


def _message(summary: str | None) -> str | None:
    """The commit's message in a ``revisionSummary``: the whole of it for CodeCommit [B], a member of a JSON text for a
    connection (seen in answers of list-pipeline-executions [C]); S3's only repeats the version's id."""
    if not summary or summary.startswith("Amazon S3 version id"):
        return None
    try:
        told = document(summary)
    except ForeignTextError:
        return summary
    return str(told["CommitMessage"]) if isinstance(told, dict) and "CommitMessage" in told else summary


def text(told: str | None) -> str | None:
    """What a service tells, bounded; None for nothing."""
    return bounded(told) if told else None
