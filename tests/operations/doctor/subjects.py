"""What checks look at, for tests; and a check of a module by its name."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.cli.fakes import FakeAccounts
from tests.configs import example
from xacct_ml.config.model import Config
from xacct_ml.operations.doctor.check import Check, Finding, Subject
from xacct_ml.operations.operator_policies import policies
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names

KEY = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def subject(config: Config | None = None, *, key: str | None = None, paid: bool = False) -> Subject:
    """Of the small map, before its key exists unless one is given."""
    given = config or example()
    keys = Keys.stand_ins(Names(given)) if key is None else Keys.of({given.region: key})
    return Subject(given, keys, policies(given, keys), '{"StartAt": "A"}', paid)


def checks(module: ModuleType, config: Config | None = None, **how: Any) -> tuple[Check, ...]:
    return tuple(module.checks(subject(config, **how)))


def look(check: Check, **clients: Any) -> Finding:
    """With these clients of the check's account, by the services' names with ``_`` for ``-``."""
    there = {(check.account, name.replace("_", "-")): client for name, client in clients.items()}
    return check.look(FakeAccounts(there))
