"""``deploy`` and ``rollback``, struck at their calls: exactly one release is started, and the next run says so."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.sweeps.bugs import planted
from tests.sweeps.releases import RELEASES
from tests.sweeps.sweep import CRASHES, KINDS, Case, Sweep
from tests.sweeps.world import world
from xacct_ml.operations.release import asking

pytestmark = pytest.mark.long

SEED = 36
NAMES = [command.name for command in RELEASES]


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with world() as made:
        yield Sweep(made, RELEASES)


def of(sweep: Sweep, command: str, *kinds: str, writes: bool) -> list[Case]:
    cases = sweep.cases(*(KINDS[kind] for kind in kinds or KINDS))
    return [case for case in cases if case.command == command and case.call.writes == writes]


@pytest.mark.parametrize("command", NAMES)
def test_the_one_write_is_struck_in_every_way(sweep: Sweep, command: str) -> None:
    """The process or the answer lost before and after it among them."""
    cases = of(sweep, command, writes=True)
    assert {case.call.operation for case in cases} == {"PutObject"}
    assert {"crash before", "crash after", "answer lost once", "answer lost"} <= {case.kind for case in cases}
    assert [problem for case in cases if (problem := sweep.problem(case)) is not None] == []


@pytest.mark.parametrize("command", NAMES)
def test_a_crash_at_a_look_leaves_nothing(sweep: Sweep, command: str) -> None:
    """At any of them: here at some, drawn by a seed."""
    cases = of(sweep, command, *(kind.name for kind in CRASHES), "session expired", writes=False)
    assert len({case.call for case in cases}) > 10
    for case in Random(f"{SEED}/{command}").sample(cases, 3):
        assert sweep.problem(case) is None, str(case)


def test_a_request_that_is_written_over_itself_is_caught(sweep: Sweep) -> None:
    """A planted bug: without its condition the request that is sent again is a second release."""

    def written(s3: Any, where: dict[str, str], content: bytes, _: Any) -> str:
        return str(s3.put_object(**where, Body=content)["VersionId"])

    (case,) = of(sweep, "rollback", "answer lost once", writes=True)
    with planted(asking, "_written", written):
        assert sweep.problem(case, anew=True) is not None
