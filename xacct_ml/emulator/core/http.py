"""HTTP/1.1 with keep-alive for a WSGI application, on the loopback interface.

werkzeug's own server closes the connection after each response. Here request and response bodies are read and written
whole, so a connection can be used again, which halves the time of a call."""

import io
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from werkzeug.serving import ThreadedWSGIServer

from xacct_ml.emulator.core import framing
from xacct_ml.emulator.core.fault_injection import Dropped
from xacct_ml.emulator.core.gate import TARGET, maximum_body
from xacct_ml.emulator.core.moto_dispatch import Environ, RequestHandler, WsgiApp
from xacct_ml.emulator.core.signature_v4 import Target

ADDRESS = "127.0.0.1"
_BYTES = 256
_NOT_PASSED_ON = ("content-length", "connection", "transfer-encoding", "access-control-")
"""Headers of moto's answers: it lets every page of a browser read them."""


class Handler(RequestHandler):  # type: ignore[misc]
    """One connection: requests one after the other until the client closes it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()  # the client waits for it before it sends the body
        return True

    def run_wsgi(self) -> None:
        path, _, query = self.path.partition("?")
        target = Target(self.command, path, query, tuple(self.headers.items()))
        try:
            framing.check(self.path, self.headers)
            environ: Environ = self.make_environ()
            body_sent = framing.body(self.rfile, self.headers, maximum_body(target))
        except framing.Unreadable as error:
            self._end(error.status)
            return
        environ[TARGET] = target
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body_sent))
        head_only = environ["REQUEST_METHOD"] == "HEAD"
        environ["wsgi.input"] = io.BytesIO(body_sent)
        environ["wsgi.input_terminated"] = True
        try:
            status, headers, body = _answer(self.server.app, environ)
        except Dropped:
            self.close_connection = True
            return
        finally:
            environ.clear()  # werkzeug's request and it hold each other, and the body, until a late collection
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            if not name.lower().startswith(_NOT_PASSED_ON):
                self.send_header(name, _one_line(value))
        # a HEAD announces the length of the body that a GET would have
        length = next((value for name, value in headers if name.lower() == "content-length"), str(len(body)))
        if not head_only:
            length = str(len(body))
        if int(code) not in {204, 304}:
            self.send_header("Content-Length", length)
        self.end_headers()
        if not head_only:
            self.wfile.write(body)
        self.wfile.flush()

    def _end(self, status: HTTPStatus) -> None:
        """Answer without a body, and read nothing more of this connection."""
        self.close_connection = True
        self.send_response(status, status.phrase)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Requests are logged as decisions, not as lines."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nor are dropped connections: clients close them as they like."""


class Server(ThreadedWSGIServer):  # type: ignore[misc]
    """A thread per connection, all of them closed with the server."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, app: WsgiApp) -> None:
        self.connections: set[Any] = set()
        super().__init__(ADDRESS, port, app, handler=Handler)

    @property
    def endpoint(self) -> str:
        return f"http://{ADDRESS}:{self.server_address[1]}"

    def close_connections(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(2)
            except OSError:
                continue


def _one_line(value: str) -> str:
    """A header's value as the base class sends it, a character a byte: what else it is made of, clients chose."""
    text = re.sub(r"[\r\n]+", " ", value)
    return text if all(ord(character) < _BYTES for character in text) else text.encode().decode("latin-1")


def _answer(app: WsgiApp, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []
    body_parts: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        del exc_info
        started[:] = [(status, headers)]
        return body_parts.append

    try:
        chunks: Iterable[bytes] = app(environ, start_response)
        body = b"".join([*body_parts, *chunks])
    except Dropped:
        raise
    except Exception:  # noqa: BLE001 - the application answers for its own errors; this is the last resort
        traceback.print_exc(file=sys.stderr)
        return "500 Internal Server Error", [], b""
    status, headers = started[0]
    return status, headers, body
