"""A seeded sample of the sweep that ``python -m tests.sweeps`` makes in full, and proof that it can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from tests.sweeps import races
from tests.sweeps.bad_days import bad_day, until_done
from tests.sweeps.bugs import BUGS, planted
from tests.sweeps.commands import BEFORE_RUNS
from tests.sweeps.races import SIDE_BY_SIDE
from tests.sweeps.sweep import CRASHES, KINDS, Case, Sweep
from tests.sweeps.world import world
from xacct_ml.operations import configure
from xacct_ml.resources.kms_key import KmsKey

SEED = 36


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world() as made:
        yield Sweep(made)


# -- crashes and single faults -----------------------------------------------------------------------------------------
@pytest.mark.long
def test_every_call_is_in_the_sweep(sweep: Sweep) -> None:
    """The cases are the calls of an undisturbed run, writes before and after them; nothing is chosen by hand."""
    cases = Counter((case.command, case.call) for case in sweep.cases(*CRASHES))
    for command in BEFORE_RUNS:
        calls = set(sweep.reference(command.name).calls)
        assert calls
        assert calls == {call for name, call in cases if name == command.name}
    assert all(times == 1 + call.writes for (_, call), times in cases.items())


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_or_doubled(sweep: Sweep, kind: str) -> None:
    """Struck at a call, then run again where it says so: everything is as after an undisturbed run."""
    case = Random(f"{SEED}/{kind}").choice(list(sweep.cases(KINDS[kind])))
    assert sweep.problem(case) is None, str(case)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "crash after" else pytest.mark.long) for kind in KINDS]
)
def test_a_planted_bug_of_each_class_is_caught(sweep: Sweep, kind: str) -> None:
    """At a case of the sweep, which holds without the bug: ``python -m tests.sweeps`` has them all."""
    case = BUGS[kind].case(sweep, kind)
    with BUGS[kind].bug(sweep, case):
        assert sweep.problem(case, anew=True) is not None


def of_configure(sweep: Sweep) -> list[Case]:
    """Its writes, and the process or the answer lost after each."""
    kinds = (KINDS[kind] for kind in ("crash after", "answer lost once"))
    return [case for case in sweep.cases(*kinds) if case.command == "configure"]


@pytest.mark.long
def test_configure_is_continued_from_every_write(sweep: Sweep) -> None:
    """A commit or a manifest that was sent is not sent again, and none is left out."""
    assert Counter(case.call.operation for case in of_configure(sweep)) == {"PutObject": 12, "CreateCommit": 2}
    assert [problem for case in of_configure(sweep) if (problem := sweep.problem(case)) is not None] == []


@pytest.mark.long
def test_a_commit_that_is_not_known_again_is_caught(sweep: Sweep) -> None:
    """A planted bug: that the branch has moved on is a failure, though this very commit moved it."""
    case = next(case for case in of_configure(sweep) if case.kind == "answer lost once" and "Commit" in str(case.call))
    with planted(configure, "_MOVED", frozenset()):
        assert sweep.problem(case, anew=True) is not None


@pytest.mark.long
def test_a_second_run_makes_no_write(sweep: Sweep) -> None:
    """Of no command; a second teardown finds nothing of ours to write to."""
    for command in BEFORE_RUNS:
        sweep.reference(command.name).done.restore()
        sweep.world.begin()
        assert command.run(sweep.world) is None
        assert sweep.world.wire.writes == [], command.name


# -- two at once -------------------------------------------------------------------------------------------------------
def at(sweep: Sweep, operation: str, kind: str) -> Case:
    return next(case for case in races.cases(sweep) if (case.call.operation, case.kind) == (operation, kind))


@pytest.mark.long
def test_two_bootstraps_at_once_end_with_one_of_everything(sweep: Sweep) -> None:
    """Both finish, wherever they meet: the cases are the writes of an undisturbed run, in both kinds."""
    every = list(races.cases(sweep))
    writes = {call for call in sweep.reference("bootstrap").calls if call.writes}
    assert {(case.kind, case.call) for case in every} == {(kind, call) for kind in races.KINDS for call in writes}
    case = Random(SEED).choice(every)
    assert races.problem(sweep, case) is None, str(case)


@pytest.mark.long
@pytest.mark.parametrize("kind", races.KINDS)
def test_of_two_keys_one_is_used_and_the_other_told(sweep: Sweep, kind: str) -> None:
    """Both runs saw that there is no key, and both made one; who made the other may not delete keys by their tags."""
    ended = races.race(sweep, at(sweep, "CreateKey", kind))
    assert ended.met
    assert ended.errors == []
    assert ended.found == sweep.reference("bootstrap").end
    assert ended.lost_keys == 1
    (told,) = ended.told
    assert "was never used and is left" in told
    assert "aws kms schedule-key-deletion --key-id" in told


@pytest.mark.long
def test_a_second_key_that_stays_is_caught(sweep: Sweep) -> None:
    """A planted bug: the run that lost leaves its key as it is."""
    with planted(KmsKey, "_give_up", lambda *_: None):
        assert races.problem(sweep, at(sweep, "CreateKey", SIDE_BY_SIDE)) is not None


# -- a bad day ---------------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_an_upload_on_a_bad_day_ends_as_on_a_good_one(sweep: Sweep) -> None:
    """Throttling, failures, lost answers at every second call: it is done in the end, and did meet them."""
    reference = sweep.reference("upload-data")
    reference.start.restore()
    with bad_day(sweep.world, SEED, rate=0.5) as day:
        assert until_done(sweep.world, reference.command) is None
    assert len(day.happened) >= 5
    assert sweep.difference(reference, sweep.world.everything()) is None
