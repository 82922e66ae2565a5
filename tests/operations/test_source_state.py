"""What bootstrap and create-pipeline find out about the source before they make anything, and what they compare."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from tests.engine.fakes import FakeClock
from xacct_ml.engine.plan import Action, Plan, Step
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.source_state import (
    ConfigurationState,
    Difference,
    check_connection,
    check_revision,
    compare_configuration,
    differences,
    look,
    unseen,
)
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import configuration

ARN = f"arn:aws:codeconnections:us-east-1:{SHARED}:connection/0123"
CONNECTED = example(pipeline={"repository": "acme/churn", "connection": {"arn": ARN}})
STORED = example(pipeline={"source_object": {}})


@dataclass
class Clients:
    """One client for whatever is asked."""

    only: FakeClient

    def client(self, *_: str) -> Any:
        return self.only


NOTHING = Clients(FakeClient())


def step(config: Any, id_: str, action: Action, error: XacctError | None = None) -> Step:
    made = (
        *bootstrap_resources(config, NOTHING, clock=FakeClock()),
        *pipeline_resources(config, NOTHING, clock=FakeClock()),
    )
    return Step(next(resource for resource in made if resource.id == id_), action, error=error)


def test_only_a_refused_connection_stops_everything() -> None:
    """Other refusals stop what needs them."""
    refusal, other = NotReady("PENDING"), NotReady("other")
    role = step(CONNECTED, "shared/role/start", Action.REFUSE, other)
    check_connection(Plan((role, step(CONNECTED, "shared/connection", Action.NOTHING)), {}))
    with pytest.raises(NotReady, match="PENDING"):
        check_connection(Plan((role, step(CONNECTED, "shared/connection", Action.REFUSE, refusal)), {}))


def stored(content: bytes | None) -> Clients:
    answer = refused("GetObject", "NoSuchKey") if content is None else {"Body": io.BytesIO(content)}
    return Clients(FakeClient(get_object=answer))


def test_a_zip_that_a_run_can_work_with() -> None:
    """Is looked at, and nothing is said."""
    check_revision(STORED, stored(packed(first_commit(STORED))))


@pytest.mark.parametrize(
    ("content", "reason", "next_step"),
    [
        (None, "there is no source s3://", "xacct-ml bootstrap"),
        (b"no zip", "run 1 would fail: s3://", "xacct-ml upload-source DIR"),
        (packed({"template.yaml": b""}), "has no configuration.json", "xacct-ml upload-source DIR"),
    ],
)
def test_a_zip_that_run_1_would_fail_on(content: bytes | None, reason: str, next_step: str) -> None:
    """With the command that mends it."""
    with pytest.raises(NotReady, match=reason) as caught:
        check_revision(STORED, stored(content))
    assert caught.value.next_step == next_step


def test_what_is_behind_a_connection_is_said_before_run_1_and_never_asked_for() -> None:
    """Where the two files must be, and where to get them; not for a pipeline that is there."""
    check_revision(CONNECTED, NOTHING)
    (note,) = unseen(CONNECTED, Plan((step(CONNECTED, "shared/pipeline", Action.CREATE),), {}))
    assert "template.yaml and configuration.json at the top of acme/churn, branch main" in note
    assert f"rendered/{SHARED}/repository" in note
    assert unseen(CONNECTED, Plan((step(CONNECTED, "shared/pipeline", Action.UPDATE),), {})) == ()
    assert unseen(STORED, Plan((step(STORED, "shared/pipeline", Action.CREATE),), {})) == ()


def compared(answer: object) -> ConfigurationState:
    codecommit = FakeClient(get_file=answer)
    found = compare_configuration(example(), FakeAccounts({(SHARED, "codecommit"): codecommit}))
    assert [name for name, _ in codecommit.calls] == ["get_file"]
    return found


def file(parameters: object) -> dict[str, bytes]:
    return {"fileContent": json.dumps({"Parameters": parameters}).encode()}


def test_as_seeded_there_is_no_difference() -> None:
    """The first commit says what the map says."""
    assert compared(file(configuration(example())["Parameters"])) == ConfigurationState()


def test_each_difference_is_named() -> None:
    """Changed, added and removed parameters, in order."""
    theirs = {**configuration(example())["Parameters"], "InstanceType": "ml.m5.2xlarge", "Zeta": "1"}
    del theirs["VolumeGB"]
    assert compared(file(theirs)).differences == (
        Difference("InstanceType", "ml.m5.xlarge", "ml.m5.2xlarge"),
        Difference("VolumeGB", "30", None),
        Difference("Zeta", None, "1"),
    )


def test_a_difference_reads_as_a_sentence() -> None:
    """Both sides, and what is absent."""
    assert str(Difference("Zeta", None, "1")) == "Zeta: the map has nothing, the repository '1'"


@pytest.mark.parametrize(
    ("one", "other", "same"), [("0.8", "0.80", True), ("1e2", "100", True), ("ml.a", "ml.b", False)]
)
def test_numbers_are_compared_as_numbers(one: str, other: str, same: bool) -> None:
    """A team writes 0.80 where we wrote 0.8."""
    assert (differences({"x": one}, {"x": other}) == ()) is same


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"Parameters": 1}', b"\xff"])
def test_a_damaged_file_is_a_problem_not_a_crash(content: bytes) -> None:
    """The user is told before the pipeline is."""
    assert "is not a template configuration" in (compared({"fileContent": content}).problem or "")


def test_a_removed_file_is_a_problem() -> None:
    """The next run will fail without it."""
    assert "has no configuration.json on main" in (
        compared(refused("GetFile", "FileDoesNotExistException")).problem or ""
    )


def test_what_cannot_be_compared_is_told_and_fails_nothing() -> None:
    """For commands that do their work without it."""
    denied = Clients(FakeClient(get_file=refused("GetFile", "AccessDeniedException", "not authorized")))
    state = look(example(), denied)
    assert state.problem is not None
    assert state.problem.startswith("whether configuration.json is as the map has it cannot be seen: ")
    assert (state.warnings, state.sentence, state.rows()) == ((state.problem,), state.problem, [])


def test_differences_name_the_command_that_sends_the_map_s() -> None:
    """In lines, in a sentence, and as JSON."""
    state = ConfigurationState((Difference("NumRound", "500", "100"),))
    assert state.warnings[1:] == (
        "  NumRound: the map has '500', the repository '100'",
        "  the map's are sent by: xacct-ml configure --push --values",
    )
    assert str(state.sentence).endswith("xacct-ml configure --push --values sends the map's")
    assert state.rows() == [{"parameter": "NumRound", "map": "500", "repository": "100"}]
    assert (ConfigurationState().warnings, ConfigurationState().sentence) == ((), None)
