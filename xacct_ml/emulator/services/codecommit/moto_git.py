"""Git over HTTP: who asks, may they, and what a push sets off.

``git clone http://<endpoint>/v1/repos/<name>`` with the AWS CLI's credential helper, as of an AWS with another host.
Rights: ``codecommit:GitPull``, and ``codecommit:GitPush`` with ``codecommit:References`` for each branch that is to
move, without it where branches are only listed before a push (CodeCommit user guide, "how-to-conditional-branch" [D]).
Only branches can be pushed here."""

import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import moto.codecommit.models as moto_models

from xacct_ml.emulator.core import authorizer, basic, callers, context, runtime
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.callers import Caller
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest
from xacct_ml.emulator.core.denials import ServiceError, WireProtocol
from xacct_ml.emulator.core.moto_dispatch import Environ
from xacct_ml.emulator.core.moto_operations import Caller as Pusher
from xacct_ml.emulator.services.codecommit import smart_http

PREFIX = "/v1/repos/"
_STYLE = WireProtocol("codecommit", "json")


class Refused(Exception):
    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
    try:
        return _served(environ, start_response)
    except Refused as refused:
        headers = [("Content-Type", "text/plain")]
        if refused.status is HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", 'Basic realm="AWS CodeCommit"'))
        start_response(f"{refused.status.value} {refused.status.phrase}", headers)
        return [f"{refused}\n".encode()]


def _served(environ: Environ, start_response: Any) -> Iterable[bytes]:
    name = environ["PATH_INFO"].removeprefix(PREFIX).partition("/")[0]
    given = basic.login(environ.get("HTTP_AUTHORIZATION"))
    if given is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "CodeCommit wants credentials")
    caller = _caller(given, f"{PREFIX}{name}", str(environ.get("HTTP_HOST", "")))
    backend = _backend(caller.account, name)
    if backend is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"{name} does not exist")
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    hosted = backend.repositories[name]
    moves = "git-receive-pack" in f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
    wanted = smart_http.commands(body) if moves and environ["REQUEST_METHOD"] == "POST" else []
    for command in wanted:
        if command.branch is None:
            raise Refused(HTTPStatus.FORBIDDEN, f"only branches can be pushed here, not {command.reference}")
        if command.new is None and command.branch == hosted.git.default_branch:
            raise Refused(HTTPStatus.FORBIDDEN, f"{command.branch} is the default branch")
    references: list[str | None] = [command.reference for command in wanted]
    for reference in references or [None]:
        _authorize(caller, hosted.arn, hosted.region, "GitPush" if moves else "GitPull", reference)
    with backend.lock:
        before = dict(hosted.git.branches)
        answer = smart_http.serve(hosted.git, environ, start_response)
        moved = smart_http.pushes(before, hosted.git.branches)
    for push in moved:
        backend.pushed(hosted, push, Pusher(caller.principal.arn, given.access_key))
    return answer


def _caller(given: basic.Login, path: str, host: str) -> Caller:
    try:
        caller = callers.holder(given.access_key, given.token, _STYLE)
    except ServiceError as error:
        raise Refused(HTTPStatus.FORBIDDEN, error.message) from error
    regions = {runtime.current().region, *moto_models.codecommit_backends[caller.account]}
    if not basic.is_signed(given, principals.secret(given.access_key), path, host, regions):
        raise Refused(HTTPStatus.FORBIDDEN, "The password is not the signature of this repository's URL, or not of now")
    return caller


def _backend(account: str, name: str) -> Any | None:
    backends = moto_models.codecommit_backends[account]
    regions = [runtime.current().region, *sorted(backends)]
    return next((backends[region] for region in regions if name in backends[region].repositories), None)


def _authorize(caller: Caller, arn: str, region: str, operation: str, reference: str | None) -> None:
    call = ApiCall("codecommit", operation, {}, caller.principal, caller.account, region, runtime.current().partition)
    keys = {**context.of_call(call), **caller.context}
    given = {} if reference is None else {"codecommit:References": reference}
    asked = AuthorizationRequest(f"codecommit:{operation}", arn, caller.account, given)
    decision = authorizer.decide(
        caller.principal,
        asked,
        service="codecommit",
        operation=operation,
        context_keys={**keys, **context.of_resource(asked)},
        session_policies=caller.session_policies,
    )
    if not decision.allowed:
        raise Refused(
            HTTPStatus.FORBIDDEN, f"{caller.principal.arn} is not authorized to perform: {asked.action} on {arn}"
        )


def install() -> None:
    dispatch.paths[PREFIX] = application
