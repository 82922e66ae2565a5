"""The canonical form, signed chunks and trailers: the values that the S3 API reference prints for its examples."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from xacct_ml.emulator.core import signature_v4 as v4
from xacct_ml.emulator.core import signed_chunks as chunks

EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_DAY = "20130524T000000Z"
EXAMPLE_SCOPE = v4.Scope("20130524", "us-east-1", "s3")
EXAMPLE_BODY = b"a" * 66560


# -- AWS's own examples ------------------------------------------------------------------------------------------------
def example(method: str, path: str, query: str, more: Mapping[str, str], payload: str) -> str:
    headers = {"host": "examplebucket.s3.amazonaws.com", **more}
    target = v4.Target(method, path, query, tuple(headers.items()))
    canonical = v4.canonical_request(target, sorted(headers), payload, "s3")
    key = v4.signing_key(EXAMPLE_SECRET, EXAMPLE_SCOPE)
    return v4.sign(key, v4.string_to_sign(EXAMPLE_DAY, EXAMPLE_SCOPE, canonical))


@pytest.mark.parametrize(
    ("path", "query", "more", "signature"),
    [
        ("/test.txt", "", {"range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/", "lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/", "max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_the_examples_of_s3(path: str, query: str, more: dict[str, str], signature: str) -> None:
    """S3 API reference, "Examples: signature calculations"."""
    sent = {**more, "x-amz-content-sha256": v4.EMPTY_SHA256, "x-amz-date": EXAMPLE_DAY}
    assert example("GET", path, query, sent, v4.EMPTY_SHA256) == signature


def test_the_example_of_a_presigned_url() -> None:
    """S3 API reference, "Authenticating requests: using query parameters"."""
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
        "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    )
    signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert example("GET", "/test.txt", f"{query}&X-Amz-Signature={signature}", {}, v4.UNSIGNED_PAYLOAD) == signature


SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)
TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILER_SIGNATURES = (
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
)
TRAILER = b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
TRAILER_SIGNATURE = b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"


def framed(signatures: tuple[str, ...]) -> bytes:
    parts = (EXAMPLE_BODY[:65536], EXAMPLE_BODY[65536:], b"")
    lines = (b"%x;chunk-signature=%s\r\n%s" % (len(p), s.encode(), p) for p, s in zip(parts, signatures, strict=True))
    return b"\r\n".join(lines)


def check(body: bytes, word: str, seed: str, trailer: str | None = None) -> None:
    start = chunks.Seed(v4.signing_key(EXAMPLE_SECRET, EXAMPLE_SCOPE), EXAMPLE_DAY, EXAMPLE_SCOPE, seed)
    chunks.check(body, word, start, length=str(len(EXAMPLE_BODY)), trailer=trailer)


def test_the_example_of_signed_chunks() -> None:
    """S3 API reference, "Transferring payload in multiple chunks"; a byte of a chunk, of its signature, and a chunk
    left out."""
    body = framed(SIGNATURES) + b"\r\n"
    check(body, chunks.SIGNED, SEED)
    for wrong in (
        body.replace(b"aaaa", b"aaab", 1),
        body.replace(b"ad80c", b"ad80d"),
        body.replace(b"b6c6e", b"b6c6f"),
    ):
        with pytest.raises(chunks.Mismatch):
            check(wrong, chunks.SIGNED, SEED)
    for wrong in (body[:-100], body.replace(b"400;", b"3ff;"), body.replace(b"10000;", b"-1;"), b"", body + b"x"):
        with pytest.raises((chunks.Malformed, chunks.MalformedTrailer, chunks.Mismatch)):
            check(wrong, chunks.SIGNED, SEED)


def test_the_example_of_signed_trailers() -> None:
    """The same with a trailing checksum: a byte of it, of its signature, and without it."""
    body = framed(TRAILER_SIGNATURES) + TRAILER + b"x-amz-trailer-signature:" + TRAILER_SIGNATURE + b"\r\n\r\n"
    check(body, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")
    for wrong in (body.replace(b"sOO8", b"sOO9"), body.replace(b"d81f", b"d81e"), body.replace(b"aaaa", b"aaab", 1)):
        with pytest.raises(chunks.Mismatch):
            check(wrong, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")
    for wrong in (body.replace(TRAILER, b""), body.split(b"x-amz-trailer-signature")[0]):
        with pytest.raises((chunks.Malformed, chunks.MalformedTrailer, chunks.Mismatch)):
            check(wrong, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")


def test_the_check_values_of_the_checksums() -> None:
    """The catalogue of CRC algorithms, for "123456789"."""
    known = {"crc32": "cbf43926", "crc32c": "e3069283", "crc64nvme": "ae8b14860a799888"}
    for name, value in known.items():
        assert chunks.CHECKSUMS[f"x-amz-checksum-{name}"](b"123456789").hex() == value
