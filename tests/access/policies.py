"""Short ways to write policies and requests for the tests of the evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xacct_ml.access.context import RequestContext
from xacct_ml.access.evaluate import PolicySet, decide
from xacct_ml.access.model import ContextValue, Outcome, Principal, Request, ResourcePolicyKind
from xacct_ml.access.policy import Policy

OURS = "111111111111"
OTHER = "222222222222"
ROLE = f"arn:aws:iam::{OURS}:role/team/trainer"
SESSION = f"arn:aws:sts::{OURS}:assumed-role/trainer/run-1"
USER = f"arn:aws:iam::{OURS}:user/carlos"
ROOT = f"arn:aws:iam::{OURS}:root"
OTHER_ROOT = f"arn:aws:iam::{OTHER}:root"
BUCKET = "arn:aws:s3:::data"
OBJECT = f"{BUCKET}/train/train.csv"
KEY = f"arn:aws:kms:eu-west-1:{OURS}:key/0001"

A_ROLE = Principal.role(ROLE, "AROATRAINER")
A_SESSION = Principal.session(ROLE, "run-1", "AROATRAINER")
A_USER = Principal.user(USER, "AIDACARLOS")
A_ROOT = Principal.root(OURS)
A_SERVICE = Principal.service("states.amazonaws.com")
ANYBODY = Principal.anonymous()

Statement = dict[str, Any]


def statement(effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> Statement:
    """A statement; ``resource=None`` leaves the element out."""
    written: Statement = {"Effect": effect, "Action": action, **elements}
    if resource is not None:
        written["Resource"] = resource
    return written


def document(*statements: Statement, version: str | None = "2012-10-17") -> dict[str, Any]:
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def policy(*statements: Statement, name: str = "policy", version: str | None = "2012-10-17") -> Policy:
    return Policy.parse(document(*statements, version=version), name)


def request(
    principal: Principal = A_SESSION,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    owner: str = OURS,
    context: Mapping[str, ContextValue] | None = None,
) -> Request:
    return Request(principal, action, resource, owner, context or {})


def seen(principal: Principal = A_SESSION, /, **context: Any) -> RequestContext:
    """A request context; keys are given with ``__`` for the colon."""
    return RequestContext(request(principal, context={key.replace("__", ":"): value for key, value in context.items()}))


def outcome(asked: Request, **policies: Any) -> Outcome:
    """The outcome under a ``PolicySet`` with these members; a resource policy is a bucket's unless said otherwise."""
    if "resource" in policies:
        policies.setdefault("resource_kind", ResourcePolicyKind.BUCKET)
    return decide(asked, PolicySet(**policies)).outcome


def with_condition(
    operator: str, key: str, values: Any, *, effect: str = "Allow", version: str = "2012-10-17"
) -> Policy:
    return policy(statement(effect, Condition={operator: {key: values}}), version=version)
