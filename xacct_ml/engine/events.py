"""What the engine reports while it works, and the outcome of each resource at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xacct_ml.engine.diff import Change
from xacct_ml.engine.resource import Resource, State
from xacct_ml.errors import ApplyFailed, CredentialsError, XacctError


@dataclass(frozen=True, slots=True)
class Event:
    resource: Resource


class Reading(Event):
    """The resource is being read."""


class Creating(Event):
    """It does not exist and is being created."""


@dataclass(frozen=True, slots=True)
class Updating(Event):
    """It differs in ``changes`` and is being changed."""

    changes: tuple[Change, ...]


class Deleting(Event):
    """It exists and is being deleted."""


@dataclass(frozen=True, slots=True)
class Waiting(Event):
    """The resource waits. ``reason`` completes "waiting for …".

    ``seconds`` is the time waited so far, ``ahead`` the time until the next attempt or report, and ``limit`` the
    longest wait in all, if it is known."""

    reason: str
    seconds: float
    ahead: float
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """Something the user should know that is not a failure."""

    text: str


class Stopping(Event):
    """After an interrupt: the call under way is allowed to finish."""


@dataclass(frozen=True, slots=True)
class Seen(Event):
    """Outcome of a read: ``observed`` is None if the resource does not exist."""

    observed: State | None


class Unchanged(Event):
    """Outcome: nothing had to be written."""


@dataclass(frozen=True, slots=True)
class Done(Event):
    """Outcome: created, or updated if ``changes`` are given, and read back."""

    changes: tuple[Change, ...] | None = None


class Deleted(Event):
    """Outcome: it is gone."""


class Absent(Event):
    """Outcome: there was nothing to delete."""


@dataclass(frozen=True, slots=True)
class KeptBack(Event):
    """Outcome: it was not deleted, for ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """Outcome: ``error`` stopped it. ``unread`` says that it could not be looked at, so that nothing of it changed."""

    error: XacctError
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """Outcome: not touched, because the resources ``because``, which it needs, failed or were skipped."""

    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Outcome: interrupted. ``begun`` says whether something may have been written."""

    begun: bool


Outcome = Seen | Unchanged | Done | Deleted | Absent | KeptBack | Failed | Skipped | Stopped
OnEvent = Callable[[Event], None]


def ignore(_: Event) -> None:
    """A listener for callers who only want the report."""


@dataclass(frozen=True)
class Report:
    """The outcomes by resource id, in the order in which the resources ended, and all outputs."""

    outcomes: Mapping[str, Outcome]
    outputs: Mapping[str, str]

    @property
    def failures(self) -> tuple[Failed, ...]:
        return tuple(outcome for outcome in self.outcomes.values() if isinstance(outcome, Failed))

    @property
    def stopped(self) -> bool:
        """Whether an interrupt left something undone."""
        return any(isinstance(outcome, Stopped) for outcome in self.outcomes.values())

    @property
    def ok(self) -> bool:
        """Whether everything was done."""
        return not self.failures and not self.stopped

    @property
    def written(self) -> tuple[str, ...]:
        """Ids of what was created, changed or deleted."""
        return tuple(id_ for id_, outcome in self.outcomes.items() if isinstance(outcome, Done | Deleted))

    def raise_failures(self) -> None:
        """Raises CredentialsError if credentials expired on the way, ApplyFailed for any other failure."""
        if not self.failures:
            return
        for failure in self.failures:
            if isinstance(failure.error, CredentialsError):
                raise failure.error
        skipped = sum(isinstance(outcome, Skipped) for outcome in self.outcomes.values())
        first = self.failures[0]
        raise ApplyFailed(
            f"{len(self.failures)} of {len(self.outcomes)} resources failed"
            + (f", {skipped} were skipped because of them" if skipped else ""),
            details=tuple(f"{failure.resource.id}: {failure.error.message}" for failure in self.failures),
            next_step=first.error.next_step
            or "remove the cause and run the same command again: it continues from here",
        )


class Defect(XacctError):
    """A bug of ours: an exception that no resource may raise. It is the ``__cause__``."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"this is a bug in xacct-ml: {type(cause).__name__}: {cause}")
        self.__cause__ = cause


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, raised once everything under way has ended. ``report`` has the outcome of every resource."""

    def __init__(self, report: Report) -> None:
        super().__init__("interrupted")
        self.report = report
