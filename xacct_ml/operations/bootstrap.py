"""``bootstrap``: everything but the pipeline and its rules. ``plan``: what it and ``create-pipeline`` would do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from xacct_ml.arn import Arn
from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.apply import apply
from xacct_ml.engine.clock import Clock
from xacct_ml.engine.events import OnEvent, Report, ignore
from xacct_ml.engine.plan import Action, OnPlan, Plan, agree, plan
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations import adoption_notes, approvers_trust, former_capture
from xacct_ml.operations.command_names import CONFIGURE, CREATE_PIPELINE, STATUS, UPLOAD_DATA
from xacct_ml.operations.create_pipeline import pipeline_differs
from xacct_ml.operations.doctor.endpoint_kind import unsuited
from xacct_ml.operations.doctor.examination import before_writing
from xacct_ml.operations.given_up import given_up
from xacct_ml.operations.runs.endpoint import endpoint_states
from xacct_ml.operations.runs.executions import pipeline_state
from xacct_ml.operations.source_state import (
    NO_DIFFERENCE,
    ConfigurationState,
    check_connection,
    compare_configuration,
    former_repository,
    look,
)
from xacct_ml.operations.upload import earlier_manifest
from xacct_ml.operations.upload.data import current_manifest
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.ownership import Adoptable, adopting
from xacct_ml.system.bucket_layout import MODELS_PREFIX
from xacct_ml.system.names import Names


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """``pipeline`` is what create-pipeline would do; None while neither the pipeline nor a rule of it exists.

    ``former`` says what is left of an earlier map (see :func:`xacct_ml.operations.source_state.former_repository`).
    ``notes`` are what else is not as a reader of the map would think; ``configuration`` is what the map only seeded."""

    bootstrap: Plan
    pipeline: Plan | None
    former: str | None = None
    notes: tuple[str, ...] = ()
    configuration: ConfigurationState = NO_DIFFERENCE

    @property
    def empty(self) -> bool:
        return self.whole.empty

    @property
    def whole(self) -> Plan:
        """Both as one plan."""
        later = () if self.pipeline is None else self.pipeline.steps
        return Plan((*self.bootstrap.steps, *later), self.bootstrap.outputs)

    def refusal(self, adopted: Sequence[str]) -> XacctError | None:
        """Why bootstrap would fail, with the lines that adopt what can be adopted. ``adopted`` is the map's list."""
        errors = [step.error for step in self.whole.refused if step.error is not None]
        if not errors:
            return None
        found = [error for error in errors if isinstance(error, Adoptable)]
        lines = list(dict.fromkeys(error.line for error in found if error.id is None))
        if ids := [error.id for error in found if error.id is not None]:
            lines.append(f"adopt: [{', '.join((*adopted, *ids))}]")
        return XacctError(
            f"{len(errors)} resources cannot be planned, and what needs them cannot either",
            details=tuple(error.message for error in errors),
            next_step=adopting(*lines) if lines else errors[0].next_step,
        )


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """``configuration`` is compared only where nothing failed; the repository's file is never written again."""

    report: Report
    configuration: ConfigurationState
    former: str | None = None


def plan_project(config: Config, accounts: Clients, on_event: OnEvent = ignore) -> ProjectPlan:
    """Everything there is, read at once and compared; writes nothing."""
    foundation, later = bootstrap_resources(config, accounts), pipeline_resources(config, accounts)
    whole = plan((*foundation, *later), on_event)
    pipeline = whole.only(resource.id for resource in later)
    absent = all(step.action in (Action.CREATE, Action.BLOCKED) for step in pipeline.steps)
    made = whole.only(resource.id for resource in foundation)
    return ProjectPlan(
        made,
        None if absent else pipeline,
        former_repository(config, accounts),
        tuple(notes(config, accounts, made)),
        look(config, accounts),
    )


def notes(config: Config, accounts: Clients, planned: Plan) -> Iterator[str]:
    """What no resource shows to be otherwise than a reader of the map would think. ``planned`` is bootstrap's."""
    if (unbound := approvers_trust.look(config, accounts)) is not None:
        yield unbound
    yield from adoption_notes.notes(config, accounts, planned)
    for found in unsuited(config, accounts):
        yield f"no run can deploy: endpoint {found.sentence}; {found.next_step}"
    if left := given_up(config, accounts):
        what = ", ".join(f"{one.kind} {one.name}" for one in left)
        yield f"not in the map any more, and still there, so that create-pipeline deletes them: {what}"
    names = Names(config)
    for target in former_capture.former_capture(config, accounts):
        yield (
            f"{former_capture.place_of(names, target)} of account {target.id} have what the endpoint was asked by an "
            f"earlier map, and stay: {former_capture.way_out(names, target)}"
        )
    serving = {Arn.parse(names.endpoint_role(target)).name for target in names.production}
    there = (step.resource.name for step in planned.steps if step.action in (Action.UPDATE, Action.NOTHING))
    if serving.isdisjoint(there):
        return
    for endpoint in endpoint_states(config, accounts):
        if endpoint.outdated:
            yield (
                f"endpoint {endpoint.name} of {endpoint.target} serves {MODELS_PREFIX}/{endpoint.job} of an earlier "
                f"release, which its role may not read once bootstrap is done: {endpoint.consequence}. Deploy one soon "
                f"after bootstrap, and scale nothing up before: {CONFIGURE}, create-pipeline, approve"
            )


def bootstrap(
    config: Config,
    accounts: Clients,
    on_event: OnEvent = ignore,
    on_plan: OnPlan = agree,
    *,
    clock: Clock | None = None,
) -> Bootstrapped:
    """Plan, then create what is missing, change what differs, leave the rest. Failures are in the report, not raised.

    Before the first write AWS is asked what would fail behind it (:func:`before_writing`). What the plan found to be
    missing or different is read again right before its write. Raises
    :class:`~xacct_ml.engine.events.Interrupted`, what ``on_plan`` raises, and :class:`~xacct_ml.errors.NotReady` for a
    connection that cannot be used and XacctError for what AWS refuses: then nothing is made."""
    resources = bootstrap_resources(config, accounts, clock=clock)
    planned = plan(resources, on_event)
    check_connection(planned)
    if planned.writes:
        before_writing(config, accounts)
    on_plan(planned)
    report = planned.nothing_done() if planned.empty else apply(resources, on_event, clock=clock)
    if not report.ok:
        return Bootstrapped(report, NO_DIFFERENCE)
    return Bootstrapped(report, compare_configuration(config, accounts), former_repository(config, accounts))


def after_bootstrap(config: Config, accounts: Clients, *, changed: bool = False) -> str:
    """The command that comes next, by what is there already: data first, then the pipeline, then a look at it.

    Where bootstrap has ``changed`` something, the pipeline may have to follow, as when the repository has moved to
    another account. A hint must not fail what was done: where the data cannot be looked at it is the data, whose
    command says why."""
    try:
        if current_manifest(config, accounts) is None:
            return UPLOAD_DATA if earlier_manifest.look(config, accounts) is None else CONFIGURE
        pipeline_state(config, accounts)
        if changed and pipeline_differs(config, accounts):
            return CREATE_PIPELINE
    except NotReady:
        return CREATE_PIPELINE
    except (ClientError, XacctError):
        return UPLOAD_DATA
    return STATUS
