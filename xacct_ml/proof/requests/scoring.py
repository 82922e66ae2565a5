"""Batch transforms on the rows held out: started by the judge in the training account, run by SageMaker there, and what
the judge then reads."""

from collections.abc import Iterator

from xacct_ml.access.model import ContextValue
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import (
    S3_ENCRYPTION,
    S3_MULTIPART,
    S3_VERSIONS,
    SAGEMAKER_API,
    SAGEMAKER_DEPUTY,
    SAGEMAKER_ROLES,
    Evidence,
    Row,
)
from xacct_ml.proof.requests.sagemaker import container, image_pulled
from xacct_ml.proof.requests.samples import DATASET, DIGEST, EXECUTION, job_name, scoring_name
from xacct_ml.system.names import SCORING_INSTANCE_TYPE

TRANSFORM_OUTPUT = "SageMaker API reference, TransformOutput: the key must let the model's role in"


def requests(send: RequestBuilder, judge: str) -> Iterator[Row]:
    names, scorer = send.names, send.names.scorer_role
    model, job = scored_by(send)
    yield Row("The judge assumes the scorer role", send.assume_from(judge, scorer), SAGEMAKER_API)
    made = [
        send.call(scorer, "sagemaker:CreateModel", model, {"sagemaker:NetworkIsolation": "true"}),
        send.call(scorer, "sagemaker:CreateTransformJob", job, AS_ASKED),
        *(send.call(scorer, "sagemaker:AddTags", each) for each in (model, job)),
    ]
    yield Row("The judge has a model scored on the rows held out", made, SAGEMAKER_API)
    passed = send.pass_role(scorer, names.scoring_role, "sagemaker.amazonaws.com")
    yield Row("… passes the role to SageMaker", passed, SAGEMAKER_ROLES)
    watched = send.calls(scorer, "sagemaker", "DescribeTransformJob StopTransformJob", job)
    yield Row("… watches the batch transform", watched, SAGEMAKER_API)
    cleared = send.calls(scorer, "sagemaker", "DescribeModel DeleteModel", model)
    yield Row("… compares its model, and clears it away", cleared, SAGEMAKER_API)
    yield from _transform(send)
    yield from _read(send, judge)


def scored_by(send: RequestBuilder) -> tuple[str, str]:
    """The model and the transform job."""
    names = send.names
    model, job = (f"{kind}/{scoring_name(names)}" for kind in ("model", "transform-job"))
    return names.arn("sagemaker", names.training, model), names.arn("sagemaker", names.training, job)


AS_ASKED: dict[str, ContextValue] = {"sagemaker:InstanceTypes": (SCORING_INSTANCE_TYPE,)}
"""Of the condition keys of the judge's transform jobs, the one that the role has to have; nothing hangs on how the
output key's is called, as of training jobs."""


def _transform(send: RequestBuilder) -> Iterator[Row]:
    names, role = send.names, send.names.scoring_role
    service, literal = "sagemaker.amazonaws.com", names.arn("sagemaker", names.training, "*")
    assumed = send.assume(service, role, {"aws:SourceArn": literal})
    yield Row("SageMaker assumes the scoring role", assumed, SAGEMAKER_DEPUTY)
    features = names.holdout_key(DATASET, "features")
    listed = send.bucket(role, "s3:ListBucket", {"s3:prefix": features})
    yield Row("The batch transform finds the rows held out", listed, SAGEMAKER_ROLES)
    read = [send.read(role, key) for key in (features, names.judged_key(DIGEST))]
    yield Row("The batch transform reads their features, and the judged model", read, SAGEMAKER_ROLES)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.ASSUMED)
    yield from image_pulled(send, "The batch transform", role, names.training)
    written = scores_key(send)
    yield Row("The batch transform writes predictions", send.write(role, written), SAGEMAKER_ROLES)
    encrypted = send.key_through_s3(role, "kms:GenerateDataKey")
    yield Row("… S3 encrypts them", encrypted, TRANSFORM_OUTPUT)
    yield Row("… and clears away a broken upload", send.read(role, written, "s3:AbortMultipartUpload"), S3_MULTIPART)
    yield from _golden_rows(send, role)
    group = names.arn("logs", names.training, "log-group:/aws/sagemaker/TransformJobs")
    yield from container(send, "The batch transform", role, group)


def _golden_rows(send: RequestBuilder, role: str) -> Iterator[Row]:
    """Those that new endpoints are asked, made by the judge beside the model."""
    if send.names.config.endpoint.smoke_test:
        key = send.names.golden_key(DIGEST, "csv")
        listed = send.bucket(role, "s3:ListBucket", {"s3:prefix": key})
        yield Row("Another batch transform finds the golden rows", listed, SAGEMAKER_ROLES)
        yield Row("… and reads them", send.read(role, key), SAGEMAKER_ROLES)


def scores_key(send: RequestBuilder) -> str:
    return send.names.scores_key(EXECUTION, job_name(send.names), "candidate")


def _read(send: RequestBuilder, judge: str) -> Iterator[Row]:
    names = send.names
    labels = names.holdout_key(DATASET, "labels")
    for words, key in (("predictions", scores_key(send)), ("rows held out", labels)):
        versions = send.bucket(judge, "s3:ListBucketVersions", {"s3:prefix": key})
        yield Row(f"The judge sees whether the {words} were written over", versions, S3_VERSIONS)
    keys = (
        *(scores_key(send), labels, names.holdout_key(DATASET, "slices")),
        *(names.schema_key(DATASET), names.profile_key(DATASET)),
    )
    read = [send.read(judge, key, "s3:GetObjectVersion") for key in keys]
    yield Row("The judge reads predictions, labels and what is known of the columns", read, S3_ENCRYPTION)
