"""The source actions: of CodeCommit, as the pipeline's role or as a role of the source account; of a git host behind a
connection (CodeStarSourceConnection) and of a zip in the bucket (S3), as the pipeline's role."""

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import CODEPIPELINE_CROSS_ACCOUNT, CODEPIPELINE_ROLE, CODEPIPELINE_SECURITY, Row
from xacct_ml.proof.requests.samples import artifact_key
from xacct_ml.system.names import CONNECTION_SERVICES

WHO = "The source action"
OTHER_ACCOUNT = "aws-cdk #14260: a source action in another account needs s3:PutObjectAcl"
CODEPIPELINE_TAGS = "CodePipeline User Guide, how-to-custom-role (objects of the source bucket have tags)"
CONNECTIONS = "Developer Tools console user guide, connections-permissions"
HAND_OVER = "aws-cdk #13557: the source action of a connection needs s3:PutObjectAcl"


def codecommit(action: PipelineAction) -> Iterator[Row]:
    send, role, pipeline = action.send, action.role, action.pipeline_role
    if role == pipeline:
        yield from _repository(send, role)
        yield from _handed_on(send, role)
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


def connection(action: PipelineAction) -> Iterator[Row]:
    send, role = action.send, action.role
    for service, arn in zip(CONNECTION_SERVICES, send.names.connection_arns, strict=True):
        what = f"{WHO} uses the connection, called by {service}"
        yield Row(what, send.call(role, f"{service}:UseConnection", arn), CONNECTIONS)
    yield _bucket_checked(send, role)
    yield from _handed_on(send, role, HAND_OVER)


def s3(action: PipelineAction) -> Iterator[Row]:
    send, role, key = action.send, action.role, action.configuration["S3ObjectKey"]
    for what, operation in (("newest version", "s3:GetObject"), ("one version", "s3:GetObjectVersion")):
        yield Row(f"{WHO} reads the source zip, its {what}", send.read(role, key, operation), CODEPIPELINE_SECURITY)
    tags = [send.read(role, key, f"s3:{operation}") for operation in ("GetObjectTagging", "GetObjectVersionTagging")]
    tags.append(send.read(role, artifact_key(send.names), "s3:PutObjectTagging"))
    yield Row(f"{WHO} gives the zip's tags to its artifact", tags, CODEPIPELINE_TAGS)
    yield _bucket_checked(send, role)
    yield from _handed_on(send, role)


def _repository(send: RequestBuilder, role: str) -> Iterator[Row]:
    operations = "GetBranch GetCommit UploadArchive GetUploadArchiveStatus CancelUploadArchive"
    calls = send.calls(role, "codecommit", operations, send.names.repository_arn)
    yield Row(f"{WHO} reads the repository", calls, CODEPIPELINE_SECURITY)
    listed = send.bucket(role, "s3:ListBucket")
    yield Row(f"{WHO} checks the artifact bucket", listed, "CodePipeline User Guide, troubleshooting")


def _bucket_checked(send: RequestBuilder, role: str) -> Row:
    return Row("CodePipeline checks the artifact bucket", send.bucket(role, "s3:ListBucket"), CODEPIPELINE_ROLE)


def _handed_on(send: RequestBuilder, role: str, hand_over: str | None = None) -> Iterator[Row]:
    """What is read becomes the pipeline's artifact. ``hand_over`` says that it is given to the bucket's owner."""
    yield artifacts.bucket_seen(send, role)
    yield from artifacts.written(send, WHO, role)
    if hand_over is not None:
        yield artifacts.handed_over(send, role, hand_over)
    yield artifacts.key_seen(send, role)
    yield artifacts.read(send, "CodePipeline reads the artifact", role)


ACTIONS = {"CodeCommit": codecommit, "CodeStarSourceConnection": connection, "S3": s3}
