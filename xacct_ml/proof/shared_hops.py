"""What happens in the shared account: the start, the source stage, the artifacts, the operator's own part."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.naming import Names
from xacct_ml.proof.hop import Evidence, Hop, Sender

CODEPIPELINE_ROLE = "CodePipeline User Guide, pipelines-create-service-role"
CODEPIPELINE_SECURITY = "CodePipeline User Guide, security-iam"
CODEPIPELINE_CROSS_ACCOUNT = "CodePipeline User Guide, pipelines-create-cross-account"
S3_ENCRYPTION = "S3 User Guide, UsingKMSEncryption"
S3_MULTIPART = "S3 User Guide, mpuoverview"

START_STAGE = "Start"
"""What goes before every run: it is no stage of the pipeline."""

SOURCE_KEY = "Source/artifact.zip"


def artifact_key(names: Names) -> str:
    return f"{names.artifact_prefix}/{SOURCE_KEY}"


def start_hops(config: Config, send: Sender) -> Iterator[Hop]:
    names = send.names
    source = "EventBridge User Guide, eb-targets (CodePipeline target with a role)"
    yield Hop(
        START_STAGE,
        "EventBridge assumes the start role",
        send.assume("events.amazonaws.com", names.start_role),
        source,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        START_STAGE,
        "EventBridge assumes the start role for a push (if it sends the rule)",
        send.assume(
            "events.amazonaws.com",
            names.start_role,
            {"aws:SourceAccount": names.shared, "aws:SourceArn": names.rule_arn(names.push_rule)},
        ),
        source,
        Evidence.ASSUMED,
    )
    yield Hop(
        START_STAGE,
        "EventBridge assumes the start role for new data (if it sends the rule)",
        send.assume(
            "events.amazonaws.com",
            names.start_role,
            {"aws:SourceAccount": names.shared, "aws:SourceArn": names.rule_arn(names.data_rule)},
        ),
        source,
        Evidence.ASSUMED,
    )
    yield Hop(
        START_STAGE,
        "EventBridge starts the pipeline",
        send.call(names.start_role, "codepipeline:StartPipelineExecution", names.pipeline_arn, names.shared),
        source,
        Evidence.DOCUMENTED,
    )
    operator = config.accounts.shared.role_arn
    if operator is not None:
        yield from operator_hops(send, operator)


def operator_hops(send: Sender, operator: str) -> Iterator[Hop]:
    """What whoever runs this tool in the shared account does with data, apart from making things."""
    names = send.names
    data = names.channel_key("0123456789abcdef", "train")
    for what, request in (
        ("The operator looks up the key", send.key(operator, "kms:DescribeKey")),
        ("The operator uploads data", send.write(operator, data)),
        ("… S3 encrypts it for the operator", send.key_through_s3(operator, "kms:GenerateDataKey")),
        ("… in parts", send.key_through_s3(operator, "kms:Decrypt")),
        ("The operator writes the manifest", send.write(operator, names.manifest_key)),
        ("The operator reads the manifest", send.read(operator, names.manifest_key)),
        ("The operator reads the evaluation", send.read(operator, names.evaluation_key("execution"))),
    ):
        yield Hop("Data", what, request, S3_ENCRYPTION, Evidence.DOCUMENTED)


def source_hops(send: Sender) -> Iterator[Hop]:
    names, role = send.names, send.names.pipeline_role
    assumed = {"aws:SourceAccount": names.shared, "aws:SourceArn": names.pipeline_arn}
    yield Hop(
        "Source",
        "CodePipeline assumes its service role",
        send.assume("codepipeline.amazonaws.com", role),
        CODEPIPELINE_ROLE,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        "Source",
        "CodePipeline assumes its service role (if it sends the source)",
        send.assume("codepipeline.amazonaws.com", role, assumed),
        CODEPIPELINE_ROLE,
        Evidence.ASSUMED,
    )
    for action in ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus", "CancelUploadArchive"):
        yield Hop(
            "Source",
            "The source action reads the repository",
            send.call(role, f"codecommit:{action}", names.repository_arn, names.shared),
            CODEPIPELINE_SECURITY,
            Evidence.DOCUMENTED,
        )
    yield Hop(
        "Source",
        "The source action checks the artifact bucket",
        send.bucket(role, "s3:ListBucket"),
        "CodePipeline User Guide, troubleshooting",
        Evidence.DOCUMENTED,
    )
    for action in ("GetBucketAcl", "GetBucketLocation", "GetBucketVersioning"):
        yield Hop(
            "Source",
            "CodePipeline looks at the artifact bucket",
            send.bucket(role, f"s3:{action}"),
            CODEPIPELINE_ROLE,
            Evidence.DOCUMENTED,
        )
    key = artifact_key(names)
    yield Hop(
        "Source",
        "The source action writes its artifact",
        send.write(role, key),
        CODEPIPELINE_SECURITY,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        "Source",
        "… S3 encrypts it with the key",
        send.key_through_s3(role, "kms:GenerateDataKey"),
        S3_ENCRYPTION,
        Evidence.DOCUMENTED,
    )
    yield Hop(
        "Source", "… in parts, if large", send.key_through_s3(role, "kms:Decrypt"), S3_MULTIPART, Evidence.DOCUMENTED
    )
    yield Hop(
        "Source",
        "CodePipeline looks at the key",
        send.key(role, "kms:DescribeKey"),
        CODEPIPELINE_CROSS_ACCOUNT,
        Evidence.DOCUMENTED,
    )
    for action in ("s3:GetObject", "s3:GetObjectVersion"):
        yield Hop(
            "Source",
            "CodePipeline reads the artifact",
            send.read(role, key, action),
            CODEPIPELINE_ROLE,
            Evidence.DOCUMENTED,
        )
