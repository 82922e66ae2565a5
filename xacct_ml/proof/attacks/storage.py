"""Attacks on the bucket, and on whatever else administrators of other accounts could reach for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.attacks.regional import ANOTHER_REGION, regional_attacks
from xacct_ml.proof.attacks.targets import bucket_places, writers
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET, job_name
from xacct_ml.proof.world import World
from xacct_ml.system.names import MODELS_PREFIX, Names
from xacct_ml.system.waves import waves

BUCKET_ATTACKS = ["ListBucket", "ListBucketVersions", "PutBucketPolicy", "DeleteBucket", "PutEncryptionConfiguration"]
OBJECT_ATTACKS = ["GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "PutObjectAcl"]


def storage_attacks(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """On the bucket of the region that ``there`` sends to; with the pipeline's region, on everything else too."""
    yield from _administrators(world, there)
    yield from _uploads(there)
    if there.is_pipelines:
        yield from _beyond_the_job(world)
        yield from _listing(world)
    else:
        yield from regional_attacks(world, there)


def _administrators(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Administrators of other accounts against everything that is not in their own."""
    names = world.names
    of, at = ("", "") if there.is_pipelines else (f" of {there.region}", f" in {there.region}")
    for words, intruder in intruders(names).items():
        own, group = Arn.parse(intruder).account, f"An administrator of {words}"
        if own != names.shared:
            for operation in BUCKET_ATTACKS:
                request = there.bucket(intruder, f"s3:{operation}")
                yield Attack(group, f"s3:{operation} on the bucket{of}", request)
            for key in bucket_places(there).values():
                for operation in OBJECT_ATTACKS:
                    write = operation == "PutObject"
                    request = there.write(intruder, key) if write else there.read(intruder, key, f"s3:{operation}")
                    yield Attack(group, f"s3:{operation} on {key}{at}", request)
        for action, resource in _other_resources(world) if there.is_pipelines else _copies(names):
            account = Arn.parse(resource).account
            if account != own:
                where = f"in {account}" if there.is_pipelines else "on the copies"
                yield Attack(group, f"{action} {where}", there.call(intruder, action, resource))


def _other_resources(world: World) -> Iterator[tuple[str, str]]:
    names = world.names
    if names.uses_codecommit:
        yield "codecommit:GitPush", names.repository_arn
    yield "codepipeline:StartPipelineExecution", names.pipeline_arn
    for wave in waves(world.config):
        if wave.approve_stage is not None:
            yield "codepipeline:PutApprovalResult", f"{names.pipeline_arn}/{wave.approve_stage}/Review"
    yield "events:PutRule", names.rule_arn(names.start_rules[0])
    yield "states:StartExecution", names.state_machine_arn
    yield "sagemaker:StopTrainingJob", names.training_job_arn(job_name(names))
    for target in names.production:
        yield "lambda:InvokeFunction", names.function_arn(target)
        yield "lambda:UpdateFunctionCode", names.function_arn(target)
        yield "sagemaker:InvokeEndpoint", names.endpoint_arn(target)
        yield "sagemaker:DeleteEndpoint", names.endpoint_arn(target)


def _copies(names: Names) -> Iterator[tuple[str, str]]:
    yield "lambda:InvokeFunction", names.copy_function_arn
    yield "lambda:UpdateFunctionCode", names.copy_function_arn


def _upload_headers(send: RequestBuilder) -> Mapping[str, Mapping[str, ContextValue]]:
    """Every way not to encrypt an upload as it must be, by its words."""
    other_key = send.names.arn("kms", FOREIGN_ACCOUNT, "key/00000000-0000-0000-0000-000000000000", region=send.region)
    algorithm, key_id = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    headers: dict[str, dict[str, ContextValue]] = {
        "without encryption": {},
        "with another algorithm": {algorithm: "AES256"},
        "with another algorithm and the key": {algorithm: "AES256", key_id: send.key_arn},
        "encrypted, without a key": {algorithm: "aws:kms"},
        "encrypted with another key": {algorithm: "aws:kms", key_id: other_key},
        "with the key, without an algorithm": {key_id: send.key_arn},
        "twice encrypted with the key": {algorithm: "aws:kms:dsse", key_id: send.key_arn},
    }
    if not send.is_pipelines:
        pipelines = send.keys.pipeline
        headers["with the pipeline's region's key"] = {algorithm: "aws:kms", key_id: pipelines}
    return headers


def _uploads(send: RequestBuilder) -> Iterator[Attack]:
    """By those who may upload, but not encrypted as they must be; and over plain HTTP, what they and others may do."""
    names, writing = send.names, writers(send)
    group, at = ("Uploads", "") if send.is_pipelines else (ANOTHER_REGION, f" in {send.region}")
    for writer, key in writing.items():
        for words, context in _upload_headers(send).items():
            request = send.call(writer, "s3:PutObject", send.object_arn(key), context)
            yield Attack(group, f"{Arn.parse(writer).name} uploads {words}{at}", request)
    for writer, key in writing.items():
        what = f"{Arn.parse(writer).name} uploads over plain HTTP{at}"
        yield Attack(group, what, _plain_http(send.write(writer, key)))
    if send.is_pipelines:
        read = send.read(names.training_role, bucket_places(send)["data"])
        yield Attack(group, "data is read over plain HTTP", _plain_http(read))
    lister, bucket = (
        (names.pipeline_role, "the bucket") if send.is_pipelines else (names.copy_role, f"the bucket of {send.region}")
    )
    yield Attack(group, f"{bucket} is listed over plain HTTP", _plain_http(send.bucket(lister, "s3:ListBucket")))


def _plain_http(request: Request) -> Request:
    return replace(request, context={**request.context, "aws:SecureTransport": "false"})


def _beyond_the_job(world: World) -> Iterator[Attack]:
    """Our own roles beyond their part of the bucket."""
    names, send = world.names, world.send
    places, writing = bucket_places(send), writers(send)
    for role in world.roles:
        for words, key in places.items():
            if writing.get(role.arn) != key:
                yield Attack("Beyond the job", f"{role.name} writes {words}", send.write(role.arn, key))
            yield Attack("Beyond the job", f"{role.name} deletes {words}", send.read(role.arn, key, "s3:DeleteObject"))
    for target in names.production:
        for words in (word for word in places if word != "models"):
            for reader in (names.endpoint_role(target), names.deploy_function_role(target)):
                who = Arn.parse(reader).name
                request = send.read(reader, places[words])
                yield Attack("Beyond the job", f"{who} of {target.name} reads {words}", request)
        models = names.object_arn(f"{MODELS_PREFIX}/job/output/model.tar.gz")
        request = send.call(names.deploy_function_role(target), "s3:GetObject", models)
        yield Attack("Beyond the job", f"the function of {target.name} reads models", request)


def _listing(world: World) -> Iterator[Attack]:
    """The bucket's contents: training sees the data only, and only two roles the whole."""
    names, send = world.names, world.send
    prefixes: dict[str, dict[str, ContextValue]] = {
        "everything": {},
        "the data": {"s3:prefix": names.channel_prefix(DATASET, "train")},
        "the models": {"s3:prefix": f"{MODELS_PREFIX}/"},
    }
    source = names.pipeline_role if names.source_account is None else names.source_action_role
    for role in world.roles:
        for words, context in prefixes.items():
            may = role.arn in (source, names.train_action_role)
            if not may and (role.arn != names.training_role or words != "the data"):
                request = send.bucket(role.arn, "s3:ListBucket", context)
                yield Attack("Beyond the job", f"{role.name} in {role.account} lists {words}", request)
