"""A command's way to the map and the accounts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.services import Services
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config


def services(context: typer.Context) -> Services:
    """What the command line was started with."""
    found = context.find_object(Services)
    return Services() if found is None else found


def load(context: typer.Context, path: Path) -> Config:
    return services(context).config(path)


def enter(context: typer.Context, config: Config, ids: Iterable[str] | None = None) -> Accounts:
    """The accounts, after each of ``ids`` (all unless given) was checked to be the one that the map names."""
    accounts = services(context).accounts(config)
    accounts.verify(all_ids(config) if ids is None else tuple(ids))
    return accounts


def all_ids(config: Config) -> tuple[str, ...]:
    return tuple(account.id for _, account in named_accounts(config))
