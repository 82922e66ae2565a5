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
from typing import Any, Protocol, TypeVar

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
    endpoint_kind,
    granted_access,
    identity,
    image,
    operator_rights,
    quotas,
    service_control,
    source_values,
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
    source_values,
    bucket_name,
    image,
    endpoint_kind,
    quotas,
    workflow,
    documents,
    granted_access,
)
"""In the order in which an account's checks are shown."""

SECONDS = 25.0
"""What has no answer by then is unknown."""
_WORKERS = 24
_NO_ANSWER = "no answer within {:.0f} seconds"
_CREDENTIALS = "correct the account's profile or role_arn in the map, or renew the credentials"
_NETWORK = "check the network, the map's region and AWS_ENDPOINT_URL, then run the same command again"

T = TypeVar("T")


class Entering(Protocol):
    """Accounts that can be entered (:class:`xacct_ml.aws.accounts.Accounts`)."""

    def client(self, account_id: str, service: str, region: str | None = None) -> Any: ...

    def verify(self, account_ids: Sequence[str]) -> None: ...

    def asks_for_code(self, account_id: str) -> bool: ...


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
    """Reads only. Accounts that cannot be entered are a failure of their identity, and the rest of them unknown.

    Takes ``seconds``, and as long as the user takes to answer for MFA codes."""
    ids = Names(config).accounts
    asking = [id_ for id_ in ids if accounts.asks_for_code(id_)]
    closed = {id_: _refused(accounts, id_) for id_ in asking}  # in the user's own thread, one after another
    ends = time.monotonic() + seconds
    others = [id_ for id_ in ids if id_ not in asking]
    silent: XacctError | None = XacctError(_NO_ANSWER.format(seconds), next_step=_NETWORK)
    closed |= zip(others, _all([partial(_refused, accounts, id_) for id_ in others], ends, silent), strict=True)
    shut = {id_: error for id_, error in closed.items() if error is not None}
    known = None if shut else _all([partial(_keys, config, accounts)], ends, None)[0]
    subject = _subject(config, known, paid=paid)
    asked = [one for module in MODULES for one in module.checks(subject)]
    return _examined(subject, accounts, asked, shut, ends, seconds)


def before_writing(config: Config, accounts: Clients, seconds: float = SECONDS) -> None:
    """What is quick, and would fail after a part of it was made. What AWS does not say stops nobody.

    Raises :class:`XacctError` for what failed."""
    subject = _subject(config, None, paid=False)
    asked = [one for module in MODULES for one in module.checks(subject) if one.quick]
    found = _examined(subject, accounts, asked, {}, time.monotonic() + seconds, seconds).of(State.FAILED)
    if found:
        said = [f"{one.check.what} in account {one.check.account}: {one.finding.sentence}" for one in found]
        raise XacctError(said[0], details=(*said[1:], "Nothing was changed."), next_step=found[0].finding.next_step)


def _subject(config: Config, known: Keys | None, *, paid: bool) -> Subject:
    """``known`` are the keys, where there are any."""
    used = known or Keys.stand_ins(Names(config))
    definition = fill(definition_text(config), filled(config)).decode()
    return Subject(config, used, policies(config, used), definition, paid)


def _keys(config: Config, accounts: Clients) -> Keys | None:
    """Where they exist and may be looked for."""
    try:
        return keys(config, accounts)
    except (ClientError, BotoCoreError, XacctError):
        return None


def _refused(accounts: Entering, account: str) -> XacctError | None:
    """Why an account cannot be entered."""
    try:
        accounts.verify([account])
    except XacctError as error:
        return error
    return None


def _examined(
    subject: Subject,
    accounts: Clients,
    asked: Sequence[Check],
    closed: Mapping[str, XacctError],
    ends: float,
    seconds: float,
) -> Examination:
    silent = unknown(_NO_ANSWER.format(seconds))
    findings = _all([partial(_finding, check, accounts, closed) for check in asked], ends, silent)
    order = {account: number for number, account in enumerate(subject.names.accounts)}
    results = [Result(check, finding) for check, finding in zip(asked, findings, strict=True)]
    return Examination(tuple(sorted(results, key=lambda one: order[one.check.account])))


def _finding(check: Check, accounts: Clients, closed: Mapping[str, XacctError]) -> Finding:
    refused = closed.get(check.account)
    if refused is not None:
        if check.what == "identity":
            return failed("; ".join((refused.message, *refused.details)), refused.next_step or _CREDENTIALS)
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
        return failed(error.message, error.next_step or _CREDENTIALS)
    except (BotoCoreError, XacctError) as error:
        told = translate(error) if isinstance(error, BotoCoreError) else error
        return unknown(told.message, told.next_step)
    except Exception as error:  # noqa: BLE001 - a check that breaks must not keep bootstrap from what it can do
        return unknown(line(f"this check broke, which is a bug of ours: {type(error).__name__}: {error}", 400))


def _all(looks: Sequence[Callable[[], T]], ends: float, silent: T) -> list[T]:
    """What each gives; ``silent`` for those that give nothing until ``ends``, whose threads are left behind."""
    futures: list[Future[T]] = [Future() for _ in looks]
    to_do: SimpleQueue[tuple[Future[T], Callable[[], T]]] = SimpleQueue()
    for each in zip(futures, looks, strict=True):
        to_do.put(each)
    for _ in range(min(len(looks), _WORKERS)):
        threading.Thread(target=copy_context().run, args=(_work, to_do), daemon=True).start()
    found = []
    for future in futures:
        try:
            found.append(future.result(max(0.0, ends - time.monotonic())))
        except TimeoutError:
            found.append(silent)
    return found


def _work(to_do: SimpleQueue[tuple[Future[T], Callable[[], T]]]) -> None:
    while True:
        try:
            future, look = to_do.get_nowait()
        except Empty:
            return
        try:
            future.set_result(look())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)
