"""The smoke test of a deployment: golden rows in the shared account, and the temporary endpoint that is asked them."""

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, SAGEMAKER_API, Row
from xacct_ml.proof.requests.lambda_running import MISSING_OBJECT
from xacct_ml.proof.requests.sagemaker import logs
from xacct_ml.proof.requests.samples import DIGEST, smoke_config

INVOKED = "SageMaker API reference, InvokeEndpoint"
_CALLS = (
    "CreateEndpointConfig/config DescribeEndpointConfig/config AddTags/config CreateEndpoint/endpoint "
    "CreateEndpoint/config AddTags/endpoint DescribeEndpoint/endpoint DeleteEndpoint/endpoint "
    "DeleteEndpointConfig/config"
)


def tested(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    """None where the map has no smoke test."""
    names = send.names
    if not names.config.endpoint.smoke_test:
        return
    shared, reader, golden = send.in_region(names.region), names.job_result_role, names.golden_key(DIGEST, "json")
    listed = shared.bucket(reader, "s3:ListBucket", {"s3:prefix": golden})
    yield Row("The function sees whether the model has golden rows", listed, MISSING_OBJECT)
    yield Row("… and reads them", shared.read(reader, golden), S3_ENCRYPTION)
    yield Row("… S3 decrypts them", shared.key_through_s3(reader, "kms:Decrypt"), S3_ENCRYPTION)
    role = names.deploy_function_role(target)
    endpoint = names.smoke_endpoint_arn(target)
    resources = {"config": smoke_config(names, target), "endpoint": endpoint}
    calls = [
        send.call(role, f"sagemaker:{operation}", resources[what])
        for operation, what in (call.split("/") for call in _CALLS.split())
    ]
    yield Row("The function makes a temporary endpoint, and clears it away", calls, SAGEMAKER_API)
    asked = send.call(role, "sagemaker:InvokeEndpoint", endpoint)
    yield Row("… and asks it the golden rows", asked, INVOKED)


def logged(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    """What its container does as the endpoint's role beyond what the endpoint's own does."""
    names = send.names
    if names.config.endpoint.smoke_test:
        group = names.target_arn(target, "logs", f"log-group:{names.smoke_log_group}")
        yield logs(send, "The temporary endpoint", names.endpoint_role(target), group)
