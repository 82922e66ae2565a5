"""The accounts of a map by name, for whatever concerns all of them alike."""

from xacct_ml.config.model import Account, Config


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


def account_roles(config: Config) -> dict[str, str]:
    """Account id to what it is in the map; several where one account is several."""
    found: dict[str, str] = {}
    for role, account in named_accounts(config):
        found[account.id] = f"{found[account.id]}, {role}" if account.id in found else role
    return found
