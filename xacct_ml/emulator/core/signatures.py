"""Who signed a request, when and how, and whether the signature is that of the key's owner.

What S3 answers to chunks and trailers: versity/versitygw#1660, #1666, #1691, #1694 [C].

Sources: IAM user guide, "Signature Version 4 for API requests" and "Troubleshoot SigV4 signing"; S3 API reference,
"Authenticating requests" (header, query parameters, POST excepted) [D]."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from xacct_ml.emulator.core import denials, signature_v2, signed_chunks
from xacct_ml.emulator.core import signature_v4 as v4
from xacct_ml.emulator.core.denials import ServiceError, WireProtocol

SKEW = timedelta(minutes=5)
"""How far a request's time may be from the service's [D]: Lambda's as in aws/aws-sdk-go#859 [C], and that all services
with JSON are like it is assumed [U]."""
LONG_SKEW = timedelta(minutes=15)
"""Of S3 [D], and of STS as in aws/aws-cli#6676 [C]; of the others assumed [U]."""
LONGEST_EXPIRY = 604_800
"""Seconds that a presigned URL can be valid [D]."""

_TWO_MECHANISMS = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
    "the Authorization header should be specified"
)
"""catalyst/moodle-tool_objectfs#303 [C]."""
_MALFORMED_HEADER = (
    "The authorization header is malformed; the authorization header requires three components: Credential, "
    "SignedHeaders, and Signature."
)
"""S3's, as in robmcvey/cakephp-amazon-s3#15 [C]; that the other services say it too is assumed [U]."""
_INCOMPLETE_QUERY = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
"""kaliber-scala/play-s3#73 [C]."""
_TOO_LONG = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 "
    "seconds"
)
"""aws/aws-cli#5464 [C]."""
_SIGNED_ALWAYS = ("x-amz-", "x-emulator-")
"""Headers that count only where they are signed: AWS's [D], and those that say here how a request is to be decided."""
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)\s*"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signed request says about its signer. ``presigned`` where it stands in the URL; without ``scope`` it is
    of version 2. ``timestamp`` is as signed, ``expires`` the end of a presigned URL."""

    access_key_id: str
    region: str
    token: str | None
    presigned: bool
    value: str
    scope: v4.Scope | None = None
    signed_headers: Sequence[str] = ()
    timestamp: str = ""
    expires: datetime | None = None

    @property
    def service(self) -> str:
        """The service's signing name."""
        return "s3" if self.scope is None else self.scope.service


def signature(target: v4.Target, default_region: str) -> Signature | None:
    """The signature's claims from the Authorization header or from a presigned URL; ``None`` for an unsigned request.

    :raises ServiceError: they are not complete"""
    fields = _fields(target)
    if (authorization := target.header("authorization")) is not None:
        if fields.keys() & {"X-Amz-Signature", "X-Amz-Credential"}:
            raise ServiceError("InvalidArgument", _TWO_MECHANISMS, 400)
        return _of_header(target, authorization)
    if "X-Amz-Credential" in fields or "X-Amz-Signature" in fields:
        return _of_query(fields)
    if {"AWSAccessKeyId", "Signature", "Expires"} <= fields.keys():
        expires = _moment(fields["Expires"])
        token = fields.get("x-amz-security-token")
        key, value = fields["AWSAccessKeyId"], fields["Signature"]
        return Signature(key, default_region, token, True, value, timestamp=fields["Expires"], expires=expires)
    return None


def _fields(target: v4.Target) -> dict[str, str]:
    return dict(parse_qsl(target.query, keep_blank_values=True))


def _of_header(target: v4.Target, authorization: str) -> Signature:
    found = _AUTHORIZATION.fullmatch(authorization)
    timestamp = target.header("x-amz-date")
    if found is None or timestamp is None:
        raise ServiceError("AuthorizationHeaderMalformed", _MALFORMED_HEADER, 400)
    key, date, region, service, names, value = found.groups()
    token = target.header("x-amz-security-token")
    scope = v4.Scope(date, region, service)
    return Signature(key, region, token, False, value, scope, tuple(names.split(";")), timestamp)


def _of_query(fields: Mapping[str, str]) -> Signature:
    try:
        key, date, region, service, end = fields["X-Amz-Credential"].split("/")
        seconds, timestamp = int(fields["X-Amz-Expires"]), fields["X-Amz-Date"]
        expires = _time(timestamp) + timedelta(seconds=seconds)
        names, value = tuple(fields["X-Amz-SignedHeaders"].split(";")), fields["X-Amz-Signature"]
        if end != "aws4_request" or fields["X-Amz-Algorithm"] != v4.ALGORITHM:
            raise ValueError
    except (KeyError, ValueError, OverflowError) as error:
        raise _malformed_query(_INCOMPLETE_QUERY) from error
    if seconds > LONGEST_EXPIRY:
        raise _malformed_query(_TOO_LONG)
    token = fields.get("X-Amz-Security-Token")
    return Signature(key, region, token, True, value, v4.Scope(date, region, service), names, timestamp, expires)


def _malformed_query(text: str) -> ServiceError:
    return ServiceError("AuthorizationQueryParametersError", text, 400)


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        # S3's words are assumed [U]
        raise ServiceError("AccessDenied", f"Invalid date (should be seconds since epoch): {seconds}", 403) from error


def _time(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def verify(signed: Signature, target: v4.Target, body: bytes, secret: str, style: WireProtocol) -> None:
    """:raises ServiceError: the time, the signature or the content is not what was signed; with the service's code"""
    _check_time(signed, style)
    if signed.scope is None:
        if not style.s3 or not signature_v2.matches(signed.value, target, secret):
            raise denials.wrong_signature(style)
        return
    names = signed.signed_headers
    sent = {name.lower() for name, _ in target.headers if name.lower().startswith(_SIGNED_ALWAYS)}
    if not {"host", *sent} <= set(names):
        raise denials.unsigned_headers(style)
    if style.s3 != (signed.service == "s3"):
        raise denials.wrong_signature(style)
    payload = _payload(signed, target, body, style)
    canonical = v4.canonical_request(target, names, payload, signed.service)
    key = v4.signing_key(secret, signed.scope)
    expected = v4.sign(key, v4.string_to_sign(signed.timestamp, signed.scope, canonical))
    if not hmac.compare_digest(expected.encode(), signed.value.encode()):
        raise denials.wrong_signature(style)
    if payload in signed_chunks.WORDS:
        _check_chunks(signed_chunks.Seed(key, signed.timestamp, signed.scope, expected), payload, target, body, style)


def _check_time(signed: Signature, style: WireProtocol) -> None:
    now = datetime.now(UTC)
    if signed.scope is not None:
        try:
            at = _time(signed.timestamp)
        except ValueError as error:
            raise denials.wrong_signature(style) from error
        allowed = SKEW if style.json else LONG_SKEW
        if signed.scope.date != signed.timestamp[:8]:
            raise denials.wrong_signature(style)
        if at > now + allowed or (not signed.presigned and at < now - allowed):
            raise _not_yet(signed, style) or denials.wrong_time(style, at, now, allowed)
    if signed.expires is not None and now > signed.expires:
        raise ServiceError("AccessDenied", "Request has expired", 403)  # aws/aws-sdk-php#1333 [C]


def _not_yet(signed: Signature, style: WireProtocol) -> ServiceError | None:
    """S3's answer to a presigned URL of the future: minio/minio#2638 [C]."""
    return ServiceError("AccessDenied", "Request is not yet valid", 403) if signed.presigned and style.s3 else None


def _payload(signed: Signature, target: v4.Target, body: bytes, style: WireProtocol) -> str:
    """What stands for the body in the canonical request; compared with the body where it is a hash."""
    digest = hashlib.sha256(body).hexdigest()
    if not style.s3:
        return digest
    claimed = target.header("x-amz-content-sha256")
    if claimed is None:
        if not signed.presigned:
            raise ServiceError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400)
        return v4.UNSIGNED_PAYLOAD
    if claimed not in {v4.UNSIGNED_PAYLOAD, digest, *signed_chunks.WORDS}:
        text = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise ServiceError("XAmzContentSHA256Mismatch", text, 400)
    return claimed


def _check_chunks(seed: signed_chunks.Seed, word: str, target: v4.Target, body: bytes, style: WireProtocol) -> None:
    length, trailer = target.header("x-amz-decoded-content-length"), target.header("x-amz-trailer")
    try:
        signed_chunks.check(body, word, seed, length=length, trailer=trailer)
    except signed_chunks.Mismatch as error:
        raise denials.wrong_signature(style) from error
    except signed_chunks.WrongChecksum as error:
        raise ServiceError(
            "BadDigest", f"The {error} you specified did not match the calculated checksum.", 400
        ) from error
    except signed_chunks.MalformedTrailer as error:
        text = (
            "The request contained trailing data that was not well-formed or did not conform to our published schema."
        )
        raise ServiceError("MalformedTrailerError", text, 400) from error
    except signed_chunks.Malformed as error:
        raise ServiceError("IncompleteBody", "The request body terminated unexpectedly", 400) from error
