"""Signature Version 4: what a signer signs, computed from the request as it came over the wire.

Sources: IAM user guide, "Create a signed AWS API request" (canonical request, string to sign, signing key), and S3 API
reference, "Authenticating requests" (S3's path is encoded once and not normalised) [D]."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Target:
    """A request as it was sent: ``path`` and ``query`` still encoded, headers in their order; each character a byte."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]

    def header(self, name: str) -> str | None:
        """The header's values, joined as they are signed; ``None`` where there is none."""
        values = [" ".join(value.split()) for known, value in self.headers if known.lower() == name]
        return ",".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Scope:
    """A credential scope; ``date`` is ``YYYYMMDD``."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def canonical_request(target: Target, signed_headers: Sequence[str], payload: str, service: str) -> str:
    """``payload`` is the body's hash, or the word that stands for it."""
    headers = "".join(f"{name}:{target.header(name) or ''}\n" for name in signed_headers)
    parts = [
        target.method,
        _path(target.path, service),
        _query(target.query),
        headers,
        ";".join(signed_headers),
        payload,
    ]
    return "\n".join(parts)


def string_to_sign(timestamp: str, scope: Scope, canonical: str) -> str:
    # header values were read as Latin-1: encoded so, they are the bytes that came
    digest = hashlib.sha256(canonical.encode("latin-1", "surrogateescape")).hexdigest()
    return "\n".join([ALGORITHM, timestamp, str(scope), digest])


def signing_key(secret: str, scope: Scope) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _path(path: str, service: str) -> str:
    if service == "s3":
        return "/".join(_encoded_anew(segment) for segment in path.split("/")) or "/"
    normal = re.sub("^/+", "/", normpath(f"/{path}"))
    ends = path.endswith(("/", "/.", "/..")) and normal != "/"
    return quote((f"{normal}/" if ends else normal).encode("latin-1"), safe="/~")


def _query(query: str) -> str:
    """Every parameter but the signature itself, encoded anew and sorted. ``+`` is a space, as it is to who serves the
    request: else one that was signed could be turned into the other."""
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name != "X-Amz-Signature":
            pairs.append((_encoded_anew(name.replace("+", " ")), _encoded_anew(value.replace("+", " "))))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _encoded_anew(text: str) -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe="~")
