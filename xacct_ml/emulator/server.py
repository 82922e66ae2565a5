"""The embedded AWS: moto behind a gate that decides every request, served over HTTP on the loopback interface."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from xacct_ml.config.model import Config
from xacct_ml.emulator.accounts import Seeds, plant
from xacct_ml.emulator.core import clients, moto_patches, runtime
from xacct_ml.emulator.core import external_deletion as underneath
from xacct_ml.emulator.core.fault_injection import FaultInjection, Thing
from xacct_ml.emulator.core.gate import Gate
from xacct_ml.emulator.core.git_host import HostedRepository
from xacct_ml.emulator.core.http import Server
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.core.log import RequestLog
from xacct_ml.emulator.core.runtime import Pace, Runtime
from xacct_ml.emulator.services.codecommit import moto_patches as codecommit
from xacct_ml.emulator.services.codeconnections import provision as connections
from xacct_ml.emulator.services.codepipeline import git_watch
from xacct_ml.tables.regions import partition


class EmbeddedAws:
    """An AWS with the accounts of ``config``, from entering the context (or :meth:`start`) until :meth:`stop`.

    moto keeps its state in the process, so one runs at a time and each starts empty. ``port`` 0 takes a free one.
    ``harsh`` is the seed of a bad day (:mod:`xacct_ml.emulator.core.fault_injection`). ``beside`` are maps of other
    projects: their accounts and operators are there as well. ``repositories`` are git repositories behind connections:
    full name to directory; the map's own is an empty one unless it is among them. ``pending_connection``: nobody has
    completed the map's connection. ``refuse_codecommit``: accounts without a repository get none.

    :raises RuntimeError: another one is running in this process
    :raises xacct_ml.emulator.core.moto_patches.WrongMoto: the installed moto is not the required version
    :raises OSError: the port is taken
    :raises xacct_ml.emulator.core.git_host.GitError: the map has a connection, and there is no git
        or no such repository
    """

    def __init__(
        self,
        config: Config,
        port: int = 0,
        *,
        pace: Pace | None = None,
        harsh: int | None = None,
        repositories: Mapping[str, Path] | None = None,
        pending_connection: bool = False,
        refuse_codecommit: bool = False,
        beside: Sequence[Config] = (),
        notices: Callable[[str], None] = runtime.to_stderr,
    ) -> None:
        self._config = config
        self._port = port
        self._beside = tuple(beside)
        self._pace = pace or Pace()
        self._harsh = None if harsh is None else FaultInjection(harsh, delete=self._delete)
        self._repositories = dict(repositories or {})
        self._pending_connection = pending_connection
        self._refuse_codecommit = refuse_codecommit
        self._notices = notices
        self._log = RequestLog()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._runtime: Runtime | None = None
        self._files: tempfile.TemporaryDirectory[str] | None = None
        self._seeds: Seeds | None = None

    def start(self) -> Self:
        moto_patches.install()
        server = Server(self._port, Gate())
        region = self._config.region
        self._runtime = Runtime(
            server.endpoint, region, partition(region), self._log, self._pace, self._notices, self._harsh
        )
        try:
            runtime.announce(self._runtime)
        except RuntimeError:
            server.server_close()
            raise
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="embedded-aws", daemon=True)
        self._files = tempfile.TemporaryDirectory(prefix="xacct-ml-emulator-")
        self._thread.start()
        try:
            moto_patches.reset()
            codecommit.closed = self._refuse_codecommit
            self._seeds = plant(self._config, Path(self._files.name), server.endpoint, self._beside)
            self._runtime.repositories.update(
                connections.plant(
                    self._config, Path(self._files.name), self._repositories, pending=self._pending_connection
                )
            )
            git_watch.begin(self._runtime)
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
        """The variables that point any AWS client at this AWS, with credentials that can enter every account of the
        map.

        To be laid over the caller's environment. The configuration files they name live until :meth:`stop`.
        """
        return dict(self._planted.environment)

    @property
    def repositories(self) -> Mapping[str, HostedRepository]:
        """The git repositories behind connections, by full name; anybody may clone from them and push to them."""
        return self._running.repositories

    def administrator(self, account_id: str) -> Credentials:
        """Credentials that may do everything in one account of the map.

        :raises KeyError: not an account of the map
        """
        return self._planted.administrators[account_id]

    def _delete(self, thing: Thing) -> None:
        account, service, name = thing
        if account in self._planted.administrators:
            underneath.delete(self.administrator(account).client, service, name)

    @property
    def _running(self) -> Runtime:
        if self._runtime is None:
            raise RuntimeError("the embedded AWS was not started")
        return self._runtime

    @property
    def _planted(self) -> Seeds:
        if self._seeds is None:
            raise RuntimeError("the embedded AWS was not started")
        return self._seeds
