"""What is asked of an endpoint, kept: written by SageMaker as the endpoint's role, read by the account's operator."""

from collections.abc import Iterator

from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, S3_MULTIPART, Evidence, Row
from xacct_ml.proof.requests.samples import captured_key

CAPTURE_STAGE = "Captured requests"
DATA_CAPTURE = "SageMaker Developer Guide, model-monitor-data-capture-endpoint"
CAPTURE_CONFIG = "SageMaker API reference, DataCaptureConfig"


def captured(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    """None where the map captures nothing."""
    if target not in send.names.capturing:
        return
    there, role, key = send.of_captured(target), send.names.endpoint_role(target), captured_key(send.names)
    written = [there.write(role, key), there.call(role, "s3:PutObject", there.object_arn(key))]
    yield Row("The endpoint writes what it was asked", written, DATA_CAPTURE)
    yield Row("… S3 encrypts it", there.key_through_s3(role, "kms:GenerateDataKey"), CAPTURE_CONFIG)
    decrypted, aborted = there.key_through_s3(role, "kms:Decrypt"), there.read(role, key, "s3:AbortMultipartUpload")
    yield Row("… in parts, if large", decrypted, S3_MULTIPART, Evidence.ASSUMED)
    yield Row("… and clears away a broken upload", aborted, S3_MULTIPART, Evidence.ASSUMED)


def read(send: RequestBuilder, target: ProductionTarget, operator: str) -> Iterator[Row]:
    """What ``drift`` asks for."""
    there, key = send.of_captured(target), captured_key(send.names)
    listed = there.bucket(operator, "s3:ListBucket", {"s3:prefix": send.names.capture_prefix})
    where = f"The operator of {target.name}"
    yield Row(f"{where} lists what was captured", listed, S3_ENCRYPTION)
    yield Row(f"{where} reads it", there.read(operator, key), S3_ENCRYPTION)
    yield Row("… S3 decrypts it", there.key_through_s3(operator, "kms:Decrypt"), S3_ENCRYPTION)
