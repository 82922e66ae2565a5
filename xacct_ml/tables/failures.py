"""Kinds of failures of a run, by what is said of them. The facts and their sources are in ``data/failures.toml``."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNKNOWN = "unknown"
RIGHT = "right"
SMOKE_TEST = "smoke test"
REJECTED = "rejected"
"""Of an approval: a person said no, or nobody answered in time."""
_LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Row:
    """``says`` is found in a message of this kind; ``examples`` are public texts, ``source`` is where they are from."""

    kind: str
    says: re.Pattern[str]
    next: str
    examples: tuple[str, ...]
    source: str
    vague: bool = False
    """Says little: a refusal in the same message says more."""

    def reason(self, message: str) -> str | None:
        """The part of the message that says why, without trace and request; None where it is of another kind."""
        found = self.says.search(message)
        if found is None:
            return None
        named = next((text for text in found.groupdict().values() if text), None)
        return (named or message)[:_LONGEST_REASON].strip()


def _row(fact: dict[str, Any]) -> Row:
    return Row(
        fact["kind"],
        re.compile(fact["says"]),
        fact["next"],
        tuple(fact["examples"]),
        fact["source"],
        fact.get("vague", False),
    )


_TEXT = Path(__file__).with_name("data").joinpath("failures.toml").read_text("utf-8")

ROWS: tuple[Row, ...] = tuple(_row(fact) for fact in tomllib.loads(_TEXT)["failure"])
"""The first that a message matches is its kind."""

KINDS: tuple[str, ...] = tuple(dict.fromkeys((*(row.kind for row in ROWS), REJECTED, UNKNOWN)))
