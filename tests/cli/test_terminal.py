"""What is written where, and that escape codes reach terminals only."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from xacct_ml.cli.terminal import Terminal, printable
from xacct_ml.errors import InputError

ESCAPE = "\x1b"


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal with colours, whatever the tests run under."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def everything(terminal: Terminal) -> None:
    """Use all that may write escape codes."""
    terminal.heading("Heading")
    terminal.item("created", "IAM role churn")
    terminal.warn("careful")
    terminal.table(("a", "b"), [("1", "created")])
    with terminal.activity("working"):
        terminal.busy("still working")
    with terminal.progress("uploading", 10) as advance:
        advance(10)
    with terminal.board() as board:
        board.show(["one: Succeeded"])
        board.show(["one: Succeeded", "two: Failed"])
    terminal.error("wrong", ("detail",), "do this")


def test_a_pipe_gets_plain_text() -> None:
    """Whole output; a board's unchanged lines are not repeated."""
    out, err = io.StringIO(), io.StringIO()
    everything(Terminal(out=out, err=err))
    assert out.getvalue() == "Heading\ncreated   IAM role churn\na  b\n1  created\none: Succeeded\ntwo: Failed\n"
    assert err.getvalue() == "warning: careful\nerror: wrong\n  detail\nnext: do this\n"


HOSTILE = "[link=http://evil]x[/link] [bold]\x1b]8;;http://evil\x07\x1b[2J\r\n  gate     passed\u202e\x9b1A"


def test_no_value_moves_the_cursor() -> None:
    """On a screen too, wherever it is shown: nothing of it but what is visible, brackets as they are."""
    screen = Screen()
    terminal = Terminal(out=screen, err=screen)
    terminal.line(HOSTILE)
    terminal.heading(HOSTILE)
    terminal.item(HOSTILE, HOSTILE)
    terminal.note(HOSTILE)
    terminal.warn(HOSTILE)
    terminal.error(HOSTILE, (HOSTILE,), HOSTILE)
    terminal.table((HOSTILE,), [(HOSTILE,)])
    with terminal.progress(HOSTILE, 10) as advance:
        advance(10)
    with terminal.board() as board:
        board.show([HOSTILE])
    shown = screen.getvalue()
    assert "[link=http://evil]x[/link] [bold]\ufffd]8;;" in shown
    assert not re.search(r"\x1b\]|\x9b|\u202e|\x1b\[2J|\x07|\n  gate", shown)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stream_that_lacks_a_character_shows_another(encoding: str) -> None:
    """Of a commit message, say: the command goes on."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    err = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    terminal = Terminal(out=out, err=err)
    terminal.line("model \U0001f389 \u4e2d")
    terminal.raw("\u4e2d\n")
    terminal.error("\u4e2d \x1b")
    out.seek(0)
    err.seek(0)
    assert out.read().splitlines() == ["model ? ?", "?"]
    assert err.read() == "error: ? ?\n"


def test_json_leaves_stdout_to_the_document() -> None:
    """Everything else goes to stderr."""
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(json=True, out=out, err=err)
    everything(terminal)
    assert out.getvalue() == ""
    assert "Heading\n" in err.getvalue()
    terminal.raw("{}\n")
    assert out.getvalue() == "{}\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_color_gets_none_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Neither colours nor cursor movements."""
    monkeypatch.setenv(name, value)
    screen = Screen()
    everything(Terminal(out=screen, err=screen))
    assert ESCAPE not in screen.getvalue()
    assert "created   IAM role churn\n" in screen.getvalue()


def test_a_terminal_gets_colours() -> None:
    """Where they are seen."""
    screen = Screen()
    everything(Terminal(out=screen, err=screen))
    assert ESCAPE in screen.getvalue()


def test_moving_lines_move_on_terminals_only() -> None:
    """And they are gone while they are paused."""
    asked: list[str] = []

    def lines() -> list[str]:
        asked.append("")
        return ["reading everything"]

    out = io.StringIO()
    with Terminal(out=out, err=out).live(lines) as paused, paused():
        pass
    assert (out.getvalue(), asked) == ("", [])
    screen = Screen()
    terminal = Terminal(out=screen, err=screen)
    with terminal.live(lines) as paused:
        assert "reading everything" in screen.getvalue()
        with paused():
            before = len(asked)
            terminal.line("a question")
            assert len(asked) == before
    assert len(asked) > before


def test_long_lines_are_not_broken() -> None:
    """A pipe's reader wants one line per thing."""
    out = io.StringIO()
    Terminal(out=out, err=io.StringIO()).line("x" * 500)
    assert out.getvalue() == "x" * 500 + "\n"


def test_markup_and_control_characters_are_text() -> None:
    """A commit message cannot colour, clear or retitle the terminal."""
    out = io.StringIO()
    Terminal(out=out, err=io.StringIO()).line("[bold]x[/bold] :smile: \x1b[2J\r\x07")
    assert out.getvalue() == "[bold]x[/bold] :smile: \ufffd[2J\ufffd\ufffd\n"
    assert printable("a\tb\nc") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_only_yes_is_yes(typed: str, agreed: bool) -> None:
    """End of input is no answer either."""
    assert Terminal(out=Screen(), err=Screen(), keys=Screen(typed)).confirm("sure?", flag="--yes") is agreed


@pytest.mark.parametrize(("keys", "err"), [(io.StringIO("y\n"), Screen()), (Screen("y\n"), io.StringIO())])
def test_without_a_terminal_nobody_is_asked(keys: io.StringIO, err: io.StringIO) -> None:
    """The flag is named; an answer that happens to be in a pipe does not count."""
    with pytest.raises(InputError, match="give --yes"):
        Terminal(out=io.StringIO(), err=err, keys=keys).ask("Really?", flag="--yes")


def test_prose_breaks_between_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its further lines stand under its first; what is to be copied stays in one."""
    monkeypatch.setenv("COLUMNS", "40")
    screen = Screen()
    terminal = Terminal(out=screen, err=screen)
    terminal.error("words " * 10, ("detail " * 6,), "xacct-ml " + "x" * 60)
    said = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()
    assert [line.rstrip() for line in said[:5]] == [
        "error: words words words words words",
        "       words words words words words",
        "  detail detail detail detail detail",
        "  detail",
        "next: xacct-ml " + "x" * 60,
    ]


def on_a_screen(monkeypatch: pytest.MonkeyPatch, columns: int, show: Callable[[Terminal], None]) -> list[str]:
    """The lines as they are seen, without colours."""
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Screen()
    show(Terminal(out=screen, err=screen))
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue()).splitlines()]


def test_rows_break_under_their_last_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that needs more than what is left of the column begins further left; one that no line holds stays."""

    def show(terminal: Terminal) -> None:
        terminal.item("created", "111111111111  " + "role " * 6)
        terminal.line("  model    " + "word " * 7 + "x" * 35)
        terminal.line("  key  " + "y" * 60)
        terminal.heading("heading " * 6)
        terminal.line("next: xacct-ml " + "z" * 60)

    assert on_a_screen(monkeypatch, 40, show) == [
        "created   111111111111  role role role",
        "                    role role role",
        "  model    word word word word word word",
        "           word",
        "     " + "x" * 35,
        "  key  " + "y" * 60,
        "heading heading heading heading heading",
        "  heading",
        "next: xacct-ml " + "z" * 60,
    ]


def test_a_table_that_is_too_wide_has_rows_of_several_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its words alone do not fit beside each other; a line that says nothing is left out."""
    columns, row = ("run", "started", "by", "note"), ("0b6e1a54-1f0c", "2026-11-29", "", "two words")

    def show(terminal: Terminal) -> None:
        terminal.table(columns, [row, ("11111111", "", "me", "")])

    assert on_a_screen(monkeypatch, 60, show) == [
        "run            started     by  note",
        "0b6e1a54-1f0c  2026-11-29      two words",
        "11111111                   me",
    ]
    assert on_a_screen(monkeypatch, 36, show) == [
        "run            started     by  note",
        "0b6e1a54-1f0c  2026-11-29      two",
        "                               words",
        "11111111                   me",
    ]
    assert on_a_screen(monkeypatch, 30, show) == [
        "run            started     by",
        "  note",
        "0b6e1a54-1f0c  2026-11-29",
        "  two words",
        "11111111                   me",
    ]
