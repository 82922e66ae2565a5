"""Attacks on the bucket, and on whatever else administrators of other accounts could reach for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruders
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET, EXECUTION, artifact_key, job_name
from xacct_ml.proof.world import World
from xacct_ml.system.names import MODELS_PREFIX, Names
from xacct_ml.system.waves import waves

BUCKET_ATTACKS = (
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
    "s3:PutEncryptionConfiguration",
)
OBJECT_ATTACKS = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:PutObjectAcl")


def storage_attacks(world: World) -> Iterator[Attack]:
    yield from _administrators(world)
    yield from _uploads(world.send)
    yield from _plain_http(world.send)
    yield from _beyond_the_job(world)
    yield from _listing(world)


def bucket_places(names: Names) -> dict[str, str]:
    """A key of each kind in the bucket."""
    return {
        "data": names.channel_key(DATASET, "train"),
        "the manifest": names.manifest_key,
        "models": names.model_key(job_name(names)),
        "evaluations": names.evaluation_key(EXECUTION),
        "artifacts": artifact_key(names),
        **({} if names.source_key is None else {"the source": names.source_key}),
    }


def _administrators(world: World) -> Iterator[Attack]:
    """Administrators of other accounts against everything that is not in their own."""
    names, send = world.names, world.send
    for words, intruder in intruders(world.names).items():
        own = Arn.parse(intruder).account
        group = f"An administrator of {words}"
        if own != names.shared:
            for action in BUCKET_ATTACKS:
                yield Attack(group, f"{action} on the bucket", send.bucket(intruder, action))
            for key in bucket_places(names).values():
                for action in OBJECT_ATTACKS:
                    write = action == "s3:PutObject"
                    request = send.write(intruder, key) if write else send.read(intruder, key, action)
                    yield Attack(group, f"{action} on {key}", request)
        for action, resource, account in _other_resources(world):
            if account != own:
                yield Attack(group, f"{action} in {account}", send.call(intruder, action, resource))


def _other_resources(world: World) -> Iterator[tuple[str, str, str]]:
    names = world.names
    if names.uses_codecommit:
        yield "codecommit:GitPush", names.repository_arn, names.repository_account
    yield "codepipeline:StartPipelineExecution", names.pipeline_arn, names.shared
    for wave in waves(world.config):
        if wave.approve_stage is not None:
            yield "codepipeline:PutApprovalResult", f"{names.pipeline_arn}/{wave.approve_stage}/Review", names.shared
    yield "events:PutRule", names.rule_arn(names.start_rules[0]), names.shared
    yield "states:StartExecution", names.state_machine_arn, names.training
    yield "sagemaker:StopTrainingJob", names.training_job_arn(job_name(names)), names.training
    for target in names.production:
        yield "lambda:InvokeFunction", names.function_arn(target), target.id
        yield "lambda:UpdateFunctionCode", names.function_arn(target), target.id
        yield "sagemaker:InvokeEndpoint", names.endpoint_arn(target), target.id
        yield "sagemaker:DeleteEndpoint", names.endpoint_arn(target), target.id


def _writers(names: Names) -> dict[str, str]:
    """Who may upload, and where."""
    places = bucket_places(names)
    return {
        names.pipeline_role: places["artifacts"],
        **({names.source_action_role: places["artifacts"]} if names.source_account is not None else {}),
        names.state_machine_role: places["evaluations"],
        names.training_role: places["models"],
    }


def upload_headers(send: RequestBuilder) -> Mapping[str, Mapping[str, ContextValue]]:
    """Every way not to encrypt an upload as it must be, by its words."""
    other_key = send.names.arn("kms", FOREIGN_ACCOUNT, "key/00000000-0000-0000-0000-000000000000", region=send.region)
    algorithm, key_id = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return {
        "without encryption": {},
        "with another algorithm": {algorithm: "AES256"},
        "with another algorithm and the key": {algorithm: "AES256", key_id: send.key_arn},
        "encrypted, without a key": {algorithm: "aws:kms"},
        "encrypted with another key": {algorithm: "aws:kms", key_id: other_key},
        "with the key, without an algorithm": {key_id: send.key_arn},
        "twice encrypted with the key": {algorithm: "aws:kms:dsse", key_id: send.key_arn},
    }


def _uploads(send: RequestBuilder) -> Iterator[Attack]:
    """Uploads by those who may upload, but not encrypted as they must be."""
    names = send.names
    for writer, key in _writers(names).items():
        who = Arn.parse(writer).name
        for words, context in upload_headers(send).items():
            request = send.call(writer, "s3:PutObject", names.object_arn(key), context)
            yield Attack("Uploads", f"{who} uploads {words}", request)


def _plain_http(send: RequestBuilder) -> Iterator[Attack]:
    names = send.names
    for writer, key in _writers(names).items():
        yield Attack(
            "Uploads", f"{Arn.parse(writer).name} uploads over plain HTTP", plain_http(send.write(writer, key))
        )
    read = send.read(names.training_role, bucket_places(names)["data"])
    yield Attack("Uploads", "data is read over plain HTTP", plain_http(read))
    listed = send.bucket(names.pipeline_role, "s3:ListBucket")
    yield Attack("Uploads", "the bucket is listed over plain HTTP", plain_http(listed))


def plain_http(request: Request) -> Request:
    return replace(request, context={**request.context, "aws:SecureTransport": "false"})


def _beyond_the_job(world: World) -> Iterator[Attack]:
    """Our own roles beyond their part of the bucket."""
    names, send = world.names, world.send
    places = bucket_places(names)
    writers = _writers(names)
    for role in world.roles:
        for words, key in places.items():
            if writers.get(role.arn) != key:
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
