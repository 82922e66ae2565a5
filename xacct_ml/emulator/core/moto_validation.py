"""Parameters against the service's model, for services whose operations are moto's: it checks few of them.

That these services refuse what breaks their models, with which codes and words: answers of AWS recorded in LocalStack's
tests (tests/emulator/recorded [C])."""

from collections.abc import Callable, Container

from moto.core.utils import get_service_model

from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.calls import ApiCall
from xacct_ml.emulator.core.constraints import message, violations
from xacct_ml.emulator.core.denials import ServiceError


def by_model(code: str, *, but: Container[str] = ()) -> Callable[[ApiCall], None]:
    """A check of a call before any permission; operations in ``but`` check themselves.

    ``code`` is the error's (``ValidationException``; in query protocols ``ValidationError``)."""

    def check(call: ApiCall) -> None:
        shape = get_service_model(call.service).operation_model(call.operation).input_shape
        found = [] if shape is None or call.operation in but else list(violations(shape, call.params))
        if found:
            raise ServiceError(code, message(found), 400)

    return check


def install(service: str, code: str, *, but: Container[str] = ()) -> None:
    """Refuse what breaks the model of ``service``, after what it checks itself already."""
    own, checked = dispatch.prechecks.get(service), by_model(code, but=but)

    def precheck(call: ApiCall) -> None:
        if own is not None:
            own(call)
        checked(call)

    dispatch.prechecks[service] = precheck
