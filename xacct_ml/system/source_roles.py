"""The roles of the source account, and what the pipeline's own role needs for the source.

The source action works in the account that owns the repository: the pipeline assumes its role there, and that role
writes the artifact into the shared account's bucket. It needs ``s3:PutObjectAcl`` for that (aws-cdk #14260 [C]), and
``bucket-owner-full-control`` is the only ACL that a bucket with ``BucketOwnerEnforced`` takes (S3 User Guide,
about-object-ownership) [D].
"""

from __future__ import annotations

from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import RoleDocument, key_through_s3, role, source_if_sent
from xacct_ml.system.sources import source
from xacct_ml.system.sources.source import OWNER_ACL
from xacct_ml.system.statements import Document, allow, policy, trust_roles, trust_service

COMMANDS_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
"""What a Commands action needs (CodePipeline User Guide, action-reference-Commands) [D]."""


def source_roles(names: Names, keys: Keys) -> tuple[RoleDocument, ...]:
    """The source action's role and the role that forwards pushes; none where the shared account has the repository."""
    account = names.source_account
    if account is None:
        return ()
    return (
        role(
            names,
            account,
            "source-action",
            "Assumed by the pipeline: reads the repository, writes it into the shared bucket as an artifact",
            trust_roles(names, [names.pipeline_role]),
            {
                "repository": policy(_read_repository(names)),
                "artifacts": policy(
                    allow("ArtifactBucket", ["s3:GetBucketLocation", "s3:ListBucket"], [names.bucket_arn]),
                    allow("Artifacts", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [_artifacts(names)]),
                    allow("HandOver", ["s3:PutObjectAcl"], [_artifacts(names)], OWNER_ACL),
                    key_through_s3(keys, names.region, "kms:Decrypt", "kms:GenerateDataKey"),
                    allow("DescribeKey", ["kms:DescribeKey"], [keys.pipeline]),
                ),
            },
        ),
        role(
            names,
            account,
            "forward",
            "Assumed by EventBridge to forward pushes to the shared account's event bus",
            trust_service("events.amazonaws.com", source_if_sent(account, names.forward_rule_arn)),
            {"forward": policy(allow("ForwardPushes", ["events:PutEvents"], [names.event_bus_arn]))},
        ),
    )


def pipeline_source_policies(names: Names) -> dict[str, Document]:
    """Of the pipeline's role, by name: reading its own account's source, or running the Commands action that
    hands on what the source account's role has read.
    """
    if not names.uses_codecommit:
        return {"source": policy(*source(names.config).reading)}
    if names.source_account is None:
        return {"source": policy(_read_repository(names))}
    group = names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}")
    return {"commands": policy(allow("WriteLogs", COMMANDS_LOGS, [group, f"{group}:*"]))}


def _read_repository(names: Names) -> Document:
    return allow(
        "ReadRepository",
        [
            "codecommit:CancelUploadArchive",
            "codecommit:GetBranch",
            "codecommit:GetCommit",
            "codecommit:GetUploadArchiveStatus",
            "codecommit:UploadArchive",
        ],
        [names.repository_arn],
    )


def _artifacts(names: Names) -> str:
    return names.object_arn(f"{names.artifact_prefix}*")
