"""Decides every request by the evaluator of :mod:`xacct_ml.access` over the policies stored in the embedded AWS.

Clients' calls come here from the gate. What a service does by itself (S3 using a key, EventBridge delivering, a service
assuming the role it was given) is decided by :func:`decide` and :func:`service_credentials` and logged alike."""

from collections.abc import Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Decision, Layer, Outcome, Principal, Request
from xacct_ml.access.store import authorize
from xacct_ml.arn import account_of
from xacct_ml.emulator.core import context, denials, runtime
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.authorization import translate
from xacct_ml.emulator.core.callers import Caller
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import WireProtocol
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable
from xacct_ml.emulator.core.policies import StoredPolicies

_NOT_ASSUMABLE = {
    "codepipeline": "CodePipeline is not authorized to perform AssumeRole on role {role}",
    "cloudformation": "Role {role} is invalid or cannot be assumed",
    "states": (
        "Neither the global service principal states.{suffix}, nor the regional one is authorized to assume the "
        "provided role."
    ),
    "sagemaker": (
        "Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.{suffix}' to assume the role."
    ),
    "lambda": "The role defined for the function cannot be assumed by Lambda.",
}
"""AWS's own words per service [C]."""

_ITEM_BY_ITEM = frozenset({("s3", "DeleteObjects")})
"""Calls that are answered with an error for each item that is denied, and done for the others (S3 API reference,
DeleteObjects [D])."""

_LITERAL = str.maketrans({"*": "\ue000", "?": "\ue001"})
"""Wildcards are a policy's: in a request they are characters like others, such as those of an object's key."""


def decide(
    principal: Principal,
    asked: AuthorizationRequest,
    *,
    service: str,
    operation: str,
    context_keys: Mapping[str, ContextValue] | None = None,
    session_policies: tuple[str, ...] = (),
) -> Decision:
    """Decide one IAM request and log it.

    ``service`` and ``operation`` say which API call, or which internal step, it belongs to. ``asked.context`` wins over
    ``context_keys``."""
    resource = asked.resource if asked.resource == "*" else asked.resource.translate(_LITERAL)
    request = Request(principal, asked.action, resource, asked.account, {**(context_keys or {}), **asked.context})
    try:
        decision = authorize(request, StoredPolicies(session_policies))
    except ValueError as error:  # no ARN
        decision = Decision(Outcome.UNDETERMINED, str(error))
    runtime.current().log.add(service, operation, principal, asked, decision, asked.by)
    return decision


def authorize_call(call: ApiCall, caller: Caller, style: WireProtocol) -> tuple[AuthorizationRequest, ...]:
    """Decide every IAM request that an API call amounts to; returns them, with the reason those that are refused as an
    item of a list.

    :raises ServiceError: the first that is not allowed, with AWS's code and message"""
    keys = {**context.of_call(call), **caller.context}
    decided = []
    for asked in translate(call):
        decision = decide(
            call.principal,
            asked,
            service=call.service,
            operation=call.operation,
            context_keys={**keys, **context.of_resource(asked)},
            session_policies=caller.session_policies,
        )
        refusal = None if decision.allowed else denials.access_denied(style, call.principal, asked, decision)
        if refusal is not None and (call.service, call.operation) not in _ITEM_BY_ITEM:
            raise refusal
        decided.append(asked if refusal is None else replace(asked, refused=refusal.message))
    return tuple(decided)


def service_credentials(
    role_arn: str,
    service: str,
    *,
    session_name: str,
    source_arn: str | None = None,
    source_account: str | None = None,
    external_id: str | None = None,
    session_policy: str | None = None,
) -> Credentials:
    """Credentials of ``role_arn`` for the service principal ``service`` (``states.amazonaws.com``), narrowed by the
    session policy where one is given.

    The role's trust policy is evaluated as that service, with ``aws:SourceArn`` and ``aws:SourceAccount`` where given.

    :raises RoleNotAssumable: no such role, or its trust policy does not allow this"""
    running = runtime.current()
    account = account_of(role_arn, "")
    role = principals.role(role_arn)
    keys: dict[str, ContextValue] = {**context.constant(running.region), "sts:RoleSessionName": session_name}
    if source_arn is not None:
        keys["aws:SourceArn"] = source_arn
    if source_account is not None:
        keys["aws:SourceAccount"] = source_account
    if external_id is not None:
        keys["sts:ExternalId"] = external_id
    short, _, suffix = service.partition(".")
    asked = AuthorizationRequest("sts:AssumeRole", role_arn, account, by=service)
    principal = Principal.service(service)
    if role is None:
        missing = Decision(Outcome.DENIED, f"{role_arn} does not exist", missing=(Layer.RESOURCE,))
        running.log.add("sts", "AssumeRole", principal, asked, missing, service)
    elif (running.faults is None or not running.faults.not_assumable(role_arn)) and decide(
        principal, asked, service="sts", operation="AssumeRole", context_keys=keys
    ).allowed:
        policies = () if session_policy is None else (session_policy,)
        session = sessions.mint(
            role_arn, session_name, region=running.region, policies=policies, external_id=external_id
        )
        return Credentials(session.access_key_id, session.secret_access_key, session.session_token, role_arn)
    words = _NOT_ASSUMABLE.get(short, f"{service} is not authorized to perform: sts:AssumeRole on resource: {{role}}")
    raise RoleNotAssumable(words.format(role=role_arn, suffix=suffix))
