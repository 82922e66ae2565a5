"""What targets in other regions than the pipeline's add to a run: artifact stores, and copies of the approved model."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.proof.requests.production import JOB_RESULT, LAMBDA_ACTION, LAMBDA_LOGS, function_log_hops
from xacct_ml.proof.requests.shared import S3_ENCRYPTION, S3_MULTIPART, artifact_key
from xacct_ml.proof.requests.training import job_name
from xacct_ml.system.waves import DeploymentWave

ARTIFACT_STORES = "aws-cdk, pipeline.ts: the pipeline's role reads and writes the artifact store of every region"
MISSING_OBJECT = "S3 API reference, HeadObject (a missing object is told to those who may list the bucket)"


def regional_hops(send: Sender, wave: DeploymentWave) -> Iterator[Hop]:
    """None where all targets of the wave are in the pipeline's region. ``send`` sends to the pipeline's region.

    Copies belong to the stage of the targets that they are made for: one action for each region.
    """
    wanted = dict.fromkeys(send.names.region_of(target) for target in wave.targets)
    for region in wanted:
        if region != send.names.region:
            there, stage = send.in_region(region), f"{wave.deploy_stage} {send.names.copy_action(region)}"
            yield from _artifact_store(there, stage)
            yield from _invocation(send, stage)
            yield from _copy(send, there, stage)


def _artifact_store(there: Sender, stage: str) -> Iterator[Hop]:
    role = there.names.pipeline_role
    for action in ("GetBucketAcl", "GetBucketLocation", "GetBucketVersioning"):
        yield Hop(
            stage,
            "CodePipeline looks at the region's artifact store",
            there.bucket(role, f"s3:{action}"),
            ARTIFACT_STORES,
            Evidence.CODE,
        )
    key = artifact_key(there.names)
    requests = (
        there.write(role, key),
        there.read(role, key),
        there.read(role, key, "s3:GetObjectVersion"),
        there.key_through_s3(role, "kms:GenerateDataKey"),
        there.key_through_s3(role, "kms:Decrypt"),
        there.key(role, "kms:DescribeKey"),
    )
    for request in requests:
        yield Hop(stage, "CodePipeline keeps the region's artifacts", request, ARTIFACT_STORES, Evidence.CODE)


def _invocation(send: Sender, stage: str) -> Iterator[Hop]:
    names, role = send.names, send.names.copy_role
    account, function = names.shared, names.copy_function_arn
    for action, resource in (("InvokeFunction", function), ("ListFunctions", "*")):
        yield Hop(
            stage,
            "The pipeline invokes the function",
            send.call(names.pipeline_role, f"lambda:{action}", resource, account),
            LAMBDA_ACTION,
            Evidence.DOCUMENTED,
        )
    assumed = {"aws:SourceAccount": account, "aws:SourceArn": function}
    what = "Lambda assumes the function's role"
    yield Hop(stage, what, send.assume("lambda.amazonaws.com", role), LAMBDA_LOGS, Evidence.DOCUMENTED)
    yield Hop(
        stage,
        f"{what} (if it sends the function)",
        send.assume("lambda.amazonaws.com", role, assumed),
        LAMBDA_LOGS,
        Evidence.ASSUMED,
    )
    group = names.arn("logs", account, f"log-group:{names.copy_log_group}")
    yield from function_log_hops(send, stage, role, group)
    yield Hop(
        stage,
        "The function reads the model",
        send.read(role, names.model_key(job_name(names))),
        S3_ENCRYPTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(stage, "… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.DOCUMENTED)
    for action in ("PutJobSuccessResult", "PutJobFailureResult"):
        yield Hop(
            stage,
            "The function reports to the pipeline",
            send.call(role, f"codepipeline:{action}", "*", account),
            JOB_RESULT,
            Evidence.CODE,
        )


def _copy(send: Sender, there: Sender, stage: str) -> Iterator[Hop]:
    names, role = send.names, send.names.copy_role
    copy = names.model_key(job_name(names))
    yield Hop(
        stage,
        "The function sees whether the copy is there",
        there.bucket(role, "s3:ListBucket"),
        MISSING_OBJECT,
        Evidence.DOCUMENTED,
    )
    yield Hop(stage, "The function writes the copy", there.write(role, copy), S3_ENCRYPTION, Evidence.DOCUMENTED)
    yield Hop(
        stage,
        "… S3 encrypts it with the region's key",
        there.key_through_s3(role, "kms:GenerateDataKey"),
        S3_ENCRYPTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        stage,
        "… in parts, if large, or not at all",
        there.call(role, "s3:AbortMultipartUpload", there.object_arn(copy), names.shared),
        S3_MULTIPART,
        Evidence.DOCUMENTED,
    )
    yield Hop(stage, "The function checks the copy", there.read(role, copy), S3_ENCRYPTION, Evidence.DOCUMENTED)
    yield Hop(stage, "… S3 decrypts it", there.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION, Evidence.DOCUMENTED)
