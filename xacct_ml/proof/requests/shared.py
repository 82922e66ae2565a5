"""What happens in the shared account: the start, the source stage, the artifacts, the operator's own part."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.proof.requests.hop import Evidence, Hop, Sender
from xacct_ml.system.names import Names

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
    words = {names.push_rule: "a push", names.source_rule: "a new source zip", names.data_rule: "new data"}
    for rule in names.start_rules:
        yield Hop(
            START_STAGE,
            f"EventBridge assumes the start role for {words[rule]} (if it sends the rule)",
            send.assume(
                "events.amazonaws.com",
                names.start_role,
                {"aws:SourceAccount": names.shared, "aws:SourceArn": names.rule_arn(rule)},
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
    if names.source_key is not None:
        for what, request in (
            ("The operator uploads the source zip", send.write(operator, names.source_key)),
            ("The operator looks at the source zip", send.read(operator, names.source_key)),
        ):
            yield Hop("Data", what, request, S3_ENCRYPTION, Evidence.DOCUMENTED)


def source_hops(send: Sender) -> Iterator[Hop]:
    """The source action reads the shared account's own repository, as the pipeline's role."""
    stage, role = "Source", send.names.pipeline_role
    yield from service_role_hops(send)
    yield from repository_hops(send, role)
    yield from bucket_hops(send, "CodePipeline looks at the artifact bucket", role)
    yield from written_hops(send, stage, "The source action writes its artifact", role)
    yield from key_hops(send, role)
    yield from read_hops(send, stage, "CodePipeline reads the artifact", role)


def service_role_hops(send: Sender) -> Iterator[Hop]:
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


def repository_hops(send: Sender, role: str) -> Iterator[Hop]:
    """``role`` runs the CodeCommit action: the pipeline's, or the source account's."""
    names = send.names
    for action in ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus", "CancelUploadArchive"):
        yield Hop(
            "Source",
            "The source action reads the repository",
            send.call(role, f"codecommit:{action}", names.repository_arn, names.repository_account),
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


def bucket_hops(send: Sender, what: str, role: str) -> Iterator[Hop]:
    for action in ("GetBucketAcl", "GetBucketLocation", "GetBucketVersioning"):
        yield Hop("Source", what, send.bucket(role, f"s3:{action}"), CODEPIPELINE_ROLE, Evidence.DOCUMENTED)


def written_hops(send: Sender, stage: str, what: str, role: str) -> Iterator[Hop]:
    """An artifact into the bucket, encrypted with the key."""
    written = send.write(role, artifact_key(send.names))
    yield Hop(stage, what, written, CODEPIPELINE_SECURITY, Evidence.DOCUMENTED)
    encrypted = send.key_through_s3(role, "kms:GenerateDataKey")
    yield Hop(stage, "… S3 encrypts it with the key", encrypted, S3_ENCRYPTION, Evidence.DOCUMENTED)
    in_parts = send.key_through_s3(role, "kms:Decrypt")
    yield Hop(stage, "… in parts, if large", in_parts, S3_MULTIPART, Evidence.DOCUMENTED)


def key_hops(send: Sender, role: str) -> Iterator[Hop]:
    described = send.key(role, "kms:DescribeKey")
    yield Hop("Source", "CodePipeline looks at the key", described, CODEPIPELINE_CROSS_ACCOUNT, Evidence.DOCUMENTED)


def read_hops(send: Sender, stage: str, what: str, role: str) -> Iterator[Hop]:
    for action in ("s3:GetObject", "s3:GetObjectVersion"):
        read = send.read(role, artifact_key(send.names), action)
        yield Hop(stage, what, read, CODEPIPELINE_ROLE, Evidence.DOCUMENTED)
