"""The documents with one part taken out, part after part."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from xacct_ml.proof.policies import DocumentRef, Policies, statements_of
from xacct_ml.system.statements import Document


class Element(Enum):
    STATEMENT = "statement"
    ACTION = "action"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    CONDITION = "condition"
    CONDITION_VALUE = "condition value"


@dataclass(frozen=True)
class Removal:
    """``document`` is what is left of the document at ``ref`` without ``part``. ``widens`` says whether that can only
    permit more; otherwise it can only permit less."""

    ref: DocumentRef
    sid: str
    element: Element
    part: str
    widens: bool
    document: Document

    def __str__(self) -> str:
        part = "" if self.element is Element.STATEMENT else f": {self.element.value} {self.part}"
        return f"{self.ref.title} › {self.sid}{part}"


def removals(policies: Policies) -> Iterator[Removal]:
    """Every part in turn: statements, and their actions, resources, principals and condition values where there are
    several, and whole conditions (operator and key)."""
    for ref, document in policies.entries.items():
        for position, statement in enumerate(statements_of(document)):
            yield from _of_statement(ref, document, position, statement)


def _of_statement(ref: DocumentRef, document: Document, position: int, statement: Document) -> Iterator[Removal]:
    sid = statement.get("Sid", f"#{position + 1}")
    denies = statement["Effect"] == "Deny"

    def removal(element: Element, part: str, widens: bool, changed: Document | None) -> Removal:
        statements = statements_of(document)
        statements[position : position + 1] = [] if changed is None else [changed]
        return Removal(ref, sid, element, part, widens, {**document, "Statement": statements})

    yield removal(Element.STATEMENT, sid, denies, None)
    for element, path in (
        (Element.ACTION, ("Action",)),
        (Element.RESOURCE, ("Resource",)),
        (Element.PRINCIPAL, ("Principal", "AWS")),
        (Element.PRINCIPAL, ("Principal", "Service")),
    ):
        for value in _several(_at(statement, path)):
            yield removal(element, value, denies, _without_value(statement, path, value))
    for operator, keys in statement.get("Condition", {}).items():
        for key, given in keys.items():
            yield removal(Element.CONDITION, f"{operator} {key}", not denies, _without_key(statement, operator, key))
            for value in _several(given):
                changed = _without_value(statement, ("Condition", operator, key), value)
                widens = denies is not ("Not" in operator)
                yield removal(Element.CONDITION_VALUE, f"{operator} {key}: {value}", widens, changed)


def _at(statement: Document, path: tuple[str, ...]) -> Any:
    found: Any = statement
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _several(given: Any) -> list[str]:
    """The values of a list of at least two: the only one cannot go without the whole."""
    return list(given) if isinstance(given, list | tuple) and len(given) > 1 else []


def _without_value(statement: Document, path: tuple[str, ...], value: str) -> Document:
    changed = copy.deepcopy(statement)
    parent = _at(changed, path[:-1])
    parent[path[-1]] = [one for one in parent[path[-1]] if one != value]
    return changed


def _without_key(statement: Document, operator: str, key: str) -> Document:
    changed = copy.deepcopy(statement)
    del changed["Condition"][operator][key]
    if not changed["Condition"][operator]:
        del changed["Condition"][operator]
    if not changed["Condition"]:
        del changed["Condition"]
    return changed
