"""Instance counts that followed the requests by an earlier map and do so by this one no more: ``create-pipeline`` and
``teardown`` take them out of Application Auto Scaling, which would go on scaling the endpoint.

The deploying function has registered them, and has no right on them without ``autoscaling`` in the map. Ours is what
has a scaling policy of our name: who scales the endpoint by a policy of another name goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.config.model import Config
from xacct_ml.engine.clock import Clock, SystemClock
from xacct_ml.engine.resource import Outputs, Resource, State
from xacct_ml.errors import CredentialsError, XacctError
from xacct_ml.operations.teardown.product_drivers import RunProduct
from xacct_ml.resources.ownership import RoleDocuments
from xacct_ml.resources.rights import Place, Rights, anything, itself
from xacct_ml.system.autoscaling import OF_VARIANTS
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import VARIANT_NAME, Names

FORMER_SCALING = "instance count that followed the requests by an earlier map"
RIGHTS = {
    FORMER_SCALING: (
        Rights(
            "endpoint/Scaling",
            "application-autoscaling: DeregisterScalableTarget",
            on=(itself,),
            condition=lambda _: OF_VARIANTS,
        ),
        Rights("endpoint/SeeScaling", "application-autoscaling: DescribeScalingPolicies", on=(anything,)),
    )
}


@dataclass(frozen=True, kw_only=True)
class ScalableTarget(RunProduct):
    """``name`` is its resource id, ``policy`` the name of the scaling policy that shows that it is ours."""

    policy: str
    kind = "scalable target"
    has_tags = False

    def observe(self, outputs: Outputs) -> State | None:
        named = {"ServiceNamespace": "sagemaker", "ResourceId": self.name}
        found = self.client("application-autoscaling").describe_scaling_policies(**named)
        return {} if any(each["PolicyName"] == self.policy for each in found["ScalingPolicies"]) else None

    def remove(self, observed: State) -> None:
        """With its policies, and their alarms (Application Auto Scaling API reference, DeregisterScalableTarget)
        [D]."""
        absent_as_none(
            "ObjectNotFoundException",
            self.client("application-autoscaling").deregister_scalable_target,
            ServiceNamespace="sagemaker",
            ResourceId=self.name,
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        )


def places(names: Names) -> Iterator[tuple[str, Place]]:
    """Where an operator needs rights on what there may be: before the map gives it up, too."""
    keys = Keys.stand_ins(names)
    for target in names.production:
        arn = names.scalable_targets_arn(target)
        yield FORMER_SCALING, Place(names=names, keys=keys, account=target.id, arn=arn)


def former_scaling(config: Config, accounts: Clients, clock: Clock | None = None) -> tuple[ScalableTarget, ...]:
    """Those that are there and ours; what may not be looked at is taken for not there."""
    if config.endpoint.autoscaling is not None:
        return ()
    names = Names(config)
    known = [
        ScalableTarget(
            id=f"{target.name}/scaling",
            account=target.id,
            region=names.elsewhere(target),
            name=f"endpoint/{names.endpoint}/variant/{VARIANT_NAME}",
            policy=names.scaling_policy,
            tags={},
            evidence=RoleDocuments(names, accounts),
            clients=accounts,
            clock=clock or SystemClock(),
        )
        for target in names.production
    ]
    there = concurrently([partial(is_there, each) for each in known])
    return tuple(each for each, found in zip(known, there, strict=True) if found)


def is_there(resource: Resource) -> bool:
    """And ours. What may not be looked at is taken for not there."""
    try:
        return resource.read({}) is not None
    except CredentialsError:
        raise
    except XacctError:
        return False
