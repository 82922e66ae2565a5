"""How many instances an endpoint has follows how much it is asked: Application Auto Scaling, registered by the
deploying function once the endpoint is InService.

What the function may do beyond the endpoint is what AWS leaves no narrower form for: the id of a scalable target, which
its ARN has, is AWS's own and known only after it was registered, so that its kind alone is bound (Service Authorization
Reference, AWS Application Auto Scaling) [D]."""

import json

from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.alarms import ALL_ALARMS
from xacct_ml.system.names import SCALING_SERVICE, Names
from xacct_ml.system.statements import Conditions, Document, allow, policy

OF_VARIANTS: Conditions = {
    "StringEquals": {
        "application-autoscaling:service-namespace": "sagemaker",
        "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
    }
}
"""Instance counts of endpoints' variants, and nothing else that can be scaled."""


def scaling_rights(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """What the deploying function's role needs for it, as an inline policy by its name: the rights that SageMaker's
    guide names for whoever registers (endpoint-auto-scaling-prerequisites) [D]. None where nothing is scaled."""
    if names.config.endpoint.autoscaling is None:
        return {}
    return {
        "autoscaling": policy(
            allow(
                "Register",
                "application-autoscaling: DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget",
                names.scalable_targets_arn(target),
                OF_VARIANTS,
            ),
            allow("See", "application-autoscaling: DescribeScalableTargets DescribeScalingPolicies", "*"),
            allow("Scale", "sagemaker:UpdateEndpointWeightsAndCapacities", names.endpoint_arn(target)),
            allow("Alarms", "cloudwatch: DeleteAlarms PutMetricAlarm", names.scaling_alarms_arn(target)),
            allow("SeeAlarms", "cloudwatch:DescribeAlarms", names.target_arn(target, "cloudwatch", ALL_ALARMS)),
            allow(
                "ServiceRole",
                "iam:CreateServiceLinkedRole",
                names.scaling_service_role(target),
                {"StringEquals": {"iam:AWSServiceName": SCALING_SERVICE}},
            ),
        )
    }


def scaling_environment(names: Names) -> dict[str, str]:
    """What the deploying function is told of it."""
    scaling = names.config.endpoint.autoscaling
    if scaling is None:
        return {}
    told = {
        "min": scaling.min,
        "max": scaling.max,
        "target": scaling.target_invocations,
        "policy": names.scaling_policy,
    }
    return {"AUTOSCALING": json.dumps(told, separators=(",", ":"))}
