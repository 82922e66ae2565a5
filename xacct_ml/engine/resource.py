"""What the engine knows about a resource. The engine knows nothing about AWS."""

from collections.abc import Mapping
from typing import Any, Protocol

from xacct_ml.errors import XacctError

State = Mapping[str, Any]
"""A resource's settings as JSON-like values, normalised so that equal settings are equal values."""

Outputs = Mapping[str, str]
"""What resources publish for those that depend on them, such as ``key_arn``."""

UNKNOWN = "(known after apply)"
"""Placeholder for an output that is not published yet; may be part of a longer text."""


class Resource(Protocol):
    """One thing that is created, compared, changed and deleted as a whole.

    A method that fails raises :class:`~xacct_ml.errors.XacctError`; any other exception is a bug. Either way the
    resource has failed. Many resources are worked on concurrently, but each by one thread at a time."""

    @property
    def id(self) -> str:
        """Unique in its blueprint, for example ``training/role/state-machine``."""

    @property
    def kind(self) -> str:
        """For people: ``IAM role``."""

    @property
    def account(self) -> str:
        """The account's 12 digits."""

    @property
    def name(self) -> str:
        """The name AWS knows it by."""

    @property
    def region(self) -> str | None:
        """Its region; None in the project's region and for global resources."""

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Ids of the resources that must exist before this one."""

    def desired(self, outputs: Outputs) -> State:
        """The state to reach, with :data:`UNKNOWN` for outputs that are missing."""

    def read(self, outputs: Outputs) -> State | None:
        """The actual state in the same shape; None if it does not exist. Raises :class:`NotOurs` if it is not ours.

        Must not need any output: everything is read at once before anything is planned."""

    def check(self, observed: State | None) -> None:
        """Raises XacctError if the resource cannot be made as desired, given what exists or that nothing does.

        Called before anything is compared, but not when destroying. Makes no call."""

    def replaces(self, observed: State) -> bool:
        """Whether :meth:`update` would delete what is observed and create it again."""

    def create(self, desired: State, outputs: Outputs) -> None: ...

    def update(self, desired: State, observed: State, outputs: Outputs) -> None:
        """Write only what differs."""

    def delete(self, observed: State, outputs: Outputs) -> None:
        """Delete it with all it contains. Raises :class:`Kept` if it has to stay."""

    def holds(self, other: "Resource") -> bool:
        """Whether ``other``, which it depends on, must outlive it even where it cannot be read: it could not be deleted
        without, or what is in it would be lost."""

    def publish(self, observed: State) -> Outputs:
        """The outputs of the existing resource."""


def describe(resource: Resource) -> str:
    """``S3 bucket churn``, with the region if it is not the project's."""
    where = "" if resource.region is None else f" in {resource.region}"
    return f"{resource.kind} {resource.name}{where}"


class Kept(XacctError):
    """The resource is left as it is, for the reason in the message. Not a failure when destroying."""


class NotOurs(Kept):
    """Something else has this name. It is never changed or deleted."""
