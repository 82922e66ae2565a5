"""Bugs of the kind that a sweep is there to find, to plant: one per class of fault, and the case that must catch it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ConnectionClosedError

from tests.sweeps.sweep import KINDS, Case, Sweep
from xacct_ml.aws import errors
from xacct_ml.resources import base
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.log_group import LogGroup
from xacct_ml.resources.role import Role
from xacct_ml.tables.aws_errors import Advice, advice

Bug = Callable[[Sweep, Case], AbstractContextManager[None]]


@dataclass(frozen=True)
class Planted:
    """``bug``, caught where its class of fault strikes ``operation`` on ``thing`` in ``command``."""

    bug: Bug
    command: str
    operation: str
    thing: str = ""

    def case(self, sweep: Sweep, kind: str) -> Case:
        """The last such call: CreateKey is refused once before. Raises IndexError where none is made any more."""
        wanted = (self.command, self.operation, self.thing)
        return [
            case for case in sweep.cases(KINDS[kind]) if (case.command, case.call.operation, case.call.thing) == wanted
        ][-1]


@contextmanager
def planted(owner: Any, name: str, bug: Any) -> Iterator[None]:
    """Inside, ``owner``'s member ``name`` is the buggy one."""
    sound = vars(owner)[name]
    setattr(owner, name, bug)
    try:
        yield
    finally:
        setattr(owner, name, sound)


def _member(owner: Any, name: str, bug: Any) -> Bug:
    return lambda *_: planted(owner, name, bug)


def _made_and_no_more(make: Any, *_: Any) -> None:
    """What was there already, or is not seen yet, is a failure."""
    make()


def _removed_and_no_more(remove: Any, _: Any, observed: Any) -> None:
    """What is gone already is a failure."""
    remove(observed)


def _found_by_alias_only(_: KmsKey) -> None:
    """A key that was made but not given its alias is not found."""


def _left_as_it_is(*_: Any) -> None:
    """What exists is taken for finished."""


@contextmanager
def _giving_up(sweep: Sweep, case: Case) -> Iterator[None]:
    """Nothing is ever sent a second time."""

    def give_up(caught_exception: Exception | None, **_: Any) -> None:
        raise caught_exception or ConnectionClosedError(endpoint_url="the service")

    events = sweep.world.wire.client(case.call.account, case.call.service).meta.events
    events.register_first("needs-retry", give_up)
    try:
        yield
    finally:
        events.unregister("needs-retry", give_up)


def _unknown(kind: str) -> Bug:
    """Errors of this kind are like any other."""

    def advise(*arguments: Any) -> Advice | None:
        found = advice(*arguments)
        return None if found is not None and found.kind == kind else found

    return _member(errors, "advice", advise)


_LOGS = "/aws/lambda/churn-deploy"
_ONE_KEY_ONLY = _member(KmsKey, "_by_tag", _found_by_alias_only)
_NEVER_CONTINUED = _member(base, "create_or_continue", _made_and_no_more)

BUGS: Mapping[str, Planted] = {
    "crash before": Planted(_member(Role, "change", _left_as_it_is), "bootstrap", "PutRolePolicy", "churn-start"),
    "crash after": Planted(_ONE_KEY_ONLY, "bootstrap", "CreateKey"),
    "throttled": Planted(_unknown("throttled"), "upload-data", "DescribeKey"),
    "failed once": Planted(_giving_up, "bootstrap", "CreateLogGroup", _LOGS),
    "failed": Planted(_member(LogGroup, "change", _left_as_it_is), "bootstrap", "PutRetentionPolicy", _LOGS),
    "timed out once": Planted(_giving_up, "bootstrap", "CreateLogGroup", _LOGS),
    "timed out": Planted(_ONE_KEY_ONLY, "bootstrap", "CreateAlias", "alias/churn"),
    "answer lost once": Planted(_NEVER_CONTINUED, "bootstrap", "CreateRole", "churn-start"),
    "answer lost": Planted(_ONE_KEY_ONLY, "bootstrap", "CreateKey"),
    "session expired": Planted(_unknown("expired"), "upload-data", "DescribeKey"),
    "not seen yet": Planted(_NEVER_CONTINUED, "bootstrap", "CreateLogGroup", _LOGS),
    "deleted underneath": Planted(
        _member(base, "remove_rest", _removed_and_no_more), "teardown", "DeleteLogGroup", _LOGS
    ),
}
