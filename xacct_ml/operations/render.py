"""``render``: every document as a file, for review before anything exists. From the account map alone."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.operations import operator_policies
from xacct_ml.operations.create_pipeline import create_pipeline_input
from xacct_ml.system import alarms, bucket, events, function, key, repository, roles
from xacct_ml.system.keys import Keys
from xacct_ml.system.model_copy import copy_environment
from xacct_ml.system.names import KEY_ID_UNKNOWN, Names
from xacct_ml.system.state_machine import definition_text
from xacct_ml.system.template import configuration, gate_direction, parameter_overrides
from xacct_ml.system.thing import Rule
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, cloudformation_parameter

INDEX = "index.json"
INDEX_SCHEMA = "xacct-ml/documents/1"
ALARM_MEMBERS = (
    "name",
    "description",
    "namespace",
    "metric",
    "statistic",
    "dimensions",
    "period",
    "evaluation_periods",
    "threshold",
    "comparison",
    "treat_missing_data",
)
KEY_NOTE = f"the key's id is known only once it exists: {KEY_ID_UNKNOWN} stands for it"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One document. ``path`` is relative to the directory and uses ``/``."""

    kind: str
    account: str
    name: str
    path: str
    content: bytes


def documents(config: Config) -> tuple[DocumentFile, ...]:
    """Every document, in a fixed order; the same map gives the same bytes."""
    return (
        *_shared(config),
        *_source(config),
        *_other_regions(config),
        *_training(config),
        *_production(config),
        *_roles(config),
        *_operators(config),
    )


def write(config: Config, directory: Path, *, force: bool = False) -> tuple[DocumentFile, ...]:
    """Write the documents and their index.

    An earlier rendering is replaced as a whole. Raises :class:`InputError` for a directory that holds anything else,
    unless ``force``.
    """
    files = documents(config)
    try:
        _clear(directory, force)
        for file in files:
            path = directory / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        (directory / INDEX).write_bytes(_json(_index(files)))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=error.filename or directory) from None
    return files


def _index(files: tuple[DocumentFile, ...]) -> dict[str, Any]:
    return {
        "schema": INDEX_SCHEMA,
        "note": KEY_NOTE,
        "documents": [{"kind": f.kind, "account": f.account, "name": f.name, "path": f.path} for f in files],
    }


def _clear(directory: Path, force: bool) -> None:
    if not directory.exists() or not any(directory.iterdir()):
        directory.mkdir(parents=True, exist_ok=True)
        return
    rendered = _earlier(directory)
    others = [path for path in directory.rglob("*") if path.is_file() and path not in rendered]
    if others and not force:
        raise InputError(
            f"holds files that are not from here ({others[0].relative_to(directory)})",
            file=directory,
            next_step="name another directory, or give --force to write beside them",
        )
    for path in rendered:
        path.unlink(missing_ok=True)


def _earlier(directory: Path) -> set[Path]:
    """The files of an earlier rendering, as its index names them; only what lies within the directory."""
    try:
        index = json.loads((directory / INDEX).read_bytes())
        if index["schema"] != INDEX_SCHEMA:
            return set()
        paths = {directory / INDEX, *(directory / entry["path"] for entry in index["documents"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    root = directory.resolve()
    return {path for path in paths if path.resolve().is_relative_to(root)}


def _shared(config: Config) -> Iterator[DocumentFile]:
    names = Names(config)
    account = names.shared

    def file(kind: str, name: str, path: str, content: Any) -> DocumentFile:
        return DocumentFile(
            kind, account, name, f"{account}/{path}", content if isinstance(content, bytes) else _json(content)
        )

    yield from _storage(config, names.region, account)
    yield file("pipeline", names.pipeline, "pipeline.json", create_pipeline_input(config, Keys.stand_ins(names)))
    for rule in [rule for rule in events.rules(names) if rule.account == account]:
        yield file("event rule", rule.name, f"rules/{rule.name}.json", _rule(rule))
    bus = events.bus_policy(config)
    if bus is not None:
        yield file("event bus policy", names.event_bus_statement, "event-bus-policy.json", bus)


def _source(config: Config) -> Iterator[DocumentFile]:
    """The repository, in whichever account it is, and how its pushes leave it."""
    names = Names(config)
    account = names.repository_account
    for forward in events.rules(names):
        if forward.account != names.shared:
            path = f"{account}/rules/{forward.name}.json"
            yield DocumentFile("event rule", account, forward.name, path, _json(_rule(forward)))
    for name, content in sorted(repository.first_commit(config).items()):
        yield DocumentFile("repository file", account, name, f"{account}/repository/{name}", content)


def _rule(rule: Rule) -> dict[str, Any]:
    return {"EventPattern": rule.pattern, "Description": rule.description, "Targets": [dict(rule.target)]}


def _training(config: Config) -> Iterator[DocumentFile]:
    names = Names(config)
    definition = _filled_definition(config)
    yield DocumentFile(
        "state machine", names.training, names.state_machine, f"{names.training}/state-machine.json", definition
    )


def _production(config: Config) -> Iterator[DocumentFile]:
    names = Names(config)
    for target in names.production:
        folder = target.id if names.elsewhere(target) is None else f"{target.id}/{names.elsewhere(target)}"
        yield from _function(target.id, names.function, folder, function.environment(config, target))
        for alarm in alarms.alarms(config, target):
            content = {field: getattr(alarm, field) for field in ALARM_MEMBERS}
            yield DocumentFile("alarm", target.id, alarm.name, f"{folder}/alarms/{alarm.name}.json", _json(content))


def _function(account: str, name: str, folder: str, environment: Mapping[str, str]) -> Iterator[DocumentFile]:
    with zipfile.ZipFile(io.BytesIO(function.source_zip())) as archive:
        for member in sorted(archive.namelist()):
            path = f"{folder}/function/{member}"
            yield DocumentFile("function source", account, f"{name}/{member}", path, archive.read(member))
    yield DocumentFile("function environment", account, name, f"{folder}/function/environment.json", _json(environment))


def _other_regions(config: Config) -> Iterator[DocumentFile]:
    """The shared account's part of targets in other regions."""
    names = Names(config)
    account = names.shared
    for region in names.other_regions:
        yield from _storage(config, region, f"{account}/{region}")
    if names.other_regions:
        environment = copy_environment(config, Keys.stand_ins(names))
        yield from _function(account, names.copy_function, account, environment)


def _storage(config: Config, region: str, folder: str) -> Iterator[DocumentFile]:
    """Key and bucket of one region."""
    names, keys = Names(config), Keys.stand_ins(Names(config))
    bucket_name = names.bucket_in(region)
    for kind, name, file, content in (
        ("key policy", names.key_alias, "key-policy", key.key_policy(config, region)),
        ("bucket policy", bucket_name, "bucket-policy", bucket.bucket_policy(config, keys, region)),
        ("bucket configuration", bucket_name, "bucket-configuration", _bucket_settings(config, keys[region])),
    ):
        yield DocumentFile(kind, names.shared, name, f"{folder}/{file}.json", _json(content))


def _bucket_settings(config: Config, key_arn: str) -> dict[str, Any]:
    return {
        "Versioning": {"Status": "Enabled"},
        "ServerSideEncryptionConfiguration": bucket.encryption(key_arn),
        "LifecycleConfiguration": bucket.lifecycle(config),
        "OwnershipControls": bucket.ownership(),
        "PublicAccessBlockConfiguration": bucket.public_access_block(),
        "NotificationConfiguration": {"EventBridgeConfiguration": {}},
    }


def _roles(config: Config) -> Iterator[DocumentFile]:
    names = Names(config)
    for role in roles.roles(config, Keys.stand_ins(names)):
        folder = f"{role.account}/roles/{role.name.removeprefix(names.role_name(''))}"
        yield DocumentFile("trust policy", role.account, role.name, f"{folder}/trust.json", _json(role.trust))
        for name, policy in role.policies.items():
            yield DocumentFile(
                "role policy", role.account, f"{role.name}/{name}", f"{folder}/{name}.json", _json(policy)
            )


def _operators(config: Config) -> Iterator[DocumentFile]:
    for account, policies in operator_policies.policies(config).items():
        for name, policy in policies.items():
            yield DocumentFile("operator policy", account, name, f"{account}/operator/{name}.json", _json(policy))


def _filled_definition(config: Config) -> bytes:
    """The definition as the first commit makes it: places filled as ``Fn::Sub`` does, the commit's with a word."""
    return fill(definition_text(config), _values(config))


def _values(config: Config) -> dict[str, str]:
    parameters = configuration(config)["Parameters"]
    maximize = gate_direction(config) == "maximize"
    given = ((name, parameters.get(cloudformation_parameter(name), "")) for name in HYPERPARAMETERS)
    return {
        **parameters,
        **parameter_overrides(config, Keys.stand_ins(Names(config)), "COMMIT"),
        "HyperParameters": ", ".join(
            f"{json.dumps(name)}: {json.dumps(value)}" for name, value in given if value != ""
        ),
        "GateComparison": "NumericGreaterThanEquals" if maximize else "NumericLessThanEquals",
        "GateBound": "at least" if maximize else "at most",
    }


def fill(text: str, values: Mapping[str, str]) -> bytes:
    """``text`` with every ``${place}`` replaced, laid out as JSON. Raises KeyError for a place without a value."""
    return _json(json.loads(re.sub(r"\$\{(\w+)\}", lambda place: values[place[1]], text)))


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
