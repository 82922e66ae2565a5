"""Kinds of AWS's errors: each public text is of its row's kind, and its next step can help."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import botocore.session
import pytest

from tests.aws.client_errors import client_error
from xacct_ml.aws.errors import translate
from xacct_ml.errors import AwsCallFailed, CredentialsError
from xacct_ml.tables.aws_errors import GROUPS, ROWS, Advice, Row, advice

EXAMPLES = [(row, *example) for row in ROWS for example in row.examples]
TEXTS = [example for row in ROWS for example in row.examples]
KNOWN = {"account": "222222222222", "region": "eu-west-1", "login": "aws sso login"}
CALLED = (
    "cloudformation cloudwatch codebuild codecommit codeconnections codepipeline events iam kms lambda logs s3 "
    "sagemaker stepfunctions sts"
)
"""Services that the project or a run of it calls."""
SIZES = {
    "CommentContentSizeLimitExceededException",
    "CommitIdsLimitExceededException",
    "FileContentSizeLimitExceededException",
    "FolderContentSizeLimitExceededException",
}
"""Of one request: what is too large is in it."""


def advised(code: str, message: str, call: str) -> Advice:
    found = advice(code, message, call, KNOWN)
    assert found is not None
    return found


@pytest.mark.parametrize(("row", "code", "message", "call"), EXAMPLES)
def test_a_public_text_is_of_its_rows_kind(row: Row, code: str, message: str, call: str) -> None:
    assert next(first for first in ROWS if first.read(code, message, call) is not None) is row
    assert advised(code, message, call).kind == row.kind


@pytest.mark.parametrize(("code", "message", "call"), TEXTS)
def test_awss_sentence_is_quoted_with_account_and_call(code: str, message: str, call: str) -> None:
    error = translate(client_error(code, message, call=call, account="222222222222"))
    assert isinstance(error, AwsCallFailed | CredentialsError)
    assert f"{call} in account 222222222222: {code}: {' '.join(message.split())}".strip() in error.message
    assert error.next_step


@pytest.mark.parametrize(("code", "message", "call"), [text for text in TEXTS if "explicit deny" in text[1]])
def test_no_right_is_advised_against_an_explicit_denial(code: str, message: str, call: str) -> None:
    step = advised(code, message, call).next_step
    assert not re.match("(let|allow)", step)
    assert "allow " not in step
    assert "render" not in step


def test_a_denial_names_who_what_and_by_which_policy() -> None:
    said = (
        "User: arn:aws:sts::222222222222:assumed-role/op/x is not authorized to perform: s3:PutBucketPolicy on "
        'resource: "arn:aws:s3:::churn" with an explicit deny in a resource-based policy'
    )
    step = advised("AccessDenied", said, "s3:PutBucketPolicy").next_step
    assert "arn:aws:sts::222222222222:assumed-role/op/x" in step
    assert "s3:PutBucketPolicy in the policy of arn:aws:s3:::churn," in step


@pytest.mark.parametrize(
    ("code", "message", "call", "named"),
    [
        ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", "iam:CreateRole", "RolesPerAccount: 1000"),
        ("LimitExceededException", "Pipelines limit exceeded", "codepipeline:CreatePipeline", "number of pipelines"),
        ("LimitExceededException", "", "kms:CreateKey", "KMS keys"),
        ("LimitExceededException", "Resource limit exceeded.", "logs:CreateLogGroup", "Log groups"),
        ("LimitExceeded", "", "cloudwatch:PutMetricAlarm", "Number of alarms"),
        ("ResourceLimitExceeded", "x", "sagemaker:CreateEndpoint", "for endpoint usage"),
    ],
)
def test_a_quota_is_named(code: str, message: str, call: str, named: str) -> None:
    found = advised(code, message, call)
    assert found.kind == "quota"
    assert named in found.next_step
    assert "wait a minute" not in found.next_step


def limits() -> Iterator[tuple[str, str]]:
    """Service and code of each modelled error that is about a limit."""
    session = botocore.session.Session()
    for service in CALLED.split():
        model = session.get_service_model(service)
        for name in model.shape_names:
            metadata = model.shape_for(name).metadata
            if metadata.get("exception") or metadata.get("error"):
                code = metadata.get("error", {}).get("code", name)
                if re.search("Limit(Exceeded|Reached)|Quota", code) and code not in SIZES:
                    yield service, code


@pytest.mark.parametrize(("service", "code"), sorted(limits()))
def test_every_limit_of_a_service_is_a_quota(service: str, code: str) -> None:
    """As botocore's models have them; what throttles has other names, or says so."""
    assert advised(code, "", f"{service}:Operation").kind == "quota"
    assert advised(code, "Rate exceeded", f"{service}:Operation").kind in ("quota", "throttled")


def test_a_next_step_names_only_what_is_known() -> None:
    known = {"account", "region", "call", "service", "quota", "who", "action", "resource", "login"}
    for row in ROWS:
        assert {name for _, name, _, _ in string.Formatter().parse(row.next) if name} <= known
        assert row.source
        assert row.examples


def test_a_code_is_of_one_group() -> None:
    words = [code for codes in GROUPS.values() for code in codes]
    assert len(words) == len(set(words))


def test_what_is_not_known_has_no_advice() -> None:
    assert advice("EntityAlreadyExists", "Role with name x already exists.", "iam:CreateRole", KNOWN) is None
