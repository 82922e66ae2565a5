"""What the evaluator knows about a request."""

from __future__ import annotations

import pytest

from tests.access.policies import A_ROLE, A_ROOT, A_SERVICE, A_SESSION, A_USER, ANYBODY, OURS, ROLE, ROOT, USER, request
from xacct_ml.access.context import UNKNOWN, KeyValues, RequestContext
from xacct_ml.access.model import Principal

KEYS = ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:username")


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (A_ROOT, ((ROOT,), (OURS,), ("Account",), (OURS,), None)),
        (A_USER, ((USER,), (OURS,), ("User",), ("AIDACARLOS",), ("carlos",))),
        (A_SESSION, ((ROLE,), (OURS,), ("AssumedRole",), ("AROATRAINER:run-1",), None)),
        (A_ROLE, ((ROLE,), (OURS,), ("AssumedRole",), UNKNOWN, None)),
        (Principal.session(ROLE, "s"), ((ROLE,), (OURS,), ("AssumedRole",), UNKNOWN, None)),
        (Principal.user(USER), ((USER,), (OURS,), ("User",), UNKNOWN, ("carlos",))),
        (A_SERVICE, (None, None, UNKNOWN, UNKNOWN, None)),
        (ANYBODY, (None, ("anonymous",), ("Anonymous",), ("anonymous",), None)),
    ],
)
def test_keys_that_follow_from_the_principal(principal: Principal, expected: tuple[KeyValues, ...]) -> None:
    """reference_policies_variables, "Principal key values", and the pages of the global condition keys."""
    context = RequestContext(request(principal))
    assert tuple(context.get(key.lower()) for key in KEYS) == expected


def test_the_user_id_of_a_session_ends_with_its_name_once() -> None:
    """Whether the id came with the session's name or without it."""
    for unique_id in ("AROATRAINER", "AROATRAINER:run-1"):
        context = RequestContext(request(Principal.session(ROLE, "run-1", unique_id)))
        assert context.get("aws:userid") == ("AROATRAINER:run-1",)


def test_services_are_told_from_others() -> None:
    """aws:PrincipalIsAWSService is in every signed request, the service's name in a service's own."""
    assert RequestContext(request(A_SERVICE)).get("aws:principalisawsservice") == ("true",)
    assert RequestContext(request(A_SERVICE)).get("aws:principalservicename") == ("states.amazonaws.com",)
    assert RequestContext(request(A_SERVICE)).get("aws:principalservicenameslist") is UNKNOWN
    assert RequestContext(request(A_ROLE)).get("aws:principalisawsservice") == ("false",)
    assert RequestContext(request(A_ROLE)).get("aws:principalservicename") is None
    assert RequestContext(request(ANYBODY)).get("aws:principalisawsservice") is None


def test_the_requests_own_keys_win() -> None:
    """A caller may know better, in any spelling."""
    context = RequestContext(request(context={"AWS:PrincipalARN": "arn:x", "aws:TagKeys": ("a", "b")}))
    assert context.get("aws:principalarn") == ("arn:x",)
    assert context.get("aws:tagkeys") == ("a", "b")


@pytest.mark.parametrize("action", ["s3:*", "s3:Get?", "*", "s3", "s3:", "s3:Get Object", "${aws:username}:x"])
def test_the_action_is_concrete(action: str) -> None:
    """A request is one action."""
    with pytest.raises(ValueError, match="action"):
        RequestContext(request(action=action))


@pytest.mark.parametrize("resource", ["arn:aws:s3:::b/*", "arn:aws:s3:::b/?", "**"])
def test_the_resource_is_concrete(resource: str) -> None:
    """A request is on one resource, or on * where the action has none."""
    with pytest.raises(ValueError, match="resource"):
        RequestContext(request(resource=resource))
    assert RequestContext(request(resource="*")).resource == "*"


@pytest.mark.parametrize("principal", [A_SESSION, A_ROLE])
def test_a_role_or_session_is_given_with_its_role(principal: Principal) -> None:
    """The session's ARN does not tell the role's path."""
    with pytest.raises(ValueError, match="role"):
        RequestContext(request(Principal(principal.kind, principal.arn, OURS)))


def test_values_are_text() -> None:
    """As in a policy."""
    context = RequestContext(request(context={"k:x": (1,)}))  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="not text"):
        context.get("k:x")
