"""Destroying: the same graph backwards."""

from __future__ import annotations

from tests.engine.fakes import Fake, FakeClock, World, failure
from xacct_ml.engine.apply import destroy
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.events import Absent, Deleted, Failed, KeptBack, Report, Skipped
from xacct_ml.engine.resource import Kept, NotOurs
from xacct_ml.errors import CredentialsError


def run(*resources: Fake, keep: tuple[str, ...] = ()) -> Report:
    return destroy(resources, keep=keep, clock=FakeClock(), backoff=Backoff(limit=10, first=1, longest=4))


def world_of(*ids: str) -> World:
    return World({id_: {"size": 1} for id_ in ids})


def test_dependents_go_first() -> None:
    """The stack is gone before the role that deletes it."""
    world = world_of("key", "role", "stack")
    report = run(
        Fake("key", world), Fake("role", world, depends_on=("key",)), Fake("stack", world, depends_on=("role",))
    )
    assert world.writes == [("delete", "stack"), ("delete", "role"), ("delete", "key")]
    assert all(isinstance(outcome, Deleted) for outcome in report.outcomes.values())


def test_destroying_nothing_succeeds() -> None:
    """What does not exist needs no deletion."""
    report = run(Fake("key", World()))
    assert report.ok
    assert isinstance(report.outcomes["key"], Absent)


def test_a_failure_keeps_what_it_needs() -> None:
    """A stack that cannot be deleted keeps its role; the rest goes."""
    world = world_of("role", "stack", "bucket")
    report = run(
        Fake("role", world),
        Fake("stack", world, depends_on=("role",), failing={"delete": failure()}),
        Fake("bucket", world),
    )
    assert isinstance(report.outcomes["stack"], Failed)
    assert isinstance(report.outcomes["role"], Skipped)
    assert set(world.states) == {"role", "stack"}


def test_what_cannot_be_read_keeps_only_what_it_holds() -> None:
    """It is named; what it merely used goes, all the way down."""
    world = world_of("key", "role", "bucket", "pipeline")
    report = run(
        Fake("key", world),
        Fake("role", world),
        Fake("bucket", world, depends_on=("key",), failing={"read": failure()}, held=("key",)),
        Fake("pipeline", world, depends_on=("bucket", "role", "key"), failing={"read": failure()}),
    )
    kinds = {id_: type(outcome) for id_, outcome in report.outcomes.items()}
    assert kinds == {"pipeline": Failed, "bucket": Failed, "role": Deleted, "key": Skipped}
    assert not report.ok


def test_credentials_that_give_out_keep_what_is_needed() -> None:
    """Nothing of that account can be looked at: it is the command that has to be run again."""
    world = world_of("role", "pipeline")
    ended = {"read": CredentialsError("expired")}
    report = run(Fake("role", world), Fake("pipeline", world, depends_on=("role",), failing=ended))
    assert isinstance(report.outcomes["role"], Skipped)


def test_what_is_kept_stops_nothing() -> None:
    """Asked to be kept, kept for a reason, or not ours: it stays with its reason, and the rest goes."""
    world = world_of("key", "bucket", "repository", "role")
    report = run(
        Fake("key", world, failing={"delete": Kept("deleted in 30 days")}),
        Fake("bucket", world, depends_on=("key",), failing={"read": NotOurs("somebody else's")}),
        Fake("repository", world),
        Fake("role", world, depends_on=("key",)),
        keep=("repository",),
    )
    reasons = {id_: o.reason for id_, o in report.outcomes.items() if isinstance(o, KeptBack)}
    assert reasons == {"key": "deleted in 30 days", "bucket": "somebody else's", "repository": "asked to keep it"}
    assert world.writes == [("delete", "role")]
    assert report.ok
    assert "repository" not in world.reads


def test_deletion_is_waited_for() -> None:
    """A resource that is still seen for a while is gone in the end; one that stays is a failure."""
    assert run(Fake("a", world_of("a"), lag=2)).ok
    (failed,) = run(Fake("a", world_of("a"), lag=50)).failures
    assert "still there after 10 seconds" in failed.error.message
