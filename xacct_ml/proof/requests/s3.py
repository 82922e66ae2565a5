"""The S3 source action: a zip in the bucket, read as the pipeline's role."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts, codecommit
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.documentation import CODEPIPELINE_ROLE, CODEPIPELINE_SECURITY
from xacct_ml.proof.requests.hop import Row


def requests(action: PipelineAction) -> Iterator[Row]:
    send, role, key = action.send, action.role, action.configuration["S3ObjectKey"]
    for what, operation in (("newest version", "s3:GetObject"), ("one version", "s3:GetObjectVersion")):
        request = send.read(role, key, operation)
        yield Row(f"The source action reads the source zip, its {what}", request, CODEPIPELINE_SECURITY)
    listed = send.bucket(role, "s3:ListBucket")
    yield Row("CodePipeline checks the artifact bucket", listed, CODEPIPELINE_ROLE)
    yield artifacts.bucket_seen(send, role)
    yield from artifacts.written(send, codecommit.WHO, role)
    yield artifacts.key_seen(send, role)
    yield artifacts.read(send, "CodePipeline reads the artifact", role)
