"""Reading a resource and comparing it with what it should be: the one step that plan and apply share."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.engine.diff import Change, diff
from xacct_ml.engine.resource import Outputs, Resource, State


@dataclass(frozen=True, slots=True)
class Examined:
    """``observed`` is None where the resource does not exist; ``changes`` are then those from nothing.

    ``outputs`` are those given plus what the resource publishes.
    """

    observed: State | None
    desired: State
    changes: tuple[Change, ...]
    outputs: Outputs

    @property
    def settled(self) -> bool:
        """It exists and is as it should be."""
        return self.observed is not None and not self.changes


def examine(resource: Resource, outputs: Outputs) -> Examined:
    """Read, publish, compare. A resource may use its own outputs in ``desired``. Calls nothing that writes."""
    return compare(resource, resource.read(outputs), outputs)


def compare(resource: Resource, observed: State | None, outputs: Outputs) -> Examined:
    """What was read against what should be. Calls nothing. Raises XacctError where :meth:`Resource.check` does."""
    resource.check(observed)
    known = outputs if observed is None else {**outputs, **resource.publish(observed)}
    desired = resource.desired(known)
    return Examined(observed, desired, diff(observed or {}, desired), known)
