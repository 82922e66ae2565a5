"""The request is written once, however often the command is run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts
from tests.configs import SHARED, example
from tests.operations.release.releases import DAY, FIRST, KEY, RELEASE, Bucket, project, release, releases
from xacct_ml.errors import NotReady
from xacct_ml.operations.release.asking import Asked, ask
from xacct_ml.operations.release.request import Request
from xacct_ml.operations.release.wanted import deployment_of

REQUEST = "release/release.zip"


def listed(*looks: list[dict[str, Any]]) -> dict[str, Any]:
    """The releases that there are, look by look; the last again and again."""
    answers = list(looks)

    def answer(**_: Any) -> dict[str, Any]:
        return {"pipelineExecutionSummaries": answers.pop(0) if answers[1:] else answers[0]}

    return releases(list_pipeline_executions=answer)


def request(there: FakeAccounts) -> Request:
    return deployment_of(example(), there, FIRST, []).request


def asked(there: FakeAccounts, what: Request, minutes: float = 0) -> tuple[Asked, int]:
    """And how often was waited."""
    slept: list[float] = []
    found = ask(example(), there, what, slept.append, lambda: DAY + timedelta(minutes=minutes))
    return found, len(slept)


def test_it_is_written_and_its_run_is_found() -> None:
    """By the version that was written, encrypted with the key that the record is encrypted with."""
    bucket, what = Bucket(), request(project())
    there = project(listed([], [], [release("old", version="v0")], [release()]), bucket)
    assert asked(there, what) == (Asked("v1", RELEASE, again=False), 2)
    assert bucket.versions == [what.content]


def test_the_same_again_is_the_release_that_is_under_way() -> None:
    """Also where the event has not started it yet."""
    what = request(project())
    bucket = Bucket(**{REQUEST: what.content})
    found, _ = asked(project(listed([release(version="v0")]), bucket), what)
    assert found == Asked("v0", RELEASE, again=True)
    found, _ = asked(project(listed([], [release(version="v0")]), bucket), what)
    assert found == Asked("v0", RELEASE, again=True)
    assert bucket.versions == []


@pytest.mark.parametrize(
    ("runs", "minutes"),
    [([release(status="Succeeded", version="v0")], 0), ([release(status="Failed", version="v0")], 0), ([], 6)],
    ids=["it has ended", "it failed", "its event was lost"],
)
def test_the_same_is_asked_for_anew_once_it_is_over(runs: list[dict[str, Any]], minutes: float) -> None:
    what = request(project())
    bucket = Bucket(**{REQUEST: what.content})
    found, _ = asked(project(listed(runs, [release("new")]), bucket), what, minutes)
    assert found == Asked("v1", "new", again=False)


def test_the_maps_own_key_needs_no_look() -> None:
    """The record may be of before another key was adopted."""
    bucket, what = Bucket(), request(project())
    bucket.answers["head_object"] = AssertionError("nobody asked for it")
    there = project(listed([release()]), bucket)
    found = ask(example(key={"arn": KEY}), there, what, lambda _: None)
    assert (found.execution, bucket.versions) == (RELEASE, [what.content])


def test_a_run_that_is_not_seen_is_said() -> None:
    found, waited = asked(project(listed([])), request(project()))
    assert found == Asked("v1", None, again=False)
    assert waited > 1


def test_without_a_pipeline_that_releases_nothing_is_written() -> None:
    """A project of before: create-pipeline makes it."""
    bucket, what = Bucket(), request(project())
    there = project(bucket=bucket)
    there.clients[SHARED, "codepipeline"].releases = None
    with pytest.raises(NotReady, match="there is no pipeline churn-release") as caught:
        asked(there, what)
    assert caught.value.next_step == "xacct-ml create-pipeline"
    foreign = releases(list_tags_for_resource={"tags": [{"key": "xacct-ml:project", "value": "other"}]})
    with pytest.raises(NotReady, match="pipeline churn-release in account"):
        asked(project(foreign, bucket), what)
    assert bucket.versions == []
