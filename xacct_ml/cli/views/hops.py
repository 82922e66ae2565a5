"""The table of hops: one line for each, 120 columns at most; on a narrower terminal two, between words."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat
from typing import TypeVar

from xacct_ml.access.model import Layer, StatementRef
from xacct_ml.config.model import Config
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.rehearsal import rehearsed
from xacct_ml.proof.requests.hop import Evidence, Hop
from xacct_ml.proof.words import Words

Item = TypeVar("Item")

WIDTH = 120
MARKS = {"allowed": "✓", "denied": "✗", "undetermined": "?"}
LEGEND = (
    "doc: AWS documents the request · code: public code shows it · assumed: inferred only",
    "*: documented only, no rehearsal in the embedded AWS asks for it · (name): the service itself",
)

_TAGS = {Evidence.DOCUMENTED: "doc", Evidence.MODEL: "model", Evidence.CODE: "code", Evidence.ASSUMED: "assumed"}
_STOPS = (7, 15, 27, 21)
"""Widths of tag, who, action and resource. What is longer pushes the rest to the right."""
_MARK = 2
"""Columns before the row."""
_INDENT = 27
"""Of a row's further lines: they begin below the action."""


class HopLines:
    """Rows for the hops of one map."""

    def __init__(self, config: Config) -> None:
        self._words = Words(config)

    def row(self, proven: ProvenHop) -> str:
        """Number, evidence, who, action, resource, and the statements that decide; without the outcome's mark."""
        text, *_ = self._lines(proven)
        limit = WIDTH - _MARK
        return text if len(text) <= limit else f"{text[: limit - 1]}…"

    def rows(self, proven: ProvenHop, width: int) -> list[str]:
        """The same on a screen of ``width`` columns: what does not fit stands in further lines."""
        return self._lines(proven, width - _MARK) if width < WIDTH else [self.row(proven)]

    def _lines(self, proven: ProvenHop, limit: int | None = None) -> list[str]:
        request = proven.hop.request
        first, *more = [_statement(ref) for ref in proven.decision.statements] or ["no statement allows it"]
        who = self._words.who(request.principal)
        fields = (self.tag(proven.hop), who, request.action, self.resource(request.resource))
        columns = zip((*fields, first, *(f"+ {one}" for one in more)), chain(_STOPS, repeat(0)), strict=False)
        lines, at = [f"{proven.number:>3}"], 3
        for field, width in columns:
            if limit is not None and max(at, len(lines[-1])) + 1 + len(field) > limit:
                at = max(min(_INDENT, limit - len(field) - 1), 0)
                lines.append("")
            lines[-1] = f"{lines[-1].ljust(at)} {field}"
            at += 1 + width
        return lines

    def tag(self, hop: Hop) -> str:
        """How well the request is known."""
        return _TAGS[hop.evidence] + ("" if self.rehearsed(hop) else "*")

    def rehearsed(self, hop: Hop) -> bool:
        return rehearsed(self._words.names, hop.request)

    def resource(self, arn: str) -> str:
        """Enough to know which it is: ids that differ from run to run are left out."""
        text = self._words.resource(arn)
        limit = _STOPS[-1]
        return text if len(text) <= limit else f"{text[: limit - 1]}…"


def grouped(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, list[Item]]:
    """The items by their key, both in the given order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _statement(ref: StatementRef) -> str:
    """Statements of key and bucket have names of their own; those of trust policies do not."""
    return f"trust {ref.sid}" if ref.layer is Layer.RESOURCE and ref.document.startswith("trust of ") else ref.sid
