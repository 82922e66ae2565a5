"""Requests that do not say where they end, or that a page of the user's browser sends."""

from __future__ import annotations

import http.client
import json
import socket

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from tests.configs import SHARED
from xacct_ml.emulator.core.gate import MAXIMUM_UNKNOWN_BODY
from xacct_ml.emulator.server import EmbeddedAws

NEXT = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def converse(aws: EmbeddedAws, sent: bytes, *, until_closed: bool = True) -> bytes:
    """What comes back until the connection is closed from there; or, after the end of what is ``sent``, from here."""
    port = int(aws.endpoint.rsplit(":", 1)[1])
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(sent)
        if not until_closed:
            connection.shutdown(socket.SHUT_WR)
        while received := connection.recv(65536):
            answer += received
    return answer


def ends(answer: bytes, status: int) -> None:
    """An answer, and the end of the connection: nothing that follows is another request."""
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: -1", 400),
        ("Content-Length: ten", 400),
        ("Content-Length: +1", 400),
        ("Content-Length: 1_0", 400),
        ("Content-Length: ", 400),
        ("Content-Length: 1, 1", 400),
        ("Content-Length: 99999999999999", 413),
        ("Content-Length: " + "9" * 5000, 413),
        ("Content-Length: 1\r\nContent-Length: 1", 400),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", 400),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding: chunked, chunked", 400),
        ("Content-Length : 40", 400),
        ("Transfer-Encoding : chunked", 400),
        ("no field\r\nContent-Length: 40", 400),
        ("Host: elsewhere", 400),
    ],
)
def test_a_header_that_is_not_clear(aws: EmbeddedAws, head: str, status: int) -> None:
    ends(converse(aws, f"PUT /a HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + NEXT), status)


@pytest.mark.parametrize("target", ["/a#b", "http://elsewhere/a", "*", "a"])
def test_a_target_that_is_none(aws: EmbeddedAws, target: str) -> None:
    """``#`` above all: signed as part of the key, it would be cut off by what serves the request."""
    ends(converse(aws, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() + NEXT), 400)


@pytest.mark.parametrize(
    "chunks",
    [
        "-1\r\n",
        "0x1\r\na\r\n0\r\n\r\n",
        "+1\r\na\r\n0\r\n\r\n",
        "1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        " 1\r\na\r\n0\r\n\r\n",
        "1\na\n0\n\n",
        "1\r\nab\r\n0\r\n\r\n",
        "0\r\nTrailer: 1\r\n\r\n",
        "1;" + "x" * 2000 + "\r\na\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_are_none(aws: EmbeddedAws, chunks: str) -> None:
    head = "PUT /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    ends(converse(aws, f"{head}{chunks}".encode() + NEXT), 400)


def test_chunks(aws: EmbeddedAws) -> None:
    """And the next request of the same connection."""
    head = b"PUT /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = converse(aws, head + b"1;name=value\r\n<\r\nA\r\n0123456789\r\n0\r\n\r\n" + NEXT, until_closed=False)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"MalformedXML" in answer


@pytest.mark.parametrize(
    "head", [f"Content-Length: {MAXIMUM_UNKNOWN_BODY + 1}\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n100001\r\n"]
)
def test_bodies_of_strangers(aws: EmbeddedAws, head: str) -> None:
    """Nothing is kept in memory for who has no key: a page, or another user of the machine."""
    ends(converse(aws, f"PUT /a HTTP/1.1\r\nHost: localhost\r\n{head}".encode()), 413)


def test_a_body_that_is_cut_off(aws: EmbeddedAws, unique: str) -> None:
    """A presigned URL signs no body: half of one must not be stored."""
    keys = aws.administrator(SHARED)
    s3 = keys.client("s3")
    s3.create_bucket(Bucket=unique)
    request = AWSRequest("PUT", f"{aws.endpoint}/{unique}/a")
    signer = S3SigV4QueryAuth(Keys(keys.access_key_id, keys.secret_access_key), "s3", "us-east-1", expires=60)
    signer.add_auth(request)
    target, host = request.url.removeprefix(aws.endpoint), aws.endpoint.removeprefix("http://")
    head = f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 7\r\n\r\n"
    ends(converse(aws, f"{head}cont".encode(), until_closed=False), 400)
    assert "Contents" not in s3.list_objects_v2(Bucket=unique)
    assert b" 200 " in converse(aws, f"{head}content".encode(), until_closed=False)


def test_a_page_of_the_browser(aws: EmbeddedAws, unique: str) -> None:
    """What everybody may read by its bucket's policy: not by a foreign name that leads here, and no page sees it."""
    s3 = aws.administrator(SHARED).client("s3")
    s3.create_bucket(Bucket=unique)
    s3.delete_public_access_block(Bucket=unique)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{unique}/*"}
    s3.put_bucket_policy(Bucket=unique, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    s3.put_object(Bucket=unique, Key="a", Body=b"content")
    for host, status in {"localhost": 200, "127.0.0.1:1": 200, "elsewhere": 403}.items():
        connection = http.client.HTTPConnection(aws.endpoint.removeprefix("http://"), timeout=120)
        connection.request("GET", f"/{unique}/a", headers={"Host": host, "Origin": "http://elsewhere"})
        answer = connection.getresponse()
        assert (answer.status, answer.read() == b"content") == (status, status == 200), host
        assert not [name for name, _ in answer.getheaders() if name.lower().startswith("access-control-")]
        connection.close()
