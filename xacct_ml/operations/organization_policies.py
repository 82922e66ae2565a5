"""Policies of the organization, as a user gives them in files beside the map."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xacct_ml.access.organization import NO_ORGANIZATION, Organization
from xacct_ml.access.policy import Policy, Statement
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.foreign import LARGEST_BYTES, ForeignTextError, document

SERVICE_CONTROL = "--service-control-policy"
RESOURCE_CONTROL = "--resource-control-policy"

_POSITION = re.compile(r"\bline (\d+) column (\d+)")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def read(
    config: Config, service_control: Iterable[str], resource_control: Iterable[str], management_account: str | None
) -> Organization:
    """Each given as ``ACCOUNT=FILE[,FILE…]``: a level of service control policies, or resource control policies.

    Raises :class:`InputError` for another form, an account that is not the map's, and a file that is no such policy."""
    levels: dict[str, tuple[tuple[Policy, ...], ...]] = {}
    for account, files in _given(config, SERVICE_CONTROL, service_control):
        level = tuple(_policy(file, _fault_of_service_control) for file in files)
        levels[account] = (*levels.get(account, ()), level)
    limits: dict[str, tuple[Policy, ...]] = {}
    for account, files in _given(config, RESOURCE_CONTROL, resource_control):
        policies = tuple(_policy(file, _fault_of_resource_control) for file in files)
        limits[account] = (*limits.get(account, ()), *policies)
    return Organization(levels, limits, management_account) if levels or limits else NO_ORGANIZATION


def files(texts: Iterable[str]) -> dict[str, Path]:
    """The files of such options, by the name that decisions call their policies."""
    paths = (Path(file) for text in texts for file in text.partition("=")[2].split(","))
    return {path.name: path for path in paths}


def _given(config: Config, option: str, texts: Iterable[str]) -> Iterator[tuple[str, list[Path]]]:
    accounts = {account.id: name for name, account in named_accounts(config)}
    for text in texts:
        account, _, files = text.partition("=")
        if not all(files.split(",")):
            example = f"{option} {next(iter(accounts))}=policy.json"
            raise InputError(f"{option} {text} has another form than ACCOUNT=FILE", next_step=f"write {example}")
        if account not in accounts:
            known = tuple(f"{one} ({name})" for one, name in accounts.items())
            raise InputError(f"{option} {text}: {account} is none of the map's accounts", details=known)
        yield account, [Path(file) for file in files.split(",")]


def _policy(path: Path, fault_of: Callable[[Statement], str | None]) -> Policy:
    text = _text(path)
    try:
        content = document(text)
    except ForeignTextError as problem:
        position = _POSITION.search(str(problem))
        line, column = map(int, position.groups()) if position else (1, None)
        raise InputError(f"the file {problem}", file=path, line=line, column=column) from None
    policy = Policy.parse(content if isinstance(content, dict) else text, path.name)
    lines = list(_statement_lines(text, lone=isinstance(content, dict) and isinstance(content.get("Statement"), dict)))
    for number, statement in enumerate(policy.statements):
        fault = next(iter(statement.defects), None) or fault_of(statement)
        if fault is not None:
            line = lines[number] if number < len(lines) else 1
            raise InputError(f"statement {statement.sid}: {fault}", file=path, line=line)
    return policy


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise InputError(f"the file has more than {LARGEST_BYTES:,} bytes: this is no policy", file=path)
        return data.decode()
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8", file=path) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"the file cannot be read: {reason}", file=path) from None


def _fault_of_service_control(statement: Statement) -> str | None:
    """Organizations User Guide, orgs_manage_policies_scps_syntax [D]."""
    if statement.principal is not None:
        return "a service control policy has no Principal: it is about the principals of its account"
    return None if statement.resource is not None else 'it has no Resource; where it is about all, write "*"'


def _fault_of_resource_control(statement: Statement) -> str | None:
    """Organizations User Guide, orgs_manage_policies_rcps_syntax [D]."""
    if statement.principal is None or not statement.principal.is_anybody:
        return 'a resource control policy has Principal "*" in every statement; a Condition says who is meant'
    return None if statement.resource is not None else 'it has no Resource; where it is about all, write "*"'


def _statement_lines(text: str, *, lone: bool) -> Iterator[int]:
    """The line on which each statement begins: an object in the document, or in a list of it."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if found[0] == "{" and depth == (2 if lone else 3):
                yield text.count("\n", 0, found.start()) + 1
        elif found[0] in "]}":
            depth -= 1
