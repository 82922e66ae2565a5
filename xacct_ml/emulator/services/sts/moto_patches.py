"""STS: sessions with their policies, tags and expiry.

moto takes any role (existing or not), keeps no tags, lets no session expire and checks no duration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

from xacct_ml.access.policy import Policy
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.denials import ServiceError
from xacct_ml.emulator.services.iam import moto_state as iam_state

DEFAULT_DURATION = 3600


@dataclass(frozen=True, slots=True)
class Session:
    """An assumed-role session. ``policies`` are the documents of its session policies, none meaning unrestricted."""

    account_id: str
    role_arn: str
    session_name: str
    access_key_id: str
    secret_access_key: str
    session_token: str
    issued: datetime
    expires: datetime
    policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def session_of(key: Any) -> Session | None:
    """The session that a temporary access key belongs to; ``None`` for a user's key."""
    found: Session | None = getattr(key, "xacct_ml_session", None)
    return found


def expired(session: Session) -> bool:
    return datetime.now(UTC) >= session.expires


def expire(key: Any) -> None:
    """The session that a temporary access key belongs to is over from now on."""
    session = session_of(key)
    if session is not None:
        key.xacct_ml_session = replace(session, expires=datetime.now(UTC))


def mint(
    role_arn: str,
    session_name: str,
    *,
    region: str,
    duration: int = DEFAULT_DURATION,
    policies: tuple[str, ...] = (),
    tags: Mapping[str, str] | None = None,
    external_id: str | None = None,
) -> Session:
    """Create a session of an existing role in moto's state, without asking whether it may be assumed."""
    account = role_arn.split(":")[4]
    made = sts_backends[account][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=session_name,
        role_arn=role_arn,
        policy=policies[0] if policies else None,
        duration=duration,
        external_id=external_id,
    )
    return _remember(made, duration, policies, tags or {})


def _remember(made: Any, duration: int, policies: tuple[str, ...], tags: Mapping[str, str]) -> Session:
    now = datetime.now(UTC)
    session = Session(
        account_id=made.account_id,
        role_arn=made.role_arn,
        session_name=made.session_name,
        access_key_id=made.access_key_id,
        secret_access_key=made.secret_access_key,
        session_token=made.session_token,
        issued=now,
        expires=now + timedelta(seconds=duration),
        policies=policies,
        tags=dict(tags),
    )
    made.access_key.xacct_ml_session = session
    return session


def _assume_role(_: Any) -> ActionResult:
    """AssumeRole for a caller who was allowed: the role exists and its trust policy agrees."""
    call = dispatch.served_call.get()
    params = call.params
    role: Any = iam_state.role(params["RoleArn"])
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
        document = iam_state.managed_policy(named["arn"])
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
