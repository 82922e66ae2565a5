"""``create-pipeline``: the pipeline and what starts it, once what it works on exists.

CreatePipeline starts the first run at once, so data, commit and every role must be there before (CodePipeline API
reference, TriggerType CreatePipeline) [B]. UpdatePipeline stops runs that are under way (CodePipeline User Guide,
pipelines-edit) [D], so it is called for a real difference only; it starts none, so that is done after it."""

from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.apply import apply, destroy
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.diff import diff
from xacct_ml.engine.events import Done, OnEvent, Outcome, Report, ignore
from xacct_ml.engine.plan import Action, OnPlan, Plan, agree, plan
from xacct_ml.engine.resource import describe
from xacct_ml.errors import NotReady
from xacct_ml.operations.command_names import BOOTSTRAP, UPLOAD_DATA
from xacct_ml.operations.doctor.endpoint_kind import unsuited
from xacct_ml.operations.given_up import deletion, given_up
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.operations.release.serving import serving
from xacct_ml.operations.runs.executions import IN_PROGRESS, executions
from xacct_ml.operations.runs.executions import start as start_run
from xacct_ml.operations.runs.pipelines import newest_of_both
from xacct_ml.operations.source_state import NO_DIFFERENCE, ConfigurationState, check_connection, check_revision, look
from xacct_ml.operations.upload.data import current_manifest
from xacct_ml.resources.base import KEY_ARN
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import PIPELINE
from xacct_ml.system.release import RELEASE_PIPELINE
from xacct_ml.system.statements import Document

RIGHTS = {
    "AWS::CodePipeline::Pipeline": (
        Rights("pipeline/Pipeline", "codepipeline: GetPipeline GetPipelineExecution ListPipelineExecutions"),
    )
}


@dataclass(frozen=True, slots=True)
class PipelineCreation:
    """``outcome`` is the pipeline's own. Created, it has started run 1; updated, it stopped runs under way.

    ``started`` is the run that was started because the pipeline as it is now had had none. None is started where
    ``new_targets`` serve nothing while others do: they get the model that serves there by a release."""

    report: Report
    outcome: Outcome
    started: str | None = None
    new_targets: tuple[str, ...] = ()
    configuration: ConfigurationState = NO_DIFFERENCE

    @property
    def created(self) -> bool:
        return isinstance(self.outcome, Done) and self.outcome.changes is None

    @property
    def updated(self) -> bool:
        return isinstance(self.outcome, Done) and self.outcome.changes is not None


def create_pipeline(
    config: Config,
    accounts: Clients,
    on_event: OnEvent = ignore,
    on_plan: OnPlan = agree,
    *,
    clock: Clock | None = None,
    start: bool = True,
) -> PipelineCreation:
    """Make the pipeline as the map has it, and what starts it; with ``start`` also the first run of an updated one.
    What an earlier map had and this one has not is deleted.

    Raises :class:`NotReady` with the command to run while something is missing; failures are in the report.

    ``on_plan`` sees what is going to be done, before it is; what it raises stops the command there. Also raises
    :class:`~xacct_ml.engine.events.Interrupted`."""
    foundation = bootstrap_resources(config, accounts, clock=clock)
    later = pipeline_resources(config, accounts, clock=clock)
    key_arn(config, accounts)
    whole = plan((*foundation, *later), on_event)
    check_ready(config, accounts, whole.only(resource.id for resource in foundation))
    planned = whole.only(resource.id for resource in later)
    on_plan(planned)
    report = planned.nothing_done() if planned.empty else apply(later, on_event, standing=foundation, clock=clock)
    if report.ok and (left := given_up(config, accounts, clock)):
        removed = destroy(deletion(left), on_event, clock=clock)
        report = replace(report, outcomes={**report.outcomes, **removed.outcomes})
    creation = PipelineCreation(report, report.outcomes[PIPELINE], configuration=look(config, accounts))
    if not start or not report.ok or creation.created or not not_run_yet(config, accounts):
        return creation
    if new := new_targets(config, accounts):
        return replace(creation, new_targets=new)
    if planned.empty and released_since_update(config, accounts):
        return creation
    return replace(creation, started=start_run(config, accounts))


def new_targets(config: Config, accounts: Clients) -> tuple[str, ...]:
    """Targets that nothing was deployed to yet; none of them before there is one that serves."""
    now = serving(config, accounts)
    return tuple(target.name for target in config.accounts.production if now and target.name not in now)


def released_since_update(config: Config, accounts: Clients) -> bool:
    """Whether a release began since the pipeline is what it is: the update was for a target that has got its model."""
    names = Names(config)
    known = accounts.client(names.shared, "codepipeline").get_pipeline(name=names.pipeline)
    updated = known.get("metadata", {}).get("updated")
    releases = newest_of_both(config, accounts).get(names.release_pipeline, ())
    return updated is not None and any(run.started is not None and run.started > updated for run in releases)


def pipeline_differs(config: Config, accounts: Clients) -> bool:
    """Whether the pipeline or one of its rules is not as the map has it, or not there."""
    outputs = {KEY_ARN: key_arn(config, accounts)}
    return any(
        (observed := resource.read(outputs)) is None or diff(observed, resource.desired(outputs))
        for resource in pipeline_resources(config, accounts)
    )


def not_run_yet(config: Config, accounts: Clients) -> bool:
    """Whether the pipeline's newest run is of an earlier version than the pipeline: nothing ran since an update.

    AWS knows it, so that a command which was ended between update and start is continued by the next one."""
    names = Names(config)
    codepipeline = accounts.client(names.shared, "codepipeline")
    version = codepipeline.get_pipeline(name=names.pipeline)["pipeline"]["version"]
    runs = codepipeline.list_pipeline_executions(pipelineName=names.pipeline, maxResults=1)
    newest = [run["pipelineExecutionId"] for run in runs["pipelineExecutionSummaries"]]
    if not newest:  # the creation's own is not shown yet
        return False
    run = codepipeline.get_pipeline_execution(pipelineName=names.pipeline, pipelineExecutionId=newest[0])
    return bool(run["pipelineExecution"]["pipelineVersion"] < version)


def check_ready(config: Config, accounts: Clients, foundation: Plan) -> None:
    """Everything that run 1 needs exists. Raises :class:`NotReady`, the first missing step first."""
    check_connection(foundation)
    missing = [step for step in foundation.steps if step.action is Action.CREATE]
    if missing:
        raise NotReady(
            f"{len(missing)} of the pipeline's resources do not exist yet",
            details=tuple(f"{step.resource.account} {describe(step.resource)}" for step in missing),
            next_step=BOOTSTRAP,
        )
    check_revision(config, accounts)
    if current_manifest(config, accounts) is None:
        raise NotReady(
            "there is no data set in the bucket yet: the first run would have nothing to train on",
            next_step=UPLOAD_DATA,
        )
    if found := unsuited(config, accounts):
        raise NotReady(
            f"no run could deploy: endpoint {found[0].sentence}",
            details=tuple(f"endpoint {one.sentence}" for one in found[1:]),
            next_step=found[0].next_step or "",
        )


def update_warnings(config: Config, accounts: Clients, planned: Plan) -> tuple[str, ...]:
    """What carrying out the plan would destroy beside what it changes; empty where it has no UpdatePipeline.

    UpdatePipeline stops the runs under way, and a stage can only be rolled back to a run of the current version of the
    structure (CodePipeline User Guide, pipelines-edit, stage-rollback) [D]."""
    updated = [
        step.resource.name
        for step in planned.steps
        if step.resource.id in (PIPELINE, RELEASE_PIPELINE)
        and step.action is Action.UPDATE
        and any(change.path[0] == "structure" for change in step.changes)
    ]
    if not updated:
        return ()
    return (
        *(f"updating pipeline {name}: {_stopped_by_it(config, accounts, name)}" for name in updated),
        "no stage can be rolled back to any run from before the update; nor does a roll-back of CodePipeline's deploy "
        "a model, with or without an update: xacct-ml rollback does",
    )


def _stopped_by_it(config: Config, accounts: Clients, pipeline: str) -> str:
    try:
        running = [run.id for run in executions(config, accounts, pipeline) if run.status in (IN_PROGRESS, "Stopping")]
    except NotReady:  # somebody deleted the pipeline after it was planned; it is made anew
        running = []
    return f"stops the runs under way: {', '.join(running)}" if running else "no run is under way, so it stops none"


def create_pipeline_input(config: Config, structure: Document) -> dict[str, Any]:
    """What ``aws codepipeline create-pipeline --cli-input-json`` takes for a pipeline of this ``structure``."""
    tags = dict(sorted(Names(config).tags.items()))
    return {"pipeline": structure, "tags": tag_list(tags, "key", "value")}
