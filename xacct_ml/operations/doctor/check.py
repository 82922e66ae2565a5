"""What a check is, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import KEY_ID_UNKNOWN, Names
from xacct_ml.system.statements import Document

EVERY_ACCOUNT = "account of the map"
"""The key of rights that an operator needs in each account, in place of a type."""
SHARED_ACCOUNT = "shared account of the map"
REPOSITORY_ACCOUNT = "account of the repository"


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    WARNING = "warning"
    """It works, but not as a reader of the map would think."""
    UNKNOWN = "unknown"
    """AWS did not say: for want of a right, or because no call tells."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``sentence`` is on one line; ``next_step`` what to do, where something is to be done."""

    state: State
    sentence: str
    next_step: str | None = None


def ok(sentence: str) -> Finding:
    return Finding(State.OK, sentence)


def failed(sentence: str, next_step: str) -> Finding:
    return Finding(State.FAILED, sentence, next_step)


def warning(sentence: str, next_step: str) -> Finding:
    return Finding(State.WARNING, sentence, next_step)


def unknown(sentence: str, next_step: str | None = None) -> Finding:
    return Finding(State.UNKNOWN, sentence, next_step)


@dataclass(frozen=True)
class Subject:
    """What is looked at. ``policies`` are the operators', by account and name (``render`` writes them); ``keys`` stand
    for those that do not exist yet."""

    config: Config
    keys: Keys
    policies: Mapping[str, Mapping[str, Document]]
    definition: str
    """The state machine's, as the first commit makes it."""
    paid: bool = False

    @cached_property
    def names(self) -> Names:
        return Names(self.config)

    @property
    def keys_exist(self) -> bool:
        return KEY_ID_UNKNOWN not in self.keys.pipeline


@dataclass(frozen=True, slots=True)
class Check:
    """One question to AWS. ``call`` is the call that answers it, such as ``ecr:BatchGetImage``; ``look`` asks.

    ``quick`` are asked by ``bootstrap``, too."""

    what: str
    account: str
    region: str
    call: str
    look: Callable[[Clients], Finding]
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    check: Check
    finding: Finding
