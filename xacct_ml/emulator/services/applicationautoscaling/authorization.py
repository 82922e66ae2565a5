"""Application Auto Scaling. Source: Service Authorization Reference, "AWS Application Auto Scaling" [D].

What its calls on a variant ask for besides, of SageMaker, CloudWatch and IAM: SageMaker Developer Guide,
endpoint-auto-scaling-prerequisites [D]; of which of the calls is assumed [U]."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.emulator.core.authorization import unknown
from xacct_ml.emulator.core.calls import ApiCall, AuthorizationRequest

SERVICE = "application-autoscaling"

_ON_A_TARGET = ("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy")
_SCALER = "sagemaker.application-autoscaling.amazonaws.com"


def authorization_requests(call: ApiCall) -> tuple[AuthorizationRequest, ...]:
    if call.operation not in _ON_A_TARGET:
        return unknown(call)
    context: dict[str, ContextValue] = {
        "application-autoscaling:service-namespace": str(call.params.get("ServiceNamespace", "")),
        "application-autoscaling:scalable-dimension": str(call.params.get("ScalableDimension", "")),
    }
    arn = call.arn("application-autoscaling", "scalable-target/0ec50123456789abcdef0123456789abcdef")
    asked = AuthorizationRequest(f"application-autoscaling:{call.operation}", arn, call.account, context)
    return (asked, *_of_others(call))


def _of_others(call: ApiCall) -> Iterator[AuthorizationRequest]:
    resource = str(call.params.get("ResourceId", ""))
    _, _, rest = resource.partition("endpoint/")
    endpoint = call.arn("sagemaker", f"endpoint/{rest.partition('/')[0].lower()}")
    alarms = call.arn("cloudwatch", f"alarm:TargetTracking-{resource}-AlarmHigh-00000000-0000-0000-0000-000000000000")
    if call.operation == "RegisterScalableTarget":
        for action in ("DescribeEndpoint", "UpdateEndpointWeightsAndCapacities"):
            yield AuthorizationRequest(f"sagemaker:{action}", endpoint, call.account)
        role = f"role/aws-service-role/{_SCALER}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        arn = call.arn("iam", role, region="")
        yield AuthorizationRequest("iam:CreateServiceLinkedRole", arn, call.account, {"iam:AWSServiceName": _SCALER})
    if call.operation == "PutScalingPolicy":
        yield AuthorizationRequest("cloudwatch:PutMetricAlarm", alarms, call.account)
        yield AuthorizationRequest("cloudwatch:DescribeAlarms", alarms, call.account)
