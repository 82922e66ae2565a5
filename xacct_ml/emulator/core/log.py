"""The log of decided requests, in the order of the decisions."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from xacct_ml.access.model import Decision, Principal
from xacct_ml.emulator.core.calls import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Decided:
    """One IAM request and its decision.

    ``service`` and ``operation`` name the API call it belongs to, in boto3's and the API's words. ``by`` is the service
    that asked on the principal's behalf or for itself (``s3`` using a key, ``events`` delivering), empty for what a
    client asked directly."""

    seq: int
    time: datetime
    service: str
    operation: str
    principal: Principal
    asked: AuthorizationRequest
    decision: Decision
    by: str = ""

    def __str__(self) -> str:
        via = f" by {self.by}" if self.by else ""
        who, what = self.principal.arn, f"{self.asked.action} on {self.asked.resource}"
        return f"#{self.seq} {self.decision.outcome.value}: {who} {what}{via} ({self.service}:{self.operation})"


class RequestLog:
    """Append-only; safe to read and to filter while requests are being decided."""

    def __init__(self) -> None:
        self._entries: list[Decided] = []
        self._lock = threading.Lock()

    def add(
        self,
        service: str,
        operation: str,
        principal: Principal,
        asked: AuthorizationRequest,
        decision: Decision,
        by: str = "",
    ) -> Decided:
        with self._lock:
            entry = Decided(
                len(self._entries) + 1, datetime.now(UTC), service, operation, principal, asked, decision, by
            )
            self._entries.append(entry)
        return entry

    def __iter__(self) -> Iterator[Decided]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)

    def entries(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        action: str | None = None,
        principal: str | None = None,
        allowed: bool | None = None,
        after: int = 0,
    ) -> list[Decided]:
        """The entries that match everything given, oldest first.

        ``principal`` is part of the asking principal's ARN or of its role's ARN; ``after`` is a sequence number."""
        with self._lock:
            entries = self._entries[after:]
        return [
            entry
            for entry in entries
            if (service is None or entry.service == service)
            and (operation is None or entry.operation == operation)
            and (action is None or entry.asked.action.lower() == action.lower())
            and (principal is None or principal in entry.principal.arn or principal in (entry.principal.role_arn or ""))
            and (allowed is None or entry.decision.allowed is allowed)
        ]
