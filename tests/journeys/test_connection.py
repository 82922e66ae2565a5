"""The whole flow where the training template comes from a git host, under the example map of the docs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.github import Developer
from tests.journeys.project import DATA, Project, project
from tests.journeys.sources import MAPS, assert_as_proven, assert_safe_again, assert_torn_down, serve, serve_run_1
from xacct_ml.system.repository import first_commit
from xacct_ml.validation import load

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Connected:
    """``first`` is the id of the first commit."""

    project: Project
    developer: Developer
    first: str


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """A project whose run 1 was approved."""
    with project(load(MAPS / "connection.yaml")) as made:
        developer = Developer(made, tmp_path_factory.mktemp("developer") / "churn")
        first = developer.push(first_commit(made.config), "Train")
        serve_run_1(made)
        yield Connected(made, developer, first)


def test_a_run_carries_the_commit_of_the_git_host(connected: Connected) -> None:
    """From the source action into the record that an approver sees."""
    made = connected.project
    assert made.evaluation(made.runs()[-1])["commit"] == connected.first


def test_a_push_starts_one_run_of_its_commit_if_it_changes_a_path_of_the_map(connected: Connected) -> None:
    """A push of anything else starts none, and neither does one to another branch."""
    made, developer = connected.project, connected.developer
    known = made.runs()
    developer.push({"docs/notes.md": b"notes"}, "Notes")
    developer.git("push", "--quiet", "origin", f"{developer.branch}:refs/heads/elsewhere")
    pushed = developer.push({"configuration.json": made.tuned(NumRound="12")}, "Fewer rounds")
    run = made.new_run(known)
    serve(made, run)
    assert made.evaluation(run)["commit"] == pushed
    assert len(made.runs()) == len(known) + 1
    assert made.status(run).execution.trigger == "WebhookV2"  # type: ignore[union-attr]


def test_new_data_starts_one_run(connected: Connected, tmp_path: Path) -> None:
    """By its rule, the only one here: the trigger is for pushes."""
    made = connected.project
    known = made.runs()
    train = tmp_path / "train.csv"
    train.write_text("\n".join((DATA / "train.csv").read_text().splitlines()[:-50]) + "\n")
    made.upload(train)
    assert made.settled(made.new_run(known)).waits_for_approval
    assert len(made.runs()) == len(known) + 1


def test_the_runs_ask_for_the_hops_and_for_nothing_else(connected: Connected) -> None:
    """The proof of this map and its rehearsal agree, both ways."""
    assert_as_proven(connected.project)


def test_again(connected: Connected) -> None:
    """Safe to run again."""
    assert_safe_again(connected.project)


def test_teardown_leaves_the_connection(connected: Connected) -> None:
    """The last test on the project: what is ours is gone, the connection is as it was."""
    made = connected.project
    assert_torn_down(made)
    connection = made.config.pipeline.connection
    assert connection is not None
    client = made.aws.administrator(made.names.shared).client("codeconnections")
    assert client.get_connection(ConnectionArn=connection.arn)["Connection"]["ConnectionStatus"] == "AVAILABLE"
