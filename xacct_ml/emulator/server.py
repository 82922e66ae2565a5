"""The embedded AWS: moto behind a gate that decides every request, served over HTTP on the loopback interface."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from xacct_ml.emulator.accounts import Accounts, provision
from xacct_ml.emulator.core import clients, external_deletion, moto_patches, runtime
from xacct_ml.emulator.core.clock import utc
from xacct_ml.emulator.core.directories import OwnDirectory, sweep
from xacct_ml.emulator.core.fault_injection import FaultInjection, Thing
from xacct_ml.emulator.core.gate import Gate
from xacct_ml.emulator.core.git_host import HostedRepository
from xacct_ml.emulator.core.http import Server
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.core.log import RequestLog
from xacct_ml.emulator.core.runtime import Pace, Runtime
from xacct_ml.emulator.initial_state import InitialState
from xacct_ml.emulator.services.codecommit import moto_patches as codecommit
from xacct_ml.emulator.services.codeconnections import provision as connections
from xacct_ml.emulator.services.codepipeline import git_watch
from xacct_ml.emulator.services.scheduler import ticking
from xacct_ml.tables.regions import partition


class EmbeddedAws:
    """An AWS with the accounts of ``state``, from entering the context (or :meth:`start`) until :meth:`stop`.

    moto keeps its state in the process, so one runs at a time and each starts empty. ``port`` 0 takes a free one.
    ``harsh`` is the seed of a bad day (:mod:`xacct_ml.emulator.core.fault_injection`). ``repositories`` are git
    repositories behind connections: full name to directory; the one of the state's connection is made, empty, unless it
    is among them. ``pending_connection``: nobody has completed that connection. ``refuse_codecommit``: accounts without
    a repository get none. ``clock`` is what schedules are due by.

    :raises RuntimeError: another one is running in this process
    :raises xacct_ml.emulator.core.moto_patches.WrongMoto: the installed moto is not the required version
    :raises OSError: the port is taken
    :raises xacct_ml.emulator.core.git_host.GitError: the state has a connection, and there is no
        git or no such repository"""

    def __init__(
        self,
        state: InitialState,
        port: int = 0,
        *,
        pace: Pace | None = None,
        harsh: int | None = None,
        repositories: Mapping[str, Path] | None = None,
        pending_connection: bool = False,
        refuse_codecommit: bool = False,
        notices: Callable[[str], None] = runtime.to_stderr,
        clock: Callable[[], datetime] = utc,
    ) -> None:
        self._state = state
        self._port = port
        self._pace = pace or Pace()
        self._harsh = None if harsh is None else FaultInjection(harsh, delete=self._delete)
        self._repositories = dict(repositories or {})
        self._pending_connection = pending_connection
        self._refuse_codecommit = refuse_codecommit
        self._notices = notices
        self._clock = clock
        self._log = RequestLog()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._runtime: Runtime | None = None
        self._files: OwnDirectory | None = None
        self._accounts: Accounts | None = None

    def start(self) -> Self:
        moto_patches.install()
        server = Server(self._port, Gate())
        region = self._state.region
        sweep()
        self._files = OwnDirectory()
        self._runtime = Runtime(
            server.endpoint,
            region,
            partition(region),
            self._log,
            self._pace,
            self._notices,
            self._harsh,
            clock=self._clock,
            directory=self._files.path,
        )
        try:
            runtime.announce(self._runtime)
        except RuntimeError:
            server.server_close()
            self._files.cleanup()
            raise
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="embedded-aws", daemon=True)
        self._thread.start()
        try:
            moto_patches.reset()
            codecommit.closed = self._refuse_codecommit
            directory = self._files.path
            self._accounts = provision(self._state, directory, server.endpoint)
            self._runtime.repositories.update(
                connections.provision(
                    self._state.connection, directory, self._repositories, pending=self._pending_connection
                )
            )
            git_watch.begin(self._runtime)
            ticking.begin(self._runtime)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop serving and end the background threads; does nothing where it is not running."""
        if self._server is None or self._runtime is None or self._thread is None or self._files is None:
            return
        self._runtime.stop()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        clients.forget()
        runtime.announce(None)
        self._files.cleanup()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        return self._running.endpoint

    @property
    def requests(self) -> RequestLog:
        """Every decided request, in order; see :class:`xacct_ml.emulator.core.log.RequestLog`."""
        return self._log

    @property
    def harsh(self) -> FaultInjection | None:
        """What went wrong so far, where it was asked for."""
        return self._harsh

    @property
    def runtime(self) -> Runtime:
        return self._running

    def environment(self) -> dict[str, str]:
        """The variables that point any AWS client at this AWS, with credentials that can enter every account.

        To be laid over the caller's environment. The configuration files they name live until :meth:`stop`."""
        return dict(self._provisioned.environment)

    @property
    def repositories(self) -> Mapping[str, HostedRepository]:
        """The git repositories behind connections, by full name; anybody may clone from them and push to them."""
        return self._running.repositories

    def administrator(self, account_id: str) -> Credentials:
        """Credentials that may do everything in one account.

        :raises KeyError: no such account"""
        return self._provisioned.administrators[account_id]

    def _delete(self, thing: Thing) -> None:
        account, service, name = thing
        if account in self._provisioned.administrators:
            external_deletion.delete(self.administrator(account).client, service, name)

    @property
    def _running(self) -> Runtime:
        if self._runtime is None:
            raise RuntimeError("the embedded AWS was not started")
        return self._runtime

    @property
    def _provisioned(self) -> Accounts:
        if self._accounts is None:
            raise RuntimeError("the embedded AWS was not started")
        return self._accounts
