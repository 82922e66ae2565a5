"""The table of hops: one line for each, 120 columns at most; on a narrower terminal two, between words."""

import re
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from typing import TypeVar

from xacct_ml.access.model import Layer, Principal, PrincipalKind, StatementRef
from xacct_ml.arn import Arn
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.rehearsal import rehearsed
from xacct_ml.proof.requests.hop import Evidence, Hop
from xacct_ml.system.names import Names

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

_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{16})(?![0-9a-f])")
_UNTYPED = {"codecommit": "repository", "codepipeline": "pipeline", "sns": "topic"}
"""What a service's ARNs name without saying its type; others are shown by the service's name."""


class HopLines:
    """Rows for the hops of one map."""

    def __init__(self, config: Config) -> None:
        self._names = Names(config)
        known = (account.role_arn for _, account in named_accounts(config))
        self._operators = frozenset(arn for arn in known if arn is not None)

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
        fields = (self.tag(proven.hop), self.who(request.principal), request.action, self.resource(request.resource))
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
        return rehearsed(self._names, hop.request)

    def who(self, principal: Principal) -> str:
        """The job of one of our roles, a service in brackets, otherwise the role's name."""
        if principal.kind is PrincipalKind.SERVICE:
            return f"({principal.arn.split('.')[0]})"
        return "operator" if principal.role_arn in self._operators else self._job(principal.role_arn or principal.arn)

    def resource(self, arn: str) -> str:
        """Enough to know which it is: ids that differ from run to run are left out."""
        text = self._resource(arn)
        limit = _STOPS[-1]
        return text if len(text) <= limit else f"{text[: limit - 1]}…"

    def _resource(self, arn: str) -> str:
        names = self._names
        for region in (names.region, *names.other_regions):  # the stage says which
            if arn == names.bucket_arn_in(region):
                return "bucket"
            if arn.startswith(objects := names.object_arn("", region)):
                return _shortened(arn.removeprefix(objects))
        if not arn.startswith("arn:"):
            return arn
        parsed = Arn.parse(arn)
        service = parsed.service
        if service == "kms":
            return "key"
        if service == "iam":
            return f"role {self._job(arn)}"
        if service == "logs":
            return f"logs {parsed.id.split(':')[0].rsplit('/', 1)[-1]}"
        if service in _UNTYPED or not parsed.type:
            return f"{_UNTYPED.get(service, service)} {_IDS.sub('…', parsed.resource)}"
        return f"{parsed.type} {_IDS.sub('…', parsed.id).removesuffix('/…')}"

    def _job(self, role_arn: str) -> str:
        name = role_arn.rsplit("/", 1)[-1]
        return self._names.job_of(name) or name


def grouped(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, list[Item]]:
    """The items by their key, both in the given order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _statement(ref: StatementRef) -> str:
    """Statements of key and bucket have names of their own; those of trust policies do not."""
    return f"trust {ref.sid}" if ref.layer is Layer.RESOURCE and ref.document.startswith("trust of ") else ref.sid


def _shortened(key: str) -> str:
    """An object's key: where it begins and what it is."""
    parts = key.split("/")
    return key if len(parts) < 3 else f"{parts[0]}/…/{parts[-1]}"
