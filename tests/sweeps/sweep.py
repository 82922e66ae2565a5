"""Going through the calls of a command: strike one, run the command again, compare everything with an undisturbed run.

The calls are those of an undisturbed run, so a call that is new joins by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.emulator.checkpoint import Checkpoint
from tests.sweeps import faults
from tests.sweeps.command import Command
from tests.sweeps.commands import BEFORE_RUNS, BY_NAME
from tests.sweeps.faults import ALWAYS, ONCE, Fault, Kill, Stale
from tests.sweeps.wire import Call, Killed, Strike
from tests.sweeps.world import World


@dataclass(frozen=True)
class Case:
    """``kind`` strikes ``call`` of ``command``."""

    command: str
    kind: str
    call: Call

    def __str__(self) -> str:
        return f"{self.command}: {self.kind}: {self.call}"


@dataclass(frozen=True)
class Kind:
    """A class of crash or fault: which calls it can strike, and what it does to them.

    ``by_itself``: it passes so soon that the command must go on without being run again."""

    name: str
    strike: Callable[[World, Call], Strike]
    writes_only: bool = False
    applies: Callable[[Case], bool] = lambda _: True
    by_itself: Callable[[Case], bool] = lambda _: False


def _fault(effect: faults.Effect, attempts: int) -> Callable[[World, Call], Strike]:
    return lambda _, call: Fault(call, effect, attempts)


def _may_be_repeated(case: Case) -> bool:
    """A CreateKey whose answer is lost is not sent again: it would make a second key."""
    return case.call.operation != "CreateKey"


_DELETABLE = ("CreateCommit", "PutRolePolicy", "PutRetentionPolicy", "PutTargets", "PutFunctionEventInvokeConfig")

CRASHES = (
    Kind("crash before", lambda _, call: Kill(call, after=False)),
    # After a read everything is as before the next call, where the process dies as well.
    Kind("crash after", lambda _, call: Kill(call, after=True), writes_only=True),
)
FAULTS = (
    Kind("throttled", _fault(faults.throttled, ALWAYS)),
    Kind("failed once", _fault(faults.failed, ONCE), writes_only=True, by_itself=lambda _: True),
    Kind("failed", _fault(faults.failed, ALWAYS), writes_only=True),
    Kind("timed out once", _fault(faults.timed_out, ONCE), writes_only=True, by_itself=_may_be_repeated),
    Kind("timed out", _fault(faults.timed_out, ALWAYS), writes_only=True),
    Kind("answer lost once", _fault(faults.lost, ONCE), writes_only=True, by_itself=_may_be_repeated),
    Kind("answer lost", _fault(faults.lost, ALWAYS), writes_only=True),
    Kind("session expired", _fault(faults.expired, ALWAYS)),
    Kind(
        "not seen yet",
        lambda _, call: Stale(call),
        writes_only=True,
        applies=lambda case: case.call.operation.startswith("Create") and case.call.operation != "CreateCommit",
        by_itself=lambda _: True,
    ),
    Kind(
        "deleted underneath",
        lambda world, call: Fault(call, faults.deleting(world.aws), ONCE),
        writes_only=True,
        applies=lambda case: (
            # configure makes no repository: bootstrap does.
            case.command != "configure"
            and case.call.thing != ""
            and (case.command == "teardown" or case.call.operation in _DELETABLE)
        ),
        by_itself=lambda case: case.command == "teardown",
    ),
)
KINDS = {kind.name: kind for kind in (*CRASHES, *FAULTS)}


@dataclass
class Reference:
    """An undisturbed run of a command: where it began, its calls, and all there was when it had ended."""

    command: Command
    start: Checkpoint
    calls: tuple[Call, ...]
    """Sorted, since threads take turns differently each time."""
    done: Checkpoint
    end: dict[str, object]


@dataclass
class Sweep:
    """Runs cases in ``world``. Every crash and fault is really raised; the run after it only once per state it left."""

    world: World
    commands: tuple[Command, ...] = BEFORE_RUNS
    references: dict[str, Reference] = field(default_factory=dict)
    known: dict[tuple[str, bool, tuple[Call, ...]], str | None] = field(default_factory=dict)
    """How it went on, by the writes that had landed: from the same state a new run does the same."""

    def reference(self, name: str) -> Reference:
        if name not in self.references:
            command = BY_NAME[name]
            start = self.world.empty if command.after is None else self.reference(command.after).done
            start.restore()
            self.world.begin()
            if command.prepare is not None:
                command.prepare(self.world)
                start = Checkpoint()
                start.restore()  # of an object with several versions the copy has the newest alone
                self.world.begin()
            error = command.run(self.world)
            assert error is None, f"{name} undisturbed: {error.lines()}"
            calls = tuple(sorted(set(self.world.wire.calls)))
            self.references[name] = Reference(command, start, calls, Checkpoint(), self.world.everything())
        return self.references[name]

    def cases(self, *kinds: Kind) -> Iterator[Case]:
        for command in self.commands:
            for call in self.reference(command.name).calls:
                for kind in kinds:
                    case = Case(command.name, kind.name, call)
                    if (call.writes or not kind.writes_only) and kind.applies(case):
                        yield case

    def problem(self, case: Case, *, anew: bool = False) -> str | None:
        """What does not hold; None where everything does. ``anew`` trusts nothing that an earlier case showed."""
        reference = self.reference(case.command)
        reference.start.restore()
        strike = KINDS[case.kind].strike(self.world, case.call)
        self.world.begin(strike)
        try:
            error = reference.command.run(self.world)
        except Killed:
            error = None
        if not getattr(strike, "struck", True) and case.kind != "not seen yet":
            return "the call was not made"
        if error is not None and KINDS[case.kind].by_itself(case):
            return "did not go on by itself: " + " / ".join(error.lines())
        if not case.kind.startswith("crash") and error is not None and not error.next_step:
            return f"an error without a next step: {error.message}"
        crashed = case.kind.startswith("crash")
        known = (case.command, crashed or error is not None, tuple(sorted(self.world.wire.landed)))
        if anew or case.kind == "deleted underneath" or known not in self.known:
            problem = self.recovery(reference, again=crashed or error is not None)
            if anew or case.kind == "deleted underneath":
                return problem
            self.known[known] = problem
        return self.known[known]

    def recovery(self, reference: Reference, *, again: bool) -> str | None:
        """Runs the command ``again``, undisturbed, and compares everything."""
        if again:
            self.world.begin()
            error = reference.command.run(self.world)
            if error is not None:
                return "again: " + " / ".join(error.lines())
        return self.difference(reference, self.world.everything())

    @staticmethod
    def difference(reference: Reference, found: dict[str, object]) -> str | None:
        """In words, up to three places."""
        if found != reference.end:
            places = [place for place in {*found, *reference.end} if found.get(place) != reference.end.get(place)]
            return "other than undisturbed: " + "; ".join(
                f"{place}: {str(found.get(place))[:200]} instead of {str(reference.end.get(place))[:200]}"
                for place in sorted(places)[:3]
            )
        return None
