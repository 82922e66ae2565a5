"""What the journeys with other sources than CodeCommit have in common."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.hops import asked_for, listed
from tests.journeys.project import Project
from tests.journeys.releases import released, request_of
from xacct_ml.operations.teardown.deletion import teardown

MAPS = Path(__file__).parents[2] / "docs" / "maps"


def serve_run_1(made: Project) -> None:
    """From an empty account to an endpoint that answers."""
    made.bootstrap()
    made.upload()
    made.create_pipeline()
    (run,) = made.runs()
    assert made.settled(run).waits_for_approval, made.settled(run)
    made.judge(run, approve=True)
    ended = made.settled(run)
    assert [endpoint.status for endpoint in ended.endpoints] == ["InService"]
    assert 0 < made.predict() < 1


def serve(made: Project, run: str) -> None:
    """From its start to an endpoint that is updated."""
    assert made.settled(run).waits_for_approval, made.settled(run)
    made.judge(run, approve=True)
    assert made.settled(run).execution.status == "Succeeded"  # type: ignore[union-attr]


def assert_as_proven(made: Project) -> None:
    """Neither the proof nor the runs and a release have what the other lacks, and nothing was refused."""
    assert released(made, request_of(made, made.runs()[0]))[1:] == ("Succeeded", "")
    hops, asked = listed(made.config), asked_for(made)
    assert sorted(asked - hops.keys()) == []
    otherwise = sorted(hop for hop, expected in hops.items() if expected is not (hop in asked))
    assert otherwise == [], otherwise
    refused = [str(entry) for entry in made.aws.requests.entries(allowed=False)]
    assert refused == [], refused


def assert_safe_again(made: Project) -> None:
    """A second bootstrap writes nothing, a second create-pipeline starts no run."""
    known = made.runs()
    assert made.bootstrap().written == ()
    made.create_pipeline()
    assert made.runs() == known


def assert_torn_down(made: Project) -> None:
    """Nothing of ours is left in the shared account but the waiting key."""
    torn = teardown(made.config, made.accounts, lambda _: None, delete_evidence=True)
    assert [failure.error.lines() for failure in torn.report.failures] == []
    left = {one.what for one in torn.left if one.account == made.names.shared}
    assert left == {f"KMS key {made.names.key_alias}"}
