"""Whose request it is: from the access key in the signature to a principal.

The signature itself is not checked (the embedded AWS listens on the loopback interface only), but the key must exist
and be active, a temporary key must come with its own session token, and neither may have expired."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from xacct_ml.access.model import ContextValue, Principal
from xacct_ml.emulator.core import denials
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.denials import ServiceError, WireProtocol

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/\s]+)/[^/\s]+/aws4_request")


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal with what its credentials carry: session policies (documents) and condition keys."""

    principal: Principal
    account: str
    session_policies: tuple[str, ...] = ()
    context: Mapping[str, ContextValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signed request says about its signer. ``presigned`` where it stands in the URL."""

    access_key_id: str
    region: str
    token: str | None
    presigned: bool


def signature(headers: Mapping[str, str], query: str, default_region: str) -> Signature | None:
    """The signature's claims from the Authorization header or from a presigned URL; ``None`` for an unsigned request.

    :raises ServiceError: a presigned URL past its expiry"""
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    if found:
        return Signature(found[1], found[2], headers.get("x-amz-security-token"), presigned=False)
    fields = {name: values[0] for name, values in parse_qs(query).items()}
    scope = fields.get("X-Amz-Credential", "").split("/")
    if len(scope) == 5:
        _check_expiry(_signed_until(fields))
        return Signature(scope[0], scope[2], fields.get("X-Amz-Security-Token"), presigned=True)
    if {"AWSAccessKeyId", "Signature", "Expires"} <= fields.keys():  # version 2, boto3's default in us-east-1
        _check_expiry(datetime.fromtimestamp(int(fields["Expires"]), UTC))
        return Signature(fields["AWSAccessKeyId"], default_region, fields.get("x-amz-security-token"), presigned=True)
    return None


def _signed_until(fields: Mapping[str, str]) -> datetime:
    try:
        signed = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return signed + timedelta(seconds=int(fields["X-Amz-Expires"]))
    except (KeyError, ValueError) as error:
        raise ServiceError(
            "AuthorizationQueryParametersError", "Query-string authentication is malformed", 400
        ) from error


def _check_expiry(until: datetime) -> None:
    if datetime.now(UTC) > until:
        raise ServiceError("AccessDenied", "Request has expired", 403)


def identify(signed: Signature, style: WireProtocol) -> Caller:
    """The caller behind a signature.

    :raises ServiceError: unknown, inactive or expired key, or a wrong session token; with AWS's code for the service"""
    key = principals.access_key(signed.access_key_id)
    if key is None or key.status != "Active":
        raise denials.unknown_key(style)
    session = sessions.session_of(key)
    if session is not None:
        if signed.token != session.session_token:
            raise denials.invalid_token(style)
        if sessions.expired(session):
            raise denials.expired_token(style)
        return _session_caller(session)
    user = principals.user_of(key)
    if user is None:
        raise denials.unknown_key(style)
    tags = principals.user_tags(user)
    context = {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    return Caller(Principal.user(user.arn, user.id), user.account_id, (), context)


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
