"""The CodeCommit source action, as the pipeline's role or as a role of the source account."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.documentation import CODEPIPELINE_CROSS_ACCOUNT, CODEPIPELINE_SECURITY
from xacct_ml.proof.requests.hop import Row

WHO = "The source action"
OTHER_ACCOUNT = "aws-cdk #14260: a source action in another account needs s3:PutObjectAcl"


def requests(action: PipelineAction) -> Iterator[Row]:
    send, role, pipeline = action.send, action.role, action.pipeline_role
    if role == pipeline:
        yield from _repository(send, role)
        yield artifacts.bucket_seen(send, role)
        yield from artifacts.written(send, WHO, role)
        yield artifacts.key_seen(send, role)
        yield artifacts.read(send, "CodePipeline reads the artifact", role)
        return
    yield artifacts.bucket_seen(send, pipeline)
    yield artifacts.key_seen(send, pipeline)
    yield Row("The pipeline assumes the action's role", send.assume_from(pipeline, role), CODEPIPELINE_CROSS_ACCOUNT)
    yield from _repository(send, role)
    location = send.bucket(role, "s3:GetBucketLocation")
    yield Row(f"{WHO} looks at the artifact bucket", location, CODEPIPELINE_CROSS_ACCOUNT)
    yield from artifacts.written(send, WHO, role)
    yield artifacts.handed_over(send, role, OTHER_ACCOUNT)
    yield artifacts.key_seen(send, role)
    yield artifacts.read(send, f"{WHO} reads its artifact", role)


def _repository(send: RequestBuilder, role: str) -> Iterator[Row]:
    operations = "GetBranch GetCommit UploadArchive GetUploadArchiveStatus CancelUploadArchive"
    calls = send.calls(role, "codecommit", operations, send.names.repository_arn)
    yield Row(f"{WHO} reads the repository", calls, CODEPIPELINE_SECURITY)
    listed = send.bucket(role, "s3:ListBucket")
    yield Row(f"{WHO} checks the artifact bucket", listed, "CodePipeline User Guide, troubleshooting")
