"""What served when, as written down and beyond."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from tests.configs import example
from tests.operations.release.releases import (
    ANN,
    DAY,
    DIGESTS,
    FIRST,
    RELEASE,
    SECOND,
    Bucket,
    deployed,
    job,
    judged,
    project,
    released,
    releases,
)
from xacct_ml.operations.release.history import at, before, history


def written(run: str, day: int, **changes: Any) -> dict[str, bytes]:
    when = DAY + timedelta(days=day)
    content = {
        "schema": "xacct-ml/live/1",
        "target": "production",
        "pipeline": "churn",
        "execution": run,
        "run": run,
        "trainingJob": job(run),
        "modelDigest": DIGESTS[run],
        "recordKey": judged(run)["RecordKey"],
        "recordDigest": judged(run)["RecordDigest"],
        "deployed": when.isoformat(),
        "approvedBy": [ANN],
        "verdict": None,
        **changes,
    }
    return {f"history/production/{when:%Y%m%dT%H%M%SZ}-{run}.json": json.dumps(content).encode()}


def test_from_records_and_from_the_pipelines() -> None:
    """A deployment that is not written down yet, a release's, is told all the same; with who approved it where that is
    written down."""
    answers = releases(released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3)))
    bucket = Bucket(**written(FIRST, 1), **written(SECOND, 2))
    third, second, first = history(example(), project(answers, bucket))
    assert (third.run, third.execution, third.recorded, third.until) == (FIRST, RELEASE, False, None)
    assert (second.run, second.recorded, second.approved_by, second.until) == (SECOND, True, (ANN,), third.since)
    assert (first.run, first.until) == (FIRST, second.since)


def test_the_way_back_from_an_inconclusive_rollout_is_to_the_model_before_it() -> None:
    """It serves, though its action failed: nothing of it is written down yet."""
    failed = deployed(RELEASE, FIRST, "production", 3) | {"status": "Failed"}
    failed["output"] = {"executionResult": {"errorDetails": {"message": "inconclusive: churn serves churn-a, but"}}}
    found = history(example(), project(releases(released(FIRST, "production", failed)), Bucket(**written(SECOND, 2))))
    assert [(one.run, one.verdict, one.recorded) for one in found][:1] == [(FIRST, "inconclusive", False)]
    current, earlier = before(found, "production")
    assert current is not None
    assert earlier is not None
    assert (current.run, earlier.run) == (FIRST, SECOND)


def test_any_moment_is_answered() -> None:
    """From the moment on at which it was deployed, until the next was."""
    found = history(example(), project())
    runs = {days: [one.run for one in at(found, DAY + timedelta(days=days))] for days in (0, 1, 1.5, 2, 40)}
    assert runs == {0: [], 1: [FIRST], 1.5: [FIRST], 2: [SECOND], 40: [SECOND]}


def test_what_is_no_record_is_left_out() -> None:
    """Of another release, of another target, without end: the pipeline's history tells what it knows."""
    texts = ((0, b"{"), (1, b"[" * 99))
    strange = {f"history/production/20260301T12000{place}Z-x.json": text for place, text in texts}
    bucket = Bucket(**strange, **written(FIRST, 1, target="elsewhere"))
    assert [(one.run, one.recorded) for one in history(example(), project(bucket=bucket))] == [
        (SECOND, False),
        (FIRST, False),
    ]


def test_the_same_model_deployed_twice_is_one_step_back() -> None:
    """A retry, or other endpoint settings: the one before is another model."""
    answers = releases(released(SECOND, "production", deployed(RELEASE, SECOND, "production", 3)))
    current, earlier = before(history(example(), project(answers)), "production")
    assert current is not None
    assert earlier is not None
    assert (current.run, earlier.run) == (SECOND, FIRST)
