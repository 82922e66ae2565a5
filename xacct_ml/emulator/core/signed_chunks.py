"""Bodies in ``aws-chunked`` encoding: each chunk carries a signature that follows from the one before it.

Sources: S3 API reference, "Signature calculations for the Authorization header: transferring payload in multiple
chunks" and "… including trailing headers" [D]. The checksums of trailers: S3 user guide, "Checking object integrity";
the polynomials as the catalogue of parametrised CRC algorithms has them [C]."""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from xacct_ml.emulator.core import signature_v4 as v4

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
WORDS = frozenset({SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER})


class Mismatch(Exception):
    """A chunk's or the trailer's signature is not its content's."""


class Malformed(Exception):
    """The body is not what its headers say: framing, length."""


class MalformedTrailer(Exception):
    """The trailer is none, or not the announced one."""


class WrongChecksum(Exception):
    """The content is not what a trailing checksum says; the argument names its algorithm."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What the first chunk's signature follows from: the request's."""

    key: bytes
    timestamp: str
    scope: v4.Scope
    signature: str


def check(body: bytes, word: str, seed: Seed, *, length: str | None, trailer: str | None) -> None:
    """``word`` is ``x-amz-content-sha256``, ``length`` is ``x-amz-decoded-content-length``, ``trailer`` the names in
    ``x-amz-trailer``.

    :raises Mismatch: a signature
    :raises WrongChecksum: a trailing checksum
    :raises MalformedTrailer: the trailer
    :raises Malformed: anything else"""
    content, end, last = bytearray(), 0, seed.signature
    while True:
        line, end = _line(body, end)
        size, signature = _chunk_header(line, signed=word != UNSIGNED_TRAILER)
        data = body[end : end + size]
        if len(data) != size:
            raise Malformed
        end += size
        if signature is not None:
            parts = ["AWS4-HMAC-SHA256-PAYLOAD", seed.timestamp, str(seed.scope), last, v4.EMPTY_SHA256]
            last = _same(seed.key, [*parts, hashlib.sha256(data).hexdigest()], signature)
        content += data
        if size == 0:
            break
        if body[end : end + 2] != b"\r\n":
            raise Malformed
        end += 2
    if length is None or not length.isdecimal() or int(length) != len(content):
        raise Malformed
    _check_trailer(body[end:], word, seed, last, trailer, bytes(content))


def _line(body: bytes, start: int) -> tuple[bytes, int]:
    end = body.find(b"\r\n", start)
    if end < 0:
        raise Malformed
    return body[start:end], end + 2


def _chunk_header(line: bytes, *, signed: bool) -> tuple[int, str | None]:
    size, _, extension = line.partition(b";")
    name, _, signature = extension.partition(b"=")
    if not size or size.strip(b"0123456789abcdefABCDEF") or signed != (name == b"chunk-signature"):
        raise Malformed
    return int(size, 16), signature.decode("latin-1") if signed else None


def _same(key: bytes, parts: list[str], signature: str) -> str:
    if not hmac.compare_digest(v4.sign(key, "\n".join(parts)).encode(), signature.encode()):
        raise Mismatch
    return signature


def _check_trailer(rest: bytes, word: str, seed: Seed, last: str, names: str | None, content: bytes) -> None:
    fields = _fields(rest)
    signature = fields.pop("x-amz-trailer-signature", None)
    expected = {name.strip().lower() for name in (names or "").split(",") if name.strip()}
    if set(fields) != expected or (signature is not None) != (word == SIGNED_TRAILER) or (word == SIGNED and expected):
        raise MalformedTrailer
    if signature is not None:
        signed = "".join(f"{name}:{value}\n" for name, value in sorted(fields.items()))
        parts = ["AWS4-HMAC-SHA256-TRAILER", seed.timestamp, str(seed.scope), last]
        _same(seed.key, [*parts, hashlib.sha256(signed.encode("latin-1")).hexdigest()], signature)
    for name, value in fields.items():
        digest = CHECKSUMS.get(name)
        if digest is not None and base64.b64encode(digest(content)).decode() != value:
            raise WrongChecksum(name.removeprefix("x-amz-checksum-").upper())


def _fields(rest: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, rest.replace(b"\r\n", b"\n").split(b"\n")):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or name.lower() in found:
            raise MalformedTrailer
        found[name.lower()] = value.strip()
    return found


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
        return value

    return tuple(map(entry, range(256)))


def _crc(content: bytes, polynomial: int, size: int) -> bytes:
    table, ones = _table(polynomial), (1 << 8 * size) - 1
    value = ones
    for byte in content:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return (value ^ ones).to_bytes(size, "big")


CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
    "x-amz-checksum-crc32c": lambda content: _crc(content, 0x82F63B78, 4),
    "x-amz-checksum-crc64nvme": lambda content: _crc(content, 0x9A6C9329AC4BC9B5, 8),
    "x-amz-checksum-sha1": lambda content: hashlib.sha1(content).digest(),
    "x-amz-checksum-sha256": lambda content: hashlib.sha256(content).digest(),
}
"""By trailer: the digest that it carries in base64."""
