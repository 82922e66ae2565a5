"""The actions of the judge's function: the source handed over, the configuration checked, the model judged; a model of
before looked up for a release; what serves where written down."""

import json
from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.proof.requests import artifacts, registry, scoring
from xacct_ml.proof.requests.action import PipelineAction
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import S3_ENCRYPTION, S3_MULTIPART, S3_VERSIONS, Row
from xacct_ml.proof.requests.lambda_running import LAMBDA_ACTION, MISSING_OBJECT, reported, run_read, running
from xacct_ml.proof.requests.samples import DATASET, DEPLOYED, DIGEST, EXECUTION, artifact_key, job_name

CONDITIONAL_WRITES = "S3 User Guide, conditional-writes-enforce"
COPY_PARTS = "S3 API reference, UploadPartCopy"
DESCRIBED = "Service Authorization Reference, AWS Step Functions and Amazon SageMaker"
THE_JUDGE = "The judge"


def requests(action: PipelineAction) -> Iterator[Row]:
    """None for a task that the function does not have."""
    task = json.loads(action.configuration["UserParameters"]).get("task")
    send, names, role = action.send, action.send.names, action.send.names.judge_role
    of_task = _OF_TASK.get(task)
    if of_task is None:
        return
    function = names.judge_function_arn
    invoked = [
        send.call(action.role, "lambda:InvokeFunction", function),
        send.call(action.role, "lambda:ListFunctions"),
    ]
    yield Row("The pipeline invokes the function", invoked, LAMBDA_ACTION)
    group = names.arn("logs", names.shared, f"log-group:{names.judge_log_group}")
    yield from running(send, role, function, group)
    # What serves is known from both; so it is to whoever compares with it.
    looked_at = (action.pipeline_arn,) if task in ("hand-over", "check") else names.pipeline_arns
    yield run_read(send, THE_JUDGE, role, *looked_at)
    if action.declaration["inputArtifacts"]:
        yield from _credentials(action)
    yield from of_task(send, role)
    yield reported(send, role)


def _credentials(action: PipelineAction) -> Iterator[Row]:
    """The event carries credentials of the action's role, narrowed to its artifacts; the judge uses its own."""
    send, who = action.send, "CodePipeline's credentials for the artifacts"
    yield artifacts.read(send, f"{who} read", action.role, LAMBDA_ACTION)
    yield Row("… S3 decrypts it", send.key_through_s3(action.role, "kms:Decrypt"), S3_ENCRYPTION)
    if action.declaration["outputArtifacts"]:
        yield Row(f"{who} write", send.write(action.role, artifact_key(send.names)), LAMBDA_ACTION)
        yield Row("… S3 encrypts it", send.key_through_s3(action.role, "kms:GenerateDataKey"), S3_ENCRYPTION)


def _source(send: RequestBuilder, role: str) -> Iterator[Row]:
    read = send.read(role, artifact_key(send.names))
    yield Row(f"{THE_JUDGE} reads the source's artifact", read, S3_ENCRYPTION)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)


def _handed_over(send: RequestBuilder, role: str) -> Iterator[Row]:
    yield from _source(send, role)
    yield from artifacts.written(send, THE_JUDGE, role)
    versions = send.bucket(role, "s3:ListBucketVersions", {"s3:prefix": artifact_key(send.names)})
    yield Row(f"{THE_JUDGE} sees whether the source was written over", versions, S3_VERSIONS)


def _checked(send: RequestBuilder, role: str) -> Iterator[Row]:
    yield from _source(send, role)
    yield Row(f"{THE_JUDGE} reads the data manifest", send.read(role, send.names.manifest_key), S3_ENCRYPTION)
    note = send.read(role, send.names.withdrawal_key(DATASET))
    yield Row(f"{THE_JUDGE} sees whether the data set was withdrawn", note, S3_ENCRYPTION)
    missing = send.bucket(role, "s3:ListBucket")
    yield Row(f"{THE_JUDGE} sees whether there is a data set", missing, MISSING_OBJECT)


def _released(send: RequestBuilder, role: str) -> Iterator[Row]:
    names = send.names
    read = send.read(role, artifact_key(names))
    yield Row(f"{THE_JUDGE} reads the request", read, S3_ENCRYPTION)
    record = send.read(role, names.evaluation_key(EXECUTION, job_name(names)))
    yield Row(f"{THE_JUDGE} reads the record of the run, and of what serves", record, S3_ENCRYPTION)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    yield Row(f"{THE_JUDGE} sees whether the model is there", send.read(role, names.judged_key(DIGEST)), S3_ENCRYPTION)
    note = send.read(role, names.withdrawal_key(DATASET))
    yield Row(f"{THE_JUDGE} sees whether the data set was withdrawn", note, S3_ENCRYPTION)
    missing = send.bucket(role, "s3:ListBucket")
    yield Row("… or that one of these is missing", missing, MISSING_OBJECT)
    schema = send.read(role, names.schema_key(DATASET), "s3:GetObjectVersion")
    yield Row(f"{THE_JUDGE} compares the columns of both", schema, S3_VERSIONS)


def _written_down(send: RequestBuilder, role: str) -> Iterator[Row]:
    names = send.names
    live, past = names.live_key("production"), names.history_key("production", DEPLOYED, EXECUTION)
    yield Row(f"{THE_JUDGE} sees what is written down", send.read(role, live), CONDITIONAL_WRITES)
    yield Row("… S3 decrypts it", send.key_through_s3(role, "kms:Decrypt"), S3_ENCRYPTION)
    yield Row("… or that nothing is", send.bucket(role, "s3:ListBucket"), MISSING_OBJECT)
    yield Row(f"{THE_JUDGE} writes down what was deployed, once", once(send.write(role, past)), CONDITIONAL_WRITES)
    yield Row("… S3 encrypts it", send.key_through_s3(role, "kms:GenerateDataKey"), S3_ENCRYPTION)
    yield Row("… or compares it with what is there", send.read(role, past), CONDITIONAL_WRITES)
    yield Row(f"{THE_JUDGE} writes down what serves now", send.write(role, live), CONDITIONAL_WRITES)


def _judged(send: RequestBuilder, role: str) -> Iterator[Row]:
    names = send.names
    yield from _source(send, role)
    manifest = send.read(role, names.manifest_key, "s3:GetObjectVersion")
    yield Row(f"{THE_JUDGE} reads the version of the manifest that was checked", manifest, S3_ENCRYPTION)
    evidence, job = names.evidence_role, job_name(names)
    yield Row(f"{THE_JUDGE} assumes the evidence role", send.assume_from(role, evidence), DESCRIBED)
    described = [
        send.call(evidence, "states:DescribeExecution", names.execution_arn(job)),
        send.call(evidence, "sagemaker:DescribeTrainingJob", names.training_job_arn(job)),
    ]
    yield Row(f"{THE_JUDGE} sees what was trained", described, DESCRIBED)
    data = send.bucket(role, "s3:ListBucketVersions", {"s3:prefix": names.channel_key(DATASET, "train")})
    yield Row(f"{THE_JUDGE} sees whether the data are still those of the manifest", data, S3_VERSIONS)
    held_out = send.bucket(role, "s3:ListBucketVersions", {"s3:prefix": names.holdout_key(DATASET, "features")})
    yield Row("… and the rows held out", held_out, S3_VERSIONS)
    files = [send.read(role, names.channel_manifest_key(DATASET, channel)) for channel in ("train", "validation")]
    yield Row("… and which objects the channels' manifest files name", files, S3_ENCRYPTION)
    yield from _stored(send, role)
    yield from scoring.requests(send, role)
    yield from _golden_rows(send, role)
    record = names.evaluation_key(EXECUTION, job)
    yield Row(f"{THE_JUDGE} sees whether the record was written before", send.read(role, record), CONDITIONAL_WRITES)
    yield Row(f"{THE_JUDGE} writes the record, once", once(send.write(role, record)), CONDITIONAL_WRITES)
    yield Row("… S3 encrypts it", send.key_through_s3(role, "kms:GenerateDataKey"), S3_ENCRYPTION)
    yield from registry.registered(send, role)


def _stored(send: RequestBuilder, role: str) -> Iterator[Row]:
    names = send.names
    model, judged = names.model_key(job_name(names)), names.judged_key(DIGEST)
    versions = send.bucket(role, "s3:ListBucketVersions", {"s3:prefix": model})
    yield Row(f"{THE_JUDGE} sees whether the model was written over", versions, S3_VERSIONS)
    yield Row(f"{THE_JUDGE} reads the model's one version", send.read(role, model, "s3:GetObjectVersion"), COPY_PARTS)
    yield Row(f"{THE_JUDGE} sees whether it was stored before", send.bucket(role, "s3:ListBucket"), MISSING_OBJECT)
    yield Row("… and what is stored", send.read(role, judged), S3_ENCRYPTION)
    yield from stored_once(send, THE_JUDGE, role, judged)


def _golden_rows(send: RequestBuilder, role: str) -> Iterator[Row]:
    if not send.names.config.endpoint.smoke_test:
        return
    for words, kind in (("golden rows", "csv"), ("candidate's answers to them", "json")):
        written = once(send.write(role, send.names.golden_key(DIGEST, kind)))
        yield Row(f"{THE_JUDGE} writes the {words}, once", written, CONDITIONAL_WRITES)
    read = send.read(role, send.names.golden_key(DIGEST, "csv"))
    yield Row("… and reads the golden rows again, with the answers", read, S3_ENCRYPTION)


def stored_once(send: RequestBuilder, who: str, role: str, key: str) -> Iterator[Row]:
    """A model in parts, completed only where nothing is yet."""
    write = send.write(role, key)
    yield Row(f"{who} begins to store the model, and stores its parts", _part(write), S3_MULTIPART)
    yield Row("… S3 encrypts them with the key", send.key_through_s3(role, "kms:GenerateDataKey"), S3_ENCRYPTION)
    yield Row("… and completes it, once", once(write), CONDITIONAL_WRITES)
    yield Row("… or not at all", send.read(role, key, "s3:AbortMultipartUpload"), S3_MULTIPART)


def once(write: Request) -> Request:
    """With the header that makes S3 refuse it where something is there already."""
    return _with(write, {"s3:if-none-match": "*"})


def _part(write: Request) -> Request:
    return _with(write, {"s3:ObjectCreationOperation": "false"})


def _with(write: Request, context: dict[str, ContextValue]) -> Request:
    return replace(write, context={**write.context, **context})


_OF_TASK = {"hand-over": _handed_over, "check": _checked, "judge": _judged, "release": _released, "live": _written_down}
