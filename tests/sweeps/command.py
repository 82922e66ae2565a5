"""A command as a sweep runs it: an outcome, or an error with what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.sweeps.wire import Wire
from tests.sweeps.world import World
from xacct_ml.aws.errors import translate
from xacct_ml.engine.events import OnEvent, ignore
from xacct_ml.errors import XacctError


@dataclass(frozen=True)
class Command:
    """``after`` is the command that a user has run right before; ``prepare`` then makes what else was there."""

    name: str
    work: Callable[[World, Wire, OnEvent], Any]
    after: str | None = None
    prepare: Callable[[World], None] | None = None

    def run(self, world: World, wire: Wire | None = None, on_event: OnEvent = ignore) -> XacctError | None:
        """The error that a user would read; None where it was done. Any other exception is a bug and escapes."""
        try:
            self.work(world, wire or world.wire, on_event)
        except XacctError as error:
            return error
        except (ClientError, BotoCoreError) as error:
            return translate(error)  # as the command line does
        return None
