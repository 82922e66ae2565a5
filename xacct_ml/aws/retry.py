"""Waiting for AWS to catch up: a role that exists but cannot be assumed yet, a policy that names it too early.

The table is that of the services' own errors right after an IAM change; each is retried for at most two minutes, the
time that Terraform's provider allows IAM as well [C]. Nothing else is retried here (botocore retries throttling)."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from botocore.exceptions import ClientError

from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.clock import Clock
from xacct_ml.errors import XacctError

T = TypeVar("T")
IsTransient = Callable[[ClientError], bool]

_SHOWN = 160

PROPAGATION = Backoff(limit=120.0, first=1.0, longest=10.0)

TRANSIENT: Mapping[str, tuple[tuple[str, str], ...]] = {
    # service: (error code, part of the message; both compared without case)
    "lambda": (
        ("InvalidParameterValueException", "cannot be assumed by lambda"),  # [D]/[C]
        ("InvalidParameterValueException", "kms key is invalid for creategrant"),  # [C]
        ("ResourceConflictException", "in progress"),  # not "already exist" [B]
    ),
    "codepipeline": (("InvalidStructureException", "not authorized"),),  # [C]
    "kms": (
        ("MalformedPolicyDocumentException", "invalid principal"),  # [B]
        ("NotFoundException", ""),  # a key created a moment ago [U]
    ),
    "s3": (
        ("MalformedPolicy", "invalid principal"),  # [C]
        ("NoSuchBucket", ""),  # a setting of a bucket created a moment ago [U]
        ("OperationAborted", ""),  # "a conflicting conditional operation is currently in progress" [D]
    ),
    "iam": (
        ("MalformedPolicyDocument", "invalid principal"),  # [D]
        ("NoSuchEntity", ""),  # a policy of a role created a moment ago [U]
        ("ConcurrentModification", ""),  # [B]
    ),
    "cloudformation": (
        ("ValidationError", "cannot be assumed"),  # "Role … is invalid or cannot be assumed" [U]
        ("AccessDenied", "not authorized to perform: sts:assumerole"),  # [U]
    ),
    "events": (("ConcurrentModificationException", ""),),  # [B]
    "scheduler": (
        ("ValidationException", "to assume the role"),  # "The execution role you provide must allow AWS …" [C]
    ),
    "sts": (("AccessDenied", "not authorized to perform: sts:assumerole"),),  # right after a change of trust [U]
}

STATE_MACHINE_ROLE = (
    "is not authorized to create managed-rule",
    "authorized to assume the provided role",
    "cannot be assumed",
)
"""What Step Functions says, through CloudFormation's events, while the state machine's role propagates [C]/[U]."""


def propagating(service: str) -> IsTransient:
    """Whether an error of this service (boto3's name) passes by itself once IAM has caught up."""
    rows = TRANSIENT[service]

    def is_transient(error: ClientError) -> bool:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "").lower()
        return any(code.lower() == wanted.lower() and part in message for wanted, part in rows)

    return is_transient


def eventually(call: Callable[[], T], is_transient: IsTransient, clock: Clock, backoff: Backoff = PROPAGATION) -> T:
    """``call``'s result, called again as long as its error is transient and the backoff allows.

    Raises the last error, with a note that says how long it was retried."""
    last: ClientError | None = None

    def reason() -> str:
        return "AWS" if last is None else f"AWS to be ready: {last.operation_name} says {_said(last)}"

    for _ in backoff.attempts(clock, reason):
        try:
            return call()
        except ClientError as error:
            if not is_transient(error):
                raise
            last = error
    assert last is not None
    last.add_note(f"still so after {backoff.limit:.0f} seconds of retries")
    raise last


def wait_until(done: Callable[[], bool], waiting_for: str, clock: Clock, backoff: Backoff) -> None:
    """Returns once ``done()``; raises XacctError where it is not within the backoff's limit."""
    for _ in backoff.attempts(clock, waiting_for):
        if done():
            return
    raise XacctError(
        f"waited {backoff.limit:.0f} seconds for {waiting_for}",
        next_step="run the same command again: it continues there",
    )


def _said(error: ClientError) -> str:
    text = " ".join(f"{error.response['Error'].get('Code')}: {error.response['Error'].get('Message', '')}".split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
