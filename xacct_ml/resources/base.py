"""What all AWS resources have in common: their clients, their tags, and that somebody else's are left alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.accounts import Clients
from xacct_ml.aws.errors import translated
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.resource import UNKNOWN, NotOurs, Outputs, State
from xacct_ml.naming import PROJECT_TAG
from xacct_ml.resources.races import create_or_continue, read_whole, remove_rest

KEY_ARN = "key_arn"
"""Output: the ARN of the shared KMS key."""
COMMIT = "commit"
"""Output: the id of the newest commit on the pipeline's branch."""


@dataclass(frozen=True, kw_only=True)
class AwsResource(ABC):
    """One AWS resource, seen by the engine through the protocol's methods, which turn botocore's errors into ours.

    A type implements ``observe``, ``make``, ``change`` and ``remove``. ``tags`` are the project's, ours among them.
    """

    id: str
    account: str
    name: str
    tags: Mapping[str, str]
    clients: Clients
    clock: Clock
    depends_on: tuple[str, ...] = ()

    @property
    @abstractmethod
    def kind(self) -> str:
        """For people: ``IAM role``."""

    @abstractmethod
    def desired(self, outputs: Outputs) -> State:
        """What should be, normalised as :meth:`observe` normalises what is."""

    @abstractmethod
    def observe(self, outputs: Outputs) -> State | None:
        """What is; None where it does not exist."""

    @abstractmethod
    def make(self, outputs: Outputs) -> None: ...

    @abstractmethod
    def change(self, observed: State, desired: State, outputs: Outputs) -> None: ...

    @abstractmethod
    def remove(self, observed: State) -> None: ...

    # -- the engine's protocol -----------------------------------------------------------------------------------
    def read(self, outputs: Outputs) -> State | None:
        with translated():
            observed = read_whole(lambda: self.observe(outputs), self.clock)
        if observed is not None and not self.owns(observed):
            raise self.not_ours()
        return observed

    def replaces(self, observed: State) -> bool:  # noqa: ARG002
        return False

    def create(self, desired: State, outputs: Outputs) -> None:
        with translated():
            create_or_continue(
                lambda: self.make(outputs),
                lambda: self.read(outputs),
                lambda observed: self.change(observed, desired, outputs),
                self.clock,
            )

    def update(self, desired: State, observed: State, outputs: Outputs) -> None:
        with translated():
            self.change(observed, desired, outputs)

    def delete(self, observed: State, outputs: Outputs) -> None:
        with translated():
            remove_rest(self.remove, lambda: self.observe(outputs), observed)

    def publish(self, observed: State) -> Outputs:  # noqa: ARG002
        return {}

    # -- for the types -------------------------------------------------------------------------------------------
    def client(self, service: str) -> Any:
        return self.clients.client(self.account, service)

    def owns(self, observed: State) -> bool:
        """Whether it carries this project's tag."""
        return bool(observed["tags"].get(PROJECT_TAG) == self.tags[PROJECT_TAG])

    def not_ours(self) -> NotOurs:
        return NotOurs(
            f"{self.kind} {self.name} in account {self.account} exists and is not this project's: "
            f"it has no tag {PROJECT_TAG}={self.tags[PROJECT_TAG]}",
            next_step="choose another name in the map, or delete it or give it that tag if it may be changed",
        )

    @staticmethod
    def key_arn(outputs: Outputs) -> str:
        return outputs.get(KEY_ARN, UNKNOWN)


def differs(observed: State, desired: State, *members: str) -> bool:
    """Whether any of these members has to be written."""
    return any(observed.get(member) != desired.get(member) for member in members)


def missing_tags(observed: State, desired: State) -> dict[str, str]:
    """Tags to add or to correct."""
    return {key: value for key, value in desired["tags"].items() if observed["tags"].get(key) != value}


def extra_tags(observed: State, desired: State) -> list[str]:
    """Keys of tags that should not be there. Tags that AWS itself gives (``aws:…``) are never seen here."""
    return [key for key in observed["tags"] if key not in desired["tags"]]


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags in the form that most services take."""
    return [{key: name, value: text} for name, text in tags.items()]


def tag_map(tags: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags from either of the forms that services give, without AWS's own, which nobody else can change."""
    pairs = tags.items() if isinstance(tags, Mapping) else ((tag[key], tag[value]) for tag in tags)
    return {name: text for name, text in pairs if not name.startswith("aws:")}
