"""Where tests run: in the embedded AWS, or in the accounts of a map that ``--live --config`` names.

A journey brings a map of its own; in real accounts it keeps what it is about and gets accounts, region and names of the
user's. Whoever runs it is the map's operator in every account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.engine.events import ignore
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.system.names import Names
from xacct_ml.validation import load

_given: list[Config] = []

HOURLY_USD = 0.25
"""More than an hour of an ml.m5.xlarge costs in any region of the table of prices, for what is said beforehand [U]."""


def use(path: Path) -> None:
    """Real accounts from now on."""
    _given.append(load(path))


def real() -> Config | None:
    """The user's map; None in the embedded AWS."""
    return _given[-1] if _given else None


def given() -> Config:
    """The user's map, where there is one."""
    return _given[-1]


def cost(config: Config) -> str:
    """What one run of the pipeline makes that is billed, and about how much that is at most."""
    endpoints = 0 if config.endpoint.instance_count is None else config.endpoint.instance_count
    instances = endpoints * len(config.accounts.production)
    dollars = HOURLY_USD * (2 * config.training.instance_count + instances)
    return (
        f"project {config.project} in accounts {', '.join(Names(config).accounts)}: a key, a bucket with some 50 MB, "
        f"each journey with two training jobs of some minutes ({config.training.instance_type}) and {instances} "
        f"instances of endpoints ({config.endpoint.instance_type or 'serverless'}) for less than an hour: about "
        f"{dollars:.2f} USD a journey at most with small instances; everything is removed at the end"
    )


class _Operator:
    def __init__(self, accounts: Accounts, account: str) -> None:
        self._accounts, self._account = accounts, account

    def client(self, service: str, region: str | None = None) -> Any:
        return self._accounts.client(self._account, service, region)


class RealAws:
    """As :class:`xacct_ml.emulator.server.EmbeddedAws` for a journey. What only the embedded one has skips the test."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def administrator(self, account_id: str) -> _Operator:
        return _Operator(self._accounts, account_id)

    def __getattr__(self, name: str) -> Any:
        pytest.skip(f"real accounts have no {name}")


@contextmanager
def removed_afterwards(config: Config, accounts: Accounts) -> Iterator[None]:
    """Nothing of the project is there before, and nothing afterwards.

    Fails where something is there: what this run did not make is not to be removed by it."""
    names = Names(config)
    try:
        accounts.client(names.shared, "s3").head_bucket(Bucket=names.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
    else:
        pytest.fail(f"bucket {names.bucket} is there already: live tests need a map of their own, with a new project")
    try:
        yield
    finally:
        report = teardown(config, accounts, ignore, delete_repository=True, delete_evidence=True).report
        report.raise_failures()


def fitted(config: Config) -> Config:
    """A journey's map with the user's accounts, region and project. Skips the test where what it needs is missing."""
    if real() is None or config is given():
        return config
    there = given()
    if config.accounts.source is not None and there.accounts.source is None:
        pytest.skip("the map has no source account")
    if config.pipeline.connection is not None:
        pytest.skip("a connection's repository is made by hand")
    wanted, targets = config.accounts.production, []
    left = list(there.accounts.production)
    for target in wanted:
        found = next((one for one in left if bool(one.region) == bool(target.region)), None)
        if found is None:
            pytest.skip(f"the map has no target like {target.name}")
        left.remove(found)
        targets.append(found.model_copy(update={"name": target.name}))
    accounts = there.accounts.model_copy(
        update={"production": tuple(targets), "source": there.accounts.source if config.accounts.source else None}
    )
    return config.model_copy(
        update={"accounts": accounts, "region": there.region, "project": there.project, "roles": there.roles}
    )
