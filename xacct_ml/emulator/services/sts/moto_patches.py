"""STS: AssumeRole with the session's policies, tags and duration checked.

moto takes any role (existing or not) and checks no duration."""

import re
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from xacct_ml.access.policy import Policy
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_validation
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.core.moto_sessions import DEFAULT_DURATION, mint, mint_for_user
from xacct_ml.emulator.services.sts import moto_web_identity as web_identity
from xacct_ml.emulator.services.sts import validation
from xacct_ml.emulator.services.sts.moto_answers import assumed, credentials

_USER_DURATION = 12 * 3600
"""In seconds (STS API reference, GetSessionToken) [D]."""
_TOKEN = "x-amz-security-token"
_CODE = re.compile(r"[0-9]{6}")
_TAKEN: set[tuple[str, str]] = set()


def _assume_role(_: Any) -> ActionResult:
    """AssumeRole for a caller who was allowed: the role exists and its trust policy agrees."""
    call = dispatch.served_call.get()
    params = call.params
    _take_code(params)
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
    return assumed(role, session, call.partition, PackedPolicySize=6 if session.policies else None)


def _get_session_token(_: Any) -> ActionResult:
    """For an IAM user; temporary credentials cannot ask for it (STS API reference, GetSessionToken) [D]."""
    call = dispatch.served_call.get()
    user: Any = principals.user(call.principal.arn)
    if user is None or _TOKEN in call.headers:
        raise ServiceError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    device = _take_code(call.params)
    duration = int(call.params.get("DurationSeconds", _USER_DURATION))
    key, session = mint_for_user(user, principals.backend(call.account, call.partition), duration, device)
    return ActionResult({"Credentials": credentials(key, session.session_token, session.expires)})


def _take_code(params: Mapping[str, Any]) -> str | None:
    """The serial number of the device whose code is given. A device here takes every code of six digits, but as AWS
    each one only once, with its words (Sceptre #674) [C]."""
    serial, code = params.get("SerialNumber"), str(params.get("TokenCode", ""))
    if serial is None:
        return None
    if not _CODE.fullmatch(code) or (serial, code) in _TAKEN:
        raise ServiceError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.", 403)
    _TAKEN.add((serial, code))
    return str(serial)


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


_moto_get_caller_identity = TokenResponse.get_caller_identity


def _get_caller_identity(response: Any) -> ActionResult:
    """moto does not know a user by a temporary key."""
    call = dispatch.served_call.get()
    user: Any = principals.user(call.principal.arn)
    if user is None:
        answer: ActionResult = _moto_get_caller_identity(response)
        return answer
    return ActionResult({"UserId": user.id, "Account": call.account, "Arn": user.arn})


def _not_here(_: Any) -> ActionResult:
    """moto answers with one well-known key, which no later request could use."""
    raise NotImplementedError(
        "only AssumeRole, AssumeRoleWithWebIdentity and GetSessionToken give temporary credentials"
    )


def install() -> None:
    dispatch.prechecks["sts"] = validation.check
    moto_validation.install("sts", "ValidationError")
    TokenResponse.assume_role = _assume_role
    TokenResponse.get_caller_identity = _get_caller_identity
    TokenResponse.get_session_token = _get_session_token
    dispatch.anonymous_owners["sts"] = web_identity.account
    TokenResponse.assume_role_with_web_identity = web_identity.assume
    for operation in ("get_federation_token", "assume_role_with_saml"):
        setattr(TokenResponse, operation, _not_here)
