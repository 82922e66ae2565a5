"""Attacks on what an approver believes and on what is served: records, judged models, what was deployed when, data that
were trained on."""

from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruder_of, intruders
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.lambda_judge import once
from xacct_ml.proof.requests.samples import DATASET, DEPLOYED, DIGEST, EXECUTION, job_name
from xacct_ml.proof.requests.stepfunctions import as_configured
from xacct_ml.proof.world import World

EVIDENCE = "Evidence"
TRAINING = "Training beyond the map"
DELETIONS = ("s3:DeleteObject", "s3:DeleteObjectVersion")


def evidence_attacks(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """On the bucket of the region that ``there`` sends to; with the pipeline's region, on training too."""
    yield from _written_once(world, there)
    yield from _kept(world, there)
    if there.is_pipelines:
        yield from _training(world)


def _written_once(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Nobody but its one writer writes them, not even an administrator of their own account, and that not over
    anything."""
    names, places = there.names, kept_places(there)
    writer = names.judge_role if there.is_pipelines else names.copy_role
    administrator = intruder_of(names, names.shared)
    others = [*(role.arn for role in world.roles if role.arn != writer), administrator]
    for words, key in places.items():
        for other in [*others, *([world.operator] if world.operator is not None else [])]:
            who = _who(other)
            yield Attack(EVIDENCE, f"{who} writes {words}", once(there.write(other, key)))
        yield Attack(EVIDENCE, f"{_who(writer)} writes over {words}", there.write(writer, key))
    if there.is_pipelines:
        for other in [*others, *([world.operator] if world.operator is not None else [])]:
            request = there.write(other, names.live_key("production"))
            yield Attack(EVIDENCE, f"{_who(other)} writes what serves", request)
        data = {
            "data": names.channel_key(DATASET, "train"),
            "what names the data": names.channel_manifest_key(DATASET, "train"),
        }
        for words, key in data.items():
            for other in [administrator, *([world.operator] if world.operator is not None else [])]:
                yield Attack(EVIDENCE, f"{_who(other)} writes over {words}", there.write(other, key))


def kept_places(send: RequestBuilder) -> dict[str, str]:
    """A record, a judged model, and what was deployed when; other regions have judged models only."""
    names = send.names
    judged = {f"judged models of {send.region}": names.judged_key(DIGEST)}
    if not send.is_pipelines:
        return judged
    served = names.history_key("production", DEPLOYED, EXECUTION)
    return {"records": names.evaluation_key(EXECUTION, job_name(names)), "what served": served, **judged}


def _kept(world: World, there: RequestBuilder) -> Iterator[Attack]:
    """Nobody deletes them but the operator whom the map names: without one, nobody who has not written the bucket's
    policy."""
    names = there.names
    people = [*(role.arn for role in world.roles), *intruders(names).values()]
    for words, key in kept_places(there).items():
        for person in people:
            for action in DELETIONS:
                yield Attack(EVIDENCE, f"{_who(person)}: {action} of {words}", there.read(person, key, action))


def _training(world: World) -> Iterator[Attack]:
    """What CreateTrainingJob has condition keys for."""
    send, names = world.send, world.names
    create = send.call(
        names.state_machine_role,
        "sagemaker:CreateTrainingJob",
        names.training_job_arn(job_name(names)),
        as_configured(send),
    )
    allowed = names.config.training.allowed_or_own
    other_key = names.arn("kms", names.training, "key/00000000-0000-0000-0000-000000000000")
    own = allowed.instance_types[0]
    for words, key, value in (
        ("with a network", "sagemaker:NetworkIsolation", "false"),
        ("on other instances", "sagemaker:InstanceTypes", ("ml.p5.48xlarge",)),
        ("on other instances too", "sagemaker:InstanceTypes", (own, "ml.p5.48xlarge")),
        ("for longer", "sagemaker:MaxRuntimeInSeconds", str(allowed.max_runtime_seconds + 1)),
        ("with its output under another key", "sagemaker:OutputKmsKeyArn", other_key),
        ("with a remote debugger", "sagemaker:EnableRemoteDebug", "true"),
    ):
        changed = replace(create, context={**create.context, key: value})
        yield Attack(TRAINING, f"The state machine trains {words}", changed)
    for words, key in (
        ("without a word on the network", "sagemaker:NetworkIsolation"),
        ("without instances", "sagemaker:InstanceTypes"),
        ("for an unlimited time", "sagemaker:MaxRuntimeInSeconds"),
    ):
        yield Attack(TRAINING, f"The state machine trains {words}", _without(create, key))
    versions = send.bucket(names.judge_role, "s3:ListBucketVersions")
    yield Attack(EVIDENCE, "judge lists the versions of everything", versions)


def _without(request: Request, key: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name != key})


def _who(arn: str) -> str:
    role = Arn.parse(arn)
    return f"{role.name} of {role.account}"
