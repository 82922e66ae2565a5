"""The repository in an account of its own: a project's whole life in the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.hops import Kind, asked_for, listed
from tests.journeys.project import Project, project
from tests.journeys.releases import released, request_of
from tests.journeys.test_life import writes
from xacct_ml.config.model import Config
from xacct_ml.emulator.services.events import moto_patches as events
from xacct_ml.operations import policies
from xacct_ml.operations.deployed_policies import Difference, differences
from xacct_ml.operations.runs.status import Status
from xacct_ml.operations.teardown.deletion import TeardownResult, teardown
from xacct_ml.proof.remediation.explain import denied_at
from xacct_ml.proof.requests.start import PUSH_STAGE
from xacct_ml.validation import load

pytestmark = pytest.mark.long

MAP = Path(__file__).parents[2] / "docs/maps/source-account.yaml"


@dataclass(frozen=True)
class Closed:
    """What is found while the event bus has lost the project's statement and has one of somebody else."""

    differences: tuple[Difference, ...]
    denied: tuple[tuple[str, str], ...]
    """Action, and the document that lacks a statement."""
    mended: str
    """The bus's policy after the next bootstrap."""


@dataclass(frozen=True)
class Life:
    """What was seen of two runs, the first and one by a push, with all that they ``asked`` for. ``handed_over`` counts
    artifacts; ``torn`` is the end."""

    project: Project
    runs: tuple[Status, ...]
    asked: frozenset[Kind]
    again: tuple[str, ...]
    handed_over: int
    deliveries: tuple[events.Delivery, ...]
    closed: Closed
    torn: TeardownResult

    @property
    def config(self) -> Config:
        return self.project.config


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    with project(load(MAP)) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (first,) = made.runs()
        approved = [approve(made, first)]
        before = len(made.aws.requests)
        assert made.bootstrap().written == ()
        made.create_pipeline()
        again = writes(made, before)
        made.push(NumRound="12")
        approved.append(approve(made, made.new_run([first])))
        names, s3 = made.names, made.aws.administrator(made.names.shared).client("s3")
        assert released(made, request_of(made, made.runs()[0]))[1:] == ("Succeeded", "")
        # What writes there without the pipeline's key is refused by the bucket.
        handed_over = s3.list_objects_v2(Bucket=names.bucket, Prefix=f"{names.pipeline}/Template/")["Contents"]
        seen = [
            *events.deliveries(names.repository_account, names.region),
            *events.deliveries(names.shared, "us-east-1"),
        ]
        yield Life(
            project=made,
            runs=tuple(approved),
            asked=frozenset(asked_for(made)),
            again=tuple(again),
            handed_over=len(handed_over),
            deliveries=tuple(seen),
            closed=without_statement(made),
            torn=teardown(made.config, made.accounts, lambda _: None, delete_repository=True, delete_evidence=True),
        )


def approve(made: Project, run: str) -> Status:
    waiting = made.settled(run)
    assert waiting.waits_for_approval, waiting
    made.judge(run, approve=True)
    return made.settled(run)


def without_statement(made: Project) -> Closed:
    """Takes the statement out and adds another, looks, and lets bootstrap put it right."""
    bus = made.aws.administrator(made.names.shared).client("events")
    bus.remove_permission(StatementId=made.names.event_bus_statement)
    bus.put_permission(StatementId="theirs", Action="events:PutEvents", Principal="444444444444")
    live = policies.live(made.config, made.accounts)
    findings = denied_at(PUSH_STAGE, live.world)
    denied = [(one.request.action, remedy.ref.title) for one in findings for remedy in one.remedies]
    made.bootstrap()
    return Closed(differences(live), tuple(denied), bus.describe_event_bus()["Policy"])


def test_both_runs_serve_a_model(life: Life) -> None:
    """The endpoint is in service, and the stages are those of a source in another account."""
    for run in life.runs:
        assert run.execution is not None
        assert (run.execution.status, [endpoint.status for endpoint in run.endpoints]) == ("Succeeded", ["InService"])
        stages = ["Source", "HandOver", "Check", "Workflow", "Train", "Judge", "Approve", "Deploy"]
        assert [stage.name for stage in run.stages] == stages


def test_a_push_arrives_once(life: Life) -> None:
    """One delivery from bus to bus, one start, each as its role."""
    (forwarded, started) = [one for one in life.deliveries if one.event["source"] == "aws.codecommit"]
    names = life.project.names
    assert (forwarded.rule_arn, forwarded.target_arn) == (names.forward_rule_arn, names.event_bus_arn)
    assert (started.rule_arn, started.target_arn) == (names.rule_arn(names.push_rule), names.pipeline_arn)
    assert started.event["account"] == names.source_account
    assert started.event["id"] == forwarded.event["id"]
    assert life.runs[1].execution is not None
    assert started.result == life.runs[1].execution.id
    assert [delivery.error for delivery in life.deliveries] == [None] * len(life.deliveries)


def test_the_same_commands_again_write_nothing(life: Life) -> None:
    """Bootstrap and create-pipeline on what is there; no run is started either."""
    assert life.again == ()


def test_each_runs_source_is_handed_over(life: Life) -> None:
    """No artifact passes from the source account to the training account."""
    assert life.handed_over == len(life.runs)


def test_what_is_asked_for_is_what_is_proven(life: Life) -> None:
    """Every request of the runs is a hop, every hop is asked for unless it is marked as documented only."""
    hops = listed(life.config)
    assert sorted(life.asked - hops.keys()) == []
    assert sorted(kind for kind, expected in hops.items() if expected and kind not in life.asked) == []
    assert sorted(kind for kind, expected in hops.items() if not expected and kind in life.asked) == []


def test_nothing_is_denied_and_nothing_is_left(life: Life) -> None:
    """Least privilege is enough from bootstrap to teardown, for the roles and for the operators."""
    assert [str(entry) for entry in life.project.aws.requests.entries(allowed=False)] == []
    assert [failure.error.lines() for failure in life.torn.report.failures] == []
    assert {(left.account, left.what) for left in life.torn.left} == {
        (life.project.names.shared, "KMS key alias/churn"),
        (life.project.names.training, "event rule StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
        (life.project.names.training, "log group /aws/sagemaker/TrainingJobs"),
    }


def test_a_closed_event_bus_is_found_and_opened_again(life: Life) -> None:
    """By verify --live and by explain, though nobody is told; others' statements are neither judged nor touched."""
    shared = life.project.names.shared
    (difference,) = life.closed.differences
    assert difference.title == f"event bus policy of {shared}"
    assert [str(change)[:16] for change in difference.changes] == ["+ xacct-ml-churn"]
    assert life.closed.denied == (("events:PutEvents", f"event bus policy of {shared}"),)
    sids = [statement["Sid"] for statement in json.loads(life.closed.mended)["Statement"]]
    assert sids == ["theirs", "xacct-ml-churn"]
    bus = life.project.aws.administrator(shared).client("events").describe_event_bus()
    assert [statement["Sid"] for statement in json.loads(bus["Policy"])["Statement"]] == ["theirs"]
