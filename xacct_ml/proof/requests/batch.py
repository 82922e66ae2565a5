"""Batch transforms in production: what SageMaker does as the role that the operator passes to them, with files in the
bucket that the map names and with the model that is served."""

from collections.abc import Iterator

from xacct_ml.access.model import Request
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, S3_MULTIPART, SAGEMAKER_DEPUTY, SAGEMAKER_ROLES, Evidence, Row
from xacct_ml.proof.requests.sagemaker import container, image_pulled
from xacct_ml.proof.requests.samples import DIGEST

BATCH_STAGE = "Batch"
FILE, ANSWER = "in/customers.csv", "out/customers.csv.out"


def requests(send: RequestBuilder) -> Iterator[Row]:
    """None where the map has no ``batch``."""
    target = send.names.batch_target
    if target is not None:
        yield from _transform(send.in_region(send.names.region_of(target)), target)


def on_file(send: RequestBuilder, role: str, action: str, key: str) -> Request:
    """On an object in the map's bucket for files, in an account of production."""
    account = None if send.names.batch_target is None else send.names.batch_target.id
    return send.call(role, action, f"{send.names.batch_bucket_arn}/{key}", account=account)


def _transform(send: RequestBuilder, target: ProductionTarget) -> Iterator[Row]:
    names, role = send.names, send.names.batch_role(target)
    literal = names.target_arn(target, "sagemaker", "*")
    assumed = send.assume("sagemaker.amazonaws.com", role, {"aws:SourceArn": literal})
    yield Row("SageMaker assumes the role of batch transforms", assumed, SAGEMAKER_DEPUTY)
    listed = send.call(role, "s3:ListBucket", names.batch_bucket_arn, account=target.id)
    yield Row("The batch transform finds the files", listed, SAGEMAKER_ROLES)
    yield Row("The batch transform reads them", on_file(send, role, "s3:GetObject", FILE), SAGEMAKER_ROLES)
    model = send.read(role, names.judged_key(DIGEST))
    yield Row("The batch transform reads the model that is served", model, SAGEMAKER_ROLES)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.ASSUMED)
    yield from image_pulled(send, "The batch transform", role, target.id)
    yield Row("The batch transform writes predictions", on_file(send, role, "s3:PutObject", ANSWER), SAGEMAKER_ROLES)
    broken = on_file(send, role, "s3:AbortMultipartUpload", ANSWER)
    yield Row("… and clears away a broken upload", broken, S3_MULTIPART)
    group = names.target_arn(target, "logs", "log-group:/aws/sagemaker/TransformJobs")
    yield from container(send, "The batch transform", role, group)
