"""The Lambda action that copies an approved model to another region, and the artifact store that CodePipeline keeps
there because of it.
"""

import json
from collections.abc import Iterator

from xacct_ml.proof.requests import lambda_function
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.artifacts import LOOK_AT_BUCKET
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, S3_MULTIPART, Evidence, Row
from xacct_ml.proof.requests.samples import artifact_key, job_name

ARTIFACT_STORES = "aws-cdk, pipeline.ts: the pipeline's role reads and writes the artifact store of every region"
MISSING_OBJECT = "S3 API reference, HeadObject (a missing object is told to those who may list the bucket)"


def requests(action: PipelineAction) -> Iterator[Row]:
    """None for an action whose region is none of the project's."""
    send, region = action.send, json.loads(action.configuration["UserParameters"])["region"]
    if region in send.names.regions:
        there = send.in_region(region)
        yield from _artifact_store(there, action.pipeline_role)
        yield from _invocation(send, action.role)
        yield from _copy(there)


def _artifact_store(there: RequestBuilder, role: str) -> Iterator[Row]:
    looked_at = [there.bucket(role, operation) for operation in LOOK_AT_BUCKET]
    yield Row("CodePipeline looks at the region's artifact store", looked_at, ARTIFACT_STORES, Evidence.CODE)
    kept = [
        there.write(role, artifact_key(there.names)),
        *there.reads(role, artifact_key(there.names)),
        *(there.key_through_s3(role, action) for action in ("kms:GenerateDataKey", "kms:Decrypt")),
        there.key(role, "kms:DescribeKey"),
    ]
    yield Row("CodePipeline keeps the region's artifacts", kept, ARTIFACT_STORES, Evidence.CODE)


def _invocation(send: RequestBuilder, invoking: str) -> Iterator[Row]:
    names, role, function = send.names, send.names.copy_role, send.names.copy_function_arn
    invoked = [send.call(invoking, "lambda:InvokeFunction", function), send.call(invoking, "lambda:ListFunctions")]
    yield Row("The pipeline invokes the function", invoked, lambda_function.LAMBDA_ACTION)
    group = names.arn("logs", names.shared, f"log-group:{names.copy_log_group}")
    yield from lambda_function.running(send, role, function, group)
    yield Row("The function reads the model", send.read(role, names.model_key(job_name(names))), S3_ENCRYPTION)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    yield lambda_function.reported(send, role)


def _copy(there: RequestBuilder) -> Iterator[Row]:
    role, copy = there.names.copy_role, there.names.model_key(job_name(there.names))
    yield Row("The function sees whether the copy is there", there.bucket(role, "s3:ListBucket"), MISSING_OBJECT)
    yield Row("The function writes the copy", there.write(role, copy), S3_ENCRYPTION)
    encrypted = there.key_through_s3(role, "kms:GenerateDataKey")
    yield Row("… S3 encrypts it with the region's key", encrypted, S3_ENCRYPTION)
    aborted = there.read(role, copy, "s3:AbortMultipartUpload")
    yield Row("… in parts, if large, or not at all", aborted, S3_MULTIPART)
    yield Row("The function checks the copy", there.read(role, copy), S3_ENCRYPTION)
    yield Row("… S3 decrypts it", there.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
