"""STS: AssumeRole with the session's policies, tags and duration checked.

moto takes any role (existing or not) and checks no duration."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from xacct_ml.access.policy import Policy
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.moto_sessions import DEFAULT_DURATION, mint


def _assume_role(_: Any) -> ActionResult:
    """AssumeRole for a caller who was allowed: the role exists and its trust policy agrees."""
    call = dispatch.served_call.get()
    params = call.params
    role: Any = principals.role(params["RoleArn"])
    duration = int(params.get("DurationSeconds", DEFAULT_DURATION))
    _check_duration(
        duration, int(role.max_session_duration or DEFAULT_DURATION), chained=call.principal.role_arn is not None
    )
    session = mint(
        role.arn,
        params["RoleSessionName"],
        region=call.region,
        duration=duration,
        policies=_session_policies(params),
        tags={tag["Key"]: tag["Value"] for tag in params.get("Tags") or ()},
        external_id=params.get("ExternalId"),
    )
    name = role.arn.rsplit("/", 1)[-1]
    return ActionResult(
        {
            "Credentials": {
                "AccessKeyId": session.access_key_id,
                "SecretAccessKey": session.secret_access_key,
                "SessionToken": session.session_token,
                "Expiration": session.expires,
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"{role.id}:{session.session_name}",
                "Arn": f"arn:{call.partition}:sts::{session.account_id}:assumed-role/{name}/{session.session_name}",
            },
            "PackedPolicySize": 6 if session.policies else None,
        }
    )


def _check_duration(duration: int, longest: int, *, chained: bool) -> None:
    """STS API reference, AssumeRole, ``DurationSeconds`` [D]."""
    if duration < 900:
        constraint = "Member must have value greater than or equal to 900"
        message = f"Value '{duration}' at 'durationSeconds' failed to satisfy constraint: {constraint}"
        raise ServiceError("ValidationError", f"1 validation error detected: {message}", 400)
    if chained and duration > DEFAULT_DURATION:
        message = "exceeds the 1 hour session limit for roles assumed by role chaining"
        raise ServiceError("ValidationError", f"The requested DurationSeconds {message}.", 400)
    if duration > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise ServiceError("ValidationError", message, 400)


def _session_policies(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The documents of the inline and the managed session policies."""
    documents = [str(params["Policy"])] if params.get("Policy") else []
    for text in documents:
        if defects := Policy.parse(text, "").defects:
            raise ServiceError("MalformedPolicyDocument", f"Syntax errors in policy. ({defects[0]})", 400)
    for named in params.get("PolicyArns") or ():
        document = principals.managed_policy(named["arn"])
        if document is None:
            raise ServiceError("MalformedPolicyDocument", f"Policy {named['arn']} does not exist", 400)
        documents.append(document)
    return tuple(documents)


def _not_here(_: Any) -> ActionResult:
    """moto answers with one well-known key, which no later request could use."""
    raise NotImplementedError("only sts:AssumeRole gives temporary credentials")


def install() -> None:
    TokenResponse.assume_role = _assume_role
    for operation in (
        "get_session_token",
        "get_federation_token",
        "assume_role_with_saml",
        "assume_role_with_web_identity",
    ):
        setattr(TokenResponse, operation, _not_here)
