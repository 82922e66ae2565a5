"""Sessions of roles and of users, each kept on moto's record of its temporary access key.

moto keeps no tags or policies of a session and lets none expire."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import AccessKey
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from xacct_ml.arn import Arn

DEFAULT_DURATION = 3600
"""In seconds."""


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


@dataclass(frozen=True, slots=True)
class UserSession:
    """A session of an IAM user; ``device`` is the MFA device's serial number, None without one."""

    session_token: str
    issued: datetime
    expires: datetime
    device: str | None


def user_session_of(key: Any) -> UserSession | None:
    """The session that a user's temporary access key belongs to; None for a long-term key."""
    found: UserSession | None = getattr(key, "xacct_ml_user_session", None)
    return found


def mint_for_user(user: Any, backend: Any, duration: int, device: str | None) -> tuple[Any, UserSession]:
    """A temporary access key of a user, known to ``backend`` but not listed among the user's, and its session."""
    key = AccessKey(user.name, "ASIA", user.account_id)
    now = datetime.now(UTC)
    session = UserSession(secrets.token_urlsafe(128), now, now + timedelta(seconds=duration), device)
    key.xacct_ml_user_session = session
    backend.access_keys[key.access_key_id] = key
    return key, session


def session_of(key: Any) -> Session | None:
    """The session that a temporary access key belongs to; ``None`` for a user's key."""
    found: Session | None = getattr(key, "xacct_ml_session", None)
    return found


def expired(session: "Session | UserSession") -> bool:
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
    account = Arn.parse(role_arn).account
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
