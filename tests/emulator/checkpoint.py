"""All state of the embedded AWS, kept and brought back: thousands of crashes can begin from the same place.

Touches: ``BackendDict._instances`` (every backend there is), S3's index of buckets, and Lambda's index of functions by
ARN, a dictionary of weak references that a copy of the backend would leave pointing at the original's functions.

Only while nothing is under way: work of background threads is neither kept nor ended."""

from __future__ import annotations

import copy
import copyreg
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakValueDictionary

from moto.awslambda.models import LambdaStorage
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.s3.models import s3_backends

from xacct_ml.emulator.core import runtime
from xacct_ml.emulator.services.s3.moto_content import WITH_CONTENT

State = dict[tuple[int, str, str], Any]
"""By position of the service, account and region."""


class Checkpoint:
    """The state at the moment of its making."""

    def __init__(self) -> None:
        _copy_locks_as_new_ones()
        self._state = _copied({place: backend for place, _, backend in _backends()})
        self._bucket_owners = copy.deepcopy(dict(s3_backends.bucket_accounts))

    def restore(self) -> None:
        """Bring it back; what was made since is gone. As often as wanted."""
        state = _copied(self._state)
        for (position, account, region), regions, _ in list(_backends()):
            if (position, account, region) not in state:
                dict.pop(regions, region)
        for (position, account, region), backend in state.items():
            dict.__setitem__(BackendDict._instances[position][account], region, backend)
        s3_backends.bucket_accounts.clear()
        s3_backends.bucket_accounts.update(copy.deepcopy(self._bucket_owners))
        reset_model_data()


def _backends() -> Iterator[tuple[tuple[int, str, str], Any, Any]]:
    """Place, the dictionary it is in, backend."""
    for position, service in enumerate(BackendDict._instances):
        for account, regions in list(dict.items(service)):
            for region, backend in list(dict.items(regions)):
                yield (position, account, region), regions, backend


def _copied(state: State) -> State:
    """Independent of the original; what belongs to the process and not to the state is shared."""
    shared = [runtime.current(), *BackendDict._instances, *(regions for _, regions, _ in _backends())]
    memo: dict[Any, Any] = {id(thing): thing for thing in shared}
    copied = copy.deepcopy(state, memo | {WITH_CONTENT: True})
    for backend in copied.values():
        functions = getattr(backend, "_lambdas", None)
        if isinstance(functions, LambdaStorage):
            functions._arns = WeakValueDictionary(_by_arn(functions))
    return copied


def _by_arn(functions: LambdaStorage) -> dict[str, Any]:
    kept = functions._functions.values()
    return {f.function_arn: f for versions in kept for f in (versions["latest"], *versions["versions"])}


def _copy_locks_as_new_ones() -> None:
    """A lock of a copied object guards that copy, and nobody holds it."""
    for make in (threading.Lock, threading.RLock):
        copyreg.pickle(type(make()), lambda _, make=make: (make, ()))  # type: ignore[misc]
    copyreg.pickle(threading.Condition, lambda _: (threading.Condition, (threading.RLock(),)))
