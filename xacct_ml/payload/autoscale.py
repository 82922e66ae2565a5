"""Application Auto Scaling of the endpoint's variant: registered once it is InService, kept as the map has it.

A deployment keeps the number of instances that run (``RetainAllVariantProperties``), and scaling goes on after it. Only
where the type of instance changes, SageMaker refuses the update until the variant is deregistered (SageMaker Developer
Guide, endpoint-scaling-update) [D]: it is then registered again afterwards.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from .job import JobFailed, log

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
METRIC = "SageMakerVariantInvocationsPerInstance"
"""How often a minute each instance is asked (SageMaker Developer Guide, endpoint-auto-scaling-policy) [D]."""


class Scaling:
    """``client`` is one of Application Auto Scaling, in the endpoint's account and region."""

    def __init__(self, settings: Mapping[str, Any], endpoint: str, variant: str, client: Any) -> None:
        self.client = client
        self.low: int = settings["min"]
        self.high: int = settings["max"]
        self.target = float(settings["target"])
        self.policy: str = settings["policy"]
        self.named = {"ServiceNamespace": "sagemaker", "ScalableDimension": DIMENSION}
        self.resource = f"endpoint/{endpoint}/variant/{variant}"

    @classmethod
    def of(cls, environment: Mapping[str, str], variant: str, make_client: Callable[[str], Any]) -> "Scaling | None":
        """None where the map scales nothing."""
        settings = json.loads(environment.get("AUTOSCALING") or "null")
        if settings is None:
            return None
        return cls(settings, environment["ENDPOINT_NAME"], variant, make_client("application-autoscaling"))

    def ensure(self) -> bool:
        """Registers what is not registered as the map has it. False where that is not to be seen yet: "there might be a
        brief delay until the operation achieves eventual consistency" (RegisterScalableTarget, API reference) [D].

        Raises :class:`JobFailed`: the endpoint serves all the same.
        """
        try:
            if self._registered() != (self.low, self.high):
                bounds = {"MinCapacity": self.low, "MaxCapacity": self.high}
                log.info("registering %s: %s to %s instances", self.resource, self.low, self.high)
                self.client.register_scalable_target(ResourceId=self.resource, **bounds, **self.named)
            if self._tracked() != self.target:
                self.client.put_scaling_policy(
                    PolicyName=self.policy,
                    PolicyType="TargetTrackingScaling",
                    ResourceId=self.resource,
                    TargetTrackingScalingPolicyConfiguration=self._tracking(),
                    **self.named,
                )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ObjectNotFoundException", "ConcurrentUpdateException"):
                return False
            raise JobFailed(
                f"the endpoint serves what was approved, but its auto scaling was not set: {error}. Retry the stage "
                "once that is mended: nothing is deployed anew"
            ) from error
        return True

    def release(self) -> None:
        """Takes the variant and its policy out of Application Auto Scaling, which deletes the policy's alarms."""
        try:
            self.client.deregister_scalable_target(ResourceId=self.resource, **self.named)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ObjectNotFoundException":
                raise

    def _registered(self) -> tuple[int, int] | None:
        found = self.client.describe_scalable_targets(ResourceIds=[self.resource], **self.named)["ScalableTargets"]
        return (found[0]["MinCapacity"], found[0]["MaxCapacity"]) if found else None

    def _tracked(self) -> float | None:
        """The target of our policy; None where it is another metric's, or there is none."""
        named = {"PolicyNames": [self.policy], "ResourceId": self.resource}
        answer = self.client.describe_scaling_policies(**named, **self.named)
        for found in answer["ScalingPolicies"]:
            tracking = found.get("TargetTrackingScalingPolicyConfiguration") or {}
            metric = tracking.get("PredefinedMetricSpecification") or {}
            if metric.get("PredefinedMetricType") == METRIC:
                return float(tracking["TargetValue"])
        return None

    def _tracking(self) -> dict[str, Any]:
        return {"TargetValue": self.target, "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC}}
