"""A project whose repository moves to an account of its own: planned, warned of, updated, started."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.configs import SHARED, SOURCE, example, with_source_account
from tests.journeys.project import Project, project
from xacct_ml.cli.create_pipeline import run_create_pipeline
from xacct_ml.cli.terminal import Terminal
from xacct_ml.engine.plan import Action
from xacct_ml.operations import embedded
from xacct_ml.operations.bootstrap import ProjectPlan, after_bootstrap, bootstrap, plan_project
from xacct_ml.operations.create_pipeline import update_warnings
from xacct_ml.operations.teardown.deletion import TeardownResult, teardown

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 10, "eval_metric": "auc"}
BEFORE = example(training={"hyperparameters": HYPERPARAMETERS})
AFTER = with_source_account(training={"hyperparameters": HYPERPARAMETERS})


@dataclass(frozen=True)
class Move:
    """What the commands said and did, in their order."""

    made: Project
    first: str
    planned: ProjectPlan
    warnings: tuple[str, ...]
    former: str | None
    next: str
    not_started: dict[str, Any]
    started: dict[str, Any]
    again: dict[str, Any]
    shown: str
    newest: str
    torn: TeardownResult


@pytest.fixture(scope="module")
def move() -> Iterator[Move]:
    with project(AFTER) as made:
        _operator_of_the_earlier_map(made)
        earlier = Project(BEFORE, made.aws)
        earlier.bootstrap()
        earlier.upload()
        earlier.create_pipeline()
        (first,) = earlier.runs()
        earlier.settled(first)
        config, accounts = made.config, made.accounts
        planned = plan_project(config, accounts)
        assert planned.pipeline is not None
        warnings = update_warnings(config, accounts, planned.pipeline)
        done = bootstrap(config, accounts)
        done.report.raise_failures()
        following = after_bootstrap(config, accounts, changed=True)
        screen = io.StringIO()
        terminal = Terminal(out=screen, err=screen)
        not_started = run_create_pipeline(config, accounts, terminal, yes=True, start=False).result
        assert made.runs() == [first]
        started = run_create_pipeline(config, accounts, terminal, yes=True).result
        again = run_create_pipeline(config, accounts, terminal, yes=True).result
        newest = made.runs()[-1]
        # A run under way would ask for logs while teardown takes its roles away.
        assert made.settled(newest).waits_for_approval
        yield Move(
            made=made,
            first=first,
            planned=planned,
            warnings=warnings,
            former=done.former,
            next=following,
            not_started=not_started,
            started=started,
            again=again,
            shown=screen.getvalue(),
            newest=newest,
            torn=teardown(config, accounts, lambda _: None, delete_evidence=True),
        )


def _operator_of_the_earlier_map(made: Project) -> None:
    """Whoever ran the tool with the earlier map could make a repository in the shared account."""
    document = json.dumps(embedded.operators_policies(BEFORE)[SHARED]["repository"])
    iam = made.aws.administrator(SHARED).client("iam")
    iam.put_role_policy(RoleName="xacct-ml-operator", PolicyName="earlier", PolicyDocument=document)


def test_the_plan_makes_the_new_and_leaves_the_old(move: Move) -> None:
    """Nothing is removed; the pipeline is updated, which stops the run that waits; the old repository is told of."""
    actions = {step.resource.id: step.action for step in move.planned.bootstrap.steps}
    made = {id_ for id_, action in actions.items() if action is Action.CREATE}
    assert made == {
        "source/repository",
        "source/role/source-action",
        "source/role/forward",
        "shared/event-bus-permission",
    }
    changed = {id_ for id_, action in actions.items() if action is Action.UPDATE}
    assert changed == {
        "shared/key",
        "shared/bucket",
        "shared/role/pipeline",
        "shared/role/judge",
        "shared/judge-function",
    }
    assert move.planned.pipeline is not None
    assert move.planned.pipeline.step("shared/pipeline").action is Action.UPDATE
    assert move.warnings[0] == f"updating pipeline churn: stops the runs under way: {move.first}"
    assert move.planned.former == move.former
    assert move.former is not None
    assert f"CodeCommit repository churn in account {SHARED} is no longer the source" in move.former
    assert f"account {SOURCE}" in move.former


def test_after_bootstrap_the_pipeline_has_to_follow(move: Move) -> None:
    """Its role may no longer read the old repository."""
    assert move.next == "xacct-ml create-pipeline"


def test_an_updated_pipeline_is_started_once(move: Move) -> None:
    """Unless told not to; then the next command does it, as it does where one was ended before it could."""
    assert (move.not_started["updated"], move.not_started["started"]) == (True, None)
    assert (move.started["updated"], move.started["started"]) == (False, move.newest)
    assert (move.again["updated"], move.again["started"]) == (False, None)
    assert move.newest != move.first
    assert move.warnings[0] in move.shown
    assert move.shown.index("no run was started") < move.shown.index(f"started run {move.newest}")


def test_teardown_leaves_the_old_repository_and_says_so(move: Move) -> None:
    """The new one is deleted: it has our first commit only."""
    why = {left.what: left.why for left in move.torn.left if "repository" in left.what}
    assert why == {"CodeCommit repository churn": "from before the map had a source account; delete it by hand"}
    shared = move.made.aws.administrator(SHARED).client("codecommit")
    assert shared.get_repository(repositoryName="churn")["repositoryMetadata"]["accountId"] == SHARED
    source = move.made.aws.administrator(SOURCE).client("codecommit")
    assert source.list_repositories()["repositories"] == []
    assert [str(entry) for entry in move.made.aws.requests.entries(allowed=False)] == []
