"""Roles, statements and refusals for tests against the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.configs import SHARED
from xacct_ml.emulator.core.identity import Credentials, role_credentials
from xacct_ml.emulator.server import EmbeddedAws


class Roles:
    """Makes roles in the embedded AWS and gives credentials of a session of them."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws

    def create(self, name: str, *statements: Mapping[str, Any], account: str = SHARED, **more: Any) -> str:
        """A role that its own account may assume, with ``statements`` as its inline policy; its ARN."""
        iam = self._aws.administrator(account).client("iam")
        trust = policy(allow("sts:AssumeRole", principal={"AWS": f"arn:aws:iam::{account}:root"}))
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy(*statements))
        return arn

    def session(self, name: str, *statements: Mapping[str, Any], account: str = SHARED) -> Credentials:
        """Credentials of a session named ``me`` of a new role."""
        arn = self.create(name, *statements, account=account)
        return role_credentials(self._aws.administrator(account), arn, "me")


def allow(*actions: str, resource: Any = None, principal: Any = None, **conditions: Any) -> dict[str, Any]:
    """An allowing statement; ``conditions`` are operators."""
    return statement("Allow", *actions, resource=resource, principal=principal, **conditions)


def statement(
    effect: str, *actions: str, resource: Any = None, principal: Any = None, **conditions: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": effect, "Action": list(actions)}
    if resource is not None:
        made["Resource"] = resource
    if principal is not None:
        made["Principal"] = principal
    if conditions:
        made["Condition"] = conditions
    return made


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def error_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    """Code, message and HTTP status of the error that a client call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], error.get("Message", ""), metadata["HTTPStatusCode"]
