"""The hop table: everything a run needs is allowed, and a missing statement is found at its hop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.proof.maps import MAPS as EVERY_MAP
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.policies import DocumentRef
from xacct_ml.proof.prove import prove
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.verify import verify
from xacct_ml.proof.world import World, bucket_ref, key_ref
from xacct_ml.system.thing import Alarm, Function, LogGroup, Rule, Thing

CONFIG = example()
WORLD = world(CONFIG)
NAMES = WORLD.names

SEVERAL = {
    "shared": {"id": SHARED},
    "training": {"id": TRAINING},
    "production": ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"}),
}

MAPS = {
    "example": CONFIG,
    "china": example(region="cn-north-1"),
    "gov": example(region="us-gov-west-1"),
    "two production targets, ambient operator": example(accounts=SEVERAL),
    "role path and prefix": example(roles={"path": "/ml/", "name_prefix": "acme-"}),
    "serverless": example(endpoint={"serverless": {}}),
    "other names": example(
        data={"prefix": "datasets/churn"},
        pipeline={"name": "a-very-long-pipeline-name", "repository": "repo", "branch": "dev"},
    ),
}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_every_hop_is_allowed(config: Config) -> None:
    """From the documents alone, for maps of every kind."""
    proof = prove(world(config))
    assert [str(proven.hop.request) for proven in proof.hops if not proven.decision.allowed] == []
    assert proof.holds


def test_every_hop_says_where_its_knowledge_comes_from() -> None:
    """A source each; assumptions are marked and few."""
    proven = prove(WORLD).hops
    assert all(hop.hop.source for hop in proven)
    assumed = [hop.hop.what for hop in proven if hop.hop.evidence is Evidence.ASSUMED]
    assert 0 < len(set(assumed)) < 12
    others = {what for what in assumed if "if it sends" not in what}
    # that SageMaker and CodePipeline use the key through S3
    assert others == {"… S3 decrypts it", "… S3 encrypts it", "… S3 encrypts it with the key", "… in parts, if large"}


def denied_without(ref: DocumentRef, sid: str) -> list[str]:
    document = WORLD.policies.entries[ref]
    kept = [statement for statement in document["Statement"] if statement["Sid"] != sid]
    assert len(kept) == len(document["Statement"]) - 1
    changed = WORLD.with_policies(WORLD.policies.with_document(ref, {**document, "Statement": kept}))
    return [proven.hop.what for proven in prove(changed).hops if not proven.decision.allowed]


def test_a_statement_taken_out_of_the_key_policy_breaks_its_hops_only() -> None:
    """Readers of the key are the stack action, the state machine, the endpoint, and who reads the golden answers."""
    key_policy = key_ref(NAMES, WORLD.keys, NAMES.region)
    deploying = ["… S3 decrypts them", "… S3 decrypts it"]
    assert denied_without(key_policy, "ReadThroughS3") == [
        *("… S3 decrypts it for the action", "… S3 decrypts it", *deploying, *deploying)
    ]


def test_a_statement_taken_out_of_the_bucket_policy_breaks_its_hop_only() -> None:
    """The endpoint cannot read the model, whichever pipeline deploys it."""
    bucket_policy = bucket_ref(NAMES, NAMES.region)
    assert denied_without(bucket_policy, "EndpointReadsModels") == ["The endpoint reads the model"] * 2


def test_a_permissions_boundary_is_noted_as_assumed() -> None:
    """Its document is not in the map."""
    notes = prove(world(example(roles={"permissions_boundary": "boundary"}))).notes
    assert any("boundary" in note for note in notes)


def test_the_policies_of_what_is_adopted_are_noted_as_partly_unknown() -> None:
    """The owner's statements are not in the map; with them, the live proof decides."""
    key = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    notes = prove(world(example(key={"arn": key}, adopt=("shared/bucket",)))).notes
    assert [note.split(":")[0] for note in notes] == ["the key is adopted", "the bucket is adopted"]


def structure_with(action: dict[str, object], stage: str = "Lint") -> World:
    """The example's pipeline with one more stage, and nothing else changed."""
    stages = [*WORLD.structure["stages"], {"name": stage, "actions": [action]}]
    return replace(WORLD, structure={**WORLD.structure, "stages": stages})


def action(provider: str, **more: object) -> dict[str, object]:
    declared = {"category": "Any", "owner": "AWS", "provider": provider, "version": "1"}
    base = {"configuration": {}, "inputArtifacts": [], "outputArtifacts": [], "region": "us-east-1"}
    return {"name": "Lint", "actionTypeId": declared, **base, **more}


@pytest.mark.long
def test_an_action_without_rights_is_denied_at_its_stage() -> None:
    """Added to the pipeline's structure only: its kind is known, so what it asks for is, and no role may do that."""
    verdict = verify(structure_with(action("Commands")))
    denied = {(one.hop.stage, one.hop.request.action) for one in verdict.failed_hops}
    assert {stage for stage, _ in denied} == {"Lint"}
    assert ("Lint", "logs:CreateLogGroup") in denied
    assert verdict.failures()[0] == f"{len(verdict.failed_hops)} of {len(verdict.proof.hops)} hops not allowed"


@pytest.mark.parametrize(
    ("added", "kind"),
    [
        (action("CodeBuild"), "(CodeBuild)"),
        (action("Lambda", configuration={"FunctionName": "other"}), "(Lambda)"),
        (action("Lambda", configuration={"FunctionName": NAMES.function}), "(Lambda)"),
    ],
    ids=["a kind that no module knows", "a function that is not ours", "the function of no target"],
)
def test_an_action_that_no_request_is_known_of_is_named(added: dict[str, object], kind: str) -> None:
    """Nothing is proven of it, so the proof fails."""
    proof = prove(structure_with(added))
    assert proof.unproven == (f"action Lint/Lint {kind} has no requests",)
    assert not proof.holds


def with_thing(thing: Thing) -> World:
    return replace(WORLD, things=(*WORLD.things, thing))


class Queue(Thing):
    """Of a service that the project has nothing of."""

    type = "AWS::SQS::Queue"


@pytest.mark.parametrize("kind", [LogGroup, Function, Rule, Alarm])
def test_a_resource_that_no_request_is_about_is_named(kind: type[Thing]) -> None:
    """One more of a type that there is, beside those that are asked for; it is in the matrix at once."""
    known = next(thing for thing in WORLD.things if isinstance(thing, kind))
    thing = replace(known, name="idle", arn=f"{known.arn}-idle")
    given = with_thing(thing)
    assert prove(given).unproven == (f"{kind.__name__.lower()} idle in {thing.account} has no requests",)
    place = given.places.of(thing.arn)
    assert place is not None
    assert place.arn == thing.arn


def test_a_log_group_is_in_the_matrix_with_its_streams() -> None:
    """Whatever it is of."""
    known = next(thing for thing in WORLD.things if isinstance(thing, LogGroup))
    group = replace(known, arn=f"{known.arn}-idle")
    kinds = [place.kind for place in with_thing(group).places if place.arn.startswith(group.arn)]
    assert kinds == ["log-group", "log-group", "log-stream"]


def test_a_resource_of_a_type_that_is_new_is_named() -> None:
    """The matrix would not ask about it, and no hop does."""
    arn = f"arn:aws:sqs:us-east-1:{SHARED}:churn"
    queue = Queue(id="shared/queue", account=SHARED, region="us-east-1", name="churn", arn=arn, tags={})
    assert prove(with_thing(queue)).unproven == (
        f"queue churn in {SHARED} is of a type that the whole matrix does not know",
        f"queue churn in {SHARED} has no requests",
    )


def test_a_role_that_no_request_is_about_is_named() -> None:
    """Neither assumed nor acting."""
    role = replace(WORLD.roles[0], name="churn-idle", arn=f"arn:aws:iam::{SHARED}:role/churn-idle")
    assert prove(with_thing(role)).unproven == (
        f"role churn-idle in {SHARED} is assumed by nobody",
        f"role churn-idle in {SHARED} has no requests",
    )


def test_what_is_left_out_of_a_run_is_named() -> None:
    """Without the stage that trains, its roles and nothing else are unproven."""
    stages = [stage for stage in WORLD.structure["stages"] if stage["name"] != "Train"]
    unproven = prove(replace(WORLD, structure={**WORLD.structure, "stages": stages})).unproven
    assert unproven == (
        f"role churn-training in {TRAINING} is assumed by nobody",
        f"role churn-training in {TRAINING} has no requests",
    )


@pytest.mark.parametrize("config", EVERY_MAP.values(), ids=EVERY_MAP.keys())
def test_everything_deployed_has_requests(config: Config) -> None:
    """Of every kind of map."""
    assert prove(world(config)).unproven == ()
