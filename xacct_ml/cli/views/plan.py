"""A plan as lines, grouped by account, and as JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.accounts import account_roles
from xacct_ml.config.model import Config
from xacct_ml.engine.diff import ABSENT, Change
from xacct_ml.engine.plan import Action, Plan, Step
from xacct_ml.engine.resource import describe
from xacct_ml.operations.source_state import ConfigurationState
from xacct_ml.system.names import ADOPTED_TAG

_SIGNS = {
    Action.CREATE: ("+",),
    Action.UPDATE: ("~",),
    Action.REPLACE: ("-", "+"),
    Action.NOTHING: (),
    Action.REFUSE: ("!",),
    Action.BLOCKED: ("!",),
}
_COUNTED = {"+": "to create", "~": "to change", "-": "to remove", "!": "not possible"}
_JSON_NAMES = {"+": "create", "~": "change", "-": "remove", "=": "unchanged", "!": "not_possible"}
_SHORT = 60
"""Values up to this length are shown in one line."""


def show_plan(plan: Plan, config: Config, terminal: Terminal, *, verbose: bool) -> None:
    """Print what would be written, under a heading for each account."""
    roles = account_roles(config)
    for account in dict.fromkeys(step.resource.account for step in plan.steps):
        steps = [step for step in plan.steps if step.resource.account == account and step.action is not Action.NOTHING]
        if steps:
            terminal.heading(f"{account} {roles.get(account, '')}".rstrip())
        for step in steps:
            _show(step, terminal, verbose=verbose)


def totals(plan: Plan) -> str:
    """``3 to create, 1 to change, 20 unchanged``."""
    counts = counted(plan)
    parts = [f"{counts[sign]} {word}" for sign, word in _COUNTED.items() if counts[sign]]
    return ", ".join([*parts, f"{counts['=']} unchanged"])


def counted(plan: Plan) -> Counter[str]:
    """The number of resources by sign, ``=`` for unchanged. A replaced one counts as removed and as created."""
    return Counter(sign for step in plan.steps for sign in (_SIGNS[step.action] or ("=",)))


def counts_json(plan: Plan) -> dict[str, int]:
    counts = counted(plan)
    return {name: counts[sign] for sign, name in _JSON_NAMES.items()}


def step_rows(plan: Plan) -> list[dict[str, Any]]:
    """The plan for JSON. A change has no ``before`` if something is added, and no ``after`` if it is removed."""
    return [_row(step) for step in plan.steps]


def change_lines(change: Change) -> Iterator[str]:
    """One difference in full: short values in a line, lists by their elements, documents as indented JSON."""
    before, after = change.before, change.after
    if before is ABSENT:
        yield from _block("+", f"{change.place}: ", after)
    elif after is ABSENT:
        yield from _block("-", f"{change.place}: ", before)
    elif isinstance(before, list) and isinstance(after, list):
        yield f"~ {change.place}"
        gone, new = [one for one in before if one not in after], [one for one in after if one not in before]
        if not gone and not new:  # another order, or another number of the same
            gone, new = before, after
        for sign, values in (("-", gone), ("+", new)):
            for value in values:
                yield from (f"    {line}" for line in _block(sign, "", value))
    elif all(len(_text(value)) <= _SHORT and "\n" not in _text(value) for value in (before, after)):
        yield f"~ {change.place}: {_text(before)} → {_text(after)}"
    else:
        yield f"~ {change.place}"
        for sign, value in (("-", before), ("+", after)):
            yield from (f"    {line}" for line in _block(sign, "", value))


def _show(step: Step, terminal: Terminal, *, verbose: bool) -> None:
    for sign in _SIGNS[step.action]:
        terminal.item(sign, _text_of(step, sign, verbose=verbose), width=1)
    if verbose and step.action is not Action.REPLACE:
        for change in step.changes:
            for line in change_lines(change):
                terminal.line(f"      {line}")


def _text_of(step: Step, sign: str, *, verbose: bool) -> str:
    """The resource and a note, or the error's message if that names the resource already."""
    what = describe(step.resource)
    if step.error is not None and step.error.message.startswith(what):
        return step.error.message
    return f"{what}{_note(step, sign, verbose=verbose)}"


def _note(step: Step, sign: str, *, verbose: bool) -> str:
    match step.action:
        case Action.UPDATE if not verbose or _adopts(step):
            members = dict.fromkeys(str(change.path[0]) for change in step.changes)
            return f" ({'adopt: ' if _adopts(step) else ''}{', '.join(members)})"
        case Action.REPLACE:
            return " (what is there cannot be updated)" if sign == "-" else ""
        case Action.REFUSE if step.error is not None:
            return f": {step.error.message}"
        case Action.BLOCKED:
            return f": needs {', '.join(step.because)}"
    return ""


def _adopts(step: Step) -> bool:
    return any(change.path == ("tags", ADOPTED_TAG) and change.before is ABSENT for change in step.changes)


def _row(step: Step) -> dict[str, Any]:
    resource = step.resource
    row: dict[str, Any] = {
        "id": resource.id,
        "account": resource.account,
        "kind": resource.kind,
        "name": resource.name,
        "action": step.action.value,
    }
    if _adopts(step):
        row["adopts"] = True
    if resource.region is not None:
        row["region"] = resource.region
    if step.changes:
        row["changes"] = [_change(change) for change in step.changes]
    if step.error is not None:
        row["error"] = step.error.lines()
    if step.because:
        row["because"] = list(step.because)
    return row


def _change(change: Change) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {"place": change.place} | {side: value for side, value in sides.items() if value is not ABSENT}


def _block(sign: str, label: str, value: Any) -> Iterator[str]:
    """A value with the sign before each of its lines."""
    first, *more = _text(value).splitlines() or [""]
    yield f"{sign} {label}{first}"
    for line in more:
        yield f"{sign} {line}"


def _text(value: Any, indent: str = "") -> str:
    """Readable JSON: short values stay in one line, and a text by itself has no quotes."""
    if isinstance(value, str) and not indent:
        return value
    line = json.dumps(value, ensure_ascii=False, default=str)
    if len(line) <= _SHORT or not isinstance(value, Mapping | list):
        return line
    deeper = f"{indent}  "
    if isinstance(value, Mapping):
        inner = ",\n".join(f"{deeper}{json.dumps(key)}: {_text(member, deeper)}" for key, member in value.items())
        return f"{{\n{inner}\n{indent}}}"
    inner = ",\n".join(f"{deeper}{_text(element, deeper)}" for element in value)
    return f"[\n{inner}\n{indent}]"


def tell_differences(terminal: Terminal, state: ConfigurationState) -> None:
    """Warn where the map says something else than what runs are made of."""
    for warning in state.warnings:
        terminal.warn(warning)
