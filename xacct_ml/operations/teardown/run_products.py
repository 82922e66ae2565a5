"""What runs of the pipeline left behind, found by its name in every account."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import TypeVar

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import both, concurrently
from xacct_ml.aws.errors import translated
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations.predict_batch import BATCH_JOB
from xacct_ml.operations.teardown.product_drivers import (
    SCORING_MODEL,
    BatchTransform,
    Endpoint,
    EndpointConfig,
    EndpointLogGroup,
    FilesModel,
    FilesTransform,
    Model,
    RunProduct,
    ScoringModel,
    TrainingJob,
    Unlisted,
)
from xacct_ml.resources.ownership import Evidence, RoleDocuments
from xacct_ml.resources.rights import Rights, anything
from xacct_ml.system.names import VARIANT_NAME, Names

RIGHTS = {
    "AWS::SageMaker::EndpointConfig": (Rights("endpoint/Find", "sagemaker: ListEndpointConfigs", on=(anything,)),),
    "AWS::SageMaker::Model": (Rights("endpoint/Find", "sagemaker: ListModels", on=(anything,)),),
    "AWS::SageMaker::TrainingJob": (Rights("jobs/ListJobs", "sagemaker: ListTrainingJobs", on=(anything,)),),
    "AWS::SageMaker::TransformJob": (Rights("jobs/ListJobs", "sagemaker: ListTransformJobs", on=(anything,)),),
    SCORING_MODEL: (Rights("jobs/ListJobs", "sagemaker: ListModels", on=(anything,)),),
    BATCH_JOB: (Rights("batch/ListTransforms", "sagemaker: ListTransformJobs", on=(anything,)),),
}

P = TypeVar("P", bound=RunProduct)

_RUNNING = {"StatusEquals": "InProgress"}


def run_products(config: Config, clients: Clients, clock: Clock) -> tuple[RunProduct, ...]:
    """What is found now, by name; whose it is shows when it is read. ``depends_on`` holds among these alone.

    Raises CredentialsError; any other failure to list an account shows as :class:`Unlisted`."""
    names = Names(config)
    place = partial(_Place, names, clients=clients, clock=clock, evidence=RoleDocuments(names, clients))
    training = place("training", names.training, None)
    production = [place(t.name, t.id, names.elsewhere(t)) for t in names.production]
    looks = [partial(training.found, training.jobs), *(partial(place.found, place.serving) for place in production)]
    if (target := names.batch_target) is not None:
        predicting = place(target.name, target.id, names.elsewhere(target))
        looks.append(partial(predicting.found, predicting.files))
    return tuple(product for products in concurrently(looks) for product in products)


@dataclass(frozen=True)
class _Place:
    """Where runs may have left something: the account of ``part`` of the project, in the map's region if None."""

    names: Names
    part: str
    account: str
    region: str | None
    clients: Clients
    clock: Clock
    evidence: Evidence

    def found(self, products: Callable[[], Iterator[RunProduct]]) -> tuple[RunProduct, ...]:
        try:
            with translated():
                return tuple(products())
        except CredentialsError:
            raise
        except XacctError as error:
            id_ = f"{self.account}/run-products" + ("" if self.region is None else f"/{self.region}")
            return (self._product(partial(Unlisted, error=error), id_, "of runs"),)

    def jobs(self) -> Iterator[RunProduct]:
        pattern = self.names.job_pattern
        for name in self._listed("list_training_jobs", "TrainingJobSummaries", "TrainingJobName", pattern):
            yield self._product(TrainingJob, f"{self.part}/job/{name}", name)
        yield from self._transforms(self.names.scoring_pattern, ScoringModel, BatchTransform)

    def files(self) -> Iterator[RunProduct]:
        """Of what predicts files, in the account and region where the map has that."""
        yield from self._transforms(self.names.batch_pattern, FilesModel, FilesTransform)

    def _transforms(
        self, pattern: str, model: Callable[..., Model], transform: Callable[..., BatchTransform]
    ) -> Iterator[RunProduct]:
        """Models go when what runs with them has ended."""
        models = self._listed("list_models", "Models", "ModelName", pattern)
        kept = [self._product(model, f"{self.part}/transform-model/{name}", name) for name in models]
        yield from kept
        needed = tuple(each.id for each in kept)
        names = self._listed("list_transform_jobs", "TransformJobSummaries", "TransformJobName", pattern, _RUNNING)
        for name in names:
            yield self._product(transform, f"{self.part}/transform/{name}", name, needed)

    def serving(self) -> Iterator[RunProduct]:
        """Model ← configuration ← log group ← endpoint: the endpoint goes first, what shows whose the group is after
        it. What smoke tests left over stands beside: its logs are ours where the endpoint is."""
        pattern, temporary = self.names.model_pattern, self.names.smoke_pattern
        listing = ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")
        model_names, config_names = both(
            lambda: self._listed("list_models", "Models", "ModelName", pattern),
            lambda: [*self._listed(*listing, pattern), *self._listed(*listing, temporary)],
        )
        models = [self._product(Model, f"{self.part}/model/{name}", name) for name in model_names]
        yield from models
        needed = tuple(model.id for model in models)
        configs = [
            self._product(EndpointConfig, f"{self.part}/endpoint-config/{name}", name, needed) for name in config_names
        ]
        yield from configs
        above = tuple(config.id for config in configs) or needed
        scaled = None if self.names.config.endpoint.autoscaling is None else VARIANT_NAME
        endpoints = [
            self._product(Endpoint, f"{self.part}/smoke-endpoint", self.names.smoke_endpoint, above),
            self._product(partial(Endpoint, scaled=scaled), f"{self.part}/endpoint", self.names.endpoint, above),
        ]
        if _shows_ours(endpoints[-1], configs):
            for group, of in ((self.names.endpoint_log_group, "endpoint"), (self.names.smoke_log_group, "smoke")):
                yield (logs := self._product(EndpointLogGroup, f"{self.part}/{of}-logs", group, above))
                above = (*above, logs.id)
        yield from (replace(endpoint, depends_on=above) for endpoint in endpoints)

    def _product(self, kind: Callable[..., P], id_: str, name: str, depends_on: tuple[str, ...] = ()) -> P:
        return kind(
            id=id_,
            account=self.account,
            region=self.region,
            name=name,
            tags=self.names.tags,
            evidence=self.evidence,
            clients=self.clients,
            clock=self.clock,
            depends_on=depends_on,
        )

    def _listed(
        self, call: str, member: str, name: str, pattern: str, more: Mapping[str, str] | None = None
    ) -> list[str]:
        """Names that a run of this project may have given: a project's name may begin with another's."""
        sagemaker = self.clients.client(self.account, "sagemaker", self.region)
        contained = pattern.split("?")[0].split("*")[0]
        found = (one[name] for one in listed(sagemaker, call, member, NameContains=contained, **(more or {})))
        return [name for name in found if fnmatchcase(name, pattern)]


def _shows_ours(endpoint: Endpoint, configs: list[EndpointConfig]) -> bool:
    """Whether the endpoint of this name is ours, or was: gone, with a configuration of ours left.

    What cannot be looked at shows nothing here, and is told when it is to be deleted."""
    with suppress(ClientError):
        state = endpoint.observe({})
        if state is not None:
            return endpoint.owns(state)
    for config in configs:
        with suppress(ClientError):
            found = config.observe({})
            if found is not None and config.owns(found):
                return True
    return False
