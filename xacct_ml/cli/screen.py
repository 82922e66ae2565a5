"""Text as a screen shows it: its colours, and long lines broken between words, never within one."""

import io
import os
import re
from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_WORDS = {
    "green": "ok created done deleted passed allowed Succeeded InService + ✓",
    "yellow": "unknown warning changed kept skipped assumed ~ stopped",
    "cyan": "InProgress waiting",
    "bold yellow": "WaitingForApproval",
    "bold red": "failed denied undetermined ! ✗ ? Failed missed",
    "red": "-",
    "dim": "unchanged NotStarted",
}
STYLES = {word: style for style, words in _WORDS.items() for word in words.split()}

_LATEST_COLUMN = 40
"""Where the last column of a row may begin that its further lines stand under."""
_GAP = re.compile(r"(?<=\S)\s{2,}(?=\S)")
_WHOLE = "next: "
"""What is to be copied begins with this, and stays in one line: the terminal's own breaks are not copied."""


def folded(text: Text, width: int, hang: int | None = None) -> list[Text]:
    """The lines of one text. Further lines stand ``hang`` columns to the right, or less where a word needs the place;
    without it under the row's last column, or the text's own indent and a little more.

    A word that no line can hold is left to the terminal to break."""
    if cell_len(text.plain) <= width or text.plain.lstrip().startswith(_WHOLE):
        return [text]
    breaks = list(_breaks(text.plain, width, min(_hang(text.plain) if hang is None else hang, width // 2)))
    first, *rest = text.divide([offset for offset, _ in breaks])
    first.rstrip()
    lines = [first]
    for line, (_, indent) in zip(rest, breaks, strict=True):
        line.rstrip()
        lines.append(Text(" " * indent).append_text(line))
    return lines


def _breaks(text: str, width: int, hang: int) -> Iterator[tuple[int, int]]:
    """Where a line ends, and the indent of the next."""
    column = 0
    for match in re.finditer(r"\s*\S+", text):
        word = match.group()
        bare = cell_len(word.lstrip())
        if column and column + cell_len(word) > width and bare <= width:
            indent = min(hang, width - bare)
            yield match.end() - len(word.lstrip()), indent
            column = indent + bare
        else:
            column = (column + cell_len(word)) % width if bare > width else column + cell_len(word)


def _hang(text: str) -> int:
    stops = [gap.end() for gap in _GAP.finditer(text) if gap.end() <= _LATEST_COLUMN]
    return stops[-1] if stops else len(text) - len(text.lstrip()) + 2


def column_widths(cells: Sequence[Sequence[str]], width: int, gap: int = 2) -> list[int] | None:
    """Of the columns of these rows, none narrower than its longest word; None where that is more than ``width``."""
    columns = list(zip(*cells, strict=True))
    widths = [max(cell_len(word) for cell in column for word in ("", *cell.split())) for column in columns]
    wanted = [max(map(cell_len, column)) for column in columns]
    left = width - sum(widths) - gap * (len(columns) - 1)
    if left < 0:
        return None
    for place in sorted(range(len(columns)), key=lambda place: wanted[place]):
        more = min(left, wanted[place] - widths[place])
        widths[place] += more
        left -= more
    return widths


def parts(cells: Sequence[Sequence[str]], width: int, gap: int = 2) -> Iterator[list[str]]:
    """The lines of each of these rows, where one line cannot hold all its columns: further ones are indented, and a
    line that says nothing is left out."""
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    lines: list[list[int]] = [[]]
    used = 0
    for column, wanted in enumerate(widths):
        if lines[-1] and used + wanted > width:
            lines.append([])
            used = gap
        lines[-1].append(column)
        used += wanted + gap
    for row in cells:
        told = ["".join(_padded(row[at], widths[at] + gap) for at in columns).rstrip() for columns in lines]
        yield [told[0], *(f"{' ' * gap}{line}" for line in told[1:] if line)]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - cell_len(cell))


def fitting(line: str) -> Text:
    """Cut to one row of the screen, because moving lines must not wrap."""
    return Text(line, no_wrap=True, overflow="ellipsis")


def coloured(line: str) -> Text:
    text = Text(line)
    for word, style in STYLES.items():
        text.highlight_regex(rf"(?<![\w-]){word}(?![\w-])", style)
    return text


def console(file: TextIO) -> Console:
    """Escape codes for a real terminal only, and never under ``NO_COLOR`` or ``TERM=dumb``."""
    if isinstance(file, io.TextIOWrapper):  # a commit message may have what the user's encoding has not
        file.reconfigure(errors="replace")
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb" or not file.isatty()
    return Console(
        file=file,
        force_terminal=not plain,
        color_system=None if plain else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
