"""The map and the accounts of a command."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.services import Services
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config


def services(context: typer.Context) -> Services:
    """The services that the program was started with."""
    found = context.find_object(Services)
    return Services() if found is None else found


def load(context: typer.Context, path: Path) -> Config:
    return services(context).config(path)


def enter(context: typer.Context, config: Config, ids: Iterable[str] | None = None) -> Accounts:
    """The accounts, after checking that the credentials lead to those in ``ids`` (default: all)."""
    accounts = services(context).accounts(config)
    accounts.verify(all_ids(config) if ids is None else tuple(ids))
    return accounts


def all_ids(config: Config) -> tuple[str, ...]:
    return tuple(account.id for _, account in named_accounts(config))
