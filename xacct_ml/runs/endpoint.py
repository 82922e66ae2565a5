"""What each production account really serves, whatever the pipeline believes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.errors import code_of, translate
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.errors import XacctError
from xacct_ml.naming import MODELS_PREFIX, Names

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients

ABSENT = "NotCreated"
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class EndpointState:
    """One production target's endpoint.

    ``status`` is SageMaker's, ``NotCreated``, or ``Unknown`` with the reason why it could not be read. ``job`` is the
    training job whose model it serves.
    """

    target: str
    account: str
    name: str
    status: str
    config: str | None = None
    model: str | None = None
    job: str | None = None
    reason: str | None = None


def endpoint_states(config: Config, accounts: Clients) -> tuple[EndpointState, ...]:
    """One state per production target, in the map's order. A target that cannot be read is told, not raised."""
    return tuple(_state(Names(config), accounts, target) for target in Names(config).production)


def _state(names: Names, accounts: Clients, target: ProductionTarget) -> EndpointState:
    try:
        return _read(names, accounts.client(target.id, "sagemaker", names.region_of(target)), target)
    except (BotoCoreError, ClientError) as error:
        return EndpointState(target.name, target.id, names.endpoint, UNKNOWN, reason=translate(error).message)
    except XacctError as error:
        return EndpointState(target.name, target.id, names.endpoint, UNKNOWN, reason=error.message)


def _read(names: Names, sagemaker: Any, target: ProductionTarget) -> EndpointState:
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=names.endpoint)
    except ClientError as error:
        if not could_not_find(error):
            raise
        return EndpointState(target.name, target.id, names.endpoint, ABSENT)
    config = endpoint["EndpointConfigName"]
    model = job = None
    try:
        model = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0].get("ModelName")
        job = _training_job(sagemaker.describe_model(ModelName=model))
    except ClientError as error:
        # Someone may have deleted configuration or model under a running endpoint, which serves on.
        if not could_not_find(error):
            raise
    return EndpointState(
        target.name,
        target.id,
        names.endpoint,
        endpoint["EndpointStatus"],
        config,
        model,
        job,
        endpoint.get("FailureReason"),
    )


def could_not_find(error: ClientError) -> bool:
    """SageMaker tells a missing thing by its message: Describe* raise a ValidationException, "Could not find …" [C]."""
    return code_of(error) == "ResourceNotFound" or (
        code_of(error) == "ValidationException"
        and "could not find" in error.response["Error"].get("Message", "").lower()
    )


def _training_job(model: dict[str, Any]) -> str | None:
    """The job in ``s3://<bucket>/models/<job>/output/model.tar.gz``."""
    location = (model.get("PrimaryContainer") or {}).get("ModelDataUrl", "")
    _, found, rest = location.partition(f"/{MODELS_PREFIX}/")
    return rest.split("/", 1)[0] if found else None
