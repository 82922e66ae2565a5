"""An embedded AWS with the accounts of a map.

Each ``role_arn`` of the map is a role with exactly the policies under which the tool says an operator can run it, so
that running the tool in the embedded AWS tries those policies too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Account, Config, Person
from xacct_ml.emulator.initial_state import KEY_OF_ALIAS, Connection, Document, InitialState, Role, RoleProfile
from xacct_ml.operations import operator_policies
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names

if TYPE_CHECKING:
    from xacct_ml.emulator.server import EmbeddedAws


def embedded(
    config: Config, port: int = 0, *, beside: Sequence[Config] = (), roles_exist: bool = True, **how: Any
) -> EmbeddedAws:
    """Not started yet; without the map's roles unless ``roles_exist``; ``how`` are further options of
    :class:`~xacct_ml.emulator.server.EmbeddedAws`.

    Raises :class:`ImportError` without the extra."""
    from xacct_ml.emulator.server import EmbeddedAws

    state = replace(initial_state(config, beside), roles_exist=roles_exist)
    return EmbeddedAws(state, port, **how)


def initial_state(config: Config, beside: Sequence[Config] = ()) -> InitialState:
    """The accounts of the map and how they are entered.

    The roles of the maps ``beside`` it, of other projects, are made too; one that several maps name may do what each
    project's operator may. Their accounts are entered from the first map's profiles and ambient credentials.

    The ambient user lives in the account that the map reaches by ambient credentials, and is that account's operator;
    where every account has a profile or a role it lives in the shared one."""
    maps, names, connection = (config, *beside), Names(config), config.pipeline.connection
    accounts = named_accounts(config)
    ids = tuple(dict.fromkeys(account.id for each in maps for _, account in named_accounts(each)))
    boundaries = dict.fromkeys(Names(each).boundary_arn(account_id) for each in maps for account_id in ids)
    bare = [account.id for _, account in accounts if account.profile is None and account.role_arn is None]
    elsewhere = {target.name: target.region for target in config.accounts.production if target.region}
    return InitialState(
        region=config.region,
        accounts=ids,
        home=bare[0] if bare else config.accounts.shared.id,
        policies=operators_policies(config)[bare[0]] if bare else {},
        profiles=_profiles(accounts),
        roles=_roles(maps),
        role_profiles={
            f"{name}-operator": RoleProfile(account.role_arn, account.profile or "default", account.external_id)
            for name, account in accounts
            if account.role_arn is not None
        },
        regions=elsewhere | {f"{name}-operator": region for name, region in elsewhere.items()},
        boundaries=tuple(boundary for boundary in boundaries if boundary is not None),
        connection=None
        if connection is None
        else Connection(connection.arn, config.project, names.repository, config.pipeline.branch),
    )


def _profiles(accounts: Sequence[tuple[str, Account]]) -> dict[str, str]:
    """Every profile that the map names, and one per account by the account's own name; the map's win.

    A profile that is the source for roles in several accounts is the administrator of the account it alone leads into,
    if there is one, else of the first that names it."""
    named: dict[str, str] = {}
    for _, account in sorted(accounts, key=lambda each: each[1].role_arn is not None):
        if account.profile is not None:
            named.setdefault(account.profile, account.id)
    return {name: account.id for name, account in accounts} | named


def operators_policies(config: Config) -> Mapping[str, Mapping[str, Document]]:
    """The operators' policies; the key's id is put in when there is a key, as docs/operators.md says."""
    names = Names(config)
    key_id = KEY_OF_ALIAS.format(names.key_alias)
    arns = {region: names.key_arn(key_id, region) for region in names.regions}
    if config.key.arn is not None:
        arns[names.region] = config.key.arn
    captured = KEY_OF_ALIAS.format(names.capture_key_alias)
    of_captured = {target.name: names.capture_key_arn(target, captured) for target in names.capturing}
    return operator_policies.policies(config, Keys.of(arns, of_captured))


def _roles(maps: Sequence[Config]) -> tuple[Role, ...]:
    entered: dict[str, Account] = {}
    documents: dict[str, dict[str, Document]] = {}
    for number, config in enumerate(maps):
        policies = operators_policies(config)
        of_project = f"{config.project}-" if number else ""
        for _, account in named_accounts(config):
            if account.role_arn is not None:
                entered.setdefault(account.role_arn, account)
                documents.setdefault(account.role_arn, {}).update(
                    {f"{of_project}{name}": document for name, document in policies[account.id].items()}
                )
        if (approvers := config.approvers) is not None:
            names = Names(config)
            given = {"profile": approvers.profile, "external_id": approvers.external_id}
            entered.setdefault(approvers.role_arn, Person(id=names.shared, role_arn=approvers.role_arn, **given))
            documents.setdefault(approvers.role_arn, {}).update(approver_policies(names))
    return tuple(Role(arn, documents[arn], account.external_id, account.profile) for arn, account in entered.items())
