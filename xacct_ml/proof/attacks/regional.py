"""Attacks of one region's roles on another region: on the pipeline's region's models and key, on other endpoints."""

from collections.abc import Iterator

from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.attacks.intruder import Attack
from xacct_ml.proof.attacks.storage import ANOTHER_REGION, bucket_places
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.lambda_judge import once


def regional_attacks(there: RequestBuilder) -> Iterator[Attack]:
    """A region's endpoints at the pipeline's region's models, functions at other regions' endpoints, and the copies at
    anything but models. None for the pipeline's region itself."""
    if there.is_pipelines:
        return
    names = there.names
    mains = there.in_region(names.region)
    places = bucket_places(mains)
    for target in names.targets_in(there.region):
        role, who = names.endpoint_role(target), f"the endpoint of {target.name}"
        yield Attack(ANOTHER_REGION, f"{who} reads models of {names.region}", mains.read(role, places["judged models"]))
        yield Attack(ANOTHER_REGION, f"{who} decrypts in {names.region}", mains.key_through_s3(role, "kms:Decrypt"))
    for target in names.targets_in(there.region):
        for other in names.production:
            if target.id == other.id and target != other:
                yield from _of_two_targets(there, target, other)
    copies = names.copy_role
    for words in ("data", "evaluations", "artifacts", "models"):
        yield Attack(ANOTHER_REGION, f"the copies read {words}", mains.read(copies, places[words]))
    write = once(mains.write(copies, places["judged models"]))
    yield Attack(ANOTHER_REGION, "the copies write models where they come from", write)


def _of_two_targets(there: RequestBuilder, target: ProductionTarget, other: ProductionTarget) -> Iterator[Attack]:
    """One account's roles for two regions, each at the other's."""
    names = there.names
    function, action = names.deploy_function_role(target), names.deploy_action_role(target)
    for role, call, resource in (
        (action, "lambda:InvokeFunction", names.function_arn(other)),
        (function, "sagemaker:UpdateEndpoint", names.endpoint_arn(other)),
        (function, "sagemaker:CreateModel", names.target_arn(other, "sagemaker", f"model/{names.model_prefix}-0")),
    ):
        what = f"{target.name}'s role {Arn.parse(role).name}: {call} in {names.region_of(other)}"
        yield Attack(ANOTHER_REGION, what, there.in_region(names.region_of(other)).call(role, call, resource))
