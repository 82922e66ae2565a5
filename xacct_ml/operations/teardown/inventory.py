"""What exists of a project, and the graph in which it is deleted.

``what bootstrap made ← what runs left ← the pipeline ← its rules``: deleted from the right. Nothing can start or change
a run product any more when it is deleted, and roles and stack outlive everything that needs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.events import Failed, OnEvent, Outcome, Seen, ignore
from xacct_ml.engine.graph import Graph
from xacct_ml.engine.plan import look
from xacct_ml.engine.resource import NotOurs, Resource
from xacct_ml.engine.walk import READERS, walk
from xacct_ml.errors import CredentialsError
from xacct_ml.operations.teardown.run_products import RunProduct, run_products
from xacct_ml.resources.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.resources.bucket import Bucket
from xacct_ml.resources.connection import Connection
from xacct_ml.system.names import ADOPTED_TAG, PROJECT_TAG


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
    config: Config, accounts: Clients, *, delete_repository: bool = False, clock: Clock | None = None
) -> Graph:
    """All that may exist, run products as they are listed now.

    With ``delete_repository`` its repository is deleted even if it has commits that are not ours.
    """
    clock = clock or SystemClock()
    made = bootstrap_resources(config, accounts, clock=clock, delete_repository=delete_repository)
    foundation = [resource for resource in made if not isinstance(resource, Connection)]  # nothing of it is ours
    products = run_products(config, accounts, clock)
    return graph(foundation, products, pipeline_resources(config, accounts, clock=clock))


def graph(foundation: Iterable[Resource], products: Iterable[RunProduct], pipeline: Iterable[Resource]) -> Graph:
    """All in one. A run product needs the foundation of its own account only, and the buckets,
    which jobs write and endpoints read; so failures stay in one account."""
    foundation, products, pipeline = tuple(foundation), tuple(products), tuple(pipeline)
    made_by_runs = tuple(product.id for product in products)

    def needs(product: RunProduct) -> tuple[str, ...]:
        return tuple(r.id for r in foundation if r.account == product.account or isinstance(r, Bucket))

    needed = {product.id: needs(product) for product in products}
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
