"""Documents that mean the same are equal."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.configs import example
from xacct_ml.engine.diff import diff
from xacct_ml.resources.policy_document import normalise
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.roles import roles

ONE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::b/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"a": ["x", "y"]}},
        },
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
    ],
}
SAME = {
    "Statement": [
        {
            "Condition": {"StringEquals": {"a": ["y", "x"]}, "Bool": {"aws:SecureTransport": [True]}},
            "Resource": "arn:aws:s3:::b/*",
            "Action": ["s3:ListBucket", "s3:GetObject", "s3:GetObject"],
            "Principal": {"AWS": ["arn:aws:iam::111111111111:root"]},
            "Effect": "Allow",
            "Sid": "Read",
        },
        {"Resource": ["*"], "Action": ["s3:*"], "Effect": "Deny"},
    ],
    "Version": "2012-10-17",
}


def test_order_and_single_element_lists_mean_nothing() -> None:
    """Keys, values and one-element lists may come back otherwise than they were written."""
    assert normalise(ONE) == normalise(SAME)


@pytest.mark.parametrize("text", [json.dumps(SAME), quote(json.dumps(SAME)), json.dumps(SAME, indent=2)])
def test_text_is_parsed(text: str) -> None:
    """IAM gives documents URL-encoded, S3 and KMS as JSON text."""
    assert normalise(text) == normalise(ONE)


def test_one_statement_may_stand_alone() -> None:
    """The grammar allows a statement without a list."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    assert normalise({"Statement": statement}) == normalise({"Statement": [statement]})


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Allow"},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::b"},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_meaning_differs(changed: dict[str, Any]) -> None:
    """What decides differently is not equal."""
    other = {**ONE, "Statement": [ONE["Statement"][0], {**ONE["Statement"][1], **changed}]}  # type: ignore[dict-item]
    assert normalise(other) != normalise(ONE)


def test_the_stale_id_of_a_recreated_role_shows() -> None:
    """A principal that became an internal id is a difference, so that it is written again."""
    stale = json.loads(json.dumps(ONE))
    stale["Statement"][0]["Principal"]["AWS"] = "AROAEXAMPLE"
    (change,) = diff(normalise(stale), normalise(ONE))
    assert change.place == "Statement.Read.Principal.AWS[0]"


def test_statements_with_the_same_sid_are_all_kept() -> None:
    """Nothing is lost where a Sid is used twice."""
    twice = {"Statement": [{"Sid": "A", "Effect": "Allow"}, {"Sid": "A", "Effect": "Deny"}]}
    assert len(normalise(twice)["Statement"]) == 2


def test_our_documents_are_read_back_as_written() -> None:
    """Whatever the documents contain survives the way through JSON."""
    for role in roles(example(), Keys.stand_ins(Names(example()))):
        for document in (role.trust, *role.policies.values()):
            assert normalise(quote(json.dumps(document))) == normalise(document)
