"""``xacct-ml emulator``."""

import importlib
import importlib.util
import os
import secrets
import shlex
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from xacct_ml.cli.command import DEFAULT_CONFIG, OutputOption, execute, load
from xacct_ml.cli.output import Format, Outcome, to_json
from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.examples import EXAMPLE
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.extras import install
from xacct_ml.operations.demo import NO_PROXY, client_environment
from xacct_ml.operations.embedded import embedded

INSTALL = install("emulator")
STOPPED = "The embedded AWS is gone, and all that was in it."

_UNSET_OTHERS = (
    "for name in $(env | sed -n 's/^\\(AWS_[A-Za-z0-9_]*\\)=.*/\\1/p'); do unset \"$name\"; done\n"
    'former="${no_proxy:-${NO_PROXY-}}"\n'
)

ConfigOrDemoOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The account map.  [default: config.yaml, or the demo's map where there is none]",
        show_default=False,
    ),
]
HarshOption = Annotated[
    int | None, typer.Option("--harsh", metavar="SEED", min=0, help="What AWS does on a bad day, from this number.")
]
ConnectionOption = Annotated[
    list[str] | None,
    typer.Option("--connection", metavar="NAME=DIR", help="A git repository behind the connection, by its full name."),
]
PendingOption = Annotated[bool, typer.Option("--pending-connection", help="Nobody has completed the map's connection.")]
RefuseOption = Annotated[bool, typer.Option("--refuse-codecommit", help="CodeCommit is closed to the accounts.")]
NoRolesOption = Annotated[
    bool, typer.Option("--no-roles", help="Nobody has made the map's roles: administrators alone enter the accounts.")
]
EnvFileOption = Annotated[
    Path | None,
    typer.Option(
        "--env-file", metavar="FILE", help="Where the environment goes, readable by you alone, in place of stdout."
    ),
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]


def emulator(
    context: typer.Context,
    config: ConfigOrDemoOption = None,
    port: PortOption = 0,
    harsh: HarshOption = None,
    connection: ConnectionOption = None,
    pending_connection: PendingOption = False,
    refuse_codecommit: RefuseOption = False,
    no_roles: NoRolesOption = False,
    env_file: EnvFileOption = None,
    output: OutputOption = Format.TEXT,
) -> None:
    """Serve an embedded AWS with the map's accounts.

    On 127.0.0.1, until interrupted. Prints the environment to use it with any client. With --harsh it has a bad
    day: throttling, lost answers, late reads, expiring sessions; the same one for the same number.

    Example: xacct-ml emulator --port 7411 --env-file aws.env"""

    def work(terminal: Terminal) -> Outcome:
        loaded = load_map(context, config)
        with serving(
            loaded,
            port,
            terminal,
            harsh=harsh,
            repositories=repositories(connection or ()),
            pending_connection=pending_connection,
            refuse_codecommit=refuse_codecommit,
            roles_exist=not no_roles,
        ) as aws:
            environment = aws.environment()
            announced = Outcome({"endpoint": aws.endpoint, "environment": environment}, written=True)
            if env_file is not None:
                write_private(env_file, exports(environment))
            if output is Format.JSON:
                terminal.raw(to_json("emulator", announced, 0))
            elif output is Format.JSONL:
                terminal.event("serving", endpoint=aws.endpoint, environment=environment)
            elif env_file is None:
                terminal.raw(exports(environment))
            terminal.note(f"serving {loaded.project} on {aws.endpoint} until interrupted (Ctrl-C)")
            for name, repository in aws.repositories.items():
                terminal.note(f"{name} behind the connection: git clone {repository.path}")
            if harsh is not None:
                terminal.note(f"harsh mode, seed {harsh}: run a command again where it says so, it continues there")
            if output is Format.TEXT:
                lines = "the lines above" if env_file is None else f". {shlex.quote(str(env_file.absolute()))}"
                terminal.note(f"use it from another shell with {lines}")
            wait_for_interrupt()
        terminal.note(STOPPED)
        return announced

    execute("emulator", output, work, interrupted=STOPPED)


def load_map(context: typer.Context, path: Path | None) -> Config:
    """The map given, else ``config.yaml``, else the demo's."""
    return load(context, path or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else demo_map()))


def demo_map() -> Path:
    """The example: three made-up accounts."""
    return EXAMPLE


@contextmanager
def serving(config: Config, port: int, terminal: Terminal, **how: Any) -> Iterator[Any]:
    """The embedded AWS while the context lasts; it sees none of the user's ``AWS_…`` variables.

    ``how`` are options of :class:`~xacct_ml.emulator.server.EmbeddedAws`. Raises :class:`XacctError` without the extra,
    :class:`InputError` with a taken port or without the git repositories of a map with a connection."""
    require_extra()
    from xacct_ml.emulator.core.git_host import GitError
    from xacct_ml.emulator.core.moto_patches import WrongMoto
    from xacct_ml.emulator.core.own_environment import hide

    _check_port(port)
    hide()
    with client_environment({}):
        aws = embedded(config, port, notices=terminal.note, **how)
        try:
            aws.start()
        except WrongMoto as error:
            raise XacctError(str(error), next_step=INSTALL) from None
        except GitError as error:
            raise InputError(
                str(error), next_step="install git, or give --connection ORG/REPOSITORY=DIRECTORY"
            ) from None
        try:
            yield aws
        finally:
            aws.stop()


def repositories(given: Sequence[str]) -> dict[str, Path]:
    """``NAME=DIR`` of the command line. Raises :class:`InputError` for another form."""
    found = {}
    for each in given:
        name, separator, directory = each.partition("=")
        if not (name and separator and directory):
            raise InputError(f"--connection {each}: give ORG/REPOSITORY=DIRECTORY, such as my-org/churn=./churn.git")
        found[name] = Path(directory)
    return found


def _check_port(port: int) -> None:
    """Werkzeug ends the whole process where its port is taken, so that is found out before."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InputError(
                f"port {port} on 127.0.0.1 cannot be used: {error.strerror or error}", next_step="give another --port"
            ) from None


def require_extra() -> None:
    """One line where something of the extra is not installed."""
    missing = [name for name in ("moto", "xgboost", "dulwich") if importlib.util.find_spec(name) is None]
    if missing:
        raise XacctError(f"the embedded AWS needs {' and '.join(missing)}, not installed here", next_step=INSTALL)
    if sys.platform == "darwin":
        _require_openmp()


def _require_openmp() -> None:
    """XGBoost's wheels for macOS hold no OpenMP, and XGBoost's own error says what installs it [D]."""
    try:
        importlib.import_module("xgboost")
    except Exception as error:  # noqa: BLE001 - XGBoostError is a class of what could not be loaded
        reason = " ".join(str(error).split())[:300]
        raise XacctError(f"XGBoost cannot be loaded here: {reason}", next_step="brew install libomp") from None


def exports(environment: Mapping[str, str]) -> str:
    """Lines for a POSIX shell. They first unset every ``AWS_…`` variable that leads elsewhere; what the shell has in
    ``NO_PROXY`` stays."""
    lines = [_UNSET_OTHERS]
    for name, value in sorted(environment.items()):
        former = '"${former:+$former,}"' if name in NO_PROXY else ""
        lines.append(f"export {name}={former}{shlex.quote(value)}\n")
    return "".join([*lines, "unset former\n"])


def write_private(path: Path, text: str) -> None:
    """A file that only its user reads, from its first moment on; in place of what has its name, be it a link.

    :raises InputError: it cannot be written"""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}", next_step="give another --env-file"
        ) from None


def wait_for_interrupt() -> None:
    """Until SIGINT or SIGTERM: both are how one ends a server."""
    over = threading.Event()
    former = {number: signal.signal(number, lambda *_: over.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not over.wait(1):
            pass
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
