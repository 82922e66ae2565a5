"""``xacct-ml emulator``."""

from __future__ import annotations

import importlib.util
import shlex
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xacct_ml.cli.options import OutputOption
from xacct_ml.cli.output import Format, Outcome, execute, to_json
from xacct_ml.cli.services import DEFAULT_CONFIG, Services
from xacct_ml.errors import InputError, XacctError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xacct_ml.cli.terminal import Terminal
    from xacct_ml.config.model import Config

INSTALL = "pip install 'xacct-ml[emulator]'"
STOPPED = "The embedded AWS is gone, and all that was in it."

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
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")]


def register(app: typer.Typer) -> None:
    @app.command()
    def emulator(
        context: typer.Context,
        config: ConfigOrDemoOption = None,
        port: PortOption = 0,
        harsh: HarshOption = None,
        output: OutputOption = Format.TEXT,
    ) -> None:
        """Serve an embedded AWS with the map's accounts.

        On 127.0.0.1, until interrupted. Prints the environment to use it with any client. With --harsh it has a bad
        day: throttling, lost answers, late reads, expiring sessions; the same one for the same number.
        """

        def work(terminal: Terminal) -> Outcome:
            loaded = load_map(context, config)
            with serving(loaded, port, terminal, harsh) as aws:
                environment = aws.environment()
                announced = Outcome({"endpoint": aws.endpoint, "environment": environment}, written=True)
                terminal.raw(exports(environment) if output is Format.TEXT else to_json("emulator", announced, 0))
                terminal.note(f"serving {loaded.project} on {aws.endpoint} until interrupted (Ctrl-C)")
                if harsh is not None:
                    terminal.note(f"harsh mode, seed {harsh}: run a command again where it says so, it continues there")
                if output is Format.TEXT:
                    terminal.note("use it from another shell with the lines above")
                wait_for_interrupt()
            terminal.note(STOPPED)
            return announced

        execute("emulator", output, work, interrupted=STOPPED)


def load_map(context: typer.Context, path: Path | None) -> Config:
    """The map given, else ``config.yaml``, else the demo's."""
    services = context.find_object(Services) or Services()
    return services.config(path or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else demo_map()))


def demo_map() -> Path:
    """The packaged map: three made-up accounts."""
    return Path(__file__).parent.parent / "emulator" / "data" / "demo.yaml"


@contextmanager
def serving(config: Config, port: int, terminal: Terminal, harsh: int | None = None) -> Iterator[Any]:
    """The embedded AWS while the context lasts; it sees none of the user's ``AWS_…`` variables.

    Raises :class:`XacctError` without the extra, :class:`InputError` with a taken port.
    """
    require_extra()
    from xacct_ml.demo import client_environment
    from xacct_ml.emulator.moto_ext import WrongMoto
    from xacct_ml.emulator.server import EmbeddedAws

    _check_port(port)
    with client_environment({}):
        aws = EmbeddedAws(config, port, harsh=harsh, notices=terminal.note)
        try:
            aws.start()
        except WrongMoto as error:
            raise XacctError(str(error), next_step=INSTALL) from None
        try:
            yield aws
        finally:
            aws.stop()


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
    """One line where moto or XGBoost is not installed."""
    missing = [name for name in ("moto", "xgboost") if importlib.util.find_spec(name) is None]
    if missing:
        raise XacctError(f"the embedded AWS needs {' and '.join(missing)}, not installed here", next_step=INSTALL)


def exports(environment: Mapping[str, str]) -> str:
    """Lines for a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(environment.items()))


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
