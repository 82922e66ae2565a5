"""The source action of a git host behind a connection (CodeStarSourceConnection), as the pipeline's role."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts, codecommit
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.documentation import CODEPIPELINE_ROLE
from xacct_ml.proof.requests.hop import Row
from xacct_ml.system.names import CONNECTION_SERVICES

CONNECTIONS = "Developer Tools console user guide, connections-permissions"
HAND_OVER = "aws-cdk #13557: the source action of a connection needs s3:PutObjectAcl"


def requests(action: PipelineAction) -> Iterator[Row]:
    send, role = action.send, action.role
    for service, arn in zip(CONNECTION_SERVICES, send.names.connection_arns, strict=True):
        what = f"The source action uses the connection, called by {service}"
        yield Row(what, send.call(role, f"{service}:UseConnection", arn), CONNECTIONS)
    listed = send.bucket(role, "s3:ListBucket")
    yield Row("CodePipeline checks the artifact bucket", listed, CODEPIPELINE_ROLE)
    yield artifacts.bucket_seen(send, role)
    yield from artifacts.written(send, codecommit.WHO, role)
    yield artifacts.handed_over(send, role, HAND_OVER)
    yield artifacts.key_seen(send, role)
    yield artifacts.read(send, "CodePipeline reads the artifact", role)
