"""``--output jsonl``: what a terminal would show, as a stream of events, one JSON document a line.

The first is ``version``, the last ``result``, whose members are those of the one document of ``--output json``.
Between them are ``heading``, ``line``, ``state`` (``state`` and ``text``), ``row`` (``values`` by column), ``note``,
``warning`` and what a command names itself. ``time`` is UTC."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from xacct_ml import __version__
from xacct_ml.cli.output import Outcome, document_of, plain
from xacct_ml.cli.terminal import Terminal

SCHEMA = "xacct-ml/events/1"


class EventTerminal(Terminal):
    """Errors and questions go to stderr beside; a question is refused, as nobody is there to answer."""

    def __init__(self, command: str, out: TextIO | None = None, err: TextIO | None = None) -> None:
        super().__init__(json=True, out=out, err=err, keys=io.StringIO())
        self._command = command
        self.event("version", schema=SCHEMA, version=__version__, command=command)

    def event(self, kind: str, **values: Any) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.raw(json.dumps({"type": kind, "time": time, **plain(values)}, default=str, allow_nan=False) + "\n")

    def result(self, outcome: Outcome, code: int) -> None:
        """The last event."""
        self.event("result", **document_of(self._command, outcome, code))

    def line(self, text: str = "") -> None:
        if text.strip():
            self.event("line", text=text)

    def heading(self, text: str) -> None:
        self.event("heading", text=text)

    def item(self, state: str, text: str, width: int = 9) -> None:  # noqa: ARG002 - columns are a screen's
        self.event("state", state=state, text=text)

    def note(self, text: str) -> None:
        self.event("note", text=text)

    def warn(self, text: str) -> None:
        self.event("warning", text=text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            self.event("row", values=dict(zip(columns, row, strict=True)))
