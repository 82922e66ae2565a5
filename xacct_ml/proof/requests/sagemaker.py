"""What SageMaker's containers do with their role, whether they train or serve."""

from collections.abc import Iterator

from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import SAGEMAKER_ROLES, Row


def container(send: RequestBuilder, who: str, role: str, group_arn: str) -> Iterator[Row]:
    """Logs and metrics."""
    yield logs(send, who, role, group_arn)
    yield Row(f"{who} writes metrics", send.call(role, "cloudwatch:PutMetricData"), SAGEMAKER_ROLES)


def logs(send: RequestBuilder, who: str, role: str, group_arn: str) -> Row:
    """A log group is named without a stream, a stream with what follows the colon."""
    stream = f"{group_arn}:log-stream:stream"
    logged = [
        send.call(role, "logs:CreateLogGroup", group_arn),
        send.call(role, "logs:DescribeLogStreams", f"{group_arn}:log-stream:"),
        *send.calls(role, "logs", "CreateLogStream PutLogEvents", stream),
    ]
    return Row(f"{who} writes logs", logged, SAGEMAKER_ROLES)


def image_pulled(send: RequestBuilder, who: str, role: str, account: str) -> Iterator[Row]:
    """By a container that serves a model in ``account``. The registry's own policy is AWS's and admits every account;
    here it counts as the caller's resource."""
    image = send.names.image_repository_arn(send.region)
    pulled = [
        send.call(role, f"ecr:{operation}", image, account=account)
        for operation in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    ]
    yield Row(f"{who} pulls the image", pulled, SAGEMAKER_ROLES)
    yield Row(f"{who} signs in to the registry", send.call(role, "ecr:GetAuthorizationToken"), SAGEMAKER_ROLES)
