"""Writes the pages of the reference that follow from the code: ``python -m tools.make_reference``.

docs/commands.md from the commands' help, docs/errors.md from the tree of errors, docs/troubleshooting.md from the
tables of what AWS and its services say."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

from xacct_ml import errors
from xacct_ml.cli.commands import COMMANDS, GROUPS, load
from xacct_ml.tables import aws_errors, failures

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATED = "<!-- written by python -m tools.make_reference -->"
_LONGEST_MESSAGE = 300
_WIDTH = 100


def commands() -> Iterator[str]:
    """The commands by group, and each one's whole help."""
    yield from ("# Commands", "", GENERATED, "", "What `xacct-ml --help` and `xacct-ml COMMAND --help` print. Every")
    yield "command takes `--output`, and `--config` where it reads the map. [results.md](results.md) has what is"
    yield "printed as JSON, [terminal.md](terminal.md) the exit codes, [errors.md](errors.md) the classes of errors."
    for group, names in GROUPS.items():
        yield from ("", f"**{group}**", "", "| command | what it does |", "|---|---|")
        for name in (name for name in names.split() if name in COMMANDS):
            yield f"| [`{name}`](#{name}) | {COMMANDS[name].rstrip('.')} |"
    for name in COMMANDS:
        command = load(name)
        context = command.make_context(f"xacct-ml {name}", [], resilient_parsing=True, terminal_width=_WIDTH)
        yield from ("", f"## {name}", "", "```text", command.get_help(context).rstrip(), "```")


def error_classes() -> Iterator[str]:
    """The classes, their exit codes, and what they mean."""
    yield from ("# Errors", "", GENERATED, "")
    yield "A command that fails prints one message and, where there is one, the next step. With `--output json` the"
    yield "document has `ok: false`, and `error` has `type` (a class of this table), `exit_code`, `message`, `details`"
    yield "and `next`; of an `InputError` also `file`, `line` and `column`, of an `AwsCallFailed` also `account`,"
    yield "`call` and `code`."
    yield from ("", "| class | exit code | meaning |", "|---|---|---|")
    for cls in (errors.XacctError, *errors.XacctError.__subclasses__()):
        if cls.__module__ == errors.__name__:
            yield f"| `{cls.__name__}` | {cls.exit_code} | {_cell((inspect.getdoc(cls) or '').split(chr(10) * 2)[0])} |"


def troubleshooting() -> Iterator[str]:
    """What is said, what it means, what to do."""
    yield from ("# Troubleshooting, by message", "", GENERATED, "")
    yield "Search this page for a part of the message. `xacct-ml status`, `explain` and `logs` say the same of a run of"
    yield "yours."
    yield ""
    yield "Words in capitals stand for what the command prints there: LOGIN is the command that renews the profile's"
    yield "credentials (such as `aws sso login --profile NAME`), LOGS the `xacct-ml logs` command of that run,"
    yield "EXECUTION the run's id, WHO the caller, ACTION and RESOURCE what was asked for."
    yield from ("", "## A run failed")
    yield from _kinds((row.kind, row.examples, row.next) for row in failures.ROWS)
    yield from ("", "## A call was refused")
    yield from _kinds(
        (row.kind, [f"{code}: {message}" if message else code for code, message, _ in row.examples], row.next)
        for row in aws_errors.ROWS
    )


def _kinds(rows: Iterable[tuple[str, Iterable[str], str]]) -> Iterator[str]:
    """Under each kind its messages, and below them what to do."""
    kinds: dict[str, list[str]] = {}
    for kind, examples, next_step in rows:
        shown = "<br>".join(f"<code>{_text(one)}</code>" for one in examples)
        kinds.setdefault(kind, []).append(f"- {shown}<br>→ {_plain(next_step)}")
    for kind, told in kinds.items():
        yield from ("", f"### {kind}", "", *told)


def _text(message: str) -> str:
    """As text within HTML."""
    short = message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]} …"
    return " ".join(short.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("*", "&#42;")


def _plain(next_step: str) -> str:
    """``{job}`` as ``JOB``."""
    parts = Formatter().parse(next_step)
    return _text("".join(text + (f"{name}".upper() if name else "") for text, name, *_ in parts))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES = {"commands.md": commands, "errors.md": error_classes, "troubleshooting.md": troubleshooting}


def written(page: str) -> str:
    """The whole page."""
    return "\n".join(PAGES[page]()) + "\n"


def main(folder: Path = DOCS) -> None:
    for page in PAGES:
        (folder / page).write_text(written(page), encoding="utf-8")


if __name__ == "__main__":
    main()
