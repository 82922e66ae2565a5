"""What every command is made of: shared options, the map and the accounts, and how it ends."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.accounts import Accounts
from xacct_ml.aws.errors import translate
from xacct_ml.cli import completion
from xacct_ml.cli.events import EventTerminal
from xacct_ml.cli.output import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    REDO,
    Format,
    Outcome,
    Stopped,
    bug,
    finish,
    tell_readers,
    to_json,
)
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.accounts import entered_as, named_accounts
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.progress import QUIET_SECONDS, Calls, listening
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.init.aws_configuration import client
from xacct_ml.validation import load as load_map
from xacct_ml.validation.document_sizes import check_sizes

_INTERVAL_SECONDS = 1.0
DEFAULT_CONFIG = Path("config.yaml")
_STDIN = Path("/dev/stdin")

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The account map.", show_default=True, metavar="FILE")
]
OutputOption = Annotated[
    Format,
    typer.Option(
        "--output",
        "-o",
        help="json: one JSON document on stdout, everything else on stderr. jsonl: events, a JSON document a line; the "
        "last is the result.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
AsRoleOption = Annotated[
    str | None,
    typer.Option(
        "--as-role",
        metavar="NAME",
        help="Enter every account as its role of this name, from the ambient credentials, not as the map says.",
    ),
]
ExecutionOption = Annotated[
    str | None,
    typer.Option(
        "--execution", metavar="ID", help="The run, by its id or the beginning of it.", autocompletion=completion.runs
    ),
]


class Services:
    """What commands take from outside: the map, the accounts, time. Tests pass their own."""

    def config(self, path: Path) -> Config:
        """The map, checked against all limits; ``-`` is stdin.

        Raises :class:`InputError`; if the default map is missing it says what to do."""
        if path == DEFAULT_CONFIG and not path.exists():
            raise InputError(
                "there is no config.yaml here", next_step="xacct-ml init writes one; or give --config FILE"
            )
        path = _STDIN if path == Path("-") else path
        config = load_map(path)
        check_sizes(config, path)
        return config

    def accounts(self, config: Config) -> Accounts:
        """Sessions for the map's accounts; no call is made yet."""
        return Accounts(config)

    def profile_client(self, profile: str, service: str) -> Any:
        """The client of a profile of the AWS configuration, before there is a map."""
        return client(profile, service)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def now(self) -> datetime:
        """The time of day, aware."""
        return datetime.now(UTC)


def services(context: typer.Context) -> Services:
    """The services that the program was started with."""
    return context.find_object(Services) or Services()


def load(context: typer.Context, path: Path) -> Config:
    return services(context).config(path)


def enter(
    context: typer.Context, config: Config, ids: Iterable[str] | None = None, *, role: str | None = None
) -> Accounts:
    """The accounts, after checking that the credentials lead to those in ``ids`` (default: all); as another role than
    the map's where one is named."""
    accounts = services(context).accounts(config if role is None else entered_as(config, role))
    accounts.verify(all_ids(config) if ids is None else tuple(ids))
    return accounts


def enter_shared(context: typer.Context, config: Config) -> Accounts:
    """The accounts, after checking the credentials for the shared one only."""
    return enter(context, config, [config.accounts.shared.id])


def load_and_enter(context: typer.Context, path: Path) -> tuple[Config, Accounts]:
    """The map, and its accounts after checking the credentials for the shared one only."""
    config = load(context, path)
    return config, enter_shared(context, config)


def all_ids(config: Config) -> tuple[str, ...]:
    return tuple(account.id for _, account in named_accounts(config))


def execute(
    command: str, output: Format, work: Callable[[Terminal], Outcome], *, interrupted: str = REDO, lines: bool = False
) -> None:
    """Run ``work`` and show its outcome. Raises :class:`typer.Exit` unless the exit code is 0.

    ``interrupted`` tells the user, after Ctrl-C, what state things are in. With ``lines`` JSON is one document a line,
    the outcome of a failure the last of them."""
    events = EventTerminal(command) if output is Format.JSONL else None
    terminal = events or Terminal(json=output is Format.JSON)
    try:
        with Heartbeat(terminal):
            outcome, code = _outcome(work, terminal)
    except KeyboardInterrupt:
        outcome, code = Outcome(error=XacctError("interrupted", details=(interrupted,))), EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: whatever is left is our bug, and is said to be
        outcome, code = Outcome(error=bug(error)), EXIT_FAILED
    finish()
    tell_readers(command, outcome, code)
    if outcome.error is not None:
        terminal.error(outcome.error.message, outcome.error.details, outcome.error.next_step)
    if events is not None:
        events.result(outcome, code)
    elif output is Format.JSON and not outcome.written:
        terminal.raw(to_json(command, outcome, code, indent=None if lines else 2))
    if code:
        raise typer.Exit(code)


def _outcome(work: Callable[[Terminal], Outcome], terminal: Terminal) -> tuple[Outcome, int]:
    try:
        outcome = work(terminal)
    except XacctError as error:
        outcome = Outcome(error.result if isinstance(error, Stopped) else None, error)
    except (BotoCoreError, ClientError) as error:
        outcome = Outcome(error=translate(error))
    return outcome, outcome.code if outcome.error is None else outcome.error.exit_code


class Heartbeat:
    """Says what a command waits for when it has printed nothing for a while.

    Checks once a second, inside its context, what the thread that entered it and those it started wait for. The work on
    resources reports its own waits (:mod:`xacct_ml.cli.views.resources`); this is for everything else."""

    def __init__(self, terminal: Terminal, clock: Clock | None = None) -> None:
        self._terminal = terminal
        self._clock = clock or SystemClock()
        self._calls = Calls(self._clock)
        self._last_beat = float("-inf")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._contexts = ExitStack()

    def __enter__(self) -> Self:
        self._contexts.enter_context(listening(self._calls))
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._contexts.close()

    def beat(self) -> None:
        """Print what is waited for, and for how long, unless something was printed lately."""
        with self._lock:
            now = self._clock.now()
            if now - max(self._last_beat, self._terminal.last_output) < QUIET_SECONDS:
                return
            for line in (*self._call_lines(now), *self._transfer_lines(now)):
                self._terminal.item("waiting", line)
                self._last_beat = now

    def _call_lines(self, now: float) -> Iterator[str]:
        calls, since = self._calls.pending()
        if calls and now - since >= QUIET_SECONDS:
            more = f", and {len(calls) - 1} more" if len(calls) > 1 else ""
            yield f"{calls[0].account} ({now - since:.0f} s) for the answer to {calls[0].name}{more}"

    def _transfer_lines(self, now: float) -> Iterator[str]:
        for each in self._terminal.transfers.pending():
            size = f"{each.done / 1e6:,.1f} of {each.total / 1e6:,.1f} MB"
            yield f"{each.label}: {size} after {now - each.started:.0f} s"

    def _run(self) -> None:
        while not self._closed.wait(_INTERVAL_SECONDS):
            self.beat()
