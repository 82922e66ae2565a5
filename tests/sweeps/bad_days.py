"""All commands on one bad day after the other: the harsh mode of the embedded AWS, without its waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.sweeps.command import Command
from tests.sweeps.commands import BY_NAME, LIFE
from tests.sweeps.plain import plain_clients
from tests.sweeps.sweep import Sweep
from tests.sweeps.wire import Wire
from tests.sweeps.world import World
from xacct_ml.aws.accounts import Accounts
from xacct_ml.emulator.core import external_deletion
from xacct_ml.emulator.core.fault_injection import RATE, FaultInjection, Thing
from xacct_ml.operations.command_names import BOOTSTRAP

KIND = "bad day"
SEEDS = range(24)
RUNS = 6
"""So often a user runs the same command, at most, where it says so."""


def problem(sweep: Sweep, seed: int) -> str | None:
    """What does not hold: each command is done after a few runs, each error says what to do; then, the day being over,
    one more run mends what somebody deleted, and everything is as undisturbed."""
    world, (*making, removing) = sweep.world, LIFE
    made, removed = sweep.reference(making[-1].name), sweep.reference(removing.name)
    world.empty.restore()
    with bad_day(world, seed):
        said = _first(until_done(world, command) for command in making)
    said = said or _first(run_anew(world, command) for command in making)
    said = said or sweep.difference(made, world.everything())
    if said:
        return said
    with bad_day(world, -1 - seed):
        said = until_done(world, removing)
    return said or run_anew(world, removing) or sweep.difference(removed, world.everything())


def _first(said: Iterator[str | None]) -> str | None:
    return next(filter(None, said), None)


@contextmanager
def bad_day(world: World, seed: int, rate: float = RATE) -> Iterator[FaultInjection]:
    """Inside, the embedded AWS is harsh to everybody but administrators."""

    def delete(thing: Thing) -> None:
        account, service, name = thing
        external_deletion.delete(plain_clients(world.aws, account), service, name)

    harsh = FaultInjection(seed, rate=rate, delete=delete)
    world.aws.runtime.faults = harsh
    try:
        yield harsh
    finally:
        world.aws.runtime.faults = None


def until_done(world: World, command: Command) -> str | None:
    """Does what the error says: runs it again, or bootstrap first; each time with sessions of its own, as a process."""
    for again in range(RUNS):
        world.begin()
        error = command.run(world, Wire(Accounts(world.config)) if again else world.wire)
        if error is None:
            return None
        if error.next_step == BOOTSTRAP:
            run_anew(world, BY_NAME["bootstrap"])
        elif not error.next_step:
            return f"{command.name}: an error without a next step: {error.message}"
    return f"{command.name}: not done after {RUNS} runs: " + " / ".join(error.lines())


def run_anew(world: World, command: Command) -> str | None:
    """Once, with sessions of its own; what went wrong."""
    world.begin()
    error = command.run(world, Wire(Accounts(world.config)))
    return None if error is None else f"{command.name} afterwards: " + " / ".join(error.lines())
