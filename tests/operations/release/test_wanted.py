"""What ``deploy`` and ``rollback`` ask for."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from tests.configs import SHARED, example
from tests.operations.release.releases import (
    DIGESTS,
    FIRST,
    RELEASE,
    SECOND,
    THIRD,
    Bucket,
    deployed,
    judged,
    of_run,
    project,
    record,
    released,
    releases,
    trained,
)
from tests.waved import TWO_WAVES, waved
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.release.wanted import Change, deployment_of, way_back

BACK = releases(released(FIRST, "production", deployed(RELEASE, FIRST, "production", 3)))
"""Run 2 was rolled back to run 1."""


def test_any_judged_run_onto_any_target() -> None:
    """The request says what the judge told the pipeline of it; a beginning of the id is enough."""
    wanted = deployment_of(example(), project(), FIRST[:8], ["production"], reason="it drifts")
    with zipfile.ZipFile(BytesIO(wanted.request.content)) as archive:
        told: dict[str, Any] = json.loads(archive.read("release.json"))
    assert (told["run"], told["targets"], told["reason"]) == (FIRST, ["production"], "it drifts")
    assert told["recordKey"] == judged(FIRST)["RecordKey"]
    assert told["recordDigest"] == judged(FIRST)["RecordDigest"]
    assert wanted.changes == (Change("production", serves=True, run=SECOND, digest=DIGESTS[SECOND]),)


def test_a_target_that_is_new_gets_what_the_first_serves() -> None:
    """Without a run or targets named: those that serve something else."""
    wanted = deployment_of(waved(), project(targets=("canary", "mobile")), None, [])
    assert (wanted.request.run, wanted.request.targets) == (SECOND, ("web",))
    assert wanted.changes == (Change("web", serves=False),)
    with pytest.raises(XacctError, match=f"every target serves run {SECOND} already"):
        deployment_of(example(), project(), None, [])


def test_a_new_target_that_is_first_in_the_map_gets_what_the_next_serves() -> None:
    wanted = deployment_of(waved(), project(targets=("web", "mobile")), None, [])
    assert (wanted.request.run, wanted.request.targets) == (SECOND, ("canary",))


def test_what_serves_is_known_after_waves_were_introduced() -> None:
    """The deployments are in the history of a stage that the pipeline has no more."""
    there = project(targets=("canary", "mobile"))
    assert deployment_of(waved(*TWO_WAVES), there, None, []).request.targets == ("web",)
    assert way_back(waved(*TWO_WAVES), there, "canary").request.run == FIRST


def test_before_anything_serves_a_run_must_be_named() -> None:
    with pytest.raises(XacctError, match="no target serves a model of a known run"):
        deployment_of(example(), project(targets=()), None, [])


def test_where_nobody_knows_whose_model_serves_a_run_must_be_named() -> None:
    """As of a release whose own history is gone."""
    there = project(releases([deployed(RELEASE, FIRST, "production", 3)]), targets=())
    with pytest.raises(XacctError, match="production, the map's first that serves, has no model of a known run"):
        deployment_of(example(), there, None, [])


def test_what_cannot_be_deployed_is_refused() -> None:
    """An unknown target or run; a run whose record is not the one that was judged; a reason without end."""
    with pytest.raises(InputError, match="the map has no such target"):
        deployment_of(example(), project(), FIRST, ["nowhere"])
    with pytest.raises(XacctError, match="none with the id 33333333"):
        deployment_of(example(), project(), "33333333", [])
    forged = Bucket(**{judged(FIRST)["RecordKey"]: b"{}"})
    with pytest.raises(XacctError, match=f"run {FIRST} cannot be deployed"):
        deployment_of(example(), project(bucket=forged), FIRST, [])
    missed = json.loads(record(FIRST))
    missed["gate"] |= {"value": 0.7, "outcome": "missed"}
    failed = project(bucket=Bucket(**{judged(FIRST)["RecordKey"]: json.dumps(missed).encode()}))
    failed.clients[SHARED, "codepipeline"].answers["list_action_executions"] = of_run(trained(FIRST, 1)[2:])
    with pytest.raises(XacctError, match="it did not pass its gate") as caught:
        deployment_of(example(), failed, FIRST, [])
    assert caught.value.details == ("missed: validation:auc is 0.7, required is at least 0.8",)
    with pytest.raises(InputError, match="--reason has 501 characters"):
        deployment_of(example(), project(), FIRST, [], reason="x" * 501)


def test_the_way_back_is_by_history() -> None:
    """What served before, with the reason that says what it replaces."""
    wanted = way_back(example(), project(), None)
    assert (wanted.request.run, wanted.request.targets) == (FIRST, ("production",))
    assert wanted.request.reason == f"rollback from run {SECOND}"


def test_twice_back_is_not_forward_again() -> None:
    """Run 2, which was left, is not before run 1; the message names it."""
    with pytest.raises(XacctError, match="there is none before it") as caught:
        way_back(example(), project(BACK), None)
    assert SECOND in caught.value.details[0]


def test_nothing_to_go_back_from() -> None:
    with pytest.raises(XacctError, match="no target serves a model yet"):
        way_back(example(), project(targets=()), None)
    with pytest.raises(XacctError, match="web serves no model yet"):
        way_back(waved(), project(targets=("canary",)), "web")


def test_targets_that_differ_are_named_one_at_a_time() -> None:
    """One has got a model since that the other has not."""
    only_web = releases(released(THIRD, "web", deployed(RELEASE, THIRD, "web", 3)))
    there = project(only_web, targets=("canary", "web"))
    with pytest.raises(XacctError, match="the targets would not go back to the same model: name one") as caught:
        way_back(waved(), there, None)
    assert caught.value.details == (
        f"canary: from run {SECOND} to run {FIRST}",
        f"web: from run {THIRD} to run {SECOND}",
    )
    assert way_back(waved(), there, "canary").request.targets == ("canary",)


def test_a_target_that_is_back_at_its_first_does_not_keep_the_others() -> None:
    """The message names what can go back."""
    back = releases(released(FIRST, "web", deployed(RELEASE, FIRST, "web", 3)))
    with pytest.raises(XacctError, match="the first that web served") as caught:
        way_back(waved(), project(back, targets=("canary", "web")), None)
    assert caught.value.next_step == "xacct-ml rollback --target canary: canary has a model to go back to"


def test_a_model_of_withdrawn_data_is_not_asked_for() -> None:
    """The judge would refuse it."""
    note = json.dumps({"by": "ann", "when": "2026-03-20", "reason": "wrong region"}).encode()
    with pytest.raises(XacctError, match="its data set abc was withdrawn by ann at 2026-03-20: wrong region"):
        deployment_of(example(), project(bucket=Bucket(**{"withdrawn/abc.json": note})), FIRST, [])
