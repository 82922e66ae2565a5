"""What the user sees. This module and :mod:`xacct_ml.cli.screen` are the only ones that know rich.

Text goes to stdout; with ``--output json`` stdout belongs to the one JSON document and everything else goes to stderr.
On a terminal long lines are broken between words; elsewhere they stay whole."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.status import Status
from rich.table import Table
from rich.text import Text

from xacct_ml.cli.output import Unwritten, writing
from xacct_ml.cli.screen import STYLES, coloured, column_widths, console, fitting, folded, parts
from xacct_ml.engine.progress import Advance, Transfers
from xacct_ml.errors import InputError
from xacct_ml.foreign import bounded

Pause = Callable[[], AbstractContextManager[None]]

_LONGEST = 1 << 14
"""Of one line, in characters."""


class Terminal:
    """Where one command prints, and asks. ``json`` reserves stdout.

    Implements :class:`xacct_ml.engine.progress.Reporter`. ``now`` is the time in seconds since an arbitrary start."""

    def __init__(
        self,
        *,
        json: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
        keys: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self.last_output = now()
        """When something was last printed, or answered."""
        self.transfers = Transfers()
        """Those that no bar shows."""
        # A stream that whoever started us has closed is None.
        self._err = console(err or sys.stderr or io.StringIO())
        self._out = self._err if json else console(out or sys.stdout or io.StringIO())
        if self._out.is_terminal and self._err.is_terminal:
            self._err = self._out  # the same screen: one console keeps messages out of the moving lines
        self._stdout = out or sys.stdout or io.StringIO()
        self._keys = keys or sys.stdin
        self._status: Status | None = None

    @property
    def interactive(self) -> bool:
        """Whether somebody can answer a question."""
        return self._keys is not None and self._keys.isatty() and self._err.file.isatty()

    # -- lines ---------------------------------------------------------------------------------------------------
    def line(self, text: str = "") -> None:
        self._fold(self._out, Text(printable(text)))

    def heading(self, text: str) -> None:
        self._fold(self._out, Text(printable(text), style="bold"))

    def item(self, state: str, text: str, width: int = 9) -> None:
        """A state and what is in it."""
        line = Text()
        line.append(printable(state).ljust(width), style=STYLES.get(state, ""))
        line.append(f" {printable(text)}")
        self._fold(self._out, line)

    def note(self, text: str) -> None:
        """A line on stderr, beside the output."""
        self._fold(self._err, Text(printable(text)), 0)

    def warn(self, text: str) -> None:
        self._fold(self._err, Text.assemble(("warning: ", "yellow"), printable(text)), 9)

    def error(self, message: str, details: Sequence[str] = (), next_step: str | None = None) -> None:
        """What failed, details, and what to do next."""
        self._fold(self._err, Text.assemble(("error: ", "bold red"), printable(message)), 7)
        for detail in details:
            self._fold(self._err, Text(f"  {printable(detail)}"), 2)
        if next_step:
            self._print(self._err, Text.assemble(("next: ", "bold"), printable(next_step)))  # to be copied whole

    def event(self, kind: str, **values: Any) -> None:
        """What only a stream of events tells (:mod:`xacct_ml.cli.events`)."""

    def raw(self, text: str) -> None:
        """A document, exactly as it is, on stdout. Raises :class:`Unwritten`."""
        with writing():
            self._stdout.write(text)
            self._stdout.flush()
        self.last_output = self._now()

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Aligned columns. On a terminal cells are broken between words; where that does not do, a row has lines."""
        cells = [[printable(cell) for cell in row] for row in (columns, *rows)]
        if not self._out.is_terminal:
            for line in aligned(cells):
                self.line(line)
            return
        widths = column_widths(cells, self.width)
        if widths is None:
            for part in parts(cells, self.width):
                for line in part:
                    self.line(line)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, width in zip(cells[0], widths, strict=True):
            table.add_column(name, width=width)
        for row in cells[1:]:
            table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
        with writing():
            self._out.print(table)

    # -- what is under way ---------------------------------------------------------------------------------------
    @contextmanager
    def activity(self, text: str) -> Iterator[None]:
        """On a terminal, a moving line while something runs. :meth:`busy` changes its text."""
        if not self._out.is_terminal:
            yield
            return
        with self._out.status(Text(printable(text))) as self._status:
            try:
                yield
            finally:
                self._status = None

    @contextmanager
    def live(self, lines: Callable[[], Sequence[str]]) -> Iterator[Pause]:
        """On a terminal, show ``lines()`` below everything else and refresh it four times a second.

        ``lines`` is called from another thread. The yielded context hides the lines for as long as it lasts."""
        if not self._out.is_terminal:
            yield nullcontext
            return
        shown = Live(
            console=self._out,
            get_renderable=lambda: Group(*(fitting(printable(line)) for line in lines())),
            refresh_per_second=4,
            transient=True,
        )

        @contextmanager
        def paused() -> Iterator[None]:
            shown.stop()
            try:
                yield
            finally:
                shown.start(refresh=True)

        shown.start(refresh=True)
        try:
            yield paused
        finally:
            shown.stop()

    @property
    def moving(self) -> bool:
        """Whether :meth:`live` and :meth:`activity` show anything."""
        return self._out.is_terminal

    @property
    def width(self) -> int:
        """Columns of the screen, or a default."""
        return self._out.width

    def busy(self, text: str) -> None:
        if self._status is not None:
            self._status.update(Text(printable(text)))

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Advance]:
        """A bar on a terminal; elsewhere one of :attr:`transfers`."""
        if not self._err.is_terminal:
            with self.transfers.track(label, total, self._now()) as advance:
                yield advance
            return
        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=10),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._err,
            transient=True,
        )
        with bar:
            task = bar.add_task(printable(label), total=total)
            yield lambda done: bar.update(task, advance=done)

    @contextmanager
    def board(self) -> Iterator[Board]:
        """Lines that can be replaced. Where there is no terminal, changed lines are printed again."""
        if not self._out.is_terminal:
            yield Board(self)
            return
        with Live(console=self._out, auto_refresh=False) as live:
            yield Board(self, live)

    # -- questions -----------------------------------------------------------------------------------------------
    def ask(self, question: str, *, flag: str) -> str:
        """The user's answer. Raises :class:`InputError`, which names ``flag``, if nobody can answer."""
        if not self.interactive:
            raise InputError(f"this asks for confirmation, and there is no terminal to ask on: give {flag}")
        self._err.print(Text(f"{printable(question)} "), end="")
        answer = self._keys.readline()
        self.last_output = self._now()
        if not answer:
            self.line()
        return answer.strip()

    def confirm(self, question: str, *, flag: str) -> bool:
        return self.ask(f"{question} [y/N]", flag=flag).lower() in {"y", "yes"}

    def _fold(self, console: Console, text: Text, hang: int | None = None) -> None:
        """On a terminal broken between words; further lines stand ``hang`` columns to the right."""
        for line in folded(text, console.width, hang) if console.is_terminal else [text]:
            self._print(console, line)

    def _print(self, console: Console, text: Text) -> None:
        """Raises :class:`Unwritten` for stdout; words beside it are not worth the work that is under way."""
        try:
            with writing():
                console.print(text, soft_wrap=True)
        except Unwritten:
            if console.file is self._stdout:
                raise
        self.last_output = self._now()


class Board:
    def __init__(self, terminal: Terminal, live: Live | None = None) -> None:
        self._terminal = terminal
        self._live = live
        self._shown: set[str] = set()

    def show(self, lines: Sequence[str]) -> None:
        if self._live is not None:
            width = self._terminal.width
            shown = (part for line in lines for part in folded(coloured(printable(line)), width))
            self._live.update(Group(*shown), refresh=True)
            return
        for line in lines:
            if line and line not in self._shown:
                self._terminal.line(line)
        self._shown = set(lines)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row, its cells in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def printable(text: str) -> str:
    """On one line and without control characters, so that foreign text, such as a commit message or a data set's name,
    can neither control the terminal nor pass for a line of ours."""
    return "".join(one if one.isprintable() else "\ufffd" for one in bounded(text, _LONGEST))
