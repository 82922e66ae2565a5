"""The map and the repository's configuration: compared, never overwritten."""

from __future__ import annotations

import json

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, refused
from tests.configs import SHARED, example
from xacct_ml.operations.repository import ConfigurationState, Difference, compare_configuration, differences
from xacct_ml.system.template import configuration


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
