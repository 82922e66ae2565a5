"""Rows that an endpoint was asked, read back from what SageMaker captured.

One line of JSON for each request: ``captureData.endpointInput`` has ``observedContentType``, ``data`` and the
``encoding`` that the data are in (CSV as they are, JSON, BASE64 for every other content type), ``eventMetadata`` the
``inferenceTime`` and, where the client gave one, the ``inferenceId`` (SageMaker Developer Guide,
model-monitor-data-capture-endpoint) [D]. Clients write what they like into it, so that all of it is read with bounds.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.dataset.fields import NotReadable, read
from xacct_ml.foreign import ForeignTextError, document
from xacct_ml.tables.synthetic import SYNTHETIC_ID

LONGEST_LINE = 72 << 20
"""Bytes: a payload of 25 MB (InvokeEndpoint, Body) in base64, and as much again for the answer."""


@dataclass
class Asked:
    """What was read so far: the rows that have ``features`` numbers, and how many others there are, by why they do not
    count. At most ``most`` rows are kept; the rest is only counted."""

    features: int
    most: int
    rows: list[list[float]] = field(default_factory=list)
    requests: int = 0
    counted: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, lines: Iterable[bytes]) -> None:
        """Of one captured file."""
        for line in lines:
            if line.strip():
                self._add(line)

    def _add(self, line: bytes) -> None:
        try:
            asked = document(line, LONGEST_LINE)
            if str(_member(asked, "eventMetadata").get("inferenceId", "")).startswith(SYNTHETIC_ID):
                self.skipped["requests of the project itself"] += 1
                return
            self.requests += 1
            rows = list(_rows(_member(_member(asked, "captureData"), "endpointInput")))
        except ForeignTextError:
            self.skipped["lines that are no captured request"] += 1
            return
        except _NoRows as reason:
            self.skipped[str(reason)] += 1
            return
        for row in rows:
            self._row(row)

    def _row(self, row: bytes) -> None:
        fields = row.split(b",")
        if len(fields) != self.features:
            self.skipped[f"rows of {len(fields)} values" if len(fields) < 100_000 else "rows of very many values"] += 1
            return
        try:
            numbers = [read(one) for one in fields]
        except NotReadable:
            self.skipped["rows with what is no number"] += 1
            return
        self.counted += 1
        if len(self.rows) < self.most:
            self.rows.append(numbers)


class _NoRows(Exception):
    """Why a request has no rows that can be read; the words count such requests."""


def _member(found: Any, name: str) -> dict[str, Any]:
    """Raises :class:`ForeignTextError` where it is no object."""
    inner = found.get(name) if isinstance(found, dict) else None
    if not isinstance(inner, dict):
        raise ForeignTextError(f"has no {name}")
    return inner


def _rows(asked: dict[str, Any]) -> Iterator[bytes]:
    data, encoding = asked.get("data"), asked.get("encoding")
    if not isinstance(data, str):
        raise ForeignTextError("has no data")
    kind = str(asked.get("observedContentType", "")).split(";")[0].strip().lower()
    if kind not in ("text/csv", ""):
        raise _NoRows("requests in other formats than CSV")
    if encoding == "BASE64":
        try:
            content = base64.b64decode(data, validate=True)
        except (ValueError, binascii.Error):
            raise ForeignTextError("has data that are not in base64") from None
    else:
        content = data.encode("utf-8", "replace")
    return (line.rstrip(b"\r") for line in content.strip().split(b"\n"))
