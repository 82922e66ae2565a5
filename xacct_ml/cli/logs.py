"""``xacct-ml logs``."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from xacct_ml.cli import command as shared
from xacct_ml.cli import completion
from xacct_ml.cli.command import DEFAULT_CONFIG, ConfigOption, OutputOption, execute
from xacct_ml.cli.moment import moment
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.operations.command_names import LOGS
from xacct_ml.operations.runs.log_places import Log, Of
from xacct_ml.operations.runs.logs import MOST_LINES, NO_RUNS_DAYS, Line, Reader, RunLogs, run_logs
from xacct_ml.operations.runs.logs import follow as followed
from xacct_ml.system.names import Names

SCHEMA = "xacct-ml/log-line/1"
FOLLOW_SECONDS = 3.0
_LONGEST = 4_000

RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="The run, by its id or the beginning of it; else the newest.",
        autocompletion=completion.runs,
    ),
]
OfOption = Annotated[
    Of | None,
    typer.Option("--of", help="Whose log. Without: of what failed in the run, or is under way, else of the training."),
]
FollowOption = Annotated[bool, typer.Option("--follow", "-f", help="Go on until what is followed ends, or Ctrl-C.")]
SinceOption = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From 30s, 10m, 2h or 1d ago, or an ISO 8601 time; of any run."),
]


def logs(
    context: typer.Context,
    run: RunArgument = None,
    of: OfOption = None,
    follow: FollowOption = False,
    since: SinceOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Show what a run printed, in whichever account.

    Its training job, the batch transforms that scored its model, state machine, stack, functions, endpoint or the
    candidate's temporary endpoint (smoke); or, of the last two weeks, what the schedule's function printed, or what
    predict --batch did (with its job in place of a run, that one). Times are UTC. With --output json a JSON document
    on each line.

    Example: xacct-ml logs --of training --follow"""

    def work(terminal: Terminal) -> Outcome:
        begins = None if since is None else moment("--since", since, datetime.now(UTC))
        loaded, accounts = shared.load_and_enter(context, config)
        found = run_logs(loaded, accounts, run, of)

        def enter(ids: Collection[str]) -> None:
            accounts.verify(set(ids) - {loaded.accounts.shared.id})

        enter(found.accounts)
        reader = Reader(accounts, begins)
        printer = _Printer(loaded, terminal, found, output)
        if follow:
            pause = shared.services(context).sleep
            printer.show(followed(loaded, accounts, found, reader, lambda: pause(FOLLOW_SECONDS), enter))
        else:
            printer.show(reader.read(found.logs))
            printer.tell_rest(reader)
        return Outcome(written=output is Format.JSON)

    execute("logs", output, work, interrupted="Nothing was changed; the run itself goes on.", lines=True)


class _Printer:
    def __init__(self, config: Config, terminal: Terminal, found: RunLogs, output: Format) -> None:
        self._names, self._terminal, self._found = Names(config), terminal, found
        self._json, self._events = output is Format.JSON, output is Format.JSONL
        self._shown = 0
        self._last: datetime | None = None

    def show(self, lines: Iterator[Line]) -> None:
        if not self._json:
            kind = "batch transform" if self._found.of is Of.BATCH else "run"
            run = "" if self._found.run is None else f"{kind} {self._found.run}: "
            self._terminal.heading(f"{run}{self._found.of}")
            for log in self._found.logs:
                self._terminal.line(f"  {log.place}")
        for line in lines:
            self._shown += 1
            if self._json:
                self._terminal.raw(json.dumps(self._document(line)) + "\n")
            elif self._events:
                self._terminal.event("log", **self._document(line))
            else:
                self._text(line)
            self._last = line.time

    def tell_rest(self, reader: Reader) -> None:
        """What was not shown, and why."""
        if reader.more:
            since = (self._last or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._terminal.note(f"there is more than {MOST_LINES:,} lines: {self._command()} --since {since}")
        elif not self._shown:
            self._terminal.note(self._nothing())

    def _nothing(self) -> str:
        if not any(log.begins for log in self._found.logs):
            return f"run {self._found.run} has not come to what writes a log of {self._found.of}"
        if self._found.of in (Of.SCHEDULE, Of.BATCH):
            return f"nothing was printed in the last {NO_RUNS_DAYS.days} days, or since the time that is given"
        if self._found.of is Of.TRAINING:
            return f"nothing was printed; why no job trained: {LOGS} {self._found.run} --of {Of.WORKFLOW}"
        return "nothing was printed, or it is not shown yet, or the log group's retention has taken it away"

    def _command(self) -> str:
        return " ".join([LOGS, *([self._found.run] if self._found.run else []), "--of", str(self._found.of)])

    def _text(self, line: Line) -> None:
        if self._last is None or self._last.date() != line.time.date():
            self._terminal.line(f"{line.time:%Y-%m-%d} (UTC)")
        several = len(self._found.logs) > 1
        begin = f"{line.time:%H:%M:%S}  " + (f"{self._label(line.log)}  " if several else "")
        for text in line.message.expandtabs(4).splitlines() or [""]:
            cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
            self._terminal.line(f"{begin}{cut}".rstrip())
            begin = " " * len(begin)

    def _label(self, log: Log) -> str:
        return f"{log.of} {self._names.part(log.account, log.region)}"

    def _document(self, line: Line) -> dict[str, str | None]:
        log = line.log
        return {
            "schema": SCHEMA,
            "time": line.time.isoformat(),
            "run": self._found.run,
            "of": str(log.of),
            "account": log.account,
            "region": log.region,
            "log": log.name,
            "stream": line.stream,
            "message": line.message,
        }
