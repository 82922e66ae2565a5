"""plan and bootstrap from the command line, over moto in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.cli.fakes import FakeServices
from tests.cli.test_terminal import Screen
from tests.configs import SHARED, TRAINING, example
from tests.resources.cloud import Cloud
from tests.resources.fake_cloudformation import FakeCloudFormation
from tests.resources.fake_codecommit import FakeCodeCommit
from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.bootstrap import run_bootstrap
from xacct_ml.cli.main import main
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.costs import estimate_lines
from xacct_ml.cli.views.quotas import quota_lines
from xacct_ml.errors import XacctError
from xacct_ml.operations.costs.estimate import estimate
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import is_pipelines, system
from xacct_ml.system.template import configuration

ROLE = "churn-training"


class CloudAccounts(Accounts):
    """The cloud's clients as the accounts of the map."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud.config)
        self.cloud = cloud

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        return self.cloud.client(account_id, service, region)

    def verify(self, account_ids: Iterable[str] | None = None) -> None: ...


ALL = sum(not is_pipelines(thing) for thing in system(example(), Keys.stand_ins(Names(example()))))
"""What bootstrap makes of the example."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        cloud = Cloud()
        cloud.replaced["codecommit"] = CodeCommit(cloud.calls)
        cloud.replaced["cloudformation"] = FakeCloudFormation(cloud.calls, looks=0)
        yield cloud


class CodeCommit(FakeCodeCommit):
    def get_file(self, **_: str) -> dict[str, bytes]:
        return {"fileContent": json.dumps(configuration(example())).encode()}


def run(cloud: Cloud, *arguments: str) -> int:
    return main(arguments, FakeServices(CloudAccounts(cloud), cloud.config))


def drift(cloud: Cloud) -> None:
    cloud.client(TRAINING, "iam").update_role(RoleName=ROLE, Description="by hand")
    cloud.forget()


def description(cloud: Cloud) -> str:
    return str(cloud.client(TRAINING, "iam").get_role(RoleName=ROLE)["Role"]["Description"])


def on_screen(typed: str | Screen) -> Terminal:
    screen = Screen()
    return Terminal(out=screen, err=screen, keys=Screen(typed) if isinstance(typed, str) else typed)


def test_without_a_terminal_or_yes_nothing_is_written(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan is shown, the flag is named, exit 2."""
    assert run(cloud, "bootstrap") == 2
    captured = capsys.readouterr()
    assert f"{SHARED} shared\n+ KMS key alias/churn\n" in captured.out
    assert f"{ALL} to create, 0 unchanged\n" in captured.out
    assert "give --yes" in captured.err
    assert cloud.writes == []


@pytest.mark.long
def test_yes_does_it_and_then_nobody_is_asked(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run has nothing to ask about, and writes nothing."""
    assert run(cloud, "bootstrap", "--yes") == 0
    assert f"{ALL} created\n" in capsys.readouterr().out
    cloud.forget()
    assert run(cloud, "bootstrap", "-o", "json", "--verbose") == 0
    captured = capsys.readouterr()
    assert {row["outcome"] for row in json.loads(captured.out)["result"]["resources"]} == {"unchanged"}
    assert captured.err.count("unchanged ") == ALL
    assert cloud.writes == []


def test_only_what_is_agreed_to_is_done(cloud: Cloud) -> None:
    """A no leaves everything as it is."""
    accounts = CloudAccounts(cloud)
    with pytest.raises(XacctError, match="nothing was changed"):
        run_bootstrap(cloud.config, accounts, on_screen("n\n"), yes=False)
    assert cloud.writes == []
    assert run_bootstrap(cloud.config, accounts, on_screen("y\n"), yes=False).error is None
    assert "kms:CreateKey" in cloud.writes


class Meanwhile(Screen):
    """While the user thinks, somebody does something; then the answer is yes."""

    def __init__(self, doing: Callable[[], object]) -> None:
        super().__init__("y\n")
        self.doing = doing

    def readline(self, *_: Any) -> Any:
        self.doing()
        return super().readline()


@pytest.mark.long
def test_everything_is_read_again_right_before_its_write(cloud: Cloud) -> None:
    """What somebody mended while the question stood is not written once more."""
    run(cloud, "bootstrap", "--yes")
    wanted = description(cloud)
    drift(cloud)

    def mend() -> None:
        cloud.client(TRAINING, "iam").update_role(RoleName=ROLE, Description=wanted)
        cloud.forget()

    outcome = run_bootstrap(cloud.config, CloudAccounts(cloud), on_screen(Meanwhile(mend)), yes=False)
    assert outcome.error is None
    assert cloud.writes == []


@pytest.mark.long
def test_a_plan_shows_exactly_the_drift(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """And writes nothing; --dry-run says the same."""
    run(cloud, "bootstrap", "--yes")
    wanted = description(cloud)
    drift(cloud)
    capsys.readouterr()
    assert run(cloud, "plan", "--verbose") == 0
    text, costs = (
        capsys.readouterr().out,
        "\n".join((*quota_lines(cloud.config), *estimate_lines(estimate(cloud.config)))),
    )
    assert text == (
        f"bootstrap would:\n{TRAINING} training\n~ IAM role {ROLE}\n"
        f"      ~ description\n          - by hand\n          + {wanted}\n"
        "no pipeline yet: create-pipeline makes it, after bootstrap and upload-data\n"
        f"1 to change, {ALL - 1} unchanged\n"
        f"{costs}\n"
    )
    assert run(cloud, "bootstrap", "--dry-run", "--verbose") == 0
    assert capsys.readouterr().out == text
    assert cloud.writes == []


@pytest.mark.parametrize(
    ("flags", "changes"), [pytest.param((), 0, marks=pytest.mark.long), (("--detailed-exitcode",), 2)]
)
def test_a_plan_exits_as_asked(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], changes: int
) -> None:
    """Without changes 0; with changes 2 if that was asked for, and the document is ok all the same."""
    assert run(cloud, "plan", "-o", "json", *flags) == changes
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["result"]["changes"], found["result"]["counts"]["create"]) == (True, True, ALL)
    run(cloud, "bootstrap", "--yes")
    capsys.readouterr()
    assert run(cloud, "plan", "-o", "json", *flags) == 0
    assert json.loads(capsys.readouterr().out)["result"]["changes"] is False


@pytest.mark.long
def test_what_cannot_be_planned_fails_the_plan(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody else's role stands where ours would be: exit 1, with what to do."""
    iam = cloud.client(TRAINING, "iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
    assert run(cloud, "plan", "--detailed-exitcode") == 1
    captured = capsys.readouterr()
    assert f"! IAM role {ROLE} in account {TRAINING} exists and is not this project's" in captured.out
    assert f"{ALL - 1} to create, 1 not possible" in captured.out
    assert "`adopt: [training/role/training]`" in captured.err


def test_all_that_can_be_adopted_is_one_line_for_the_map(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """To be pasted whole, with what is adopted already."""
    iam = cloud.client(TRAINING, "iam")
    for name in (ROLE, "churn-train-action", "churn-state-machine"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    cloud.map(adopt=("training/role/train-action",))
    assert run(cloud, "plan") == 1
    captured = capsys.readouterr()
    line = "`adopt: [training/role/train-action, training/role/state-machine, training/role/training]`"
    assert line in " ".join(captured.err.split())
    assert "~ IAM role churn-train-action (adopt: trust, policies, tags)" in captured.out


def test_the_plan_stands_before_what_is_done(cloud: Cloud) -> None:
    """On a terminal: plan, question, outcomes."""
    screen = Screen()
    terminal = Terminal(out=screen, err=screen, keys=Screen("y\n"))
    run_bootstrap(cloud.config, CloudAccounts(cloud), terminal, yes=False)
    text = screen.getvalue()
    assert text.index("KMS key alias/churn") < text.index("make these changes?") < text.index(f"{ALL} created")


def test_plan_says_where_the_repository_has_other_values(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """The map's are not used, and nothing that bootstrap does changes that."""
    stricter = example(quality_gate={"metric": "validation:auc", "threshold": 0.95})
    assert main(["plan", "--output", "json"], FakeServices(CloudAccounts(cloud), stricter)) == 0
    printed = capsys.readouterr()
    (difference,) = json.loads(printed.out)["result"]["configuration_differences"]
    assert difference == {"parameter": "GateThreshold", "map": "0.95", "repository": "0.8"}
    assert "the map's are sent by: xacct-ml configure --push --values" in " ".join(printed.err.split())


@pytest.mark.long
def test_teardown_shows_what_it_would_delete(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """And what would stay; --dry-run asks nothing and writes nothing."""
    run(cloud, "bootstrap", "--yes")
    cloud.forget()
    capsys.readouterr()
    assert run(cloud, "teardown", "--dry-run") == 0
    text = capsys.readouterr().out
    assert "This exists of churn:" in text
    assert "--delete-evidence deletes them" in text
    assert text.endswith("nothing was deleted: --dry-run\n")
    assert run(cloud, "teardown", "--dry-run", "-o", "json") == 0
    rows = json.loads(capsys.readouterr().out)["result"]["resources"]
    assert {"shared/key", "shared/bucket"} <= {row["id"] for row in rows}
    assert {row["outcome"] for row in rows} == {"exists"}
    assert cloud.writes == []
