"""All checks at once: what fails, what is not known, and how long it takes at most."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.operations.doctor.subjects import subject
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations.doctor import examination
from xacct_ml.operations.doctor.check import State
from xacct_ml.operations.doctor.examination import before_writing, examine

CONFIG = example()
BOUNDED = example(roles={"permissions_boundary": "limit"})


class Everything(FakeAccounts):
    """The same client for every service of every account."""

    def __init__(self, client: Any, closed: Iterable[str] = ()) -> None:
        super().__init__({})
        self.only, self.closed = client, set(closed)

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:  # noqa: ARG002
        return self.only

    def verify(self, account_ids: Iterable[str] | None = None) -> None:
        for account in account_ids or ():
            if account in self.closed:
                raise CredentialsError(f"the credentials for {account} have expired", next_step="aws sso login")


class Refusing(FakeClient):
    """Every call is denied."""

    def __getattr__(self, operation: str) -> Any:
        if operation.startswith("__"):
            raise AttributeError(operation)
        return self._refuse

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise refused("Any", "AccessDeniedException", "not authorized")


class Knowing(Refusing):
    """But who calls."""

    def get_caller_identity(self) -> dict[str, Any]:
        return {"Arn": "arn:aws:iam::111111111111:user/ada", "ResponseMetadata": {"HTTPHeaders": {}}}


def test_what_may_not_be_asked_is_unknown() -> None:
    """It fails nothing; and what is to be allowed is named."""
    found = examine(CONFIG, Everything(Refusing()))
    others = [one for one in found.results if one.check.what != "identity"]
    assert {one.finding.state for one in others} == {State.UNKNOWN}
    assert all("was denied: AccessDeniedException" in one.finding.sentence for one in others)
    assert {one.check.what for one in found.of(State.FAILED)} == {"identity"}  # who calls may be asked by anybody


def test_an_account_that_cannot_be_entered_fails_once() -> None:
    """The others are looked at all the same; each account's checks stand together, in the map's order."""
    found = examine(CONFIG, Everything(Knowing(), closed=[TRAINING]))
    of_training = {one.check.what: one.finding.state for one in found.results if one.check.account == TRAINING}
    assert of_training.pop("identity") is State.FAILED
    assert set(of_training.values()) == {State.UNKNOWN}
    accounts = [one.check.account for one in found.results]
    assert accounts == sorted(accounts, key=[SHARED, TRAINING, PRODUCTION].index)
    error = found.failure()
    assert error is not None
    assert (error.message, error.next_step) == (f"1 of {len(accounts)} checks failed", "aws sso login")


def test_what_does_not_answer_in_time_is_unknown() -> None:
    """Nobody waits for it."""
    never = threading.Event()

    class Hanging(Refusing):
        def _refuse(self, *_: Any, **__: Any) -> Any:
            never.wait(10)

    class Shut(Everything):
        def verify(self, account_ids: Iterable[str] | None = None) -> None:  # noqa: ARG002
            never.wait(10)

    hanging = examine(CONFIG, Everything(Hanging()), seconds=0.05)
    shut = examine(CONFIG, Shut(Knowing()), seconds=0.05)
    never.set()
    said = {one.finding.sentence for one in hanging.results if one.check.what != "opt-in region"}
    assert said == {"no answer within 0 seconds"}
    assert {one.finding.sentence for one in shut.of(State.FAILED)} == {"no answer within 0 seconds"}
    assert {one.check.what for one in shut.of(State.FAILED)} == {"identity"}


def test_before_the_first_write_only_failures_count() -> None:
    """What AWS does not say stops nobody; what is wrong is said with its account and step."""
    before_writing(BOUNDED, Everything(Refusing()))
    client = FakeClient(
        get_policy=refused("GetPolicy", "NoSuchEntity"),
        batch_get_image={"images": [{}]},
        validate_template={},
        validate_state_machine_definition={"result": "OK"},
    )
    with pytest.raises(XacctError, match=f"permissions boundary in account {SHARED}") as caught:
        before_writing(BOUNDED, Everything(client))
    assert "Nothing was changed." in caught.value.details
    assert "change roles.permissions_boundary" in str(caught.value.next_step)


def test_every_module_of_a_check_is_asked() -> None:
    """A new check is a new module, and its place in the list."""
    from importlib import import_module
    from pkgutil import iter_modules

    found = [import_module(f"xacct_ml.operations.doctor.{one.name}") for one in iter_modules(_PATH)]
    assert {one.__name__ for one in found if hasattr(one, "checks")} == {one.__name__ for one in examination.MODULES}


_PATH = [str(examination.__file__).rpartition("/")[0]]


def test_the_documentation_has_every_check() -> None:
    """And none besides; and names those that bootstrap asks."""
    maps = (BOUNDED, example("me-south-1", endpoint={"serverless": {}}))
    there = [
        one for config in maps for module in examination.MODULES for one in module.checks(subject(config, paid=True))
    ]
    text = DOCUMENTATION.read_text().split("## Before anything costs")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", text.split("| Check |")[1], re.MULTILINE)
    assert {name for row in rows for name in row.split(", ")} - {"---"} == {one.what for one in there}
    quick = re.search(r"asks what is quick of it \(([^)]+)\)", text)
    assert quick is not None
    told = {"boundary": "permissions boundary", "image": "XGBoost image", "template": "training template"}
    assert {told.get(name, name) for name in quick[1].split(", ")} == {one.what for one in there if one.quick}


DOCUMENTATION = Path(__file__).parent.parent.parent.parent / "docs" / "terminal.md"
