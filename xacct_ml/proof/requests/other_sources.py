"""The source stage without CodeCommit: a git host behind a connection, or a zip in the bucket."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.access.model import Request
from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.proof.requests.shared import (
    CODEPIPELINE_ROLE,
    CODEPIPELINE_SECURITY,
    bucket_hops,
    key_hops,
    read_hops,
    service_role_hops,
    written_hops,
)
from xacct_ml.proof.requests.source_account import owned
from xacct_ml.system.names import CONNECTION_SERVICES, Names

CONNECTIONS = "Developer Tools console user guide, connections-permissions"
HAND_OVER = "aws-cdk #13557: the source action of a connection needs s3:PutObjectAcl"

STAGE = "Source"


def other_source_hops(send: Sender) -> Iterator[Hop]:
    """All of it as the pipeline's role, in its own account."""
    names, role = send.names, send.names.pipeline_role
    yield from service_role_hops(send)
    yield from _connection(send) if names.source_key is None else _object(send, names.source_key)
    listed = send.bucket(role, "s3:ListBucket")
    yield Hop(STAGE, "CodePipeline checks the artifact bucket", listed, CODEPIPELINE_ROLE, Evidence.DOCUMENTED)
    yield from bucket_hops(send, "CodePipeline looks at the artifact bucket", role)
    yield from written_hops(send, STAGE, "The source action writes its artifact", role)
    if names.connection_arns:
        what = "… and gives the bucket's owner full control of it"
        yield Hop(STAGE, what, owned(send, role), HAND_OVER, Evidence.CODE)
    yield from key_hops(send, role)
    yield from read_hops(send, STAGE, "CodePipeline reads the artifact", role)


def _connection(send: Sender) -> Iterator[Hop]:
    names, role = send.names, send.names.pipeline_role
    for service, arn in zip(CONNECTION_SERVICES, names.connection_arns, strict=True):
        yield Hop(
            STAGE,
            f"The source action uses the connection, called by {service}",
            send.call(role, f"{service}:UseConnection", arn, names.shared),
            CONNECTIONS,
            Evidence.DOCUMENTED,
        )


def _object(send: Sender, key: str) -> Iterator[Hop]:
    role = send.names.pipeline_role
    for what, action in (("newest version", "s3:GetObject"), ("one version", "s3:GetObjectVersion")):
        yield Hop(
            STAGE,
            f"The source action reads the source zip, its {what}",
            send.read(role, key, action),
            CODEPIPELINE_SECURITY,
            Evidence.DOCUMENTED,
        )


def rehearsed_by_source(names: Names, request: Request) -> bool | None:
    """Whether a rehearsal asks for this request of the pipeline's role; None where the kind of source does not matter.

    The emulated actions of connections and S3 do not look at the artifact bucket by listing it, as CodeCommit's does.
    """
    if names.uses_codecommit:
        return None
    if request.action == "s3:ListBucket":
        return False
    if request.resource in names.connection_arns:
        connection = names.config.pipeline.connection
        return connection is not None and request.resource == connection.arn
    if names.source_key is None:
        return None
    if request.resource == names.object_arn(names.source_key):
        return request.action == "s3:GetObject"
    return True if request.action in ("kms:Decrypt", "s3:GetBucketVersioning") else None
