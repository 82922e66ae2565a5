"""Commands that ask for a release, where two runs have deployed. Each version of the request starts a run of the
release pipeline, which comes as far as its first stage's end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.journeys.project import Project, eventually
from tests.sweeps.command import Command
from tests.sweeps.plain import plain_clients
from tests.sweeps.wire import Call, Send, Strike, Wire
from tests.sweeps.world import World
from xacct_ml.engine.events import OnEvent
from xacct_ml.operations.release.asking import ask
from xacct_ml.operations.release.wanted import Wanted, deployment_of, way_back
from xacct_ml.system.actions.lambda_judge import RELEASE_STAGE

_QUICK = {"NumRound": "20", "EvalMetric": "auc"}


def _two_runs(world: World, *_: Any) -> None:
    """Of different models, both approved and deployed: there is a way back."""
    made = Project(world.config, world.aws)
    with world.background():
        for eta in ("0.3", "0.1"):
            known = made.runs()
            made.push(**_QUICK, Eta=eta)
            made.deployed(made.new_run(known))
    shared = plain_clients(world.aws, world.names.shared)
    shared("codepipeline").disable_stage_transition(
        pipelineName=world.names.release_pipeline,
        stageName=RELEASE_STAGE,
        transitionType="Inbound",
        reason="in a sweep releases come so far and no further",
    )


def _deploy(world: World, wire: Wire, _: OnEvent) -> None:
    """The first run's model, which served before."""
    first = _first_deployed(world)
    _ask(world, wire, lambda: deployment_of(world.config, wire, first, ()))


def _rollback(world: World, wire: Wire, _: OnEvent) -> None:
    _ask(world, wire, lambda: way_back(world.config, wire, None))


def _ask(world: World, wire: Wire, wanted: Callable[[], Wanted]) -> None:
    """The release's run is found, and is said to be there already where it was asked for before."""
    before = _requests(world)
    wire.strike = _followed(world, wire.strike)
    asked = ask(world.config, wire, wanted().request, lambda _: None)
    assert asked.execution is not None
    assert asked.again == bool(before), f"{asked} after {before}"


def _first_deployed(world: World) -> str:
    codepipeline = plain_clients(world.aws, world.names.shared)("codepipeline")
    runs = codepipeline.list_pipeline_executions(pipelineName=world.names.pipeline)["pipelineExecutionSummaries"]
    return str(min((run for run in runs if run["status"] == "Succeeded"), key=_started)["pipelineExecutionId"])


def _started(run: Any) -> Any:
    return run["startTime"]


# -- what goes on without the command ----------------------------------------------------------------------------------
def _followed(world: World, strike: Strike) -> Strike:
    """What is stored has told so, and the run that this starts has read it, before anything else happens: how often it
    is looked for would depend on how threads take turns."""

    def struck(call: Call, attempt: int, send: Send) -> AWSResponse:
        def sent() -> AWSResponse:
            if call.operation != "PutObject":
                return send()
            with world.background():
                answer = send()
                eventually(lambda: _requests(world) <= _revisions(world) or None, "a request started no release")
            return answer

        return strike(call, attempt, sent)

    return struck


def _requests(world: World) -> set[str]:
    """The versions of the request."""
    s3 = plain_clients(world.aws, world.names.shared)("s3")
    listed = s3.list_object_versions(Bucket=world.names.bucket, Prefix=world.names.release_key)
    return {each["VersionId"] for each in listed.get("Versions", ())}


def _revisions(world: World) -> set[str]:
    codepipeline = plain_clients(world.aws, world.names.shared)("codepipeline")
    listed = codepipeline.list_pipeline_executions(pipelineName=world.names.release_pipeline)
    return {
        revision["revisionId"]
        for run in listed["pipelineExecutionSummaries"]
        for revision in run.get("sourceRevisions", ())
    }


DEPLOYED = Command("two runs", _two_runs, "create-pipeline")
"""Is not swept: none of it is one command's."""

RELEASES = (Command("deploy", _deploy, DEPLOYED.name), Command("rollback", _rollback, DEPLOYED.name))
