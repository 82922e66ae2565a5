"""Basic authentication as CodeCommit's credential helpers fill it in.

The user name is the access key, behind ``%`` the session token; the password is a time and the signature of the URL
(AWS CLI, customizations/codecommit.py; git-remote-codecommit, git_remote_codecommit/__init__.py [C])."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from xacct_ml.emulator.core import signature_v4 as v4

_PASSWORD = re.compile(r"(\d{8}T\d{6})Z([0-9a-f]{64})")
_VALID = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Login:
    access_key: str
    token: str | None
    password: str


def login(authorization: str | None) -> Login | None:
    """``None`` where the header is missing or of another kind."""
    kind, _, encoded = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    key, _, token = name.partition("%")
    return Login(key, token or None, password)


def access_key(authorization: str | None) -> str | None:
    found = login(authorization)
    return None if found is None else found.access_key


def is_signed(given: Login, secret: str, path: str, host: str, regions: Iterable[str]) -> bool:
    """Whether the password is the signature of the repository's URL, of now, in one of ``regions``."""
    found = _PASSWORD.fullmatch(given.password)
    if found is None:
        return False
    timestamp = found[1]
    signed = datetime.strptime(timestamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    if abs(datetime.now(UTC) - signed) > _VALID:
        return False
    canonical = f"GIT\n{path}\n\nhost:{host.partition(':')[0]}\n\nhost\n"
    for region in regions:
        scope = v4.Scope(timestamp[:8], region, "codecommit")
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{v4.ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
        if hmac.compare_digest(v4.sign(v4.signing_key(secret, scope), text), found[2]):
            return True
    return False
