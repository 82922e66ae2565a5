"""Where a request ends: said in one way only, or it is not read. What follows it must not be taken for another request.

Sources: RFC 9112, 3.2 (request target, Host), 5.1 (field lines), 6 and 7.1 (length of a body, chunks) [D]. Trailing
fields of HTTP's own chunks are refused: no client of AWS sends them."""

import re
from email.message import Message
from http import HTTPStatus
from typing import BinaryIO

_DIGITS = 20
_LINE = 1024
"""Bytes of a chunk's first line."""
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(;[^\r\n]*)?\r\n")


class Unreadable(Exception):
    """The connection ends with ``status``."""

    def __init__(self, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(status.phrase)
        self.status = status


def check(target: str, headers: Message) -> None:
    """:raises Unreadable: the request line or the header is not one of a request to this server"""
    lengths, encodings = headers.get_all("Content-Length") or [], headers.get_all("Transfer-Encoding") or []
    # a line that is no field ends the header for Python's parser: what it said is lost
    if headers.defects or headers.get_payload():
        raise Unreadable
    if not target.startswith("/") or "#" in target or len(headers.get_all("Host") or []) != 1:
        raise Unreadable
    if len(lengths) + len(encodings) > 1 or any(each.strip().lower() != "chunked" for each in encodings):
        raise Unreadable
    if any(not (each.isascii() and each.isdecimal()) for each in lengths):
        raise Unreadable


def body(stream: BinaryIO, headers: Message, limit: int) -> bytes:
    """The whole body, ``limit`` bytes at most.

    :raises Unreadable: it is longer, or ends before its end"""
    if "Transfer-Encoding" in headers:
        return _chunks(stream, limit)
    length = str(headers.get("Content-Length", "0"))
    if len(length) > _DIGITS or int(length) > limit:
        raise Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return _exactly(stream, int(length))


def _chunks(stream: BinaryIO, limit: int) -> bytes:
    content = bytearray()
    while True:
        head = _CHUNK.fullmatch(stream.readline(_LINE))
        if head is None:
            raise Unreadable
        size = int(head[1], 16)
        if len(content) + size > limit:
            raise Unreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        content += _exactly(stream, size)
        if _exactly(stream, 2) != b"\r\n":
            raise Unreadable
        if size == 0:
            return bytes(content)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise Unreadable
    return data
