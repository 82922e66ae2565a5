"""Every form of a signature that clients use, over HTTP: taken as it is, and refused with one byte changed.

The signer is botocore's; chunks are signed by the verifier's own half, which AWS's examples hold to the rules
(``test_signatures``)."""

from __future__ import annotations

import base64
import hashlib
import http.client
import zlib
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


def send(request: AWSRequest, **changed: Any) -> tuple[int, str]:
    """Status and body of the answer to a signed request; ``changed`` is what is sent in place of what was signed."""
    url = urlsplit(changed.get("url", request.url))
    connection = http.client.HTTPConnection(url.netloc, timeout=120)
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
    """A byte of a signed header, the host, the body, the path, the query, the signature or the token; no token."""
    request = put(f"{bucket}/a", keys, x_amz_meta_one="1")
    assert send(request)[0] == 200
    signature, token = request.headers["Authorization"], request.headers["X-Amz-Security-Token"]
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    for changed in (
        {"headers": {"x-amz-meta-one": "2"}},
        {"headers": {"Authorization": flipped}},
        {"headers": {"Host": request.url.split("/")[2].replace("127.0.0.1", "localhost")}},
        {"url": f"{bucket}/b"},
        {"url": f"{bucket}/a?x=1"},
    ):
        status, answer = send(request, **changed)
        assert (status, "SignatureDoesNotMatch" in answer) == (403, True), changed
    assert "headers present in the request which were not signed" in send(request, headers={"x-amz-meta-b": "1"})[1]
    assert "XAmzContentSHA256Mismatch" in send(request, body=b"contenu")[1]
    assert "InvalidToken" in send(request, headers={"X-Amz-Security-Token": token[:-1] + "~"})[1]
    assert "InvalidAccessKeyId" in send(put(f"{bucket}/a", Keys(keys.access_key, keys.secret_key)))[1]


@pytest.mark.parametrize("form", [S3SigV4Auth, S3SigV4QueryAuth])
def test_the_scope(bucket: str, keys: Keys, form: Any) -> None:
    """A byte of the key's id, the day, the region, the service or the last word; and of what says which headers."""
    request = AWSRequest("GET", f"{bucket}/a")
    form(keys, "s3", "us-east-1").add_auth(request)
    assert "NoSuchKey" in send(request)[1]
    day = request.context["timestamp"][:8]
    separator = "%2F" if form is S3SigV4QueryAuth else "/"
    for part, other in (
        (keys.access_key, keys.access_key[:-1] + "_"),
        (f"{separator}{day}", f"{separator}{int(day) - 1}"),
        ("us-east-1", "us-east-2"),
        (f"{separator}s3{separator}", f"{separator}iam{separator}"),
        ("aws4_request", "aws4_requesu"),
        ("SignedHeaders=host", "SignedHeaders=hose"),
    ):
        if form is S3SigV4QueryAuth:
            changed = {"url": request.url.replace(part, other)}
        else:
            changed = {"headers": {"Authorization": request.headers["Authorization"].replace(part, other)}}
        status, answer = send(request, **changed)
        assert status in {400, 403}, answer
        assert "NoSuchKey" not in answer


def test_a_header_that_the_client_chose(bucket: str, keys: Keys) -> None:
    """Of the answer: characters that no header has do not end the connection."""
    assert send(put(f"{bucket}/a", keys))[0] == 200
    request = AWSRequest("GET", f"{bucket}/a?response-content-language=%E6%97%A5")
    S3SigV4QueryAuth(keys, "s3", "us-east-1").add_auth(request)
    assert send(request) == (200, "content")


def test_one_mechanism_only(bucket: str, keys: Keys) -> None:
    """Two signatures, both right, say nothing."""
    request = AWSRequest("GET", f"{bucket}/a")
    S3SigV4QueryAuth(keys, "s3", "us-east-1").add_auth(request)
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    answer = send(request)[1]
    assert "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed" in answer


@pytest.mark.parametrize("without", ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"])
def test_a_presigned_url_without_a_part(bucket: str, keys: Keys, without: str) -> None:
    request = AWSRequest("GET", f"{bucket}/a")
    S3SigV4QueryAuth(keys, "s3", "us-east-1").add_auth(request)
    path, _, query = request.url.partition("?")
    parts = [part for part in query.split("&") if not part.startswith(f"X-Amz-{without}=")]
    status, answer = send(request, url=f"{path}?{'&'.join(parts)}")
    assert (status, "AuthorizationQueryParametersError" in answer) == (400, True)


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
        assert "which were not signed" in send(presigned, headers={header: "10.0.0.1"})[1]


def test_the_secret(bucket: str, keys: Keys) -> None:
    """A key's id, and its token, are not enough."""
    assert "SignatureDoesNotMatch" in send(put(f"{bucket}/a", Keys(keys.access_key, "guessed", keys.token)))[1]


@pytest.mark.parametrize(
    "key",
    [
        "a%20b",
        "a//b",
        "a/../b",
        "./a",
        "%C3%A4",
        "a%2Bb",
        "a~b",
        "a%25b",
        "a%3Db",
        "a%2Fb",
        "a%252Fb",
        "a%23b",
        "a%3Fb",
        "a/",
    ],
)
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


def test_normalised_paths_of_other_services(aws: EmbeddedAws, keys: Keys) -> None:
    """``..``, ``.`` and empty segments are gone from what is signed; S3 alone keeps them."""
    path = "/2015-03-31/functions/none"
    request = AWSRequest("GET", f"{aws.endpoint}{path}")
    SigV4Auth(keys, "lambda", "us-east-1").add_auth(request)
    assert send(request)[0] == 404
    for same in ("/2015-03-31/./functions//none", "/2015-03-31/x/../functions/none"):
        assert "InvalidSignatureException" not in send(request, url=f"{aws.endpoint}{same}")[1]
    for other in (f"{path}/", f"{path}%2F", "/2015-03-31/functions/n%6Fne"):
        assert "InvalidSignatureException" in send(request, url=f"{aws.endpoint}{other}")[1]


def test_the_order_of_the_query(bucket: str, keys: Keys) -> None:
    """Any order is the same; another value, another name and one more are not."""
    request = AWSRequest("GET", f"{bucket}?prefix=b&list-type=2&max-keys=9")
    S3SigV4Auth(keys, "s3", "us-east-1").add_auth(request)
    assert send(request)[0] == 200
    assert send(request, url=f"{bucket}?max-keys=9&list-type=2&prefix=b")[0] == 200
    for query in ("prefix=c&list-type=2&max-keys=9", "Prefix=b&list-type=2&max-keys=9", "prefix=b&list-type=2"):
        assert "SignatureDoesNotMatch" in send(request, url=f"{bucket}?{query}")[1]
    assert "SignatureDoesNotMatch" in send(request, url=f"{request.url}&prefix=b")[1]


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
    signed = request.url.rindex("Signature=") + len("Signature=")
    flipped = request.url[:signed] + ("0" if request.url[signed] != "0" else "1") + request.url[signed + 1 :]
    for changed in ({"url": request.url.replace("/a?", "/b?")}, {"url": longer}, {"url": flipped}):
        assert "SignatureDoesNotMatch" in send(request, **changed)[1], changed
    more = send(request, headers={"x-amz-meta-a": "1"})[1]
    assert ("SignatureDoesNotMatch" if signer is HmacV1QueryAuth else "which were not signed") in more
    name = "x-amz-security-token" if signer is HmacV1QueryAuth else "X-Amz-Security-Token"
    at = request.url.index(f"{name}=") + len(name) + 1
    other = request.url[:at] + ("A" if request.url[at] != "A" else "B") + request.url[at + 1 :]
    assert "InvalidToken" in send(request, url=other)[1]
    assert "InvalidAccessKeyId" in send(request, url=request.url.replace(f"{name}=", "x="))[1]


@pytest.mark.parametrize("signer", [S3SigV4QueryAuth, HmacV1QueryAuth])
@pytest.mark.parametrize("added", ["publicAccessBlock", "encryption", "acl", "x=1", "x-amz-date=1"])
def test_a_presigned_url_is_of_one_operation(bucket: str, keys: Keys, signer: Any, added: str) -> None:
    """Who holds one cannot make another of it: version 2 signs no names that are younger than it."""
    request = AWSRequest("GET", bucket)
    made = signer(keys, expires=60) if signer is HmacV1QueryAuth else signer(keys, "s3", "us-east-1", expires=60)
    made.add_auth(request)
    assert send(request)[0] == 200
    assert "SignatureDoesNotMatch" in send(request, url=f"{request.url}&{added}")[1]


@pytest.mark.parametrize("signer", [S3SigV4QueryAuth, HmacV1QueryAuth])
def test_what_a_presigned_url_says_is_said_once(aws: EmbeddedAws, bucket: str, keys: Keys, signer: Any) -> None:
    """A second value, in the URL or in a header, is not what was signed."""
    s3, name = aws.administrator(SHARED).client("s3"), bucket.rpartition("/")[2]
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first, second = (s3.put_object(Bucket=name, Key="a", Body=body)["VersionId"] for body in (b"first", b"second"))
    request = AWSRequest("GET", f"{bucket}/a?versionId={second}", headers={"x-amz-expected-bucket-owner": SHARED})
    made = signer(keys, expires=60) if signer is HmacV1QueryAuth else signer(keys, "s3", "us-east-1", expires=60)
    made.add_auth(request)
    assert send(request) == (200, "second")
    earlier = request.url.replace("?", f"?versionId={first}&", 1)
    assert send(request, url=earlier)[0] == 403
    assert send(request, headers={"x-amz-expected-bucket-owner": "222222222222"})[0] == 403
    assert send(request, headers={"x-emulator-source-ip": "10.0.0.1"})[0] == 403


@pytest.mark.parametrize("signer", [S3SigV4QueryAuth, HmacV1QueryAuth])
def test_a_presigned_upload_has_the_headers_that_it_was_made_with(bucket: str, keys: Keys, signer: Any) -> None:
    """boto3 writes those that version 2 covers into the URL; the client sends them as well, and no others."""
    md5, other = (base64.b64encode(hashlib.md5(body).digest()).decode() for body in (b"content", b"contenu"))
    headers = {"Content-Type": "text/plain", "Content-MD5": md5, "x-amz-meta-one": "1"}
    request = AWSRequest("PUT", f"{bucket}/a", headers=headers)
    made = signer(keys, expires=60) if signer is HmacV1QueryAuth else signer(keys, "s3", "us-east-1", expires=60)
    made.add_auth(request)
    assert send(request, body=b"content")[0] == 200
    for changed in ({"Content-Type": "text/html"}, {"Content-MD5": other}, {"x-amz-meta-one": "2"}):
        assert "SignatureDoesNotMatch" in send(request, body=b"content", headers=changed)[1], changed


@pytest.mark.parametrize("signer", [S3SigV4QueryAuth, HmacV1QueryAuth])
def test_presigned_and_expired(bucket: str, keys: Keys, signer: Any) -> None:
    request = AWSRequest("GET", f"{bucket}/a")
    made = signer(keys, expires=-1) if signer is HmacV1QueryAuth else signer(keys, "s3", "us-east-1", expires=-1)
    made.add_auth(request)
    assert "Request has expired" in send(request)[1]


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
        answer = signed("lambda", minutes)
        assert "InvalidSignatureException" in answer
        assert ("Signature expired: " if minutes < 0 else "Signature not yet current: ") in answer
    for minutes in (-14, 14):
        assert "NoSuchKey" in signed("s3", minutes)
    request = AWSRequest("GET", f"{bucket}/a")
    signer = S3SigV4QueryAuth(keys, "s3", "us-east-1")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = tomorrow
    signer._modify_request_before_signing(request)
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    signer._inject_signature_to_request(request, signature)
    assert "Request is not yet valid" in send(request)[1]
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
    assert "MalformedTrailerError" in send(request, body=body.replace(b"crc32", b"crc33"))[1]
    assert "IncompleteBody" in send(request, body=body.replace(b"7\r\n", b"6\r\n"))[1]
    assert "SignatureDoesNotMatch" in send(request, headers={"X-Amz-Decoded-Content-Length": "8"})[1]


def signed_content(request: AWSRequest, keys: Keys, *parts: bytes) -> tuple[bytes, str]:
    """The chunks, the last one of no bytes without its line break, and that one's signature."""
    stamp = request.headers["X-Amz-Date"]
    scope = v4.Scope(stamp[:8], "us-east-1", "s3")
    last, lines = request.headers["Authorization"].rsplit("=", 1)[1], []
    for part in (*parts, b""):
        text = ["AWS4-HMAC-SHA256-PAYLOAD", stamp, str(scope), last, v4.EMPTY_SHA256, hashlib.sha256(part).hexdigest()]
        last = v4.sign(v4.signing_key(keys.secret_key, scope), "\n".join(text))
        lines.append(b"%x;chunk-signature=%s\r\n%s" % (len(part), last.encode(), part))
    return b"\r\n".join(lines), last


def test_signed_chunks(bucket: str, keys: Keys) -> None:
    """The first chunk follows from the request's signature. A byte of the content, of a signature, of the length, a
    chunk that is left out, and two that change places."""
    request = streamed(f"{bucket}/a", keys, chunks.SIGNED, b"", 14)
    body, last = signed_content(request, keys, b"content", b"CONTENT")
    body += b"\r\n"
    assert send(request, body=body)[0] == 200
    first, second = body.split(b"\r\n7;")[0], b"7;" + body.split(b"\r\n7;")[1].split(b"\r\n0;")[0]
    end = body[body.index(b"\r\n0;") :]
    for wrong in (
        body.replace(b"content", b"contenu"),
        body.replace(last.encode(), last.encode()[:-1] + (b"0" if last[-1] != "0" else b"1")),
        second + b"\r\n" + first + end,
    ):
        assert "SignatureDoesNotMatch" in send(request, body=wrong)[1]
    assert send(request, body=first + end)[0] == 403
    assert "IncompleteBody" in send(request, body=body[:-20])[1]


def test_signed_trailers(bucket: str, keys: Keys) -> None:
    """A byte of the content, of the checksum, of its signature; a trailer that is not announced, and none."""
    request = streamed(f"{bucket}/a", keys, chunks.SIGNED_TRAILER, b"", 7, "x-amz-checksum-crc32")
    body, last = signed_content(request, keys, b"content")

    def trailer(checksum: bytes) -> bytes:
        line = b"x-amz-checksum-crc32:" + base64.b64encode(checksum)
        stamp = request.headers["X-Amz-Date"]
        scope = v4.Scope(stamp[:8], "us-east-1", "s3")
        text = ["AWS4-HMAC-SHA256-TRAILER", stamp, str(scope), last, hashlib.sha256(line + b"\n").hexdigest()]
        signature = v4.sign(v4.signing_key(keys.secret_key, scope), "\n".join(text))
        return b"\r\n" + line + b"\r\nx-amz-trailer-signature:" + signature.encode() + b"\r\n\r\n"

    right = trailer(zlib.crc32(b"content").to_bytes(4, "big"))
    assert send(request, body=body + right)[0] == 200
    signature = right.split(b"x-amz-trailer-signature:")[1]
    for wrong in (
        body.replace(b"content", b"contenu") + right,
        body + right.replace(b"crc32:", b"crc32:A"),
        body + right.replace(signature, b"0" * 64 + b"\r\n\r\n"),
    ):
        assert "SignatureDoesNotMatch" in send(request, body=wrong)[1]
    assert "BadDigest" in send(request, body=body + trailer(b"0000"))[1]
    for wrong in (body + right.replace(b"crc32:", b"sha1:"), body + b"\r\n\r\n"):
        assert "MalformedTrailerError" in send(request, body=wrong)[1]
    assert "SignatureDoesNotMatch" in send(request, headers={"X-Amz-Trailer": "x-amz-checksum-sha1"}, body=body)[1]
