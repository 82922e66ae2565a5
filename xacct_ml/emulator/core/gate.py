"""Every HTTP request passes here: recognised, its caller identified, decided; only then moto serves it."""

import io
import traceback
import uuid
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from xacct_ml.access.model import Principal
from xacct_ml.emulator.core import authorizer, basic, callers, denials, runtime, signatures, unordered
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.callers import Caller
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.context import PRESIGNED_HEADER
from xacct_ml.emulator.core.denials import ServiceError, WireProtocol
from xacct_ml.emulator.core.fault_injection import Dropped
from xacct_ml.emulator.core.moto_dispatch import Environ, Recognised, UnknownCall, Unparsable
from xacct_ml.emulator.core.signature_v4 import Target
from xacct_ml.emulator.core.signatures import Signature

_S3 = WireProtocol("s3", "rest-xml")
"""Of refusals before the service is known: their codes are S3's."""
TARGET = "xacct_ml.target"
"""WSGI environ key: the request line and headers as they came, which is what was signed."""

_OWN_NAMES = {"127.0.0.1", "localhost"}

MAXIMUM_BODY = 5 * 1024**3
"""Bytes: what S3 takes in one request [D]."""
MAXIMUM_UNKNOWN_BODY = 1024**2
"""Of a request by nobody who is known here: it is read into memory before it is refused."""


def maximum_body(target: Target) -> int:
    """Bytes that a request's body may have."""
    try:
        signed = signatures.signature(target, default_region="")
    except ServiceError:
        signed = None
    key = basic.access_key(target.header("authorization")) if signed is None else signed.access_key_id
    return MAXIMUM_BODY if key is not None and callers.known(key) else MAXIMUM_UNKNOWN_BODY


class Gate:
    """The WSGI application of the embedded AWS."""

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        style = _S3
        application = next((app for path, app in dispatch.paths.items() if environ["PATH_INFO"].startswith(path)), None)
        if application is not None:
            answer: Iterable[bytes] = application(environ, start_response)
            return answer
        try:
            headers = _headers(environ)
            target: Target = environ[TARGET]
            signed = _signature(environ, target, headers)
            body: bytes = environ["wsgi.input"].read()
            service = _service(environ, body)
            style = WireProtocol(service, dispatch.protocol_of(service, headers.get("content-type", "")))
            caller = None if signed is None else callers.identify(signed, target, body, style)
            recognised = _recognise(environ, body, style)
            caller = caller or _anonymous(recognised, target, style)
            call = _call(recognised, caller, signed, headers, target)
            dispatch.precheck(call)
            with dispatch.turn(call):
                dispatch.check(call, authorizer.authorize_call(call, caller, style))
                return _serve(call, recognised, signed, environ, start_response)
        except Dropped:
            raise
        except ServiceError as refused:
            reason = refused
        except NotImplementedError as error:
            # 501, not moto's 500: clients retry a 500
            reason = ServiceError("NotImplemented", f"the embedded AWS does not implement this: {error}", 501)
        except Exception:  # noqa: BLE001 - the boundary of a request: say what happened, serve the next
            runtime.to_stderr(traceback.format_exc())
            reason = ServiceError("InternalFailure", "the embedded AWS failed; its standard error has the reason", 500)
        return _refuse(reason, style, environ, start_response)


def _headers(environ: Environ) -> dict[str, str]:
    headers = {name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers.pop(PRESIGNED_HEADER, None)
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.lower().replace("_", "-")] = environ[name]
    return headers


def _signature(environ: Environ, target: Target, headers: dict[str, str]) -> Signature | None:
    """The request's signature. One that stands in the URL is put where moto looks for the service: into the header.

    :raises ServiceError: it is not complete"""
    signed = signatures.signature(target, runtime.current().region)
    if signed is not None and signed.presigned:
        scope = f"{signed.access_key_id}/19700101/{signed.region}/{signed.service}/aws4_request"
        environ["HTTP_AUTHORIZATION"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=presigned"
        headers[PRESIGNED_HEADER] = "true"
    return signed


def _service(environ: Environ, body: bytes) -> str:
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        return dispatch.service_of(environ)[0]
    except UnknownCall as error:
        raise ServiceError("UnknownService", str(error), HTTPStatus.NOT_FOUND) from error


def _recognise(environ: Environ, body: bytes, style: WireProtocol) -> Recognised:
    try:
        return dispatch.recognise(environ, body)
    except UnknownCall as error:
        raise ServiceError("UnknownOperationException", str(error), HTTPStatus.NOT_FOUND) from error
    except Unparsable as error:
        raise denials.unparsable(style) from error


def _anonymous(recognised: Recognised, target: Target, style: WireProtocol) -> Caller:
    """:raises ServiceError: nobody serves unsigned requests of this kind; or it came by a name that is not this
    machine's, as those of a page do whose name was made to lead here"""
    host = (target.header("host") or "").partition(":")[0].lower()
    if host not in _OWN_NAMES and not host.endswith(".localhost"):
        raise ServiceError("AccessDenied", "Access Denied", 403)
    owner_of = dispatch.anonymous_owners.get(recognised.service)
    if owner_of is None:
        raise denials.unsigned(style)
    owner = owner_of(recognised.params)
    if owner is None and recognised.service != "s3":
        raise denials.unsigned(style)
    if owner is None:
        raise ServiceError("AccessDenied", "Access Denied", 403)
    return Caller(Principal.anonymous(), owner)


def _call(
    recognised: Recognised, caller: Caller, signed: Signature | None, headers: Mapping[str, str], target: Target
) -> ApiCall:
    running = runtime.current()
    return ApiCall(
        service=recognised.service,
        operation=recognised.operation,
        params=recognised.params,
        principal=caller.principal,
        account=caller.account,
        region=running.region if signed is None else signed.region,
        partition=running.partition,
        headers=headers,
        query=frozenset(name for name, _ in parse_qsl(target.query, keep_blank_values=True)),
    )


def _serve(
    call: ApiCall, recognised: Recognised, signed: Signature | None, environ: Environ, start_response: Any
) -> list[bytes]:
    """:raises ServiceError, Dropped: in the harsh mode, whatever the caller's rights"""

    def answer() -> list[bytes]:
        if not unordered.has_sets(call):
            return list(dispatch.serve(call, recognised.app, environ, start_response))
        told: list[Any] = []
        body = b"".join(dispatch.serve(call, recognised.app, environ, lambda *head: told.append(head)))
        status, headers, *more = told[0]
        shown = runtime.current().unordered.shuffled(call, body) if status.startswith("200") else body
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*headers, ("Content-Length", str(len(shown)))], *more)
        return [shown]

    faults = runtime.current().faults
    return answer() if faults is None else faults.serve(call, answer, None if signed is None else signed.access_key_id)


def _refuse(refused: ServiceError, style: WireProtocol, environ: Environ, start_response: Any) -> Iterable[bytes]:
    body, headers = denials.render(refused, style, str(uuid.uuid4()), environ["REQUEST_METHOD"])
    reason = HTTPStatus(refused.status).phrase
    start_response(f"{refused.status} {reason}", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]
