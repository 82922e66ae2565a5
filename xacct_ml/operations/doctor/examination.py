"""All checks, in all accounts and regions at once, within a time that is known beforehand."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import DENIED, code_of, translate
from xacct_ml.config.model import Config
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.foreign import line
from xacct_ml.operations.doctor import (
    boundary,
    bucket_name,
    clock,
    codecommit,
    documents,
    granted_access,
    identity,
    image,
    operator_rights,
    quotas,
    service_control,
    workflow,
)
from xacct_ml.operations.doctor.check import Check, Finding, Result, State, Subject, failed, unknown
from xacct_ml.operations.operator_policies import policies
from xacct_ml.operations.preconditions import keys
from xacct_ml.operations.render import fill, filled
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.state_machine import definition_text

MODULES: tuple[ModuleType, ...] = (
    identity,
    clock,
    operator_rights,
    service_control,
    boundary,
    codecommit,
    bucket_name,
    image,
    quotas,
    workflow,
    documents,
    granted_access,
)
"""In the order in which an account's checks are shown."""

SECONDS = 25.0
"""What has no answer by then is unknown."""
_WORKERS = 24


class Entering(Protocol):
    """Accounts that can be entered (:class:`xacct_ml.aws.accounts.Accounts`)."""

    def client(self, account_id: str, service: str, region: str | None = None) -> object: ...

    def verify(self, account_ids: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Examination:
    """``results`` account by account, in the map's order."""

    results: tuple[Result, ...]

    def of(self, state: State) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.finding.state is state)

    def failure(self) -> XacctError | None:
        """How many failed, with the next step of the first; None where none did."""
        found = self.of(State.FAILED)
        if not found:
            return None
        return XacctError(f"{len(found)} of {len(self.results)} checks failed", next_step=found[0].finding.next_step)


def examine(config: Config, accounts: Entering, *, paid: bool = False, seconds: float = SECONDS) -> Examination:
    """Reads only. Accounts that cannot be entered are a failure of their identity, and the rest of them unknown."""
    closed = _closed(config, accounts)
    subject = _subject(config, accounts if not closed else None, paid=paid)
    return _examined(subject, accounts, [one for module in MODULES for one in module.checks(subject)], closed, seconds)


def before_writing(config: Config, accounts: Clients, seconds: float = SECONDS) -> None:
    """What is quick, and would fail after a part of it was made. What AWS does not say stops nobody.

    Raises :class:`XacctError` for what failed."""
    subject = _subject(config, None, paid=False)
    asked = [one for module in MODULES for one in module.checks(subject) if one.quick]
    found = _examined(subject, accounts, asked, {}, seconds).of(State.FAILED)
    if found:
        said = [f"{one.check.what} in account {one.check.account}: {one.finding.sentence}" for one in found]
        raise XacctError(said[0], details=(*said[1:], "Nothing was changed."), next_step=found[0].finding.next_step)


def _subject(config: Config, accounts: Clients | None, *, paid: bool) -> Subject:
    """With the keys where they exist and may be looked for."""
    names, found = Names(config), None
    if accounts is not None:
        try:
            found = keys(config, accounts)
        except (ClientError, BotoCoreError, XacctError):
            found = None
    known = found or Keys.stand_ins(names)
    definition = fill(definition_text(config), filled(config)).decode()
    return Subject(config, known, policies(config, known), definition, paid)


def _closed(config: Config, accounts: Entering) -> Mapping[str, XacctError]:
    """The accounts that cannot be entered, each with the reason: all at once where nothing is wrong."""
    ids = Names(config).accounts
    try:
        accounts.verify(ids)
    except XacctError:
        return {id_: error for id_ in ids if (error := _refused(accounts, id_)) is not None}
    return {}


def _refused(accounts: Entering, account: str) -> XacctError | None:
    try:
        accounts.verify([account])
    except XacctError as error:
        return error
    return None


def _examined(
    subject: Subject, accounts: Clients, asked: Sequence[Check], closed: Mapping[str, XacctError], seconds: float
) -> Examination:
    findings = _all([partial(_finding, check, accounts, closed) for check in asked], seconds)
    order = {account: number for number, account in enumerate(subject.names.accounts)}
    results = [Result(check, finding) for check, finding in zip(asked, findings, strict=True)]
    return Examination(tuple(sorted(results, key=lambda one: order[one.check.account])))


def _finding(check: Check, accounts: Clients, closed: Mapping[str, XacctError]) -> Finding:
    refused = closed.get(check.account)
    if refused is not None:
        if check.what == "identity":
            return failed("; ".join((refused.message, *refused.details)), refused.next_step or "correct the map")
        return unknown("the account cannot be entered")
    try:
        return check.look(accounts)
    except ClientError as error:
        said = line(f"{code_of(error)}: {error.response['Error'].get('Message', '')}", 400)
        if code_of(error) in DENIED:
            return unknown(
                f"{check.call} was denied: {said}", "xacct-ml render writes the policy: doctor, among the operators'"
            )
        return unknown(said)
    except CredentialsError as error:
        return failed(error.message, error.next_step or "renew the credentials")
    except (BotoCoreError, XacctError) as error:
        told = translate(error) if isinstance(error, BotoCoreError) else error
        return unknown(told.message, told.next_step)
    except Exception as error:  # noqa: BLE001 - a check that breaks must not keep bootstrap from what it can do
        return unknown(line(f"this check broke, which is a bug of ours: {type(error).__name__}: {error}", 400))


def _all(looks: Sequence[Callable[[], Finding]], seconds: float) -> list[Finding]:
    """Their findings; unknown for those that have none in time, whose threads are left behind."""
    ends = time.monotonic() + seconds
    futures: list[Future[Finding]] = [Future() for _ in looks]
    to_do: SimpleQueue[tuple[Future[Finding], Callable[[], Finding]]] = SimpleQueue()
    for each in zip(futures, looks, strict=True):
        to_do.put(each)
    for _ in range(min(len(looks), _WORKERS)):
        threading.Thread(target=copy_context().run, args=(_work, to_do), daemon=True).start()
    found = []
    for future in futures:
        try:
            found.append(future.result(max(0.0, ends - time.monotonic())))
        except TimeoutError:
            found.append(unknown(f"no answer within {seconds:.0f} seconds"))
    return found


def _work(to_do: SimpleQueue[tuple[Future[Finding], Callable[[], Finding]]]) -> None:
    while True:
        try:
            future, look = to_do.get_nowait()
        except Empty:
            return
        try:
            future.set_result(look())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)
