"""What STS answers for a session that was made (STS API reference, AssumeRole, Credentials) [D]."""

from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult

from xacct_ml.emulator.core.moto_sessions import Session


def credentials(key: Any, token: str, expires: datetime) -> dict[str, Any]:
    """The member ``Credentials``; ``key`` has the access key's id and secret."""
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "SessionToken": token,
        "Expiration": expires,
    }


def assumed(role: Any, session: Session, partition: str, **more: Any) -> ActionResult:
    """The answer to whoever assumed ``role``, with the members that only this way of doing it has."""
    name = role.arn.rsplit("/", 1)[-1]
    return ActionResult(
        {
            "Credentials": credentials(session, session.session_token, session.expires),
            "AssumedRoleUser": {
                "AssumedRoleId": f"{role.id}:{session.session_name}",
                "Arn": f"arn:{partition}:sts::{session.account_id}:assumed-role/{name}/{session.session_name}",
            },
            **more,
        }
    )
