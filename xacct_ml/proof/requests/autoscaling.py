"""Application Auto Scaling of an endpoint's variant, as the deploying function asks for it."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Row
from xacct_ml.proof.requests.samples import STACK_ID
from xacct_ml.system.names import Names

PREREQUISITES = "SageMaker Developer Guide, endpoint-auto-scaling-prerequisites"
UPDATE = "SageMaker Developer Guide, endpoint-scaling-update"

OF_VARIANT: dict[str, ContextValue] = {
    "application-autoscaling:service-namespace": "sagemaker",
    "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
}
SERVICE_NAME: dict[str, ContextValue] = {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}


def requests(send: RequestBuilder, target: ProductionTarget, role: str) -> Iterator[Row]:
    """None where the map scales nothing."""
    names = send.names
    if names.config.endpoint.autoscaling is None:
        return
    scaled, alarm, service = scalable_target(names, target), scaling_alarm(names, target), "application-autoscaling"
    seen = send.calls(role, service, "DescribeScalableTargets DescribeScalingPolicies")
    yield Row("The function sees whether the endpoint is scaled", seen, PREREQUISITES)
    registered = [
        send.call(role, f"{service}:{one}", scaled, OF_VARIANT)
        for one in ("RegisterScalableTarget", "PutScalingPolicy")
    ]
    yield Row("The function has its instances follow the requests", registered, PREREQUISITES)
    ended = send.call(role, f"{service}:DeregisterScalableTarget", scaled, OF_VARIANT)
    yield Row("… or not, before they become others", ended, UPDATE)
    count = send.call(role, "sagemaker:UpdateEndpointWeightsAndCapacities", names.endpoint_arn(target))
    yield Row("… as it might change their number itself", count, PREREQUISITES)
    alarms = send.calls(role, "cloudwatch", "DeleteAlarms DescribeAlarms PutMetricAlarm", alarm)
    yield Row("… and might make the alarms", alarms, PREREQUISITES)
    linked = send.call(role, "iam:CreateServiceLinkedRole", names.scaling_service_role(target), SERVICE_NAME)
    yield Row("Application Auto Scaling's role is made, if it is not there", linked, PREREQUISITES)


def scalable_target(names: Names, target: ProductionTarget) -> str:
    return names.target_arn(target, "application-autoscaling", "scalable-target/0ec50123456789abcdef0123456789abcdef")


def scaling_alarm(names: Names, target: ProductionTarget) -> str:
    return names.scaling_alarms_arn(target).replace("*", f"AlarmHigh-{STACK_ID}")
