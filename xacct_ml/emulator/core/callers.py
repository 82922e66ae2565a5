"""Whose request it is: from the access key in the signature to a principal.

The key must exist and be active, a temporary key must come with its own session token, neither may have expired, and
the signature must be the one that the key's secret makes of this request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from xacct_ml.access.model import ContextValue, Principal
from xacct_ml.emulator.core import denials, signatures
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.denials import WireProtocol
from xacct_ml.emulator.core.signature_v4 import Target
from xacct_ml.emulator.core.signatures import Signature


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal with what its credentials carry: session policies (documents) and condition keys."""

    principal: Principal
    account: str
    session_policies: tuple[str, ...] = ()
    context: Mapping[str, ContextValue] = field(default_factory=dict)


def identify(signed: Signature, target: Target, body: bytes, style: WireProtocol) -> Caller:
    """The caller behind a signature.

    :raises ServiceError: as :func:`holder`; or the signature is not this request's, or not of now"""
    caller = holder(signed.access_key_id, signed.token, style)
    signatures.verify(signed, target, body, principals.secret(signed.access_key_id), style)
    return caller


def known(access_key_id: str) -> bool:
    """Whether there is such a key, of whatever state."""
    return principals.access_key(access_key_id) is not None


def holder(access_key_id: str, token: str | None, style: WireProtocol) -> Caller:
    """Whose key it is, with the session token that came with it.

    :raises ServiceError: unknown, inactive or expired key, or a wrong session token; with AWS's code for the service"""
    key = principals.access_key(access_key_id)
    if key is None or key.status != "Active":
        raise denials.unknown_key(style)
    session = sessions.session_of(key)
    if session is not None:
        if token != session.session_token:
            raise denials.invalid_token(style, token)
        if sessions.expired(session):
            raise denials.expired_token(style)
        return _session_caller(session)
    user = principals.user_of(key)
    if user is None:
        raise denials.unknown_key(style)
    tags = principals.user_tags(user)
    context: dict[str, ContextValue] = {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    context |= _of_user_session(key, token, style)
    return Caller(Principal.user(user.arn, user.id), user.account_id, (), context)


def _of_user_session(key: Any, token: str | None, style: WireProtocol) -> dict[str, ContextValue]:
    """The keys of a request with temporary credentials; long-term ones have none (IAM User Guide,
    reference_policies_condition-keys) [D]."""
    session = sessions.user_session_of(key)
    if session is None:
        return {}
    if token != session.session_token:
        raise denials.invalid_token(style, token)
    if sessions.expired(session):
        raise denials.expired_token(style)
    context: dict[str, ContextValue] = {
        "aws:TokenIssueTime": session.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:MultiFactorAuthPresent": "true" if session.device else "false",
    }
    if session.device:
        context["aws:MultiFactorAuthAge"] = str(int((datetime.now(UTC) - session.issued).total_seconds()))
    return context


def _session_caller(session: sessions.Session) -> Caller:
    role = principals.role(session.role_arn)
    unique_id = role.id if role is not None else None
    tags = {**(principals.role_tags(role) if role is not None else {}), **session.tags}
    context: dict[str, ContextValue] = {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    context["aws:TokenIssueTime"] = session.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
    context["sts:RoleSessionName"] = session.session_name
    return Caller(
        Principal.session(session.role_arn, session.session_name, unique_id),
        session.account_id,
        session.policies,
        context,
    )
