"""Every form of a signature that clients use: taken as it is, and refused with one byte changed.

The signer is botocore's. Where it has none (signed chunks) and for the canonical form, the values are those that the S3
API reference and the IAM user guide print for their examples."""

from __future__ import annotations

import base64
import hashlib
import http.client
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, policy, statement
from xacct_ml.emulator.core import signature_v4 as v4
from xacct_ml.emulator.core import signed_chunks as chunks
from xacct_ml.emulator.server import EmbeddedAws

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
        with pytest.raises((chunks.Malformed, chunks.Mismatch)):
            check(wrong, chunks.SIGNED, SEED)


def test_the_example_of_signed_trailers() -> None:
    """The same with a trailing checksum: a byte of it, of its signature, and without it."""
    body = framed(TRAILER_SIGNATURES) + TRAILER + b"x-amz-trailer-signature:" + TRAILER_SIGNATURE + b"\r\n\r\n"
    check(body, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")
    for wrong in (body.replace(b"sOO8", b"sOO9"), body.replace(b"d81f", b"d81e"), body.replace(b"aaaa", b"aaab", 1)):
        with pytest.raises(chunks.Mismatch):
            check(wrong, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")
    for wrong in (body.replace(TRAILER, b""), body.split(b"x-amz-trailer-signature")[0]):
        with pytest.raises((chunks.Malformed, chunks.Mismatch)):
            check(wrong, chunks.SIGNED_TRAILER, TRAILER_SEED, "x-amz-checksum-crc32c")


def test_the_check_values_of_the_checksums() -> None:
    """The catalogue of CRC algorithms, for "123456789"."""
    known = {"crc32": "cbf43926", "crc32c": "e3069283", "crc64nvme": "ae8b14860a799888"}
    for name, value in known.items():
        assert chunks.CHECKSUMS[f"x-amz-checksum-{name}"](b"123456789").hex() == value


# -- through the door --------------------------------------------------------------------------------------------------
def send(request: AWSRequest, **changed: Any) -> tuple[int, str]:
    """Status and body of the answer to a signed request; ``changed`` is what is sent in place of what was signed."""
    url = urlsplit(changed.get("url", request.url))
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    headers = dict(request.headers.items()) | changed.get("headers", {})
    body = changed.get("body", request.data)
    connection.request(request.method, f"{url.path}?{url.query}" if url.query else url.path, body or b"", headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def keys(roles: Roles, unique: str) -> Keys:
    """Of a session: its token is signed too."""
    made = roles.session(unique, allow("s3:*", "lambda:*", "sts:*", resource="*"))
    return Keys(made.access_key_id, made.secret_access_key, made.session_token)


@pytest.fixture
def bucket(aws: EmbeddedAws, unique: str) -> str:
    aws.administrator(SHARED).client("s3").create_bucket(Bucket=unique)
    return f"{aws.endpoint}/{unique}"


def put(url: str, keys: Keys, body: bytes = b"content", **headers: str) -> AWSRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest("PUT", url, data=body, headers={"content-type": "text/csv", **named})
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    return request


def test_the_header(bucket: str, keys: Keys) -> None:
    """A byte of a signed header, the body, the path, the query, the signature or the token."""
    request = put(f"{bucket}/a", keys, x_amz_meta_one="1")
    assert send(request)[0] == 200
    signature, token = request.headers["Authorization"], request.headers["X-Amz-Security-Token"]
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    for changed in (
        {"headers": {"x-amz-meta-one": "2"}},
        {"headers": {"x-amz-meta-more": "1"}},
        {"headers": {"Authorization": flipped}},
        {"url": f"{bucket}/b"},
        {"url": f"{bucket}/a?x=1"},
    ):
        status, answer = send(request, **changed)
        assert (status, "SignatureDoesNotMatch" in answer) == (403, True), changed
    assert "XAmzContentSHA256Mismatch" in send(request, body=b"contenu")[1]
    assert "InvalidToken" in send(request, headers={"X-Amz-Security-Token": token[:-1] + "~"})[1]


def test_headers_that_decide_here(aws: EmbeddedAws, bucket: str, keys: Keys) -> None:
    """Unsigned ones are refused; a request whose signature is in its header cannot pass for a presigned one."""
    name = bucket.rpartition("/")[2]
    presigned_only = {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}
    resource = f"arn:aws:s3:::{name}/*"
    refused = statement("Deny", "s3:GetObject", resource=resource, principal="*", **presigned_only)
    aws.administrator(SHARED).client("s3").put_bucket_policy(Bucket=name, Policy=policy(refused))
    assert send(put(f"{bucket}/a", keys))[0] == 200
    presigned = AWSRequest("GET", f"{bucket}/a")
    S3SigV4QueryAuth(keys, "s3", "us-east-1", expires=60).add_auth(presigned)
    assert send(presigned)[0] == 403
    for header in ("x-emulator-presigned", "x-emulator-source-ip", "x-emulator-secure-transport"):
        request = AWSRequest("GET", f"{bucket}/a", headers={header: "true"})
        S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
        assert send(request) == (200, "content"), header
        assert "SignatureDoesNotMatch" in send(request, headers={header: "10.0.0.1"})[1]
        assert "SignatureDoesNotMatch" in send(presigned, headers={header: "10.0.0.1"})[1]


def test_the_secret(bucket: str, keys: Keys) -> None:
    """A key's id, and its token, are not enough."""
    assert "SignatureDoesNotMatch" in send(put(f"{bucket}/a", Keys(keys.access_key, "guessed", keys.token)))[1]


@pytest.mark.parametrize("key", ["a%20b", "a//b", "a/../b", "./a", "%C3%A4", "a%2Bb", "a~b", "a%25b", "a%3Db"])
def test_paths_of_s3(bucket: str, keys: Keys, key: str) -> None:
    """Encoded once, and not normalised."""
    request = put(f"{bucket}/{key}", keys)
    assert "SignatureDoesNotMatch" not in send(request)[1]
    assert "SignatureDoesNotMatch" in send(request, url=f"{bucket}/{key}x")[1]


def test_paths_of_other_services(aws: EmbeddedAws, keys: Keys) -> None:
    """Encoded twice: an ARN in Lambda's path."""
    arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A111111111111%3Afunction%3Anone"
    request = AWSRequest("GET", f"{aws.endpoint}/2015-03-31/functions/{arn}")
    SigV4Auth(keys, "lambda", "us-east-1").add_auth(request)
    assert send(request)[0] == 404
    assert "InvalidSignatureException" in send(request, url=request.url.replace("none", "nome"))[1]


def saying(word: str, keys: Keys) -> S3SigV4Auth:
    """botocore's signer, with ``word`` in place of the body's hash."""

    class Saying(S3SigV4Auth):
        def payload(self, request: Any) -> str:
            del request
            return word

    return Saying(keys, "s3", "us-east-1")


def test_a_plus_in_the_query(bucket: str, keys: Keys) -> None:
    """To who serves the request it is a space: what was signed with a plus cannot be sent with one unencoded."""
    request = AWSRequest("GET", f"{bucket}?list-type=2&prefix=a%2Bb")
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    status, answer = send(request)
    assert (status, "<Prefix>a+b</Prefix>" in answer) == (200, True)
    assert "SignatureDoesNotMatch" in send(request, url=request.url.replace("%2B", "+"))[1]


def test_unsigned_payloads(bucket: str, keys: Keys) -> None:
    """The body may change, the word may not."""
    request = AWSRequest("PUT", f"{bucket}/a", data=b"content")
    saying(v4.UNSIGNED_PAYLOAD, keys).add_auth(request)
    assert send(request)[0] == 200
    digest = hashlib.sha256(b"content").hexdigest()
    assert "SignatureDoesNotMatch" in send(request, headers={"X-Amz-Content-SHA256": digest})[1]


@pytest.mark.parametrize("signer", [S3SigV4QueryAuth, HmacV1QueryAuth])
def test_presigned(bucket: str, keys: Keys, signer: Any) -> None:
    """A byte of the path, of the query, the method or a header that was not signed."""
    assert send(put(f"{bucket}/a", keys))[0] == 200
    request = AWSRequest("GET", f"{bucket}/a")
    made = signer(keys, expires=60) if signer is HmacV1QueryAuth else signer(keys, "s3", "us-east-1", expires=60)
    made.add_auth(request)
    assert send(request) == (200, "content")
    name = "Expires" if signer is HmacV1QueryAuth else "X-Amz-Expires"
    longer = request.url.replace(f"{name}=1", f"{name}=2").replace(f"{name}=60", f"{name}=61")
    for changed in ({"url": request.url.replace("/a?", "/b?")}, {"url": longer}, {"headers": {"x-amz-meta-a": "1"}}):
        assert "SignatureDoesNotMatch" in send(request, **changed)[1], changed


def test_time(bucket: str, aws: EmbeddedAws, keys: Keys) -> None:
    """S3 takes fifteen minutes of difference, the others five; a presigned URL a week."""

    def signed(service: str, minutes: float) -> str:
        url = f"{bucket}/a" if service == "s3" else f"{aws.endpoint}/2015-03-31/functions/none"
        request = AWSRequest("GET", url)
        signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, "us-east-1")
        at = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = at
        request.headers["X-Amz-Date"] = at
        if service == "s3":
            request.headers["X-Amz-Content-SHA256"] = v4.EMPTY_SHA256
        if keys.token:
            request.headers["X-Amz-Security-Token"] = keys.token
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signer._inject_signature_to_request(request, signature)
        return send(request)[1]

    for minutes in (-20, 20):
        assert "RequestTimeTooSkewed" in signed("s3", minutes)
    for minutes in (-6, 6):
        assert "InvalidSignatureException" in signed("lambda", minutes)
    for minutes in (-14, 14):
        assert "NoSuchKey" in signed("s3", minutes)
    request = AWSRequest("GET", f"{bucket}/a")
    S3SigV4QueryAuth(keys, "s3", "us-east-1", expires=604_801).add_auth(request)
    assert "AuthorizationQueryParametersError" in send(request)[1]


def streamed(url: str, keys: Keys, word: str, body: bytes, length: int, trailer: str | None = None) -> AWSRequest:
    """A request whose content is ``word``; its signature is botocore's."""
    request = AWSRequest("PUT", url, data=body)
    request.headers["Content-Encoding"] = "aws-chunked"
    request.headers["X-Amz-Decoded-Content-Length"] = str(length)
    if trailer is not None:
        request.headers["X-Amz-Trailer"] = trailer
    saying(word, keys).add_auth(request)
    return request


def test_unsigned_trailers(bucket: str, keys: Keys) -> None:
    """A byte of the content is caught by the trailing checksum, another trailer by the head."""
    checksum = base64.b64encode(zlib.crc32(b"content").to_bytes(4, "big")).decode()
    body = f"7\r\ncontent\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    request = streamed(f"{bucket}/a", keys, chunks.UNSIGNED_TRAILER, body, 7, "x-amz-checksum-crc32")
    assert send(request)[0] == 200
    assert "BadDigest" in send(request, body=body.replace(b"content", b"contenu"))[1]
    assert "IncompleteBody" in send(request, body=body.replace(b"crc32", b"crc33"))[1]
    assert "SignatureDoesNotMatch" in send(request, headers={"X-Amz-Decoded-Content-Length": "8"})[1]


def test_signed_chunks(bucket: str, keys: Keys) -> None:
    """Through the door: the first chunk follows from the request's signature."""
    request = streamed(f"{bucket}/a", keys, chunks.SIGNED, b"", 7)
    stamp = request.headers["X-Amz-Date"]
    scope = v4.Scope(stamp[:8], "us-east-1", "s3")
    last, body = request.headers["Authorization"].rsplit("=", 1)[1], b""
    for part in (b"content", b""):
        text = ["AWS4-HMAC-SHA256-PAYLOAD", stamp, str(scope), last, v4.EMPTY_SHA256, hashlib.sha256(part).hexdigest()]
        last = v4.sign(v4.signing_key(keys.secret_key, scope), "\n".join(text))
        body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(part), last.encode(), part)
    assert send(request, body=body)[0] == 200
    assert "SignatureDoesNotMatch" in send(request, body=body.replace(b"content", b"contenu"))[1]
