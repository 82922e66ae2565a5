"""Whether an endpoint that is there can become what the map says: SageMaker makes no serverless endpoint of one on
instances (SageMaker Developer Guide, serverless-endpoints) [D]."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.doctor.check import Check, Finding, State, Subject, failed, ok, unknown
from xacct_ml.operations.runs.endpoint import could_not_find
from xacct_ml.resources.rights import Rights
from xacct_ml.system.names import Names

RIGHTS = {"AWS::SageMaker::Endpoint": (Rights("endpoint/Endpoint", "sagemaker: DescribeEndpoint"),)}

CALL = "sagemaker:DescribeEndpoint"


def checks(subject: Subject) -> Iterator[Check]:
    """Of serverless endpoints only: one that is serverless may get instances."""
    names = subject.names
    if subject.config.endpoint.serverless is None:
        return
    for target in names.production:
        look = partial(_look, target.id, names.region_of(target), names.endpoint)
        yield Check("endpoint's kind", target.id, names.region_of(target), CALL, look, quick=True)


def unsuited(config: Config, accounts: Clients) -> tuple[Finding, ...]:
    """Of each target whose endpoint cannot become what the map says; what AWS does not say counts as suited."""
    if config.endpoint.serverless is None:
        return ()
    names = Names(config)
    looks = [
        partial(_look_if_possible, target.id, names.region_of(target), names.endpoint, accounts)
        for target in names.production
    ]
    return tuple(found for found in concurrently(looks) if found.state is State.FAILED)


def _look_if_possible(account: str, region: str, name: str, accounts: Clients) -> Finding:
    try:
        return _look(account, region, name, accounts)
    except (BotoCoreError, ClientError, XacctError) as error:
        return unknown(str(error))


def _look(account: str, region: str, name: str, accounts: Clients) -> Finding:
    sagemaker = accounts.client(account, "sagemaker", region)
    return judge(name, absent_as_none(could_not_find, sagemaker.describe_endpoint, EndpointName=name))


def judge(name: str, endpoint: Mapping[str, Any] | None) -> Finding:
    """``endpoint`` is DescribeEndpoint's answer; None where there is none."""
    if endpoint is None:
        return ok(f"{name} is not there yet")
    variants = endpoint.get("ProductionVariants") or []
    if any("CurrentServerlessConfig" not in variant for variant in variants):
        return failed(
            f"{name} runs on instances, and SageMaker makes no serverless endpoint of it",
            "give endpoint.name in the map another name, or delete the endpoint before the next run deploys",
        )
    return ok(f"{name} is serverless" if variants else f"{name} serves nothing yet")
