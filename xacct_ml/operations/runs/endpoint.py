"""What each production account really serves, whatever the pipeline believes."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import absent_as_none, code_of, translate
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.errors import XacctError
from xacct_ml.foreign import bounded
from xacct_ml.resources.rights import Rights
from xacct_ml.system.bucket_layout import JUDGED_PREFIX, MODELS_PREFIX
from xacct_ml.system.names import Names
from xacct_ml.system.waves import waves

RIGHTS = {
    "AWS::SageMaker::Endpoint": (Rights("endpoint/Endpoint", "sagemaker: DescribeEndpoint"),),
    "AWS::SageMaker::EndpointConfig": (Rights("endpoint/EndpointConfigurations", "sagemaker: DescribeEndpointConfig"),),
    "AWS::SageMaker::Model": (Rights("endpoint/Models", "sagemaker: DescribeModel"),),
}

ABSENT = "NotCreated"
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class EndpointState:
    """One production target's endpoint.

    ``status`` is SageMaker's, ``NotCreated``, or ``Unknown`` with the reason why it could not be read. ``digest`` is
    the SHA-256 of the model that it serves, None for one that was deployed before there was a judge; ``job`` and
    ``commit`` are what trained it and what that was trained from, where the pipeline's history still tells; ``of_run``
    whether it is that of the run that is looked at, None where either is unknown. ``wave`` is None where the map names
    no waves. ``run``, ``since``, ``approved_by`` and, where one deployed it, ``release`` are as the judge wrote it down
    after the deployment."""

    target: str
    account: str
    name: str
    status: str
    config: str | None = None
    model: str | None = None
    job: str | None = None
    reason: str | None = None
    wave: str | None = None
    region: str = ""
    commit: str | None = None
    of_run: bool | None = None
    digest: str | None = None
    run: str | None = None
    since: datetime | None = None
    approved_by: tuple[str, ...] = ()
    release: str | None = None

    @property
    def outdated(self) -> bool:
        """Whether it serves a model that was deployed before there was a judge: its role may read judged ones only."""
        return self.job is not None and self.digest is None

    @property
    def consequence(self) -> str:
        """What an outdated one can no longer do under the policies of this release."""
        return "it serves on, and starts no new instance until a run of this release is deployed"


def endpoint_states(config: Config, accounts: Clients) -> tuple[EndpointState, ...]:
    """One state per production target, wave after wave. A target that cannot be read is told, not raised."""
    names = Names(config)
    looks = [partial(_state, names, accounts, wave.name, target) for wave in waves(config) for target in wave.targets]
    return tuple(concurrently(looks))


def endpoint_state(config: Config, accounts: Clients, target: ProductionTarget) -> EndpointState:
    """Of one target; none of the other accounts is asked."""
    return _state(Names(config), accounts, None, target)


def _state(names: Names, accounts: Clients, wave: str | None, target: ProductionTarget) -> EndpointState:
    unknown = EndpointState(target.name, target.id, names.endpoint, UNKNOWN, wave=wave, region=names.region_of(target))
    try:
        return _read(unknown, accounts.client(target.id, "sagemaker", names.region_of(target)))
    except (BotoCoreError, ClientError) as error:
        return replace(unknown, reason=translate(error).message)
    except XacctError as error:
        return replace(unknown, reason=error.message)


def _read(unknown: EndpointState, sagemaker: Any) -> EndpointState:
    endpoint = absent_as_none(could_not_find, sagemaker.describe_endpoint, EndpointName=unknown.name)
    if endpoint is None:
        return replace(unknown, status=ABSENT)
    config = endpoint["EndpointConfigName"]
    model = digest = job = None
    try:
        model = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0].get("ModelName")
        described = sagemaker.describe_model(ModelName=model)
        digest, job = _under(JUDGED_PREFIX, described), _under(MODELS_PREFIX, described)
    except ClientError as error:
        # Someone may have deleted configuration or model under a running endpoint, which serves on.
        if not could_not_find(error):
            raise
    return replace(
        unknown,
        status=endpoint["EndpointStatus"],
        config=config,
        model=model,
        digest=digest,
        job=job,
        reason=bounded(endpoint.get("FailureReason") or "") or None,
    )


def could_not_find(error: ClientError) -> bool:
    """SageMaker tells a missing thing by its message: Describe* raise a ValidationException, "Could not find …" [C]."""
    return code_of(error) == "ResourceNotFound" or (
        code_of(error) == "ValidationException"
        and "could not find" in error.response["Error"].get("Message", "").lower()
    )


def _under(prefix: str, model: dict[str, Any]) -> str | None:
    """The name in ``s3://<bucket>/<prefix>/<name>/…``, where the model's data are there."""
    location = (model.get("PrimaryContainer") or {}).get("ModelDataUrl", "")
    _, found, rest = location.partition(f"/{prefix}/")
    return rest.split("/", 1)[0] if found else None
