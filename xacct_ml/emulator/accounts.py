"""What exists in the embedded AWS from the start: the accounts of the map, and how to get into them.

Each account has an administrator (role and user). Each ``role_arn`` of the map is a role with exactly the policies
under which the tool says an operator can run it, so that running the tool here tries those policies too.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Account, Config
from xacct_ml.emulator.core import moto_principals as iam
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.operations import operator_policies
from xacct_ml.system.names import Names
from xacct_ml.tables.regions import partition

ADMINISTRATOR = "EmulatorAdministrator"
AMBIENT_USER = "EmulatorAmbient"
_ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Credentials that were made, and the environment for clients.

    ``administrators`` by account id, ``profiles`` by the profile's name; ``ambient`` are those of the environment
    itself.
    """

    administrators: Mapping[str, Credentials]
    profiles: Mapping[str, Credentials]
    ambient: Credentials
    environment: Mapping[str, str]


def plant(config: Config, directory: Path, endpoint: str, beside: Sequence[Config] = ()) -> Seeds:
    """Create administrators, the map's roles and boundary; write the AWS configuration files into ``directory``.

    The roles of the maps ``beside`` it, of other projects, are made too; one that several maps name may do what each
    project's operator may. Their accounts are entered from the first map's profiles and ambient credentials.
    """
    where = partition(config.region)
    maps = (config, *beside)
    ids = tuple(dict.fromkeys(account.id for each in maps for _, account in named_accounts(each)))
    administrators = {account_id: _administrator(account_id, where) for account_id in ids}
    for boundary in dict.fromkeys(Names(each).boundary_arn(account_id) for each in maps for account_id in ids):
        if boundary is not None:
            iam.create_managed_policy(boundary, json.dumps(_ALLOW_ALL))
    ambient = _ambient(maps, where)
    profiles = _profiles(config, administrators)
    _operator_roles(maps, ambient, profiles)
    environment = _write(config, directory, endpoint, ambient, profiles)
    return Seeds(administrators, profiles, ambient, environment)


def _administrator(account_id: str, where: str) -> Credentials:
    trust = _trust([f"arn:{where}:iam::{account_id}:root"], None)
    iam.create_role(
        f"arn:{where}:iam::{account_id}:role/{ADMINISTRATOR}", trust, {ADMINISTRATOR: json.dumps(_ALLOW_ALL)}
    )
    return _user(f"arn:{where}:iam::{account_id}:user/{ADMINISTRATOR}", {ADMINISTRATOR: _ALLOW_ALL})


def _user(arn: str, policies: Mapping[str, Document]) -> Credentials:
    key = iam.create_user(arn, {name: json.dumps(document) for name, document in policies.items()})
    return Credentials(key.access_key_id, key.secret_access_key)


def _trust(principals: list[str], external_id: str | None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _ambient(maps: Sequence[Config], where: str) -> Credentials:
    """The user behind the environment's own keys.

    It lives in the account that the map reaches by ambient credentials, and is that account's operator; where every
    account has a profile or a role it lives in the shared one. It may assume the maps' roles, and nothing else.
    """
    config = maps[0]
    bare = [account for _, account in named_accounts(config) if account.profile is None and account.role_arn is None]
    home = bare[0].id if bare else config.accounts.shared.id
    policies: dict[str, Document] = dict(operator_policies.policies(config)[home]) if bare else {}
    given = [account.role_arn for each in maps for _, account in named_accounts(each) if account.role_arn is not None]
    if roles := list(dict.fromkeys(given)):
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}
        policies["roles-of-the-map"] = {"Version": "2012-10-17", "Statement": [statement]}
    return _user(_ambient_arn(home, where), policies)


def _ambient_arn(account_id: str, where: str) -> str:
    return f"arn:{where}:iam::{account_id}:user/{AMBIENT_USER}"


def _profiles(config: Config, administrators: Mapping[str, Credentials]) -> dict[str, Credentials]:
    """Every profile that the map names, and one per account by the account's own name; the map's win.

    A profile that is the source for roles in several accounts is the administrator of the account it alone leads into,
    if there is one, else of the first that names it.
    """
    named: dict[str, Credentials] = {}
    for _, account in sorted(named_accounts(config), key=lambda each: each[1].role_arn is not None):
        if account.profile is not None:
            named.setdefault(account.profile, administrators[account.id])
    return {name: administrators[account.id] for name, account in named_accounts(config)} | named


def _operator_roles(maps: Sequence[Config], ambient: Credentials, profiles: Mapping[str, Credentials]) -> None:
    entered: dict[str, Account] = {}
    documents: dict[str, dict[str, str]] = {}
    for number, config in enumerate(maps):
        policies = operator_policies.policies(config)
        for _, account in named_accounts(config):
            if account.role_arn is not None:
                entered.setdefault(account.role_arn, account)
                of_project = f"{config.project}-" if number else ""
                documents.setdefault(account.role_arn, {}).update(
                    {f"{of_project}{name}": json.dumps(document) for name, document in policies[account.id].items()}
                )
    for role_arn, account in entered.items():
        if iam.role(role_arn) is not None:
            continue
        profile = None if account.profile is None else profiles.get(account.profile)
        sources = [ambient, *([profile] if profile is not None else [])]
        trust = _trust([_arn_of(source) for source in sources], account.external_id)
        iam.create_role(role_arn, trust, documents[role_arn])


def _arn_of(credentials: Credentials) -> str:
    key = iam.access_key(credentials.access_key_id)
    user = None if key is None else iam.user_of(key)
    if user is None:
        raise LookupError("a seeded user has no access key")
    return str(user.arn)


def _operator_profiles(config: Config) -> dict[str, dict[str, str]]:
    """A profile ``<account>-operator`` for each role of the map, entered as the tool enters it.

    The AWS CLI keeps assumed roles' credentials on disk, by role and session name, and would hand an earlier embedded
    AWS's to this one: hence a session name that is this one's alone.
    """
    session = f"emulator-{secrets.token_hex(4)}"
    return {
        f"{name}-operator": {
            "role_arn": account.role_arn,
            "role_session_name": session,
            "source_profile": account.profile or "default",
            **({} if account.external_id is None else {"external_id": account.external_id}),
        }
        for name, account in named_accounts(config)
        if account.role_arn is not None
    }


def _write(
    config: Config, directory: Path, endpoint: str, ambient: Credentials, profiles: Mapping[str, Credentials]
) -> dict[str, str]:
    region = config.region
    settings, keys = RawConfigParser(), RawConfigParser()
    client = {"region": region, "output": "json", "endpoint_url": endpoint}
    elsewhere = {target.name: {"region": target.region} for target in config.accounts.production if target.region}
    for name, role in _operator_profiles(config).items():
        settings[f"profile {name}"] = {**client, **role, **elsewhere.get(name.removesuffix("-operator"), {})}
    for name, credentials in {"default": ambient, **profiles}.items():
        section = name if name == "default" else f"profile {name}"
        settings[section] = {**client, **elsewhere.get(name, {})}
        keys[name] = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
        }
    files = {"AWS_CONFIG_FILE": directory / "config", "AWS_SHARED_CREDENTIALS_FILE": directory / "credentials"}
    for path, content in zip(files.values(), (settings, keys), strict=True):
        path.touch(mode=0o600)
        with path.open("w", encoding="utf-8") as file:
            content.write(file)
    return {
        "AWS_ENDPOINT_URL": endpoint,
        **ambient.environment(),
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name: str(path) for name, path in files.items()},
    }
