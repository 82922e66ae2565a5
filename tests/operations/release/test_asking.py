"""The request is written once, however often the command is run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, refused
from tests.configs import SHARED, example
from tests.operations.release.releases import DAY, FIRST, KEY, RELEASE, Bucket, project, release, releases
from xacct_ml.errors import NotReady, XacctError
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


@pytest.mark.parametrize("earlier", [{}, {REQUEST: b"another"}], ids=["the first", "over another"])
def test_an_answer_that_is_lost_makes_no_second_release(earlier: dict[str, bytes]) -> None:
    """What is sent again is refused, and what is there is ours."""
    bucket, what = Bucket(**earlier), request(project())
    bucket.answer_lost = True
    found, _ = asked(project(listed([], [release(version="v1")]), bucket), what)
    assert (found, bucket.versions) == (Asked("v1", RELEASE, again=False), [what.content])


def test_what_somebody_else_asks_for_meanwhile_stays() -> None:
    bucket, what = Bucket(), request(project())
    bucket.meanwhile = lambda: bucket.store(REQUEST, b"theirs")
    with pytest.raises(XacctError, match="somebody else asked for a release meanwhile") as caught:
        asked(project(listed([]), bucket), what)
    assert caught.value.next_step is not None
    assert bucket.versions == [b"theirs"]


def test_another_write_at_the_same_moment_is_no_release_of_ours() -> None:
    """S3 answers so where two writes meet; the object is still what it was, here the same request of before."""
    bucket, what = Bucket(), request(project())
    bucket.objects[REQUEST] = what.content
    bucket.answers["put_object"] = refused("PutObject", "ConditionalRequestConflict")
    with pytest.raises(XacctError, match="somebody else"):
        asked(project(listed([release(status="Succeeded", version="v0")]), bucket), what)


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
