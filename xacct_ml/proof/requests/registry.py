"""The Model Registry: the judge registers what passed; the function of the last stage releases what was deployed."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Row
from xacct_ml.proof.requests.lambda_running import LAMBDA_ACTION, reported, run_read, running

PACKAGES = "Service Authorization Reference, Amazon SageMaker AI (model-package); SageMaker API reference"
STATUS = "sagemaker:ModelApprovalStatus"
PENDING: dict[str, ContextValue] = {STATUS: "PendingManualApproval"}
APPROVED: dict[str, ContextValue] = {STATUS: "Approved"}


def package(send: RequestBuilder) -> str:
    return send.names.model_package_arn("1")


def registered(send: RequestBuilder, judge: str) -> Iterator[Row]:
    """None where the map has no registry."""
    if send.names.model_package_group is not None:
        made = send.call(judge, "sagemaker:CreateModelPackage", package(send), PENDING)
        yield Row("The judge registers the model, pending", made, PACKAGES)


def requests(action: PipelineAction) -> Iterator[Row]:
    """The release."""
    send, names, role = action.send, action.send.names, action.send.names.registry_role
    function = names.registry_function_arn
    invoked = [
        send.call(action.role, "lambda:InvokeFunction", function),
        send.call(action.role, "lambda:ListFunctions"),
    ]
    yield Row("The pipeline invokes the function", invoked, LAMBDA_ACTION)
    group = names.arn("logs", names.shared, f"log-group:{names.registry_log_group}")
    yield from running(send, role, function, group)
    yield run_read(send, "The function", role, action.pipeline_arn)
    seen = send.call(role, "sagemaker:DescribeModelPackage", package(send))
    yield Row("The function sees whether the package is the run's", seen, PACKAGES)
    released = send.call(role, "sagemaker:UpdateModelPackage", package(send), APPROVED)
    yield Row("… and sets it to Approved", released, PACKAGES)
    yield reported(send, role)
