"""Policies of the organization from files: what is read, and what a user's mistake is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.errors import InputError
from xacct_ml.operations.organization_policies import read

CONFIG = example()
FULL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
BAD_ACTION = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Fine", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"a": ["{"]}}},
    {"Sid": "Bad",
     "Effect": "Permit", "Action": "*", "Resource": "*"}
  ]
}
"""


def service_control(*texts: str) -> Organization:
    return read(CONFIG, texts, (), None)


def names(organization: Organization, account: str) -> list[list[str]]:
    return [[policy.name for policy in level] for level in organization.service_control[account]]


def test_each_option_is_a_level(tmp_path: Path) -> None:
    """From the root down, in the order given; of several accounts."""
    for name in ("full.json", "no-s3.json"):
        (tmp_path / name).write_text(FULL)
    full, other = tmp_path / "full.json", tmp_path / "no-s3.json"
    found = service_control(f"{TRAINING}={full}", f"{TRAINING}={full},{other}", f"{PRODUCTION}={other}")
    assert names(found, TRAINING) == [["full.json"], ["full.json", "no-s3.json"]]
    assert names(found, PRODUCTION) == [["no-s3.json"]]
    assert SHARED not in found.service_control
    assert read(CONFIG, (), (), SHARED) is NO_ORGANIZATION


def test_resource_control_policies_of_an_account_are_one_list(tmp_path: Path) -> None:
    """At whichever level: only their denials count. ``Content`` of one level is another file."""
    path = tmp_path / "perimeter.json"
    path.write_text(json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}))
    found = read(CONFIG, (), (f"{SHARED}={path}", f"{SHARED}={path}"), TRAINING)
    assert [policy.name for policy in found.resource_control[SHARED]] == ["perimeter.json"] * 2
    assert found.management_account == TRAINING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{TRAINING}", "has another form than ACCOUNT=FILE"),
        (f"{TRAINING}=", "has another form than ACCOUNT=FILE"),
        (f"{TRAINING}=a.json,", "has another form than ACCOUNT=FILE"),
        ("999999999999=a.json", "999999999999 is none of the map's accounts"),
        (f"{TRAINING}=/nowhere/a.json", "/nowhere/a.json: the file cannot be read: No such file or directory"),
    ],
)
def test_another_form_is_refused(text: str, said: str) -> None:
    """With what to write, or the accounts that there are."""
    with pytest.raises(InputError) as refused:
        service_control(text)
    assert said in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("{\n  x", 2, "the file is not JSON"),
        ("", 1, "the file is not JSON"),
        ("[" * 100, 1, "the file is nested more than"),
        ('{"Statement": 1}', 1, "no statements"),
        ("[]", 1, "not a JSON object"),
        (BAD_ACTION, 5, "statement Bad: Effect is 'Permit'"),
        (FULL.replace(', "Resource": "*"', ""), 1, "statement #1: it has no Resource"),
        (
            '{"Statement":\n {"Effect": "Deny",\n "NotPrincipal": "x", "Action": "*", "Resource": "*"}}',
            2,
            "statement #1",
        ),
        (FULL.replace('"Effect"', '"Principal": "*", "Effect"'), 1, "a service control policy has no Principal"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    """And what is wrong there."""
    path = tmp_path / "policy.json"
    path.write_text(content)
    with pytest.raises(InputError) as refused:
        service_control(f"{TRAINING}={path}")
    assert refused.value.file == path
    assert refused.value.line == line
    assert said in refused.value.reason


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Or too large to be a policy."""
    path = tmp_path / "policy.json"
    for content, said in ((b"\xff\xfe", "is not UTF-8"), (b" " * ((1 << 20) + 1), "has more than 1,048,576 bytes")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=said):
            service_control(f"{TRAINING}={path}")


def test_a_resource_control_policy_is_about_everybody(tmp_path: Path) -> None:
    """Who is meant, a condition says (orgs_manage_policies_rcps_syntax)."""
    path = tmp_path / "policy.json"
    path.write_text(FULL)
    with pytest.raises(InputError, match='a resource control policy has Principal "\\*" in every statement'):
        read(CONFIG, (), (f"{SHARED}={path}",), None)
