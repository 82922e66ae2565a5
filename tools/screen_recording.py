"""A program's output on a terminal of 80 columns, and an SVG that plays it without a script.

:func:`recorded` runs a program on a pseudo-terminal and follows what rich writes: text, colours, and the cursor going
up to write a line again. :func:`svg` shows the lines one after the other; where nothing is played (print, reduced
motion), the last screen stands."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from xml.sax.saxutils import escape

COLUMNS, ROWS = 80, 24
_TOKEN = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|(\r\n|[\r\n])|([^\x1b\r\n]+)")
_COLOURS = {"31": "r", "32": "g", "33": "y", "34": "b", "36": "c"}
_LONGEST_PAUSE_SECONDS = 0.7
_LAST_SCREEN_SECONDS = 9.0
_FRAME_SECONDS = 0.15
_ROW_SECONDS = 0.03
_EM, _LINE, _MARGIN, _BAR = 13, 18, 14, 24
"""Of the letters, the lines, the margin and the bar above, in pixels."""
_ADVANCE = 0.602
"""Of a letter, in em: that of the usual fonts of terminals."""

_STYLE = f"""text{{font:{_EM}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d0d7de;
white-space:pre}}.B{{font-weight:700}}.d{{fill:#8b949e}}.r{{fill:#ff7b72}}.g{{fill:#56d364}}.y{{fill:#e3b341}}
.b{{fill:#79c0ff}}.c{{fill:#39c5cf}}"""

Cell = tuple[str, str]
"""A letter, and its classes in the style."""


@dataclass
class Row:
    cells: list[Cell] = field(default_factory=list)
    changed: float = 0.0
    """When it last got another letter, in seconds since the beginning."""


@dataclass
class Screen:
    """What a terminal shows, and all that has scrolled off it."""

    rows: list[Row] = field(default_factory=lambda: [Row()])
    _row: int = 0
    _column: int = 0
    _style: str = ""

    def feed(self, text: str, now: float) -> None:
        """Raises ValueError for a control sequence that it does not know."""
        for parameters, letter, end, plain in _TOKEN.findall(text):
            if plain:
                for one in plain:
                    self._put(one, now)
            elif end:
                self._column = 0
                if end != "\r":
                    self._go(self._row + 1)
            else:
                self._control(parameters, letter, now)

    def _put(self, letter: str, now: float) -> None:
        if self._column == COLUMNS:
            self._column = 0
            self._go(self._row + 1)
        row = self.rows[self._row]
        row.cells.extend([(" ", "")] * (self._column + 1 - len(row.cells)))
        row.cells[self._column] = (letter, self._style)
        row.changed = now
        self._column += 1

    def _go(self, row: int) -> None:
        self._row = max(0, row)
        while len(self.rows) <= self._row:
            self.rows.append(Row())

    def _control(self, parameters: str, letter: str, now: float) -> None:
        if letter == "A":
            self._go(self._row - int(parameters or 1))
        elif letter == "K":
            self.rows[self._row] = Row(changed=now)
        elif letter == "m":
            for one in parameters.split(";"):
                self._styled(one)
        elif letter not in "hl":  # the cursor is hidden and shown
            raise ValueError(f"an unknown control sequence: {parameters}{letter}")

    def _styled(self, code: str) -> None:
        if code in {"", "0"}:
            self._style = ""
        elif code in {"1", "2"}:
            self._style = f"{self._style} {'B' if code == '1' else 'd'}".strip()
        elif code in _COLOURS:
            self._style = f"{self._style} {_COLOURS[code]}".strip()


def recorded(words: Sequence[str], environment: Mapping[str, str], folder: str) -> list[Row]:
    """The rows in the end, from the top. Raises subprocess.CalledProcessError where the program fails."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun, screen = time.monotonic(), Screen()
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=folder) as running:
        os.close(slave)
        for text in _read(master):
            screen.feed(text, time.monotonic() - begun)
    os.close(master)
    if running.returncode:
        said = "\n".join(text_of(row) for row in screen.rows[-ROWS:])
        raise subprocess.CalledProcessError(running.returncode, words, said)
    rows = screen.rows
    while rows and not text_of(rows[-1]):
        rows.pop()
    return rows


def text_of(row: Row) -> str:
    return "".join(letter for letter, _ in row.cells).rstrip()


def svg(rows: Sequence[Row], title: str, typed: str) -> str:
    """Of the command ``typed`` and what it showed."""
    prompt = Row([*(("$", "g"), (" ", "")), *((letter, "B") for letter in typed)])
    shown = [prompt, *rows]
    height = ROWS * _LINE
    width = round(COLUMNS * _EM * _ADVANCE) + 2 * _MARGIN
    last = -(len(shown) - ROWS) * _LINE
    frames = list(_frames([row.changed for row in shown]))
    length = frames[-1][0] + _LAST_SCREEN_SECONDS
    steps = "".join(
        f"{100 * at / length:.2f}%{{transform:translateY({(ROWS - number) * _LINE}px)}}" for at, number in frames
    )
    style = (
        f"{_STYLE}#l{{transform:translateY({last}px);animation:l {length:.1f}s step-end infinite}}"
        f"@keyframes l{{{steps}100%{{transform:translateY({last}px)}}}}"
        "@media(prefers-reduced-motion:reduce),print{#l{animation:none}}"
    )
    lines = "\n".join(
        f'<text y="{number * _LINE + _EM}">{_markup(row)}</text>' for number, row in enumerate(shown) if text_of(row)
    )
    whole = height + _BAR + 2 * _MARGIN
    size = f'viewBox="0 0 {width} {whole}" width="{width}" height="{whole}"'
    buttons = "".join(
        f'<circle cx="{20 + 18 * place}" cy="18" r="5" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">
<title>{escape(title)}</title>
<style>{style}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117" stroke="#30363d"/>
{buttons}
<svg x="{_MARGIN}" y="{_BAR + _MARGIN}" width="{width - 2 * _MARGIN}" height="{height}"><g id="l">
{lines}
</g></svg>
</svg>
"""


def _read(descriptor: int) -> Iterator[str]:
    """Until nobody has the other end open; control sequences and letters whole."""
    left = b""
    while True:
        try:
            data = os.read(descriptor, 1 << 16)
        except OSError as error:
            if error.errno == errno.EIO:
                return
            raise
        if not data:
            return
        left += data
        whole = max(left.rfind(b"\n"), left.rfind(b"\r")) + 1
        if whole:
            yield left[:whole].decode()
            left = left[whole:]


def _frames(changed: Sequence[float]) -> Iterator[tuple[float, int]]:
    """When how many rows are there: pauses are cut short, and rows that came at once come one after the other. A row is
    there when it is as it stays."""
    at = settled = 0.0
    due: dict[int, tuple[float, int]] = {}
    for number, when in enumerate(changed, 1):
        at += min(max(0.0, when - settled), _LONGEST_PAUSE_SECONDS) + _ROW_SECONDS
        settled = max(settled, when)
        due[int(at / _FRAME_SECONDS)] = at, number
    yield 0.0, 1
    yield from due.values()


def _markup(row: Row) -> str:
    cells = row.cells[: len(text_of(row))]
    parts = []
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        text = escape("".join(letter for letter, _ in run))
        parts.append(f'<tspan class="{style}">{text}</tspan>' if style else text)
    return "".join(parts)
