"""A resource as it is compared with what it should be, for plan and apply alike; differences as readable changes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from xacct_ml.engine.resource import Outputs, Resource, State


class _Absent(Enum):
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
"""A member that one side does not have, unlike None, which is a value."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs: ``before`` is observed, ``after`` desired; either may be :data:`ABSENT`."""

    path: Path
    before: Any
    after: Any

    @property
    def place(self) -> str:
        """The path as text: ``policies.data.Statement.ReadData.Action[1]``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.removeprefix(".")

    def __str__(self) -> str:
        match (self.before, self.after):
            case (_Absent.ABSENT, after):
                return f"+ {self.place}: {_short(after)}"
            case (before, _Absent.ABSENT):
                return f"- {self.place}: {_short(before)}"
            case (before, after):
                return f"~ {self.place}: {_short(before)} → {_short(after)}"


def diff(observed: State, desired: State) -> tuple[Change, ...]:
    """All differences, depth first: members in the desired order, then those that should not be there.

    Mappings are compared by member, lists by position. A list of another length differs as a whole."""
    return tuple(_changes((), observed, desired))


@dataclass(frozen=True, slots=True)
class Examined:
    """``observed`` is None if the resource does not exist; then everything desired is in ``changes``.

    ``outputs`` are those passed in and those that the resource publishes."""

    observed: State | None
    desired: State
    changes: tuple[Change, ...]
    outputs: Outputs

    @property
    def settled(self) -> bool:
        """It exists and is as it should be."""
        return self.observed is not None and not self.changes


def examine(resource: Resource, outputs: Outputs) -> Examined:
    """Read and compare, without writing. A resource may use its own outputs in ``desired``."""
    return compare(resource, resource.read(outputs), outputs)


def compare(resource: Resource, observed: State | None, outputs: Outputs) -> Examined:
    """Compare what was read, without any call. Raises what :meth:`Resource.check` raises."""
    resource.check(observed)
    known = outputs if observed is None else {**outputs, **resource.publish(observed)}
    desired = resource.desired(known)
    return Examined(observed, desired, diff(observed or {}, desired), known)


def _changes(path: Path, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*after, *(key for key in before if key not in after)):
            yield from _changes((*path, key), before.get(key, ABSENT), after.get(key, ABSENT))
    elif _is_list(before) and _is_list(after) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes((*path, index), old, new)
    elif not _equal(before, after):
        yield Change(path, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _equal(before: Any, after: Any) -> bool:
    """As JSON values: in Python True equals 1, and a list differs from a tuple."""
    if _is_list(before) and _is_list(after):
        return len(before) == len(after) and all(map(_equal, before, after))
    return isinstance(before, bool) == isinstance(after, bool) and bool(before == after)


def _short(value: Any, limit: int = 100) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
