"""Attacks on how models are scored: batch transforms beyond what the judge asks for, by whom it does not ask, and the
rows held out."""

from collections.abc import Iterator
from dataclasses import replace

from xacct_ml.access.model import Request
from xacct_ml.arn import Arn
from xacct_ml.proof.attacks.intruder import Attack, intruder_of
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.samples import DATASET
from xacct_ml.proof.requests.scoring import AS_ASKED, scored_by
from xacct_ml.proof.world import World

SCORING = "Scoring beyond the judge"
HELD_OUT = "Rows held out"


def scoring_attacks(world: World) -> Iterator[Attack]:
    yield from _otherwise(world.send)
    yield from _by_others(world)
    yield from _held_out(world)


def _otherwise(send: RequestBuilder) -> Iterator[Attack]:
    """What CreateModel and CreateTransformJob have condition keys for."""
    scorer, (model, job) = send.names.scorer_role, scored_by(send)
    network, key = "sagemaker:NetworkIsolation", "sagemaker:OutputKmsKeyArn"
    other_key = send.names.arn("kms", send.names.training, "key/00000000-0000-0000-0000-000000000000")
    made = send.call(scorer, "sagemaker:CreateModel", model)
    started = send.call(scorer, "sagemaker:CreateTransformJob", job, AS_ASKED)
    for words, request in (
        ("makes a model with a network", _with(made, network, "false")),
        ("makes a model without a word on the network", made),
        ("starts a transform on other instances", _with(started, "sagemaker:InstanceTypes", ("ml.p3.16xlarge",))),
        ("starts a transform without instances", _without(started, "sagemaker:InstanceTypes")),
        ("starts a transform whose output is under another key", _with(started, key, other_key)),
    ):
        yield Attack(SCORING, f"The judge's role {words}", request)
    other_model, other_job = (
        send.names.arn("sagemaker", send.names.training, f"{kind}/other") for kind in ("model", "transform-job")
    )
    isolated = {network: "true"}
    for words, request in (
        ("makes a model under another name", send.call(scorer, "sagemaker:CreateModel", other_model, isolated)),
        ("deletes another's model", send.call(scorer, "sagemaker:DeleteModel", other_model)),
        (
            "starts a transform under another name",
            send.call(scorer, "sagemaker:CreateTransformJob", other_job, AS_ASKED),
        ),
        ("stops another's transform", send.call(scorer, "sagemaker:StopTransformJob", other_job)),
        *(
            (f"passes {Arn.parse(role).name} to SageMaker", send.pass_role(scorer, role, "sagemaker.amazonaws.com"))
            for role in (send.names.training_role, scorer)
        ),
    ):
        yield Attack(SCORING, f"The judge's role {words}", request)


def _by_others(world: World) -> Iterator[Attack]:
    """Nothing that a pushed template comes to starts one, nor any other role."""
    send, (model, job) = world.send, scored_by(world.send)
    for role in world.roles:
        if role.arn == world.names.scorer_role:
            continue
        who = f"{role.name} of {role.account}"
        transform = send.call(role.arn, "sagemaker:CreateTransformJob", job, AS_ASKED)
        yield Attack(SCORING, f"{who} starts a batch transform", transform)
        isolated = {"sagemaker:NetworkIsolation": "true"}
        yield Attack(SCORING, f"{who} makes its model", send.call(role.arn, "sagemaker:CreateModel", model, isolated))


def _held_out(world: World) -> Iterator[Attack]:
    """Labels are for the judge, features for it and for batch transforms; nobody writes over either."""
    send, names = world.send, world.names
    readers = {"features": {names.scoring_role}, "labels": {names.judge_role}, "slices": {names.judge_role}}
    for part, may in readers.items():
        key = names.holdout_key(DATASET, part)
        for role in world.roles:
            if role.arn not in may:
                for action in ("s3:GetObject", "s3:GetObjectVersion"):
                    what = f"{role.name} of {role.account}: {action} of the {part}"
                    yield Attack(HELD_OUT, what, send.read(role.arn, key, action))
            deletes = f"{role.name} of {role.account} deletes the {part}"
            yield Attack(HELD_OUT, deletes, send.read(role.arn, key, "s3:DeleteObject"))
        people = [intruder_of(names, names.shared), *([world.operator] if world.operator is not None else [])]
        for person in people:
            who = Arn.parse(person)
            yield Attack(HELD_OUT, f"{who.name} of {who.account} writes over the {part}", send.write(person, key))


def _with(request: Request, key: str, value: str | tuple[str, ...]) -> Request:
    return replace(request, context={**request.context, key: value})


def _without(request: Request, key: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name != key})
