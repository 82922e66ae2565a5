"""Compare a resource as it is with what it should be, for plan and apply alike."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.engine.diff import Change, diff
from xacct_ml.engine.resource import Outputs, Resource, State


@dataclass(frozen=True, slots=True)
class Examined:
    """``observed`` is None if the resource does not exist; then everything desired is in ``changes``.

    ``outputs`` are those passed in and those that the resource publishes.
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
    """Read and compare, without writing. A resource may use its own outputs in ``desired``."""
    return compare(resource, resource.read(outputs), outputs)


def compare(resource: Resource, observed: State | None, outputs: Outputs) -> Examined:
    """Compare what was read, without any call. Raises what :meth:`Resource.check` raises."""
    resource.check(observed)
    known = outputs if observed is None else {**outputs, **resource.publish(observed)}
    desired = resource.desired(known)
    return Examined(observed, desired, diff(observed or {}, desired), known)
