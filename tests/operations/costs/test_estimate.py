"""The estimate of a map, and of a run: sums that a reader can make by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.configs import example
from tests.waved import waved
from xacct_ml.operations.costs.charge import Cost
from xacct_ml.operations.costs.estimate import cost_of_run, estimate, scheduled_runs
from xacct_ml.operations.runs.stages import Action, Stage
from xacct_ml.system.names import Names

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def took(stage: str, action: str, minutes: float) -> Stage:
    done = Action(action, "Succeeded", started=BEGAN, updated=BEGAN + timedelta(minutes=minutes))
    return Stage(stage, "Succeeded", (done,))


def told(cost: Cost) -> dict[str, float | None]:
    return {charge.what: None if charge.usd is None else round(charge.usd, 4) for charge in cost.charges}


def test_a_month_and_a_run_of_the_plain_map() -> None:
    """One endpoint instance, key and alarm; an hour of training, two transforms, the pipeline's minutes."""
    found = estimate(example())
    assert told(found.month) == {
        "endpoint production: 1 × ml.m5.large": round(730 * 0.115, 4),
        "1 KMS key in us-east-1": 1.0,
        "1 alarm in us-east-1": 0.1,
    }
    (run,) = [each for each in found.runs if each.of == "churn"]
    costs = told(run)
    assert costs["training: 1 × ml.m5.xlarge, at most 60 min"] == 0.23
    assert costs["3 batch transforms on ml.m5.large, 8 min each"] == round(3 * 8 / 60 * 0.115, 4)
    assert costs["second fleet of production: 1 × ml.m5.large, 15 min"] == round(15 / 60 * 0.115, 4)
    assert costs["temporary endpoint of production: 1 × ml.m5.large, 8 min"] == round(8 / 60 * 0.115, 4)
    assert costs["CodePipeline: 7 actions, 106 min"] == round(106 * 0.002, 4)
    assert run.usd == pytest.approx(sum(usd or 0 for usd in costs.values()), abs=0.001)
    assert run.unknown == ()
    assert found.as_of == date(2026, 7, 30)


def test_training_may_be_the_dearest_that_is_allowed() -> None:
    """On as many instances, for as long; on spot it is less."""
    allowed = {"instance_types": ("ml.m5.large", "ml.m5.xlarge"), "max_instance_count": 2, "max_runtime_seconds": 7200}
    (run,) = estimate(example(training={"allowed": allowed, "spot": True})).runs[:1]
    (training,) = [charge for charge in run.charges if charge.what.startswith("training")]
    assert training.what == "training: 2 × ml.m5.xlarge, at most 120 min, less on spot"
    assert training.usd == pytest.approx(2 * 2 * 0.23)


def test_what_has_no_known_price_is_in_no_sum_and_named() -> None:
    """An unknown type among those allowed is the one that is told, since it may be the dearest."""
    allowed = {"instance_types": ("ml.m5.large", "ml.m9.huge")}
    (run,) = estimate(example(training={"allowed": allowed})).runs[:1]
    (missing,) = run.unknown
    assert (missing.what, missing.usd) == ("training: 1 × ml.m9.huge, at most 60 min", None)
    found = estimate(example("eu-central-1"))
    assert [charge.what for charge in found.month.unknown] == [
        "endpoint production: 1 × ml.m5.large",
        "1 alarm in eu-central-1",
    ]
    assert found.month.usd == 1.0


def test_a_region_without_any_price() -> None:
    """It has no day either, and costs nothing that anybody knows."""
    found = estimate(example("cn-north-1"))
    assert (found.month.usd, found.as_of) == (0, None)


def test_a_run_that_waits_costs_what_it_took() -> None:
    """Its training and its transforms no longer than their actions; what comes is still thought of."""
    done = (took("Train", "StateMachine", 6.5), took("Judge", "Evaluation", 4))
    found = cost_of_run(example(), done)
    assert found is not None
    assert told(found.until_here)["training: 1 × ml.m5.xlarge, at most 7 min"] == round(6.5 / 60 * 0.23, 4)
    assert told(found.until_here)["3 batch transforms on ml.m5.large, at most 4 min each"] == round(12 / 60 * 0.115, 4)
    assert told(found.until_here)["CodePipeline: 2 actions, 11 min"] == 0.022
    assert "second fleet of production: 1 × ml.m5.large, 15 min" in told(found.to_come)
    assert found.month == estimate(example()).month


def test_without_a_smoke_test_there_is_no_temporary_endpoint() -> None:
    """Nor rows that it is asked."""
    endpoint = {"instance_type": "ml.m5.large", "smoke_test": False}
    (run,) = [each for each in estimate(example(endpoint=endpoint)).runs if each.of == "churn"]
    costs = told(run)
    assert "2 batch transforms on ml.m5.large, 8 min each" in costs
    assert "CodePipeline: 7 actions, 98 min" in costs
    assert not any(what.startswith("temporary") for what in costs)


def test_a_second_fleet_is_as_large_as_the_first_may_be() -> None:
    scaling = {"min": 2, "max": 5, "target_invocations": 100}
    found = estimate(example(endpoint={"instance_type": "ml.m5.large", "autoscaling": scaling}))
    assert "second fleet of production: 5 × ml.m5.large, 15 min" in told(found.runs[0])


def test_a_rollout_waits_beside_the_second_fleet() -> None:
    """After each step; its alarms are two more."""
    rollout = {"type": "linear", "percent": 25, "wait_seconds": 600}
    endpoint = {"instance_type": "ml.m5.large", "instance_count": 4, "rollout": rollout}
    found = estimate(example(endpoint=endpoint))
    assert "second fleet of production: 4 × ml.m5.large, 55 min" in told(found.runs[0])
    assert "CodePipeline: 7 actions, 146 min" in told(found.runs[0])
    assert told(found.month)["3 alarms in us-east-1"] == 0.3


@pytest.mark.parametrize(
    ("expression", "times"),
    [("cron(0 6 ? * MON *)", 52 / 12), ("cron(0 6 1 * ? *)", 1), ("rate(7 days)", 52 / 12), ("rate(1 minute)", 10_000)],
)
def test_runs_that_the_schedule_begins(expression: str, times: float) -> None:
    """In a month of a year's twelfth; beyond ten thousand nobody counts."""
    config = example(schedule={"expression": expression})
    assert scheduled_runs(config) == pytest.approx(times)
    assert estimate(config).scheduled == scheduled_runs(config)
    assert estimate(example()).scheduled == 0


def test_a_release_costs_what_it_deploys() -> None:
    """The targets that it names: of the others the actions are over at once."""
    config = waved()
    every, one = (cost_of_run(config, (), Names(config).release_pipeline, targets) for targets in (None, ("web",)))
    assert every is not None
    assert one is not None
    fleets = [what for what in told(one.to_come) if what.startswith("second fleet")]
    assert fleets == ["second fleet of web: 1 × ml.m5.large, 15 min"]
    assert one.to_come.usd < every.to_come.usd / 2


def test_a_run_of_a_pipeline_that_the_map_does_not_have() -> None:
    """Nothing is said of it."""
    assert cost_of_run(example(), (), "another") is None
