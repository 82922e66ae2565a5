"""What exists of a project, the graph in which it is deleted, and what is left afterwards.

``what bootstrap made ← what runs left ← the pipeline ← its rules``: deleted from the right. Nothing can start or change
a run product any more when it is deleted, and roles and stack outlive everything that needs them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, translate, translated
from xacct_ml.config.model import Config
from xacct_ml.engine.apply import destroy
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.events import Failed, KeptBack, OnEvent, Outcome, Report, Seen, Skipped, ignore
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.plan import look
from xacct_ml.engine.resource import NotOurs, Resource, describe
from xacct_ml.engine.walk import READERS, walk
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations import former_capture
from xacct_ml.operations.given_up import given_up
from xacct_ml.operations.source_state import former_repository
from xacct_ml.operations.teardown import earlier_release
from xacct_ml.operations.teardown.product_drivers import RunProduct
from xacct_ml.operations.teardown.run_products import run_products
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.bucket import Bucket
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.kms_alias import KmsAlias
from xacct_ml.resources.pipeline import Pipeline
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.bucket_layout import EVIDENCE_PREFIXES
from xacct_ml.system.names import ADOPTED_TAG, PROJECT_TAG, TRAINING_LOGS, Names

MANAGED_RULE = "StepFunctionsGetEventsForSageMakerTrainingJobsRule"
"""Step Functions makes it for ``.sync`` training, one for all state machines (SFN guide, sagemaker-iam) [D]."""

EVIDENCE = tuple(f"{prefix}/" for prefix in EVIDENCE_PREFIXES)
"""What stays in the bucket unless asked: which model was judged how, and served when."""


def _managed_rule(place: Place) -> str:
    return place.names.arn("events", place.account, f"rule/{MANAGED_RULE}")


RIGHTS = {"AWS::SageMaker::TrainingJob": (Rights("jobs/Rule", "events: DescribeRule", on=(_managed_rule,)),)}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that exists, or that could not be looked at. ``ours`` says whether anything of it is ours; ``problem``
    why it may not go."""

    resource: Resource
    ours: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What of the project exists."""

    found: tuple[Found, ...]

    @property
    def empty(self) -> bool:
        return not any(found.ours for found in self.found)


def inventory(config: Config, accounts: Clients, on_event: OnEvent = ignore) -> Inventory:
    """Look at everything at once; writes nothing. What cannot be looked at is in what is found, with the problem."""
    resources = deletable(config, accounts).resources
    looked = walk(resources, dict.fromkeys(resources, ()), look, on_event, threads=READERS)
    return Inventory(tuple(one for id_ in resources if (one := found(looked[id_])) is not None))


def deletable(
    config: Config,
    accounts: Clients,
    *,
    delete_repository: bool = False,
    delete_evidence: bool = False,
    clock: Clock | None = None,
) -> Graph:
    """All that may exist, run products as they are listed now.

    With ``delete_repository`` its repository is deleted even if it has commits that are not ours; without
    ``delete_evidence`` the bucket stays where it has judged models or records, with these alone."""
    clock = clock or SystemClock()
    keep = () if delete_evidence else EVIDENCE
    made = bootstrap_resources(config, accounts, clock=clock, delete_repository=delete_repository, keep=keep)
    foundation = [resource for resource in made if not isinstance(resource, Connection)]  # nothing of it is ours
    products = (*run_products(config, accounts, clock), *earlier_release.products(config, accounts, clock))
    later = (*pipeline_resources(config, accounts, clock=clock), *given_up(config, accounts, clock))
    return graph(foundation, products, later)


def graph(foundation: Iterable[Resource], products: Iterable[RunProduct], pipeline: Iterable[Resource]) -> Graph:
    """All in one. A run product needs the foundation of its own account only, and the buckets,
    which jobs write and endpoints read; so failures stay in one account."""
    foundation, products, pipeline = tuple(foundation), tuple(products), tuple(pipeline)
    made_by_runs = tuple(product.id for product in products)

    def needs(product: RunProduct) -> tuple[str, ...]:
        return tuple(r.id for r in foundation if r.account == product.account or isinstance(r, Bucket))

    needed = {product.id: needs(product) for product in products}
    # What is left in a bucket decides whether its key keeps its alias.
    aliases = tuple(r.id for r in foundation if isinstance(r, KmsAlias))
    needed |= {r.id: aliases for r in foundation if isinstance(r, Bucket)}
    return Graph((*foundation, *products, *pipeline), more_edges={**needed, **{r.id: made_by_runs for r in pipeline}})


def found(looked: Outcome) -> Found | None:
    """What a look came to. Raises CredentialsError where credentials gave out."""
    match looked:
        case Failed(error=CredentialsError() as error):
            raise error
        case Failed(resource=resource, error=NotOurs() as error):
            return Found(resource, ours=False, problem=error.message)
        case Failed(resource=resource, error=error):
            return Found(resource, problem=error.message)
        case Seen(resource=resource, observed=observed) if observed is not None:
            tags = observed.get("tags", {PROJECT_TAG: ""})
            if PROJECT_TAG not in tags:
                return Found(resource, ours=False, problem="in the map's adopt, but nothing of it is ours")
            return Found(resource, problem="adopted: it stays" if ADOPTED_TAG in tags else None)
    return None


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is still there after teardown, and why."""

    account: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class TeardownResult:
    """How a teardown went."""

    report: Report
    left: tuple[Left, ...]


def teardown(
    config: Config,
    accounts: Clients,
    on_event: OnEvent,
    *,
    keep_data: bool = False,
    delete_repository: bool = False,
    delete_evidence: bool = False,
    clock: Clock | None = None,
) -> TeardownResult:
    """Delete what is ours. Failures are in the report; what they need stays for the next attempt.

    Runs are stopped before their products are listed, and the products are listed again at the end."""
    clock = clock or SystemClock()
    _stop_first(config, accounts, clock)
    graph = deletable(
        config, accounts, delete_repository=delete_repository, delete_evidence=delete_evidence, clock=clock
    )
    keep = data_ids(config, graph.resources.values()) if keep_data else frozenset()
    report = destroy(graph, on_event, keep=keep, clock=clock)
    late = _made_meanwhile(config, accounts, clock, report)
    return TeardownResult(
        report,
        (
            *_still_there(report),
            *late,
            *_former(config, accounts),
            *_captured(config, accounts),
            *_of_services(config, accounts),
        ),
    )


def _stop_first(config: Config, accounts: Clients, clock: Clock) -> None:
    """Stop the runs of a pipeline of ours. What fails here fails again, and is told, when the pipeline is deleted."""
    for resource in pipeline_resources(config, accounts, clock=clock):
        if isinstance(resource, Pipeline):
            with suppress(XacctError), translated():
                if resource.read({}) is not None:
                    resource.stop_runs()


def _made_meanwhile(config: Config, accounts: Clients, clock: Clock, report: Report) -> tuple[Left, ...]:
    """What a run, on its way to being stopped, made after the products were listed."""
    late = [product for product in run_products(config, accounts, clock) if product.id not in report.outcomes]
    why = "made by a run while it was being stopped; run teardown again"
    return tuple(Left(product.account, describe(product), why) for product in late)


def data_ids(config: Config, resources: Iterable[Resource]) -> frozenset[str]:
    """Ids of the buckets, of what is made in them, of their keys and the keys' aliases."""
    names = Names(config)
    kept = {names.key_alias, names.source_key, *map(names.bucket_in, (names.region, *names.other_regions))}
    return frozenset(r.id for r in resources if r.account == names.shared and r.name in kept)


def _still_there(report: Report) -> tuple[Left, ...]:
    left = []
    for outcome in report.outcomes.values():
        resource = outcome.resource
        what = describe(resource)
        match outcome:
            case KeptBack(reason=reason):
                left.append(Left(resource.account, what, reason))
            case Failed(error=error):
                left.append(Left(resource.account, what, error.message))
            case Skipped(because=because):
                left.append(Left(resource.account, what, f"needed by {', '.join(because)}, which could not be deleted"))
    return tuple(left)


def _former(config: Config, accounts: Clients) -> tuple[Left, ...]:
    """What an earlier map has left."""
    names = Names(config)
    what = f"CodeCommit repository {names.repository}"
    try:
        if former_repository(config, accounts) is None:
            return ()
    except (ClientError, BotoCoreError) as error:
        return (Left(names.shared, what, f"could not be looked at: {translate(error).message}"),)
    return (Left(names.shared, what, "from before the map had a source account; delete it by hand"),)


def _captured(config: Config, accounts: Clients) -> Iterator[Left]:
    """Data of customers, which no command deletes that was not told to."""
    names = Names(config)
    for target in former_capture.former_capture(config, accounts):
        why = f"what the endpoint was asked by an earlier map: {former_capture.way_out(names, target)}"
        yield Left(target.id, former_capture.place_of(names, target), why)


def _of_services(config: Config, accounts: Clients) -> tuple[Left, ...]:
    """What AWS services made for themselves on our behalf, and own."""
    names = Names(config)
    what, events = f"event rule {MANAGED_RULE}", accounts.client(names.training, "events")
    try:
        rule = absent_as_none("ResourceNotFoundException", events.describe_rule, Name=MANAGED_RULE)
    except (ClientError, BotoCoreError) as error:
        return (Left(names.training, what, f"could not be looked at: {translate(error).message}"),)
    if rule is None:
        return ()
    owner = rule.get("ManagedBy", "states.amazonaws.com")
    logs = f"log group {TRAINING_LOGS}"
    return (
        Left(names.training, what, f"managed by {owner} for every state machine of the account"),
        Left(names.training, logs, "shared by all training jobs of the account, ours among them"),
    )
