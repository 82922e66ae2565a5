"""Operations of a service as plain functions: typed parameters in, a result by the service's model out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from xacct_ml.access.model import Principal
from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core import moto_sessions as sessions
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.constraints import message, violations

Params = Mapping[str, Any]
"""Parameters as botocore's model types them: bytes for blobs, datetimes for timestamps."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called: ``arn`` as GetCallerIdentity has it, and the access key that signed."""

    arn: str
    access_key: str


Handle = Callable[[Any, Params, Caller], Mapping[str, Any] | None]
"""An operation: the backend of the caller's account and region, the parameters, the caller → the result."""


def operation(handle: Handle, *, check: bool = True) -> Any:
    """A method for a moto response class that answers with ``handle(backend, params, caller)``.

    ``check`` refuses what breaks the model's constraints with a ValidationException before ``handle`` runs; services
    with an own error for each bad parameter (CodeCommit) check themselves. An :class:`ApiError` becomes the service's
    answer."""

    def answer(self: Operations) -> ActionResult:
        try:
            if check:
                self.check_constraints()
            # moto says "text" for a service whose model lists CBOR first
            self.response_headers["Content-Type"] = "application/x-amz-json-1.1"
            return ActionResult(handle(self.backend, self.params, self.caller) or {})
        except ApiError as error:
            raise JsonRESTError(error.code, error.message) from error

    answer.__name__ = handle.__name__
    answer.__doc__ = handle.__doc__
    return answer


class Operations(BaseResponse):
    """A response class whose operations are made by :func:`operation`."""

    def __init__(self, service_name: str) -> None:
        super().__init__(service_name=service_name)
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> Any:
        """The service's backend for the caller's account and region."""
        raise NotImplementedError

    @property
    def caller(self) -> Caller:
        return Caller(caller_arn(self.access_key), self.access_key)

    def check_constraints(self) -> None:
        shape = get_service_model(self.boto3_service_name).operation_model(self._get_action()).input_shape
        found = [] if shape is None else list(violations(shape, self.params))
        if found:
            raise ApiError("ValidationException", message(found))


def page(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """One page of ``items`` and the token of the next. Raises InvalidNextTokenException."""
    if token is not None and not token.isdigit():
        raise ApiError("InvalidNextTokenException", f"The next token {token} is not valid")
    start = int(token or 0)
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


def caller_arn(access_key: str) -> str:
    """The ARN behind an access key, as GetCallerIdentity has it; empty for a key that nobody has."""
    key = principals.access_key(access_key)
    if key is None:
        return ""
    session = sessions.session_of(key)
    if session is not None:
        return Principal.session(session.role_arn, session.session_name).arn
    user = principals.user_of(key)
    return "" if user is None else str(user.arn)


def serve(*handles: Handle, check: bool = True) -> Callable[[type[Operations]], type[Operations]]:
    """Give a response class one operation per function, under the function's name."""

    def decorate(cls: type[Operations]) -> type[Operations]:
        for handle in handles:
            setattr(cls, handle.__name__, operation(handle, check=check))
        return cls

    return decorate
