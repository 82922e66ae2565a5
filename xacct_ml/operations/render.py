"""``render``: every document as a file, for review before anything exists. From the account map alone."""

import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.foreign import document
from xacct_ml.operations import operator_policies
from xacct_ml.operations.create_pipeline import create_pipeline_input
from xacct_ml.operations.entry_roles.every import NOTHING, Said, entry_files
from xacct_ml.resources.rights import FIRST_RUN
from xacct_ml.system import repository
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import KEY_ID_UNKNOWN, Names
from xacct_ml.system.pipeline import PIPELINE
from xacct_ml.system.state_machine import definition_text
from xacct_ml.system.statements import policy
from xacct_ml.system.system import system
from xacct_ml.system.template import SPOT_MEMBERS, configuration, gate_direction, parameter_overrides
from xacct_ml.system.thing import Alarm, Bucket, EventBusPolicy, Function, Key, Pipeline, Role, Rule, Thing, Topic
from xacct_ml.tables.xgboost_distribution import of_train
from xacct_ml.tables.xgboost_hyperparameters import HYPERPARAMETERS, cloudformation_parameter

INDEX = "index.json"
INDEX_SCHEMA = "xacct-ml/documents/1"
_LARGEST_INDEX = 16 << 20
KEY_NOTE = f"the key's id is known only once it exists: {KEY_ID_UNKNOWN} stands for it"
KEYS_NOTE = f"the keys' ids are those of the accounts; {KEY_ID_UNKNOWN} stands for one that does not exist yet"

FIRST_RUN_NOTE = (
    "only until bootstrap has made every key: take it away then, and put the keys' ids into the other policies, as "
    "render --live does"
)


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """One document. ``path`` is relative to the directory and uses ``/``."""

    kind: str
    account: str
    name: str
    path: str
    content: bytes


def documents(config: Config, said: Said = NOTHING) -> tuple[DocumentFile, ...]:
    """Every document, in a fixed order; the same map gives the same bytes."""
    names = Names(config)
    keys = said.keys or Keys.stand_ins(names)
    things = system(config, keys)
    definition = fill(definition_text(config), filled(config, keys))
    # What a repository must hold is of use also where the repository is elsewhere.
    first_commit = sorted(repository.first_commit(config).items())

    def files(*types: type[Thing], where: Callable[[Thing], bool] = lambda _: True) -> Iterator[DocumentFile]:
        return (file for thing in things if isinstance(thing, types) and where(thing) for file in _files(names, thing))

    return (
        *files(Key, Bucket, where=lambda thing: thing.region == names.region),
        *files(Pipeline),
        *files(Rule, where=lambda thing: thing.account == names.shared),
        *files(EventBusPolicy),
        *files(Topic),
        *files(Rule, where=lambda thing: thing.account != names.shared),
        *(
            _file("repository file", names.repository_account, name, f"repository/{name}", content)
            for name, content in first_commit
        ),
        *files(Key, Bucket, where=lambda thing: thing.region != names.region),
        *files(Function, where=lambda thing: thing.account == names.shared),
        _file("state machine", names.training, names.state_machine, "state-machine.json", definition),
        *files(Function, Alarm, where=lambda thing: thing.account != names.shared),
        *files(Role),
        *(
            _file(f"{folder} {kind}", account, name.partition(".")[0], f"{folder}/{name}", content)
            for account, folder, kind, name, content in entry_files(config, keys, said)
        ),
    )


def write(config: Config, directory: Path, said: Said = NOTHING, *, force: bool = False) -> tuple[DocumentFile, ...]:
    """Write the documents and their index.

    An earlier rendering is replaced as a whole. Raises :class:`InputError` for a directory that holds anything else,
    unless ``force``."""
    files = documents(config, said)
    entries = [{"kind": f.kind, "account": f.account, "name": f.name, "path": f.path} for f in files]
    note = KEY_NOTE if said.keys is None else KEYS_NOTE
    index = _json({"schema": INDEX_SCHEMA, "note": note, "operators": reached(config), "documents": entries})
    contents = {**{directory / f.path: f.content for f in files}, directory / INDEX: index}
    try:
        for path in contents:
            _refuse_link(directory, path)
        _clear(directory, force)
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", file=error.filename or directory) from None
    return files


def _refuse_link(directory: Path, path: Path) -> None:
    """``directory`` itself may be a link; what is below it leads nowhere else. Raises :class:`InputError`."""
    for place in (path, *path.parents):
        if place == directory:
            return
        if place.is_symlink():
            raise InputError(
                f"is a link to {place.readlink()}, and nothing is written through it",
                file=place,
                next_step="remove the link, or name another directory",
            )


def _write(path: Path, content: bytes) -> None:
    """Not through a link that was put there meanwhile."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def reached(config: Config) -> dict[str, dict[str, str]]:
    """By account, what whoever has its operator policies can reach by them, and what to do with the first run's."""
    names = Names(config)
    return {
        account: {"reach": _reach(names, account), **({FIRST_RUN: FIRST_RUN_NOTE} if FIRST_RUN in policies else {})}
        for account, policies in operator_policies.policies(config).items()
    }


def _reach(names: Names, account: str) -> str:
    boundary = names.boundary_arn(account)
    if boundary is not None:
        return f"writes the policies of the project's roles under the permissions boundary {boundary} only"
    return (
        "writes any policy of the project's roles and assumes them: everything that an administrator of the account "
        "can. roles.permissions_boundary in the map limits that"
    )


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
        index = document((directory / INDEX).read_bytes(), _LARGEST_INDEX)
        if index["schema"] != INDEX_SCHEMA:
            return set()
        paths = {directory / INDEX, *(directory / entry["path"] for entry in index["documents"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    root = directory.resolve()
    return {path for path in paths if path.resolve().is_relative_to(root)}


def _files(names: Names, thing: Thing) -> Iterator[DocumentFile]:
    """The documents of one thing; those of another region than the pipeline's in a folder of their own."""
    folder = "" if thing.region in ("", names.region) else f"{thing.region}/"

    def file(kind: str, path: str, content: Any, name: str = thing.name) -> DocumentFile:
        return _file(kind, thing.account, name, folder + path, content)

    match thing:
        case Key():
            yield file("key policy", "key-policy.json", thing.policy)
        case Bucket():
            yield file("bucket policy", "bucket-policy.json", thing.policy)
            settings = {
                "Versioning": {"Status": "Enabled"},
                "ServerSideEncryptionConfiguration": thing.encryption,
                "LifecycleConfiguration": thing.lifecycle,
                "OwnershipControls": thing.ownership,
                "PublicAccessBlockConfiguration": thing.public_access_block,
                "NotificationConfiguration": {"EventBridgeConfiguration": {}},
            }
            yield file("bucket configuration", "bucket-configuration.json", settings)
        case Pipeline():
            which = "pipeline" if thing.id == PIPELINE else "release-pipeline"
            yield file("pipeline", f"{which}.json", create_pipeline_input(names.config, thing.structure))
        case Rule():
            targets = [dict(thing.target)]
            document = {"EventPattern": thing.pattern, "Description": thing.description, "Targets": targets}
            yield file("event rule", f"rules/{thing.name}.json", document)
        case EventBusPolicy():
            yield file("event bus policy", "event-bus-policy.json", policy(thing.statement))
        case Topic():
            where = "" if thing.region == names.region else f"{thing.region}/"
            yield file("topic policy", f"{where}topic-policy.json", thing.policy)
        case Function():
            with zipfile.ZipFile(io.BytesIO(thing.package)) as archive:
                for member in sorted(archive.namelist()):
                    source = archive.read(member)
                    yield file("function source", f"function/{member}", source, f"{thing.name}/{member}")
            yield file("function environment", "function/environment.json", thing.environment)
        case Alarm():
            own = [member.name for member in fields(Alarm)[len(fields(Thing)) :]]
            content = {member: getattr(thing, member) for member in ("name", *own)}
            yield file("alarm", f"alarms/{thing.name}.json", content)
        case Role():
            of_role = f"roles/{thing.name.removeprefix(names.role_name(''))}"
            yield file("trust policy", f"{of_role}/trust.json", thing.trust)
            for name, document in thing.policies.items():
                yield file("role policy", f"{of_role}/{name}.json", document, f"{thing.name}/{name}")


def _file(kind: str, account: str, name: str, path: str, content: Any) -> DocumentFile:
    """``path`` is relative to the account's folder; what is not bytes is laid out as JSON."""
    return DocumentFile(
        kind, account, name, f"{account}/{path}", content if isinstance(content, bytes) else _json(content)
    )


def filled(config: Config, keys: Keys | None = None) -> dict[str, str]:
    """What the first commit fills the definition's places with; that of the commit itself with a word."""
    parameters = configuration(config)["Parameters"]
    maximize = gate_direction(config) == "maximize"
    given = [(name, parameters.get(cloudformation_parameter(name), "")) for name in HYPERPARAMETERS]
    overrides, spot = parameter_overrides(config, keys or Keys.stand_ins(Names(config)), "COMMIT"), config.training.spot
    return {
        **parameters,
        **overrides,
        "HyperParameters": ", ".join(
            f"{json.dumps(name)}: {json.dumps(value)}" for name, value in given if value != ""
        ),
        "TrainDistribution": of_train({name: value for name, value in given if value != ""}),
        **{place: _replaced(member, overrides) if spot else "" for place, member in SPOT_MEMBERS.items()},
        "GateComparison": "NumericGreaterThanEquals" if maximize else "NumericLessThanEquals",
        "GateBound": "at least" if maximize else "at most",
    }


def fill(text: str, values: Mapping[str, str]) -> bytes:
    """``text`` with every ``${place}`` replaced, laid out as JSON. Raises KeyError for a place without a value."""
    return _json(json.loads(_replaced(text, values)))


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda place: values[place[1]], text)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
