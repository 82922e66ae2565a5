"""What an operator of the shared account may do with a source that is no CodeCommit repository."""

from __future__ import annotations

from xacct_ml.system.names import CONNECTION_SERVICES, Names
from xacct_ml.system.statements import Document, allow, policy


def other_source_policies(names: Names) -> dict[str, Document]:
    """Policy name to document; none for CodeCommit."""
    if names.connection_arns:
        return {"connection": _connection(names)}
    if names.source_key is not None:
        # The training team's uploads, too: who may upload a version decides what is trained.
        rights = ["s3:GetObject", "s3:PutObject"]
        return {"source": policy(allow("SourceObject", rights, [names.object_arn(names.source_key)]))}
    return {}


def _connection(names: Names) -> Document:
    """To look at it, and to put it into the pipeline (Developer Tools console user guide, connections: PassConnection
    is needed by who calls CreatePipeline and UpdatePipeline [D]). Making and deleting one is nobody's of ours.
    """
    arns = list(names.connection_arns)
    return policy(
        allow("LookAtConnection", [f"{service}:GetConnection" for service in CONNECTION_SERVICES], arns),
        *(
            allow(
                f"PassConnection{number}",
                [f"{service}:PassConnection"],
                [arn],
                {"StringEquals": {f"{service}:PassedToService": "codepipeline.amazonaws.com"}},
            )
            for number, (service, arn) in enumerate(zip(CONNECTION_SERVICES, arns, strict=True), 1)
        ),
    )
