"""What serves where since when, as the judge's function writes it down after a stage that deploys."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.payload.judged import BUCKET
from tests.payload.objects import refused
from tests.payload.pipeline import RELEASES, RUN
from tests.payload.releasing import ANN, RELEASE, Released
from xacct_ml.payload.job import JobFailed
from xacct_ml.payload.served import NOT_ASKED_FOR


@pytest.fixture
def judged() -> Released:
    return Released()


def test_a_deployment_is_written_down_with_who_approved_it(judged: Released) -> None:
    """What serves now, and the same under its time."""
    judged.deployed()
    assert judged.write_down()["executionDetails"]["summary"] == f"production serves run {RUN}"
    said = judged.variables()
    live = judged.live()
    assert live == {
        "schema": "xacct-ml/live/1",
        "target": "production",
        "account": "333333333333",
        "region": "us-east-1",
        "pipeline": "churn",
        "execution": RUN,
        "run": RUN,
        "trainingJob": said["TrainingJob"],
        "modelDigest": said["ModelDigest"],
        "recordKey": said["RecordKey"],
        "recordDigest": said["RecordDigest"],
        "endpoint": "churn",
        "endpointConfig": "churn-c",
        "model": "churn-m",
        "deployed": live["deployed"],
        "approvedBy": [ANN],
        "verdict": None,
    }
    (key,) = judged.history()
    assert json.loads(judged.s3.content(BUCKET, key)) == live
    assert key == f"history/production/{live['deployed'][:19].replace('-', '').replace(':', '')}Z-{RUN}.json"


def test_the_same_twice_is_once(judged: Released) -> None:
    """A retried stage writes nothing."""
    judged.deployed()
    judged.write_down()
    writes = len(judged.s3.writes)
    assert judged.write_down()["executionDetails"]["summary"] == "nothing new serves"
    assert len(judged.s3.writes) == writes


def test_a_release_names_the_run_whose_model_it_is(judged: Released) -> None:
    """And its own execution, which deployed it."""
    judged.deployed()
    judged.write_down()
    told = judged.ask()["outputVariables"]
    judged.pipeline.add("Release/Model", run=RELEASE, pipeline=RELEASES, variables=told)
    judged.deployed(run=RELEASE, pipeline=RELEASES)
    judged.write_down(RELEASE, RELEASES)
    live = judged.live()
    assert (live["run"], live["execution"], live["pipeline"]) == (RUN, RELEASE, RELEASES)
    assert len(judged.history()) == 2


def test_a_target_that_was_not_asked_for_serves_nothing_new(judged: Released) -> None:
    judged.deployed(variables={NOT_ASKED_FOR: "true"})
    assert judged.write_down()["executionDetails"]["summary"] == "nothing new serves"
    assert judged.history() == []


def test_what_a_failed_stage_did_not_write_down_the_next_does(judged: Released) -> None:
    """Its neighbour failed, so that no such action came; in the other pipeline, too."""
    judged.deployed("second")
    judged.deployed(run=RELEASE, pipeline=RELEASES)
    judged.write_down(RELEASE, RELEASES)
    assert judged.live("second")["execution"] == RUN
    assert judged.live()["execution"] == RELEASE


def test_what_was_inconclusive_serves_all_the_same(judged: Released) -> None:
    """Its action failed, and the next writes it down; a retry that accepts it is a deployment of its own. What failed
    otherwise serves nowhere."""
    judged.deployed()
    judged.deployed(
        status="Failed", failed="inconclusive: churn serves churn-c, but only 3 requests came", variables={}
    )
    judged.deployed(status="Failed", failed="SageMaker rolled the update back: churn serves churn-old", variables={})
    judged.write_down()
    assert (judged.live()["verdict"], len(judged.history())) == ("inconclusive", 2)
    judged.deployed()
    judged.write_down()
    assert (judged.live()["verdict"], len(judged.history())) == (None, 3)


GIVEN = {"EndpointName": "churn", "EndpointConfigName": "churn-c", "ModelName": "churn-m"}
SERVED_ALREADY = GIVEN | {"Verdict": "inconclusive"}
OTHERS = "cd" * 32


@pytest.mark.parametrize("verdict", ["passed", None])
def test_what_served_already_keeps_its_verdict(judged: Released, verdict: str | None) -> None:
    """It was deployed again to all targets, of which another had failed; written down before or with it."""
    judged.deployed(variables=GIVEN if verdict is None else GIVEN | {"Verdict": verdict})
    judged.write_down()
    judged.deployed(status="Failed", failed="SageMaker rolled the update back", variables={}, digest=OTHERS)
    judged.deployed(variables=SERVED_ALREADY)
    judged.deployed(variables=SERVED_ALREADY)
    judged.write_down()
    recorded = [json.loads(judged.s3.content(BUCKET, key))["verdict"] for key in judged.history()]
    assert (judged.live()["verdict"], recorded) == (verdict, [verdict] * 3)


@pytest.mark.parametrize(
    "between",
    [
        {"status": "Failed", "failed": "inconclusive: only 3 requests came", "variables": {}},
        {"status": "Failed", "failed": "its auto scaling was not set", "variables": {}},
        {"variables": GIVEN | {"Verdict": "passed"}, "digest": OTHERS},
        {"variables": GIVEN | {"EndpointConfigName": "churn-d", "Verdict": "passed"}},
    ],
    ids=["its own attempt was inconclusive", "its own attempt failed", "another model", "another configuration"],
)
@pytest.mark.parametrize("written", [False, True])
def test_what_did_not_pass_is_not_made_to_by_an_earlier_deployment(
    judged: Released, between: dict[str, Any], written: bool
) -> None:
    """Whether what came between is written down by then or not."""
    judged.deployed(variables=GIVEN | {"Verdict": "passed"})
    judged.write_down()
    judged.deployed(**between)
    if written:
        judged.write_down()
    judged.deployed(variables=SERVED_ALREADY)
    judged.write_down()
    assert judged.live()["verdict"] == "inconclusive"


def test_what_failed_everywhere_is_no_news(judged: Released) -> None:
    judged.deployed(status="Failed", failed="SageMaker rolled the update back", variables={})
    assert judged.write_down()["executionDetails"]["summary"] == "nothing new serves"


def test_the_one_that_ended_last_serves(judged: Released) -> None:
    """Whichever began first: both pipelines may deploy to a target."""
    judged.deployed(lasted=timedelta(hours=1))
    judged.deployed(run=RELEASE, pipeline=RELEASES)
    judged.write_down()
    assert judged.live()["execution"] == RUN
    assert len(judged.history()) == 2


def test_one_that_ends_after_a_later_one_was_written_down_serves(judged: Released) -> None:
    """It is looked for as far back as an action may take."""
    judged.deployed(lasted=timedelta(hours=20))
    judged.deployed(run=RELEASE, pipeline=RELEASES)
    later = judged.pipeline.actions
    judged.pipeline.actions = [one for one in later if one["pipeline"] == RELEASES]
    judged.write_down(RELEASE, RELEASES)
    assert judged.live()["execution"] == RELEASE
    judged.pipeline.actions = later
    judged.write_down()
    assert judged.live()["execution"] == RUN


def test_of_a_long_past_the_newest_are_written_down(judged: Released) -> None:
    """After an upgrade there is no record, and a year of runs."""
    for number in range(24):
        judged.deployed(run=f"{number:08}-2222-3333-4444-555555555555")
    judged.write_down()
    assert len(judged.history()) == 20


def test_a_record_of_another_release_is_written_over(judged: Released) -> None:
    """Only the judge writes there."""
    judged.s3.put(BUCKET, "live/production.json", b'{"schema": "xacct-ml/live/0"}')
    judged.deployed()
    judged.write_down()
    assert judged.live()["execution"] == RUN


def test_what_the_other_pipeline_writes_meanwhile_is_read_again(judged: Released) -> None:
    """The condition of the write tells; three times, then the action fails with what to do."""
    judged.deployed()
    put, failures = judged.s3.put_object, 1

    def meanwhile(**request: Any) -> None:
        nonlocal failures
        if request["Key"].startswith("live/") and failures:
            failures -= 1
            raise refused("PreconditionFailed")
        put(**request)

    judged.s3.put_object = meanwhile  # type: ignore[method-assign]
    judged.write_down()
    assert judged.live()["execution"] == RUN
    judged.deployed()
    failures = 3
    with pytest.raises(JobFailed, match="xacct-ml retry"):
        judged.write_down()


def test_a_written_history_is_never_replaced(judged: Released) -> None:
    """Somebody else's would have to be looked at."""
    judged.deployed()
    judged.write_down()
    (key,) = judged.history()
    judged.s3.put(BUCKET, key, b"{}")
    del judged.s3.objects[BUCKET, "live/production.json"]
    with pytest.raises(JobFailed, match="says something else"):
        judged.write_down()


def test_a_verdict_that_was_written_down_stays(judged: Released) -> None:
    """As an earlier release wrote it; what serves is written again all the same."""
    judged.deployed()
    judged.write_down()
    (key,) = judged.history()
    before = json.dumps({**json.loads(judged.s3.content(BUCKET, key)), "verdict": "inconclusive"}).encode()
    judged.s3.put(BUCKET, key, before)
    del judged.s3.objects[BUCKET, "live/production.json"]
    judged.write_down()
    assert judged.s3.content(BUCKET, key) == before
    assert judged.live()["execution"] == RUN


def test_an_invocation_by_hand_writes_nothing(judged: Released) -> None:
    judged.deployed()
    told = {"task": "live", "pipelineExecutionId": RUN, "pipeline": "churn", "action": "Deploy/Live"}
    with pytest.raises(JobFailed, match="was not started, not InProgress"):
        judged.function.reply(told, {})
    with pytest.raises(JobFailed, match="is none of this project's"):
        judged.function.reply({**told, "pipeline": "churn-eu"}, {})
    assert judged.history() == []
