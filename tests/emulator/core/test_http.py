"""Requests that do not say where they end."""

from __future__ import annotations

import socket

import pytest

from xacct_ml.emulator.server import EmbeddedAws


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: -1", 400),
        ("Content-Length: ten", 400),
        ("Content-Length: +1", 400),
        ("Content-Length: 1_0", 400),
        ("Content-Length: ", 400),
        ("Content-Length: 99999999999999", 413),
        ("Content-Length: " + "9" * 5000, 413),
        ("Content-Length: 1\r\nContent-Length: 1", 400),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding: chunked", 400),
    ],
)
def test_it_ends_the_request(aws: EmbeddedAws, head: str, status: int) -> None:
    """An answer, and the end of the connection: nothing that follows is another request."""
    port = int(aws.endpoint.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"PUT /a HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n-1\r\nGET / HTTP/1.1\r\n\r\n".encode())
        answer = b""
        while received := connection.recv(65536):
            answer += received
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.count(b"HTTP/1.1") == 1
