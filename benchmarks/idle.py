"""What a bootstrap costs that has nothing to do: processor time of the whole process, start included.

Beside it, a plain boto3 script that makes the same calls through as many sessions and clients, one after another. Both
are processes of their own, in turn, against one embedded AWS in a third; the median counts."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from botocore import xform_name

from benchmarks.embedded import embedded_aws
from benchmarks.figures import Figure, at_most, run, xacct_ml
from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.accounts import named_accounts
from xacct_ml.config.model import Config
from xacct_ml.operations.bootstrap import after_bootstrap, bootstrap
from xacct_ml.operations.demo import client_environment
from xacct_ml.validation import load

LIMIT = 1.4
"""How many times the plain script's processor time a bootstrap may take."""

_PLAIN = Path(__file__).with_name("plain_calls.py")


@dataclass
class RecordingAccounts(Accounts):
    """Remembers every call with its parameters."""

    config: Config
    calls: list[tuple[str, str, str, str, dict[str, Any]]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        super().__init__(self.config)

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        client = super().client(account_id, service, region)

        def remember(params: dict[str, Any], model: Any, **_: Any) -> None:
            with self.lock:
                self.calls.append(
                    (account_id, service, region or self.config.region, xform_name(model.name), dict(params))
                )

        with self.lock:
            new = id(client) not in self.seen
            self.seen.add(id(client))
        if new:
            client.meta.events.register_first("provide-client-params", remember)
        return client


def figures(map_file: Path, *, quick: bool = False) -> Iterator[Figure]:
    """A bootstrap's processor time over the plain script's. The map's accounts must be entered through roles."""
    config = load(map_file)
    with tempfile.TemporaryDirectory() as directory:
        calls = Path(directory) / "calls.json"
        with embedded_aws(map_file) as served, client_environment(served.environment):
            bootstrap(config, Accounts(config)).report.raise_failures()
            recorded = _calls(config)
            calls.write_text(json.dumps(recorded))
            commands = [xacct_ml("bootstrap", "--config", map_file), [sys.executable, _PLAIN, calls]]
            taken: list[list[float]] = [[] for _ in commands]
            for _ in range(3 if quick else 5):
                for command, seconds in zip(commands, taken, strict=True):
                    seconds.append(run(command).processor)
    ours, plain = map(median, taken)
    clients = {tuple(call[:3]) for call in recorded["calls"]}
    what = f"{len(recorded['calls'])} calls, {len(recorded['roles'])} accounts, {len(clients)} clients"
    yield Figure("bootstrap with nothing to do, processor time", f"{ours:.2f} s", what)
    yield Figure("  plain boto3 making the same calls", f"{plain:.2f} s")
    yield at_most("  ÷ plain boto3", ours / plain, LIMIT, "times")


def _calls(config: Config) -> dict[str, Any]:
    """The calls of a bootstrap that has nothing to do, and the roles through which it enters the accounts."""
    accounts = RecordingAccounts(config)
    accounts.verify()
    bootstrap(config, accounts).report.raise_failures()
    after_bootstrap(config, accounts)
    return {"roles": {a.id: a.role_arn for _, a in named_accounts(config)}, "calls": accounts.calls}
