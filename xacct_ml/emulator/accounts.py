"""Makes the accounts of an embedded AWS: administrators, users, roles, and the configuration to enter them with."""

import json
import secrets
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.emulator.core import moto_principals as principals
from xacct_ml.emulator.core.http import ADDRESS
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.initial_state import Document, InitialState
from xacct_ml.tables.regions import partition

NO_PROXY = ("NO_PROXY", "no_proxy")
"""Clients read one or the other."""
ADMINISTRATOR = "EmulatorAdministrator"
AMBIENT_USER = "EmulatorAmbient"
_ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class Accounts:
    """The administrators' credentials by account id, and the variables that point any AWS client here."""

    administrators: Mapping[str, Credentials]
    environment: Mapping[str, str]


def provision(state: InitialState, directory: Path, endpoint: str) -> Accounts:
    """Make everything that ``state`` says; write the AWS configuration files into ``directory``."""
    where = partition(state.region)
    administrators = {account: _administrator(account, where) for account in state.accounts}
    for boundary in state.boundaries:
        principals.create_managed_policy(boundary, json.dumps(_ALLOW_ALL))
    ambient = _ambient(state, where)
    profiles = {name: administrators[account] for name, account in state.profiles.items()}
    _roles(state, ambient, profiles)
    return Accounts(administrators, _write(state, directory, endpoint, ambient, profiles))


def _administrator(account: str, where: str) -> Credentials:
    trust = _trust([f"arn:{where}:iam::{account}:root"], None)
    policies = {ADMINISTRATOR: json.dumps(_ALLOW_ALL)}
    principals.create_role(f"arn:{where}:iam::{account}:role/{ADMINISTRATOR}", trust, policies)
    return _user(f"arn:{where}:iam::{account}:user/{ADMINISTRATOR}", {ADMINISTRATOR: _ALLOW_ALL})


def _user(arn: str, policies: Mapping[str, Document]) -> Credentials:
    key = principals.create_user(arn, _texts(policies))
    return Credentials(key.access_key_id, key.secret_access_key)


def _texts(policies: Mapping[str, Document]) -> dict[str, str]:
    return {name: json.dumps(document) for name, document in policies.items()}


def _trust(trusted: list[str], external_id: str | None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _ambient(state: InitialState, where: str) -> Credentials:
    policies = dict(state.policies)
    if state.roles:
        roles = [role.arn for role in state.roles]
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": roles}
        policies["roles-of-the-map"] = {"Version": "2012-10-17", "Statement": [statement]}
    return _user(f"arn:{where}:iam::{state.home}:user/{AMBIENT_USER}", policies)


def _roles(state: InitialState, ambient: Credentials, profiles: Mapping[str, Credentials]) -> None:
    for role in state.roles if state.roles_exist else ():
        if principals.role(role.arn) is not None:
            continue
        profile = None if role.profile is None else profiles.get(role.profile)
        sources = [ambient, *([] if profile is None else [profile])]
        trust = _trust([_arn_of(source) for source in sources], role.external_id)
        principals.create_role(role.arn, trust, _texts(role.policies))


def _arn_of(credentials: Credentials) -> str:
    key = principals.access_key(credentials.access_key_id)
    user = None if key is None else principals.user_of(key)
    if user is None:
        raise LookupError("a user that was made has no access key")
    return str(user.arn)


def _role_profiles(state: InitialState) -> dict[str, dict[str, str]]:
    """The AWS CLI keeps assumed roles' credentials on disk, by role and session name, and would hand an earlier
    embedded AWS's to this one: hence a session name that is this one's alone."""
    session = f"emulator-{secrets.token_hex(4)}"
    return {
        name: {
            "role_arn": profile.role_arn,
            "role_session_name": session,
            "source_profile": profile.source,
            **({} if profile.external_id is None else {"external_id": profile.external_id}),
        }
        for name, profile in state.role_profiles.items()
    }


def _write(
    state: InitialState, directory: Path, endpoint: str, ambient: Credentials, profiles: Mapping[str, Credentials]
) -> dict[str, str]:
    settings, keys = RawConfigParser(), RawConfigParser()
    client = {"region": state.region, "output": "json", "endpoint_url": endpoint}
    elsewhere = {name: {"region": region} for name, region in state.regions.items()}
    for name, role in _role_profiles(state).items():
        settings[f"profile {name}"] = {**client, **role, **elsewhere.get(name, {})}
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
        "AWS_DEFAULT_REGION": state.region,
        "AWS_REGION": state.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **dict.fromkeys(NO_PROXY, ADDRESS),
        **{name: str(path) for name, path in files.items()},
    }
