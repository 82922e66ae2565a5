"""Administrators' clients straight into the gate: what a sweep itself looks at and changes by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sweeps.wire import through_gate
from xacct_ml.emulator.core.gate import Gate
from xacct_ml.emulator.server import EmbeddedAws

_GATE = Gate()


def plain_clients(aws: EmbeddedAws, account: str, region: str | None = None) -> Callable[[str], Any]:
    """Gives the client of a service by its name, in the map's region where none is given."""

    def client(service: str) -> Any:
        made = aws.administrator(account).client(service, region)
        made.meta.events.register("before-send", _sent, unique_id="straight")
        return made

    return client


def _sent(request: Any, **_: Any) -> Any:
    return through_gate(_GATE, request)
