"""The role: made as the document says, once IAM knows its principals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from moto import mock_aws

from tests.aws.client_errors import client_error
from tests.configs import SHARED, example
from tests.resources.cloud import Cloud
from xacct_ml.engine.resource import Outputs
from xacct_ml.system.thing import Role

ID = "shared/role/start"
OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


def role(cloud: Cloud) -> Any:
    return cloud.resources(ID)[0]


def test_path_and_boundary_are_the_maps() -> None:
    """What enterprises demand is on the role from its first moment."""
    roles = {"path": "/ml/", "name_prefix": "x-", "permissions_boundary": "edge"}
    with mock_aws():
        cloud = Cloud(example(roles=roles))
        cloud.apply(role(cloud))
        made = cloud.client(SHARED, "iam").get_role(RoleName="x-churn-start")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{SHARED}:role/ml/x-churn-start"
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == f"arn:aws:iam::{SHARED}:policy/edge"


def test_another_path_is_an_error_that_says_what_to_do(cloud: Cloud) -> None:
    """IAM cannot move a role."""
    cloud.apply(role(cloud))
    cloud.forget()
    rendered: Callable[[Outputs], Role] = role(cloud).rendered

    def moved(outputs: Outputs) -> Role:
        return replace(rendered(outputs), path="/elsewhere/")

    (failure,) = cloud.attempt(replace(role(cloud), rendered=moved)).failures
    assert "a role's path cannot be changed" in failure.error.message
    assert cloud.writes == []


def test_a_principal_that_is_not_known_yet_is_waited_for(cloud: Cloud) -> None:
    """IAM refuses a trust policy that names somebody created a moment ago."""
    refusals = [client_error("MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"…"')] * 2
    real = cloud.client(SHARED, "iam")

    class Late:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def create_role(self, **request: Any) -> Any:
            if refusals:
                raise refusals.pop()
            return real.create_role(**request)

    cloud.replaced["iam"] = Late()
    cloud.apply(role(cloud))
    assert cloud.observe(ID) is not None
    assert cloud.clock.now() == 1 + 2


def test_everything_on_it_is_deleted_with_it(cloud: Cloud) -> None:
    """Inline and attached policies go first, also those that somebody else added."""
    cloud.apply(role(cloud))
    iam = cloud.client(SHARED, "iam")
    iam.put_role_policy(RoleName="churn-start", PolicyName="more", PolicyDocument=json.dumps(OTHER))
    arn = iam.create_policy(PolicyName="any", PolicyDocument=json.dumps(OTHER))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="churn-start", PolicyArn=arn)
    assert cloud.destroy(role(cloud)).ok
    assert "churn-start" not in [one["RoleName"] for one in iam.list_roles()["Roles"]]
