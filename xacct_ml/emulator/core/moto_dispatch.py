"""Which API call an HTTP request is: moto's routing and parsers, asked before moto itself acts.

Touches: ``DomainDispatcherApplication`` (which service), ``get_service_router`` (which operation), ``PROTOCOL_PARSERS``
(typed parameters), ``BaseResponse.get_current_account`` (whose backend; moto would guess)."""

import importlib
import io
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import BaseResponse
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException

from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

ACCOUNT = "xacct_ml.account"
"""WSGI environ key: the account whose backends serve the request."""

_NOT_AWS = {"moto_api", "moto_api._internal", "instance_metadata"}

FORMS = {"query", "ec2"}
"""Protocols whose requests are forms."""

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Any]
RequestHandler = MotoRequestHandler
"""Of one connection; it keeps the spelling of header names with underscores, which metadata of objects may have."""


_SIGNED_FOR = re.compile(r"Credential=[^/,]+/[0-9]+/[^/,]+/([a-z0-9-]+)/aws4_request")
"""The service in a signature's scope (Signature Version 4 [D])."""

served_call: ContextVar[ApiCall] = ContextVar("served_call")
"""The call being served, while moto serves it."""

decided: ContextVar[tuple[AuthorizationRequest, ...]] = ContextVar("decided", default=())
"""What that call amounts to, refused items included."""

serving_accounts: dict[str, Callable[[ApiCall], str | None]] = {}
"""By boto3 service: whose backends serve an allowed call; ``None`` or no entry: the caller's account."""

checks: dict[str, Callable[[ApiCall, tuple[AuthorizationRequest, ...]], None]] = {}
"""By boto3 service: what the service checks beyond permissions before it acts; raises ``ServiceError``."""

own_services: dict[str, WsgiApp] = {}
"""By the name in signatures: applications for services that moto does not have at all."""

own_names: dict[str, str] = {}
"""The name in signatures to boto3's, where that is another."""

paths: dict[str, WsgiApp] = {}
"""By the beginning of a path: applications for what is no API call and has no signature of one (git over HTTP)."""

anonymous_owners: dict[str, Callable[[Mapping[str, Any]], str | None]] = {}
"""By boto3 service that takes unsigned calls: the account whose resource such a call's parameters name, if any."""

prechecks: dict[str, Callable[[ApiCall], None]] = {}
"""By boto3 service: what it checks before any permission; raises ``ServiceError``."""

_creating: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
"""By boto3 service: held while something is created."""


class UnknownCall(Exception):
    """No service or no operation matches the HTTP request."""


class Unparsable(Exception):
    """The body is not of the protocol's form."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """An HTTP request as an API call.

    ``service`` is boto3's client name, ``protocol`` the one the request came in (``json``, ``query``, ``rest-xml`` …),
    ``app`` moto's WSGI application that serves it."""

    service: str
    operation: str
    params: Mapping[str, Any]
    protocol: str
    app: WsgiApp


class _Services(DomainDispatcherApplication):
    """moto's choice of the service by host, signature and path, remembered: it lists a directory at each request."""

    def __init__(self) -> None:
        super().__init__(_application)
        self._by_host: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._by_host:
            url = f"http://{host}"
            # of a service that moto does not know it prints so to the standard output, which the user's shell reads
            known = "amazonaws.com" not in url or any(pattern.match(url) for _, pattern in self.backend_url_patterns)
            self._by_host[host] = super().get_backend_for_host(host) if known else None
        return self._by_host[host]


def _application(service: str) -> Any:
    """moto's application of a service, without Flask's debug mode: that makes each request, body included, part of a
    cycle that only a late collection frees. Exceptions still reach the gate."""
    application = create_backend_app(service)
    application.debug = False
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


@cache
def _services() -> _Services:
    """One for the process: the applications hold no state, and building one takes time."""
    return _Services()


@cache
def boto3_name(moto_service: str) -> str:
    """boto3's client name of a service that moto calls ``moto_service`` (``awslambda`` is ``lambda``)."""
    urls = importlib.import_module(f"moto.{moto_service}.urls")
    for handler in urls.url_paths.values():
        response = getattr(handler, "__self__", None)
        if isinstance(response, type) and issubclass(response, BaseResponse):
            return str(response().boto3_service_name)
    return moto_service


def service_of(environ: Environ) -> tuple[str, WsgiApp]:
    """The service's boto3 name and moto's application for it.

    :raises UnknownCall: none of AWS's services"""
    signed_for = _SIGNED_FOR.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    if signed_for is not None and signed_for[1] in own_services:
        return own_names.get(signed_for[1], signed_for[1]), own_services[signed_for[1]]
    try:
        app = _services().get_application(environ)
    except (ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise UnknownCall(f"no service matches the request: {error}") from error
    if app.service is None or app.service in _NOT_AWS:
        raise UnknownCall("no AWS service matches the request")
    return boto3_name(app.service), app


def protocol_of(service: str, content_type: str) -> str:
    """The protocol a request to ``service`` speaks; the service's own where its content type tells nothing."""
    model = get_service_model(service)
    try:
        return str(determine_request_protocol(model, content_type))
    except NotImplementedError:
        return str(model.protocol)


def recognise(environ: Environ, body: bytes) -> Recognised:
    """The call in ``environ``, whose body was read as ``body``; leaves ``environ`` with the body unread.

    :raises UnknownCall: no operation of an AWS service
    :raises Unparsable: what it says of the operation cannot be read"""
    service, app = service_of(environ)
    environ["wsgi.input"] = io.BytesIO(body)
    request = Request(environ, populate_request=False)
    protocol = protocol_of(service, request.content_type or "")
    # werkzeug reads a form only once, and then the body is gone: read the body first
    request.get_data(cache=True, parse_form_data=False)
    try:
        operation, uri_params = get_service_router(service).match(request)
    except (HTTPException, NotImplementedError) as error:
        raise UnknownCall(f"{service} has no operation for {request.method} {request.path}") from error
    parser = PROTOCOL_PARSERS[protocol](operation)
    try:
        _require_said_once(request, protocol)
        params = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": uri_params,
            }
        )
    except (RequestParserError, ValueError, RecursionError) as error:
        raise Unparsable(str(error)) from error
    environ["wsgi.input"] = io.BytesIO(body)
    return Recognised(service, operation.name, params or {}, protocol, app)


def _require_said_once(request: Request, protocol: str) -> None:
    """In the URL or in the body: moto takes one of two values, and what the caller may do was asked of the other.

    :raises ValueError: a parameter is said twice, or some here and some there"""
    if protocol not in FORMS:
        return
    places = [
        [name for name, _ in place.items(multi=True) if not name.lower().startswith("x-amz-")]
        for place in (request.args, request.form)
    ]
    if all(places) or any(len(set(names)) < len(names) for names in places):
        raise ValueError("parameters are given twice, or both in the URL and in the body")


def precheck(call: ApiCall) -> None:
    """:raises ServiceError: whatever the caller's permissions are"""
    if (found := prechecks.get(call.service)) is not None:
        found(call)


def check(call: ApiCall, asked: tuple[AuthorizationRequest, ...]) -> None:
    """:raises ServiceError: although ``asked``, all that the call amounts to, was allowed"""
    decided.set(asked)
    if (found := checks.get(call.service)) is not None:
        found(call, asked)


def turn(call: ApiCall) -> AbstractContextManager[object]:
    """Held from a call's checks to its answer. Creations take turns: AWS takes a name once, while moto looks whether it
    is free and takes it in two steps, so that two requests at once would both succeed."""
    return _creating[call.service] if call.operation.startswith("Create") else nullcontext()


def serve(call: ApiCall, app: WsgiApp, environ: Environ, start_response: Any) -> Any:
    """Let moto serve a call that was allowed, from the backends of the account it is about."""
    account_of = serving_accounts.get(call.service)
    environ[ACCOUNT] = (account_of(call) if account_of is not None else None) or call.account
    token = served_call.set(call)
    try:
        return app(environ, start_response)
    finally:
        served_call.reset(token)


def install() -> None:
    """Serve each request from the account that the gate found, and leave every decision to the gate."""

    guessed: Callable[[Any], str] = BaseResponse.get_current_account

    def account(self: Any) -> str:
        # A request that did not come through the gate is one of moto's own in-process mock beside this server.
        found: str = self.normalized_request.environ.get(ACCOUNT) or guessed(self)
        return found

    def decided_already(self: Any, iam_request_cls: type, resource: str = "*") -> None:
        """moto's own enforcement (off unless an environment variable is set) must never add a second opinion."""

    BaseResponse.get_current_account = account
    ActionAuthenticatorMixin._authenticate_and_authorize_action = decided_already
