"""Production targets in waves: in order, each after its own approval, stopped by a target that does not come up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project, project
from tests.journeys.releases import history, live, released, request_of
from xacct_ml.operations.policies import world
from xacct_ml.operations.runs.failure import failed_action, retry
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.teardown.deletion import teardown
from xacct_ml.proof.verify import verify
from xacct_ml.validation import load

pytestmark = pytest.mark.long

MAP = Path(__file__).parents[2] / "docs" / "maps" / "waves.yaml"
CANARY, WEB, MOBILE = "canary", "web", "mobile"


@pytest.fixture(scope="module")
def served() -> Iterator[Project]:
    """All three targets serve run 1's model; each wave was approved."""
    with project(load(MAP)) as made:
        made.bootstrap()
        assert made.bootstrap().written == ()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        assert waits_in(made, first) == "Approve-canary"
        assert [each.status for each in made.status(first).endpoints] == ["NotCreated"] * 3
        made.judge(first, approve=True)
        assert waits_in(made, first) == "Approve-rest"
        assert [each.status for each in made.status(first).endpoints] == ["InService", "NotCreated", "NotCreated"]
        made.judge(first, approve=True)
        assert serving(made.settled(first)) == {CANARY: True, WEB: True, MOBILE: True}
        yield made


def waits_in(made: Project, run: str) -> str | None:
    """The stage in which the run waits for approval, once it does; None where it ended."""
    seen = made.settled(run)
    return next((each.stage for each in seen.approvals if each.execution == run), None)


def serving(seen: Status) -> dict[str, bool | None]:
    """Which target has the run's model."""
    return {each.target: each.of_run for each in seen.endpoints}


def break_updates(made: Project, target: str) -> None:
    """Without the alarm that guards it, SageMaker rolls an update back."""
    account = next(each.id for each in made.names.production if each.name == target)
    made.aws.administrator(account).client("cloudwatch").delete_alarms(AlarmNames=[made.names.alarm("5xx")])


def test_a_failure_stops_the_waves_and_a_retry_goes_on(served: Project) -> None:
    """Wave 1 rolls back: wave 2 keeps its model. Mended and retried, wave 2 is asked for; there one target fails while
    its sibling ends, and the retry does that target alone."""
    (first,) = served.runs()
    served_before = {each.target: each.config for each in served.status(first).endpoints}
    break_updates(served, CANARY)
    commit = served.push(NumRound="12")
    second = served.new_run([first])
    assert waits_in(served, second) == "Approve-canary"
    served.judge(second, approve=True)
    seen = served.settled(second)
    assert (seen.execution and seen.execution.status, serving(seen)) == (
        "Failed",
        {CANARY: False, WEB: False, MOBILE: False},
    )
    assert {each.target: each.config for each in seen.endpoints} == served_before
    assert [stage.status for stage in seen.stages[-2:]] == ["NotStarted", "NotStarted"]
    failed = failed_action(served.config, served.accounts, second)
    assert (failed.stage, failed.action) == ("Deploy-canary", CANARY)
    assert "rolled the update back" in failed.messages[0]

    served.bootstrap()
    assert retry(served.config, served.accounts).actions == (CANARY,)
    assert waits_in(served, second) == "Approve-rest"
    break_updates(served, MOBILE)
    served.judge(second, approve=True)
    seen = served.settled(second)
    assert serving(seen) == {CANARY: True, WEB: True, MOBILE: False}
    assert [each.commit == commit for each in seen.endpoints] == [True, True, False]
    assert all(each.commit for each in seen.endpoints)
    served.bootstrap()
    again = retry(served.config, served.accounts, second)
    assert (again.stage, again.actions) == ("Deploy-rest", (MOBILE,))
    seen = served.settled(second)
    assert (seen.execution and seen.execution.status, set(serving(seen).values())) == ("Succeeded", {True})


def test_a_release_to_one_target_leaves_the_others_alone(served: Project) -> None:
    """Their actions succeed at once, and of them nothing new is written down."""
    first, second = served.runs()[:2]
    release, status, why = released(served, request_of(served, first, WEB, reason="the newer one is slow there"))
    assert (status, why) == ("Succeeded", "")
    assert {target: live(served, target)["run"] for target in (CANARY, WEB, MOBILE)} == {
        CANARY: second,
        WEB: first,
        MOBILE: second,
    }
    assert live(served, WEB)["execution"] == release
    assert [each["run"] for each in history(served, WEB)] == [first, second, first]
    assert [each["run"] for each in history(served, MOBILE)] == [first, second]


def test_the_proof_lists_what_these_runs_asked_for(served: Project) -> None:
    """In every account: nothing that is no hop, and every hop that is said to be rehearsed."""
    hops, asked = listed(served.config), asked_for(served)
    assert sorted(asked - hops.keys()) == []
    assert sorted(hop for hop, expected in hops.items() if expected and hop not in asked) == []


def test_the_map_is_proven() -> None:
    """Hops, attacks, matrix and minimality."""
    assert verify(world(load(MAP))).failures() == ()


def test_teardown_leaves_nothing(served: Project) -> None:
    """In five accounts, run products included; nothing that a role or an operator asked for was ever denied."""
    torn = teardown(served.config, served.accounts, lambda _: None, delete_repository=True, delete_evidence=True)
    assert [failure.error.lines() for failure in torn.report.failures] == []
    assert {left.account for left in torn.left} == {served.names.shared, served.names.training}
    assert {left.what for left in torn.left if left.account == served.names.shared} == {"KMS key alias/churn"}
    assert [str(entry) for entry in served.aws.requests.entries(allowed=False)] == []
