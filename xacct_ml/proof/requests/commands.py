"""The Commands action, which always runs as the pipeline's role in its own account."""

from collections.abc import Iterator

from xacct_ml.proof.requests import artifacts
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, Row

COMMANDS = "CodePipeline User Guide, action-reference-Commands"
WHO = "The Commands action"


def requests(action: PipelineAction) -> Iterator[Row]:
    send, names, role = action.send, action.send.names, action.role
    yield artifacts.read(send, f"{WHO} reads the source's artifact", role)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    group = names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}")
    logged = [
        send.call(role, "logs:CreateLogGroup", group),
        *send.calls(role, "logs", "CreateLogStream PutLogEvents", f"{group}:log-stream:stream"),
    ]
    yield Row(f"{WHO} writes logs", logged, COMMANDS)
    if action.declaration["outputArtifacts"]:
        yield from artifacts.written(send, WHO, role)


ACTIONS = {"Commands": requests}
