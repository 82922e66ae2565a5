"""Attacks on the buckets, and on whatever else administrators of other accounts could reach for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from xacct_ml.access.model import ContextValue, Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, administrators
from xacct_ml.proof.matrix.resource_catalog import FOREIGN_ACCOUNT
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import DATASET, DEPLOYED, DIGEST, EXECUTION, TIME, artifact_key, job_name
from xacct_ml.proof.world import World
from xacct_ml.system.approver import approvals
from xacct_ml.system.bucket_layout import MODELS_PREFIX
from xacct_ml.system.names import Names
from xacct_ml.system.statements import actions

BUCKET_ATTACKS = actions("s3", "ListBucket ListBucketVersions PutBucketPolicy DeleteBucket PutEncryptionConfiguration")
OBJECT_ATTACKS = actions("s3", "GetObject GetObjectVersion PutObject DeleteObject PutObjectAcl")
ANOTHER_REGION = "Another region"
BEYOND = "Beyond the job"
MADE_AGAIN = "A bucket made again by others"


def bucket_places(send: RequestBuilder) -> dict[str, str]:
    """A key of each kind in the bucket; those of other regions than the pipeline's have judged models and
    artifacts only."""
    names = send.names
    judged, artifacts = names.judged_key(DIGEST), artifact_key(names)
    if not send.is_pipelines:
        return {"judged models": judged, "artifacts": artifacts}
    return {
        "data": names.channel_key(DATASET, "train"),
        "the manifest": names.manifest_key,
        "models": names.model_key(job_name(names)),
        "judged models": judged,
        "the features held out": names.holdout_key(DATASET, "features"),
        "the labels held out": names.holdout_key(DATASET, "labels"),
        "withdrawn data": names.withdrawal_key(DATASET),
        "scores": names.scores_key(EXECUTION, job_name(names), "candidate"),
        "evaluations": names.evaluation_key(EXECUTION, job_name(names)),
        "the request of a release": names.release_key,
        "what serves": names.live_key("production"),
        "what served": names.history_key("production", DEPLOYED, EXECUTION),
        "artifacts": artifacts,
        **({} if names.config.schedule is None else {"notes of the schedule": names.schedule_key(TIME)}),
        **({} if names.source_key is None else {"the source": names.source_key}),
    }


def writers(send: RequestBuilder) -> dict[str, tuple[str, ...]]:
    """Who may upload, and where."""
    names, places = send.names, bucket_places(send)
    if not send.is_pipelines:
        return {names.pipeline_role: (places["artifacts"],), names.copy_role: (places["judged models"],)}
    noted = places.get("notes of the schedule")
    handed_over = names.source_account is not None
    return {
        names.pipeline_role: (places["artifacts"],),
        **({names.source_action_role: (places["artifacts"],)} if handed_over else {}),
        names.judge_role: (
            places["evaluations"],
            places["judged models"],
            places["what serves"],
            places["what served"],
            *((places["artifacts"],) if handed_over else ()),
        ),
        names.training_role: (places["models"],),
        names.scoring_role: (places["scores"],),
        **({} if noted is None else {names.schedule_function_role: (noted,)}),
    }


def storage_attacks(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """On the bucket of the region that ``there`` sends to; with the pipeline's region, on everything else too."""
    yield from _administrators(world, there)
    yield from _uploads(there)
    yield from _beyond_the_job(world, there)
    if there.is_pipelines:
        yield from _production(world.send)
        yield from _listing(world)
        yield from _made_again(world)


def _administrators(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Administrators of other accounts against everything that is not in their own."""
    names = world.names
    of, at = ("", "") if there.is_pipelines else (f" of {there.region}", f" in {there.region}")
    for group, intruder in administrators(names):
        own = Arn.parse(intruder).account
        if own != names.shared:
            for action in BUCKET_ATTACKS:
                yield Attack(group, f"{action} on the bucket{of}", there.bucket(intruder, action))
            for key in bucket_places(there).values():
                for action in OBJECT_ATTACKS:
                    write = action == "s3:PutObject"
                    request = once(there.write(intruder, key)) if write else there.read(intruder, key, action)
                    yield Attack(group, f"{action} on {key}{at}", request)
        for action, resource in _other_resources(world) if there.is_pipelines else _copies(names):
            account = Arn.parse(resource).account
            if account != own:
                where = f"in {account}" if there.is_pipelines else "on the copies"
                yield Attack(group, f"{action} {where}", there.call(intruder, action, resource))


def _other_resources(world: World) -> Iterator[tuple[str, str]]:
    names = world.names
    if names.uses_codecommit:
        yield "codecommit:GitPush", names.repository_arn
    for arn in names.pipeline_arns:
        yield "codepipeline:StartPipelineExecution", arn
    for arn in approvals(names):
        yield "codepipeline:PutApprovalResult", arn
    for rule in (names.start_rules[0], names.release_rule):
        yield "events:PutRule", names.rule_arn(rule)
    yield "states:StartExecution", names.state_machine_arn
    yield "sagemaker:StopTrainingJob", names.training_job_arn(job_name(names))
    for target in names.production:
        yield "lambda:InvokeFunction", names.function_arn(target)
        yield "lambda:UpdateFunctionCode", names.function_arn(target)
        yield "sagemaker:InvokeEndpoint", names.endpoint_arn(target)
        yield "sagemaker:DeleteEndpoint", names.endpoint_arn(target)
    yield "lambda:InvokeFunction", names.judge_function_arn
    yield "lambda:UpdateFunctionCode", names.judge_function_arn


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
    for writer, key in ((writer, key) for writer, keys in writing.items() for key in keys):
        who = f"{Arn.parse(writer).name} uploads {key.partition('/')[0]}"
        for words, context in _upload_headers(send).items():
            request = once(send.call(writer, "s3:PutObject", send.object_arn(key), context))
            yield Attack(group, f"{who} {words}{at}", request)
        yield Attack(group, f"{who} over plain HTTP{at}", plain_http(once(send.write(writer, key))))
    if send.is_pipelines:
        read = send.read(names.training_role, bucket_places(send)["data"])
        yield Attack(group, "data is read over plain HTTP", plain_http(read))
    lister, bucket = (
        (names.pipeline_role, "the bucket") if send.is_pipelines else (names.copy_role, f"the bucket of {send.region}")
    )
    yield Attack(group, f"{bucket} is listed over plain HTTP", plain_http(send.bucket(lister, "s3:ListBucket")))


def plain_http(request: Request) -> Request:
    return replace(request, context={**request.context, "aws:SecureTransport": "false"})


def _beyond_the_job(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Our own roles beyond their part of the bucket. In another region's, nobody but the copies brings models, and
    nobody but the region's endpoints reads them."""
    names, writing, here = there.names, writers(there), there.is_pipelines
    group, of = (BEYOND, "") if here else (ANOTHER_REGION, f" of {there.region}")
    serving = [names.endpoint_role(target) for target in names.targets_in(there.region)]
    if (batch := names.batch_target) is not None and names.region_of(batch) == there.region:
        serving.append(names.batch_role(batch))
    readers = {"artifacts": {names.pipeline_role}, "judged models": {names.copy_role, *serving}}
    for role in world.roles:
        who = role.name if here else f"{role.name} in {role.account}"
        for words, key in bucket_places(there).items():
            if key not in writing.get(role.arn, ()):
                yield Attack(group, f"{who} writes {words}{of}", once(there.write(role.arn, key)))
            yield Attack(group, f"{who} deletes {words}{of}", there.read(role.arn, key, "s3:DeleteObject"))
            if not here and role.arn not in readers[words]:
                yield Attack(group, f"{who} reads {words}{of}", there.read(role.arn, key))
        if not here and role.arn != names.copy_role:
            yield Attack(group, f"{who} lists the bucket{of}", there.bucket(role.arn, "s3:ListBucket"))


def _production(send: RequestBuilder) -> Iterator[Attack]:
    """Endpoints beyond judged models, functions at anything."""
    names, places = send.names, bucket_places(send)
    for target in names.production:
        for words in (word for word in places if word != "judged models"):
            for reader in (names.endpoint_role(target), names.deploy_function_role(target)):
                what = f"{Arn.parse(reader).name} of {target.name} reads {words}"
                yield Attack(BEYOND, what, send.read(reader, places[words]))
        model = send.read(names.deploy_function_role(target), places["judged models"])
        yield Attack(BEYOND, f"the function of {target.name} reads judged models", model)


def _made_again(world: World) -> Iterator[Attack]:
    """Whatever a run does in a bucket, after somebody else made one of its name in an account of their own, which lets
    everybody in (see :func:`xacct_ml.proof.attacks.intruder.with_intruders`)."""
    ours = {*(role.arn for role in world.roles), world.names.approver_role}
    seen = set()
    for request in (hop.request for hop in world.hops if hop.request.action.startswith("s3:")):
        asked = (request.principal.role_arn, request.action, request.resource)
        if request.principal.role_arn in ours and asked not in seen:
            seen.add(asked)
            who = Arn.parse(request.principal.role_arn or "").name
            what = f"{who} in {request.principal.account}: {request.action} on {request.resource}"
            yield Attack(MADE_AGAIN, what, replace(request, resource_account=FOREIGN_ACCOUNT))


def _listing(world: World) -> Iterator[Attack]:
    """The bucket's contents: training sees the data only, and only three roles the whole."""
    names, send = world.names, world.send
    prefixes: dict[str, dict[str, ContextValue]] = {
        "everything": {},
        "the data": {"s3:prefix": names.channel_prefix(DATASET, "train")},
        "the models": {"s3:prefix": f"{MODELS_PREFIX}/"},
    }
    for role in world.roles:
        for words, context in prefixes.items():
            # The judge must be told of an object that is not there: HEAD asks for the whole bucket.
            may = role.arn in (names.pipeline_role, names.train_action_role, names.judge_role)
            may = may or (names.source_account is not None and role.arn == names.source_action_role)
            if not may and (role.arn != names.training_role or words != "the data"):
                request = send.bucket(role.arn, "s3:ListBucket", context)
                yield Attack(BEYOND, f"{role.name} in {role.account} lists {words}", request)
