"""Waiting for AWS to catch up, on a clock that only moves when someone sleeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.aws.client_errors import client_error
from tests.engine.fakes import FakeClock
from xacct_ml.aws.errors import translate
from xacct_ml.aws.retry import PROPAGATION, eventually, propagating, wait_until
from xacct_ml.engine.backoff import Backoff
from xacct_ml.errors import XacctError

NOT_YET = client_error(
    "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", "CreateFunction"
)


def failing(times: int, error: ClientError) -> Callable[[], str]:
    errors = iter([error] * times)

    def call() -> str:
        for one in errors:
            raise one
        return "made"

    return call


@pytest.mark.parametrize(
    ("service", "code", "message", "expected"),
    [
        (
            "lambda",
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
            True,
        ),
        ("lambda", "InvalidParameterValueException", "Runtime python3.6 is not supported", False),
        ("lambda", "ResourceConflictException", "An update is in progress", True),
        (
            "codepipeline",
            "InvalidStructureException",
            "CodePipeline is not authorized to perform AssumeRole on role x",
            True,
        ),
        ("codepipeline", "InvalidStructureException", "Pipeline should start with a stage", False),
        (
            "kms",
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
            True,
        ),
        ("kms", "MalformedPolicyDocumentException", "The new key policy will not allow you to update it", False),
        ("s3", "MalformedPolicy", "Invalid principal in policy", True),
        ("s3", "AccessDenied", "Access Denied", False),
        ("iam", "MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"arn:aws:iam::1:role/x"', True),
        ("iam", "MalformedPolicyDocument", "Syntax errors in policy.", False),
        ("cloudformation", "ValidationError", "Role arn:aws:iam::1:role/x is invalid or cannot be assumed", True),
        ("cloudformation", "ValidationError", "Template format error", False),
    ],
)
def test_what_passes_by_itself(service: str, code: str, message: str, expected: bool) -> None:
    """Only the services' own words for a role or principal that has not propagated are retried."""
    assert propagating(service)(client_error(code, message)) is expected


def test_a_transient_error_is_retried_until_it_passes() -> None:
    """The result is the call's, and time passed in between."""
    clock = FakeClock()
    assert eventually(failing(4, NOT_YET), propagating("lambda"), clock) == "made"
    assert clock.now() == 1 + 2 + 4 + 8


def test_another_error_is_raised_at_once() -> None:
    """What will not pass is not waited for."""
    clock = FakeClock()
    with pytest.raises(ClientError, match="AccessDenied"):
        eventually(failing(9, client_error("AccessDenied")), propagating("lambda"), clock)
    assert clock.now() == 0


def test_patience_ends_and_the_error_says_so() -> None:
    """After two minutes the last error is raised, and its translation tells how long it was retried."""
    clock = FakeClock()
    with pytest.raises(ClientError) as caught:
        eventually(failing(99, NOT_YET), propagating("lambda"), clock)
    assert clock.now() <= PROPAGATION.limit
    message = translate(caught.value).message
    assert "cannot be assumed by Lambda" in message
    assert "still so after 120 seconds of retries" in message


def test_waiting_is_bounded() -> None:
    """Something that never happens ends in an error that names it."""
    with pytest.raises(XacctError, match="waited 7 seconds for the stack"):
        wait_until(lambda: False, "the stack", FakeClock(), Backoff(limit=7))


def test_waiting_ends_when_it_happened() -> None:
    """It looks again until it is so."""
    clock = FakeClock()
    wait_until(lambda: clock.now() > 3, "time", clock, Backoff(limit=60, first=1))
    assert clock.now() == 7
