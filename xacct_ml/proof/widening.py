"""Whether one policy may permit what another does not, statement by statement.

Decided from the text, on the safe side: what is not plainly a part of the other counts as more."""

from collections.abc import Iterable, Mapping
from typing import Any

from xacct_ml.proof.policies import listed
from xacct_ml.system.statements import Document

_LISTS = ("Action", "Resource")


def widens(found: Iterable[Document], meant: Iterable[Document]) -> bool:
    """Whether the statements ``found`` allow something that those ``meant`` do not, or lack a denial of theirs."""
    found, meant = list(found), list(meant)
    allowed = [one for one in meant if one.get("Effect") == "Allow"]
    denying = [one for one in found if one.get("Effect") == "Deny"]
    return any(
        not any(_within(one, other) for other in allowed) for one in found if one.get("Effect") != "Deny"
    ) or any(not any(_within(one, other) for other in denying) for one in meant if one.get("Effect") == "Deny")


def _within(one: Document, other: Document) -> bool:
    """Whether ``one`` applies to nothing that ``other`` does not apply to."""
    handled = {*_LISTS, "Sid", "Principal", "Condition"}
    same = all(one.get(name) == other.get(name) for name in (one.keys() | other.keys()) - handled)
    return (
        same
        and all(_part(one.get(name), other.get(name)) for name in _LISTS)
        and _principals_within(one.get("Principal"), other.get("Principal"))
        and _conditions_within(one.get("Condition", {}), other.get("Condition", {}))
    )


def _part(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return set(map(str, listed(one))) <= set(map(str, listed(other)))


def _principals_within(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(kind in other and _part(names, other[kind]) for kind, names in one.items())
    return bool(one == other)


def _conditions_within(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """``one`` has every condition of ``other``, word for word: more conditions only narrow."""
    return all(
        key in one.get(operator, {}) and _same(one[operator][key], value)
        for operator, keys in other.items()
        for key, value in keys.items()
    )


def _same(one: Any, other: Any) -> bool:
    return set(map(str, listed(one))) == set(map(str, listed(other)))
