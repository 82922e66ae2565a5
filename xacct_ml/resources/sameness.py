"""What means the same in AWS's answers: a member that is empty and one that is not there, and the orders of a set."""

import json
from collections.abc import Mapping
from typing import Any


def without_empty(value: Any) -> Any:
    """Without members that are None, an empty list or an empty mapping, at every level. Services answer with either
    (CloudFormation's read handlers give empty lists of what was never set, go-to-k/cdk-real-drift's recordings) [C]."""
    if isinstance(value, Mapping):
        members = {key: without_empty(one) for key, one in value.items()}
        return {key: one for key, one in members.items() if not _is_empty(one)}
    return [without_empty(one) for one in value] if isinstance(value, list | tuple) else value


def unordered(value: Any) -> Any:
    """Every list in it sorted, at every level: for what AWS keeps as sets."""
    if isinstance(value, Mapping):
        return {key: unordered(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return sorted((unordered(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str))
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)
