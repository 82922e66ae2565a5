"""Every call of a command, seen at the wire: counted, and struck by a crash or a fault where a sweep wants it.

A call is known by what it is about (account, operation, name, how many times so far), not by its number, so it is the
same one in a run whose threads take turns differently. A strike works below botocore's retries, on each attempt: these
are tried as well."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.retries import standard

from xacct_ml.aws.accounts import Accounts
from xacct_ml.emulator.core import denials
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.denials import ServiceError, WireProtocol
from xacct_ml.emulator.core.fault_injection import Dropped, about, name_of
from xacct_ml.emulator.core.gate import TARGET, Gate
from xacct_ml.emulator.core.signature_v4 import Target

READING = ("Get", "List", "Describe", "Head", "BatchGet", "Validate")


@dataclass(frozen=True, order=True, slots=True)
class Call:
    """``about`` names what it acts on, ``turn`` counts such calls of one command from 1; ``thing`` begins ``about``:
    the name of the resource, without the part of it that the call is about."""

    account: str
    service: str
    operation: str
    about: str = ""
    turn: int = 1
    thing: str = field(default="", compare=False)
    region: str = ""

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(READING)

    def __str__(self) -> str:
        turn = f" (time {self.turn})" if self.turn > 1 else ""
        return f"{self.account} {self.region} {self.service}:{self.operation} {self.about}{turn}"


Send = Callable[[], AWSResponse]
"""Lets the request reach the embedded AWS; its response."""


class Strike(Protocol):
    """What happens to the calls of one command. Raising stands for what the network or the kernel does."""

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse: ...


class Killed(Exception):
    """The process is dead: none of its threads reaches AWS any more."""


def undisturbed(call: Call, attempt: int, send: Send) -> AWSResponse:  # noqa: ARG001
    return send()


@dataclass
class Wire:
    """Clients of all accounts of the map, straight into the embedded AWS's gate; ``strike`` disturbs them.

    ``calls`` are those begun since :meth:`begin`, in order; ``landed`` the writes that reached the embedded AWS, one
    entry per attempt."""

    accounts: Accounts
    strike: Strike = undisturbed
    calls: list[Call] = field(default_factory=list)
    landed: list[Call] = field(default_factory=list)
    _counted: Counter[Call] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _here: threading.local = field(default_factory=threading.local)
    _hooked: set[int] = field(default_factory=set)
    _gate: Gate = field(default_factory=Gate)

    def begin(self, strike: Strike = undisturbed) -> None:
        """A new command."""
        with self._lock:
            self.strike = strike
            self.calls.clear()
            self.landed.clear()
            self._counted.clear()

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        client = self.accounts.client(account_id, service, region)
        with self._lock:
            if id(client) not in self._hooked:
                self._hooked.add(id(client))
                self._hook(client, account_id, service)
        return client

    @property
    def writes(self) -> list[str]:
        return [str(call) for call in self.calls if call.writes]

    def _hook(self, client: Any, account: str, service: str) -> None:
        def called(model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:  # noqa: ARG001
            self._here.call, self._here.attempt = self._count(account, client.meta.region_name, service, model.name), 0

        def named(params: dict[str, Any], **_: Any) -> None:
            self._here.about, self._here.thing = about(params), name_of(params)

        def sent(request: Any, **_: Any) -> AWSResponse:
            self._here.attempt += 1
            call = self._here.call

            def send() -> AWSResponse:
                if call.writes:
                    self.landed.append(call)
                return through_gate(self._gate, request)

            return self.strike(call, self._here.attempt, send)

        retry_at_once(client)
        client.meta.events.register("before-parameter-build", named)
        client.meta.events.register("before-call", called)
        client.meta.events.register_last("before-send", sent)

    def _count(self, account: str, region: str, service: str, operation: str) -> Call:
        with self._lock:
            first = Call(account, service, operation, self._here.about, region=region)
            self._counted[first] += 1
            call = replace(first, turn=self._counted[first], thing=self._here.thing)
            self.calls.append(call)
        return call


class _WithoutLimits:
    """For botocore's retries: no pause, and no budget that a thousand cases in one process would use up."""

    def delay_amount(self, context: Any) -> int:  # noqa: ARG002
        return 0

    def acquire_retry_quota(self, context: Any) -> bool:  # noqa: ARG002
        return True


def retry_at_once(client: Any) -> None:
    """botocore's standard retries, as often and for the same errors as the client has them, without the pauses."""
    service = client.meta.service_model.service_id.hyphenize()
    attempts = client.meta.config.retries["total_max_attempts"]
    policy = standard.RetryPolicy(standard.StandardRetryConditions(max_attempts=attempts), _WithoutLimits())
    handler = standard.RetryHandler(policy, standard.RetryEventAdapter(), _WithoutLimits())
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")
    client.meta.events.register(f"needs-retry.{service}", handler.needs_retry)


def refusal(refused: ServiceError, service: str, operation: str) -> AWSResponse:
    """AWS's answer with an error, as the embedded AWS words it."""
    style = WireProtocol(service, dispatch.protocol_of(service, ""))
    method = "HEAD" if operation.startswith("Head") else "GET"
    body, headers = denials.render(refused, style, "0", method)
    return AWSResponse("", refused.status, _headers(list(headers.items())), _Raw(body))


class _Raw(io.BytesIO):
    """What botocore reads a response's body from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(1 << 16):
            yield chunk


def through_gate(gate: Gate, request: Any) -> AWSResponse:
    """What an HTTP round trip to the embedded AWS gives, without the trip."""
    path, _, query = request.url.partition("://")[2].partition("?")
    host, _, path = path.partition("/")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes | bytearray) else body.read()
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    environ = _environ(request.method, host, f"/{path}", query, headers, bytes(content))
    environ[TARGET] = Target(request.method, f"/{path}", query, (("host", host), *headers.items()))
    answer: list[Any] = []

    def start_response(status: str, given: list[tuple[str, str]], *_: Any) -> None:
        answer[:] = [int(status.split()[0]), given]

    try:
        payload = b"".join(gate(environ, start_response))
    except Dropped:
        raise ConnectionClosedError(endpoint_url=request.url) from None
    status, given = answer
    return AWSResponse(request.url, status, _headers(given), _Raw(b"" if request.method == "HEAD" else payload))


def _environ(method: str, host: str, path: str, query: str, headers: dict[str, str], content: bytes) -> dict[str, Any]:
    from urllib.parse import unquote

    name, _, port = host.partition(":")
    fields = {f"HTTP_{key.upper().replace('-', '_')}": value for key, value in headers.items()}
    fields["CONTENT_TYPE"] = fields.pop("HTTP_CONTENT_TYPE", "")
    fields.pop("HTTP_CONTENT_LENGTH", None)
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "REQUEST_URI": f"{path}?{query}" if query else path,
        "RAW_URI": f"{path}?{query}" if query else path,
        "QUERY_STRING": query,
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": host,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        TARGET: Target(method, path, query, (("host", host), *headers.items())),
        **fields,
    }


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _headers(given: list[tuple[str, str]]) -> Any:
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for name, value in given:
        headers[name] = value
    return headers
