"""What the engine knows of a resource. Nothing here, or anywhere in the engine, knows AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from xacct_ml.errors import XacctError

State = Mapping[str, Any]
"""A resource's settings, normalised: JSON-like, and equal settings are equal values, so two states can be compared."""

Outputs = Mapping[str, str]
"""What resources publish for those that depend on them, such as ``key_arn``."""

UNKNOWN = "(known after apply)"
"""Stands, also inside longer texts, for an output that nobody has published yet."""


class Resource(Protocol):
    """One thing that is created, compared, changed and deleted as a whole.

    Every method may raise an :class:`~xacct_ml.errors.XacctError`, which is that resource's failure; anything else is a
    bug, and its failure too. Methods are called from one thread at a time per resource; many resources are worked on at
    once.
    """

    @property
    def id(self) -> str:
        """Unique in its blueprint, for example ``training/role/state-machine``."""
        ...

    @property
    def kind(self) -> str:
        """For people: ``IAM role``."""
        ...

    @property
    def account(self) -> str:
        """The account's 12 digits."""
        ...

    @property
    def name(self) -> str:
        """The name AWS knows it by."""
        ...

    @property
    def region(self) -> str | None:
        """Its region, where that is another than the project's; None also for what has none."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Ids of what must exist before this can."""
        ...

    def desired(self, outputs: Outputs) -> State:
        """What should be. Takes :data:`UNKNOWN` for an output that is missing."""
        ...

    def read(self, outputs: Outputs) -> State | None:
        """What is, in the same shape; None where it does not exist. Raises :class:`NotOurs` for somebody else's.

        Must not need any output: everything is read at once before anything is planned.
        """
        ...

    def check(self, observed: State | None) -> None:
        """Raises XacctError where what is there, or that nothing is, keeps it from being made as desired.

        Asked before anything is compared; not when destroying. Calls nothing.
        """
        ...

    def replaces(self, observed: State) -> bool:
        """Whether :meth:`update` would delete what is observed and create it again."""
        ...

    def create(self, desired: State, outputs: Outputs) -> None: ...

    def update(self, desired: State, observed: State, outputs: Outputs) -> None:
        """Write what differs, and only that."""
        ...

    def delete(self, observed: State, outputs: Outputs) -> None:
        """Delete it with what only it contains. Raises :class:`Kept` where it stays for a reason."""
        ...

    def publish(self, observed: State) -> Outputs:
        """What an existing resource contributes to the outputs."""
        ...


def describe(resource: Resource) -> str:
    """``S3 bucket churn``, and where, if that is another region than the project's."""
    where = "" if resource.region is None else f" in {resource.region}"
    return f"{resource.kind} {resource.name}{where}"


class Kept(XacctError):
    """The resource stays as it is; the message says why. No failure when destroying."""


class NotOurs(Kept):
    """Something else has this name. It is never changed or deleted."""
