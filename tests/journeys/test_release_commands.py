"""A model that was judged before onto targets, without training: back, further, onto a target that is new."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.cli.fakes import FakeServices
from tests.configs import APPROVER, PRODUCTION, SHARED, TRAINING, approved_by_two, operator_role
from tests.journeys.project import Project, project
from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.operations.create_pipeline import create_pipeline
from xacct_ml.operations.release import asking
from xacct_ml.operations.release.history import history
from xacct_ml.operations.release.wanted import way_back
from xacct_ml.operations.runs.approval import as_approver, decide
from xacct_ml.operations.runs.review import Review, review

pytestmark = pytest.mark.long

WEB = "444444444444"
HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}


def config(*targets: str) -> Config:
    """One approval, by the approvers' role."""
    ids = {"production": PRODUCTION, "web": WEB}
    return approved_by_two(
        approvals=1,
        training={"hyperparameters": HYPERPARAMETERS},
        accounts={
            "shared": {"id": SHARED, "role_arn": operator_role(SHARED)},
            "training": {"id": TRAINING, "role_arn": operator_role(TRAINING)},
            "production": tuple(
                {"name": name, "id": ids[name], "role_arn": operator_role(ids[name])} for name in targets
            ),
        },
    )


class Waiting(FakeServices):
    """Between two looks the embedded AWS goes on."""

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.25))


class Releases:
    """The project with one target at first, under the map that has both."""

    def __init__(self, made: Project) -> None:
        self.made = made
        self.approvers = Accounts(as_approver(made.config, "ann"))

    def approved(self, execution: str) -> Review:
        reviewed = review(self.made.config, self.approvers, execution)
        decide(self.made.config, self.approvers, reviewed, approve=True, summary="good")
        return reviewed

    def deployed(self, execution: str) -> Review:
        waiting = self.made.settled(execution)
        assert waiting.waits_for_approval, waiting
        reviewed = self.approved(execution)
        ended = self.made.settled(execution)
        assert ended.execution is not None
        assert ended.execution.status == "Succeeded", ended
        return reviewed

    def command(self, *words: str) -> dict[str, Any]:
        """What a command says in JSON."""
        services = Waiting(Accounts(as_approver(self.made.config, "ann")), self.made.config)
        assert main([*words, "-o", "json"], services) == 0
        result: dict[str, Any] = json.loads(self.capsys.readouterr().out)["result"]
        return result

    capsys: pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def two() -> Iterator[Releases]:
    """Two runs, the second of which serves."""
    with project(config("production", "web")) as made:
        made.config = config("production")
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        releases = Releases(made)
        (first,) = made.runs()
        releases.deployed(first)
        made.push(Eta="0.1")
        releases.deployed(made.new_run([first]))
        yield releases


def jobs(made: Project) -> int:
    listed = made.aws.administrator(TRAINING).client("sagemaker").list_training_jobs(MaxResults=100)
    return len(listed["TrainingJobSummaries"])


def test_back_onto_a_new_target_and_forward(two: Releases, capsys: pytest.CaptureFixture[str]) -> None:
    """None of it trains; what serves is written down, with who approved it; the commands are denied nothing."""
    made, two.capsys = two.made, capsys
    first, second = made.runs()
    before, trained = made.predict(), jobs(made)
    asked = two.command("rollback", "--reason", "it drifts")
    assert (asked["run"], asked["targets"], asked["again"]) == (first, ["production"], False)
    again = two.command("rollback", "--reason", "it drifts")
    assert (again["execution"], again["again"]) == (asked["execution"], True)
    reviewed = two.deployed(asked["execution"])
    assert [each.run for each in reviewed.serving] == [second]
    assert made.predict() != before
    newest, *_ = history(made.config, made.accounts)
    assert (newest.run, newest.execution, newest.recorded) == (first, asked["execution"], True)
    assert APPROVER.rpartition("/")[2] in newest.approved_by[0]

    made.config = config("production", "web")
    made.accounts = Accounts(made.config)
    made.bootstrap()
    creation = create_pipeline(made.config, made.accounts)
    assert (creation.new_targets, creation.started) == (("web",), None)
    onto = two.command("deploy")
    assert (onto["run"], onto["targets"]) == (first, ["web"])
    two.deployed(onto["execution"])
    assert create_pipeline(made.config, made.accounts).started is None
    assert {each.target: each.run for each in history(made.config, made.accounts) if each.until is None} == {
        "production": first,
        "web": first,
    }

    forward = two.command("deploy", "--run", second[:8], "--target", "production")
    two.deployed(forward["execution"])
    assert made.predict() == before
    assert (jobs(made), made.runs()) == (trained, [first, second])
    denied = [str(entry) for entry in made.aws.requests.entries(allowed=False)]
    assert not [entry for entry in denied if "ml-approver" in entry or "xacct-ml-operator" in entry], denied


def test_a_command_that_was_killed_after_its_request_goes_on(two: Releases) -> None:
    """The request is there, its run is not seen yet: run again, it is the same release."""
    made = two.made
    wanted = way_back(made.config, two.approvers, "production").request

    class Killed(BaseException):
        pass

    def killed(_: float) -> None:
        raise Killed

    with suppress(Killed):  # as a rule: its run may be there at the first look already
        asking.ask(made.config, two.approvers, wanted, killed)
    asked = asking.ask(made.config, two.approvers, wanted, time.sleep)
    assert asked.again
    assert asked.execution is not None
    assert made.settled(asked.execution).waits_for_approval
    decide(
        made.config,
        two.approvers,
        review(made.config, two.approvers, asked.execution),
        approve=False,
        summary="only looked",
    )
    ended = made.settled(asked.execution)
    assert ended.execution is not None
    assert ended.execution.status == "Failed"
