"""The accounts of a map by name, for whatever concerns all of them alike."""

from typing import TypeVar

from xacct_ml.config.model import Account, Config
from xacct_ml.tables.regions import partition

AnAccount = TypeVar("AnAccount", bound=Account)


def named_accounts(config: Config) -> tuple[tuple[str, Account], ...]:
    """``(name, account)``: ``shared``, ``source`` where there is one, ``training``, each production target by its
    name."""
    accounts = config.accounts
    return (
        ("shared", accounts.shared),
        *((("source", accounts.source),) if accounts.source is not None else ()),
        ("training", accounts.training),
        *((target.name, target) for target in accounts.production),
    )


def entered_as(config: Config, role: str) -> Config:
    """The map with every account entered as its role of this name, with its path, from the ambient credentials. To make
    sessions of and nothing else: policies are about the map's own roles."""

    def entered(account: AnAccount) -> AnAccount:
        arn = f"arn:{partition(config.region)}:iam::{account.id}:role/{role.lstrip('/')}"
        return account.model_copy(update={"role_arn": arn, "profile": None, "external_id": None})

    accounts = config.accounts
    changed = {
        "shared": entered(accounts.shared),
        "training": entered(accounts.training),
        "production": tuple(map(entered, accounts.production)),
        "source": None if accounts.source is None else entered(accounts.source),
    }
    return config.model_copy(update={"accounts": accounts.model_copy(update=changed)})


def account_roles(config: Config) -> dict[str, str]:
    """Account id to what it is in the map; several where one account is several."""
    found: dict[str, str] = {}
    for role, account in named_accounts(config):
        found[account.id] = f"{found[account.id]}, {role}" if account.id in found else role
    return found
