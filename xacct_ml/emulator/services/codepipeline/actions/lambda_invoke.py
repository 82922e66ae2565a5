"""Lambda invoke action.

CodePipeline user guide, "Invoke an AWS Lambda function in a pipeline", and its quotas [D]: the function is invoked
asynchronously with a job; a job without a reply fails the action after 20 minutes; a reply with a continuation token
has the function invoked again with a new job, for 24 hours in all."""

import json
import time
from collections.abc import Callable
from typing import Any

from xacct_ml.emulator.services.codepipeline.context import ActionContext, Outcome
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed
from xacct_ml.emulator.services.codepipeline.model import Artifact, Job

ACTION_SECONDS = 24 * 60 * 60


def run(context: ActionContext, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """Invoke the function until it replies without a continuation token."""
    function = context.client("lambda")
    outputs = tuple(context.store.place(name) for name in context.output_names)
    deadline = clock() + ACTION_SECONDS
    token: str | None = None
    while clock() < deadline:
        job = Job(context.pipeline, context.run, context.execution, _data(context, outputs, token))
        context.host.open_job(job)
        event = {"CodePipeline.job": {"id": job.id, "accountId": context.account, "data": job.data}}
        function.invoke(
            FunctionName=context.configuration["FunctionName"],
            InvocationType="Event",
            Payload=json.dumps(event).encode(),
        )
        reply = context.host.await_reply(job, context.reply)
        if reply is None:
            raise ActionFailed(
                "JobFailed",
                "The AWS Lambda function "
                f"{context.configuration['FunctionName']} failed to return a result. "
                "Check the function to verify that it has permission to call the PutJobSuccessResult action and that "
                "it made a call to PutJobSuccessResult.",
            )
        shown = {"summary": reply.summary, "external_id": reply.external_id, "percent": reply.percent}
        context.report(updated_by=reply.by, **{name: value for name, value in shown.items() if value is not None})
        if reply.failure is not None:
            raise ActionFailed(*reply.failure)
        if reply.token is None:
            return Outcome(reply.variables, outputs)
        token = reply.token
        context.host.pause(context.execution, context.continuation)
    raise ActionFailed("JobFailed", "The action did not end within 24 hours")


def _data(context: ActionContext, outputs: tuple[Artifact, ...], token: str | None) -> dict[str, Any]:
    """The job's data as the user guide documents the event.

    ``artifactCredentials`` come with artifacts only, scoped to them. On AWS they are always there; a function without
    artifacts has no use for them."""
    data: dict[str, Any] = {
        "actionConfiguration": {"configuration": dict(context.configuration)},
        "inputArtifacts": [_location(artifact) for artifact in context.inputs],
        "outputArtifacts": [_location(artifact) for artifact in outputs],
    }
    if context.inputs or outputs:
        data["artifactCredentials"] = _artifact_credentials(context, outputs)
    if token is not None:
        data["continuationToken"] = token
    if context.store.key_id is not None:
        data["encryptionKey"] = {"id": context.store.key_id, "type": "KMS"}
    return data


def _location(artifact: Artifact) -> dict[str, Any]:
    place = {"bucketName": artifact.bucket, "objectKey": artifact.key}
    return {"name": artifact.name, "revision": artifact.revision, "location": {"type": "S3", "s3Location": place}}


def _artifact_credentials(context: ActionContext, outputs: tuple[Artifact, ...]) -> dict[str, str]:
    """The action role's credentials, narrowed by a session policy to the action's artifacts."""

    def arns(artifacts: tuple[Artifact, ...]) -> list[str]:
        return [f"arn:{context.partition}:s3:::{artifact.bucket}/{artifact.key}" for artifact in artifacts]

    statements = [
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"},
        *([{"Effect": "Allow", "Action": "s3:GetObject*", "Resource": arns(context.inputs)}] if context.inputs else []),
        *([{"Effect": "Allow", "Action": "s3:PutObject", "Resource": arns(outputs)}] if outputs else []),
    ]
    keys = context.pipeline_credentials.client("sts").assume_role(
        RoleArn=context.role_arn,
        RoleSessionName=context.execution.id,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )["Credentials"]
    return {
        "accessKeyId": keys["AccessKeyId"],
        "secretAccessKey": keys["SecretAccessKey"],
        "sessionToken": keys["SessionToken"],
    }
