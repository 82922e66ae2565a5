"""How a Lambda function answers a CodePipeline job: always once, and never with anything of the event in the log, which
carries credentials (CodePipeline User Guide, actions-invoke-lambda-function).
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.foreign import ForeignTextError, document, line

Reply = dict[str, Any]

_LONGEST_REASON = 5000
"""Characters of a failure's message (CodePipeline API reference, FailureDetails) [B]."""
_LONGEST_SUMMARY = 2048
"""Characters of what an action tells of itself (CodePipeline API reference, ExecutionSummary) [B]: a longer one is
refused, and the action would go on until CodePipeline gives it up."""

_REST = re.compile(r"[A-Za-z0-9-]{1,80}", re.ASCII)

log = logging.getLogger()
log.setLevel(logging.INFO)


class JobFailed(Exception):
    """The job cannot be done. ``kind`` is a CodePipeline failure type."""

    def __init__(self, message: str, kind: str = "JobFailed") -> None:
        super().__init__(message)
        self.kind = kind


def answer(data: dict[str, Any], work: Callable[[dict[str, str]], Reply]) -> Reply:
    """The members of PutJobSuccessResult or, with ``failureDetails``, of PutJobFailureResult: what ``work`` says to the
    ``UserParameters`` in a job's ``data``, or why it failed.
    """
    try:
        return work(_parameters(data))
    except JobFailed as failure:
        return failed(str(failure), failure.kind)
    except ClientError as error:
        # A HEAD has no body, so its denial is the bare status.
        denied = error.response["Error"]["Code"].startswith(("AccessDenied", "403"))
        return failed(str(error), "PermissionError" if denied else "JobFailed")
    except Exception as error:  # whatever happens, the pipeline must hear of it
        log.exception("unexpected")
        return failed(f"{type(error).__name__}: {error}", "JobFailed")


class _Parameters(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise JobFailed(f"the action's UserParameters have no {name}", "ConfigurationError")


def _parameters(data: dict[str, Any]) -> dict[str, str]:
    try:
        found = document(data["actionConfiguration"]["configuration"]["UserParameters"])
    except (KeyError, TypeError, ForeignTextError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise JobFailed("the action's UserParameters are no JSON object of texts", "ConfigurationError")
    return _Parameters(found)


def failed(message: str, kind: str) -> Reply:
    return {"failureDetails": {"type": kind, "message": line(message, _LONGEST_REASON)}}


def report(clients: Iterable[Any], job_id: str, reply: Reply) -> None:
    """Sends the reply, its summary cut to what CodePipeline takes, with the first of the CodePipeline clients whose
    region knows the job.

    A job that was answered already (a duplicate delivery) is left as it is. Raises the ClientError of the last client
    where none knows the job.
    """
    unknown: ClientError | None = None
    if "summary" in (details := reply.get("executionDetails", {})):
        reply = {**reply, "executionDetails": {**details, "summary": line(details["summary"], _LONGEST_SUMMARY)}}
    for client in clients:
        send = client.put_job_failure_result if "failureDetails" in reply else client.put_job_success_result
        try:
            send(jobId=job_id, **reply)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "JobNotFoundException":
                unknown = error
                continue
            if code != "InvalidJobStateException":
                raise
            log.info("job %s was answered before", job_id)
        return
    if unknown is not None:
        raise unknown


def trained_by(execution_arn: str, prefix: str) -> str:
    """The training job of a Step Functions execution, whose ARN begins with ``prefix`` and has nothing but letters,
    digits and hyphens behind it. Raises :class:`JobFailed`.
    """
    if not execution_arn.startswith(prefix) or not _REST.fullmatch(execution_arn.removeprefix(prefix)):
        raise JobFailed(f"{execution_arn!r} is no execution of this project", "ConfigurationError")
    return execution_arn.rsplit(":", 1)[1]
