"""What can strike a call: the process dies, or the network, the service or somebody else interferes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.sweeps.plain import plain_clients
from tests.sweeps.wire import Call, Killed, Send, refusal
from xacct_ml.emulator.core import denials, external_deletion, fault_injection
from xacct_ml.emulator.server import EmbeddedAws

ONCE, ALWAYS = 1, 99
"""How many attempts of a call are struck; botocore makes five."""


@dataclass
class Kill:
    """The process dies at ``at``: before the request leaves, or when its answer has come."""

    at: Call
    after: bool
    struck: bool = False
    _dead: threading.Event = field(default_factory=threading.Event)

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse:  # noqa: ARG002
        if call == self.at and not self._dead.is_set():
            self.struck = True
            if self.after:
                send()
            self._dead.set()
        if self._dead.is_set():
            raise Killed(str(self.at))
        return send()


Effect = Callable[[Call, Send], AWSResponse]


@dataclass
class Fault:
    """``effect`` instead of an answer, for the first ``attempts`` of the call ``at``."""

    at: Call
    effect: Effect
    attempts: int = ALWAYS
    struck: bool = False

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse:
        if call == self.at and attempt <= self.attempts:
            self.struck = True
            return self.effect(call, send)
        return send()


_NOT_ABOUT_ONE = ("Create", "List", "DescribeLogGroups")
"""Calls that make a thing, or that answer with a list in which it is or is not."""


@dataclass
class Stale:
    """What ``at`` makes is not seen by the next ``times`` calls that ask for it or write to it."""

    at: Call
    times: int = 2
    struck: bool = False
    _left: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call, attempt: int, send: Send) -> AWSResponse:  # noqa: ARG002
        if call == self.at:
            answer = send()
            self._left = self.times
            return answer
        same = _thing(call) == _thing(self.at)
        error = fault_injection.missing(call.service, call.thing)
        if not same or error is None or call.operation.startswith(_NOT_ABOUT_ONE):
            return send()
        with self._lock:
            seen = self._left <= 0
            self._left -= 1
        if seen:
            return send()
        self.struck = True
        return refusal(error, call.service, call.operation)


def _thing(call: Call) -> tuple[str, str, str, str]:
    return call.account, call.region, call.service, call.thing


def throttled(call: Call, send: Send) -> AWSResponse:  # noqa: ARG001
    return refusal(fault_injection.throttled(call.service), call.service, call.operation)


def failed(call: Call, send: Send) -> AWSResponse:  # noqa: ARG001
    return refusal(fault_injection.failed(call.service), call.service, call.operation)


def timed_out(call: Call, send: Send) -> AWSResponse:  # noqa: ARG001
    raise ReadTimeoutError(endpoint_url=str(call))


def lost(call: Call, send: Send) -> AWSResponse:
    """Executed, but the answer never arrives."""
    send()
    raise ConnectionClosedError(endpoint_url=str(call))


def expired(call: Call, send: Send) -> AWSResponse:  # noqa: ARG001
    style = denials.WireProtocol(call.service, refusal_protocol(call.service))
    return refusal(denials.expired_token(style), call.service, call.operation)


def deleting(aws: EmbeddedAws) -> Effect:
    """What the call is about is deleted by somebody else right before it."""

    def effect(call: Call, send: Send) -> AWSResponse:
        external_deletion.delete(plain_clients(aws, call.account, call.region), call.service, call.thing)
        return send()

    return effect


def refusal_protocol(service: str) -> str:
    from xacct_ml.emulator.core import moto_dispatch as dispatch

    return dispatch.protocol_of(service, "")
