"""One thing that an approver must know, as a sentence."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding asks for. Only a refusal keeps anybody from approving."""

    NOTE = 1
    WARNING = 2
    REFUSAL = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` names it for programs; ``weight`` (0 to 100) orders findings of the same severity; ``text`` is a
    sentence with its numbers, without the stop at its end."""

    kind: str
    severity: Severity
    weight: int
    text: str


def refusal(kind: str, text: str) -> Finding:
    return Finding(kind, Severity.REFUSAL, 100, text)


def warning(kind: str, weight: int, text: str) -> Finding:
    return Finding(kind, Severity.WARNING, weight, text)


def note(kind: str, weight: int, text: str) -> Finding:
    return Finding(kind, Severity.NOTE, weight, text)
