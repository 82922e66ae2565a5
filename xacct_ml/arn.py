"""Amazon Resource Names, taken apart in this one place.

Format: ``arn:partition:service:region:account-id:resource`` (IAM User Guide, reference-arns). ``region`` and
``account`` are empty where the service's resources have none; ``resource`` keeps its own colons and slashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Raises ValueError for a text that is no ARN."""
        return _parsed(text)

    @property
    def type(self) -> str:
        """The resource's type, ``role`` of ``role/path/name``; empty where the resource is a bare name or path."""
        return self._split[0]

    @property
    def id(self) -> str:
        """The resource behind its type: ``path/name`` of ``role/path/name``."""
        return self._split[1]

    @property
    def name(self) -> str:
        """What follows the last slash or colon: the name without its path."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]

    @property
    def _split(self) -> tuple[str, str]:
        ends = [at for at in (self.resource.find("/"), self.resource.find(":")) if at > 0]
        return (self.resource[: min(ends)], self.resource[min(ends) + 1 :]) if ends else ("", self.resource)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def is_arn(text: str) -> bool:
    """Whether it has an ARN's six parts."""
    return text.startswith("arn:") and text.count(":") >= 5


def account_of(text: str, otherwise: str) -> str:
    """The account in an ARN; ``otherwise`` for a text that is none, such as a pattern or a bare name."""
    try:
        return _parsed(text).account
    except ValueError:
        return otherwise


def name_of(text: str) -> str:
    """What follows the last colon: the name at the end of an ARN whose type ends with one; a bare name is itself."""
    return text.rsplit(":", 1)[-1]


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Arn:
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError(f"not an ARN: {text!r}")
    return Arn(*parts[1:])
