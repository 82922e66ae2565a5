"""From AWS's words to the statement: for every statement that a hop needs, and for every form of message."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import example as tried
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from xacct_ml.access.model import PrincipalKind, Request
from xacct_ml.operations.policies import world
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.prove import prove
from xacct_ml.proof.remediation.denial_message import parse
from xacct_ml.proof.remediation.explain import Explanation, denied_at, explain, keys_in
from xacct_ml.proof.remediation.remedies import Change
from xacct_ml.proof.requests.samples import DIGEST
from xacct_ml.proof.world import World
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, allow, deny

CONFIG = example()
NAMES = Names(CONFIG)
KEY = NAMES.key_arn("3b5c1c2a-0000-4000-8000-000000000000")
WORLD = world(CONFIG, Keys.of({CONFIG.region: KEY}))
POLICIES = WORLD.policies
JOB = "churn-79f06e9c-112d-4b3e-bd21-86923d9962d8"

_TRUST_WORDS = {
    "codepipeline.amazonaws.com": "CodePipeline is not authorized to perform AssumeRole on role {role}",
    "cloudformation.amazonaws.com": "Role {role} is invalid or cannot be assumed",
    "states.amazonaws.com": (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
        "provided role."
    ),
    "lambda.amazonaws.com": "The role defined for the function cannot be assumed by Lambda.",
    "sagemaker.amazonaws.com": "Could not assume role {role}. Please ensure that the role exists",
}


def changed(ref: DocumentRef, *statements: Document) -> World:
    """The map's documents, one of them with other statements."""
    document = {**POLICIES.entries[ref], "Statement": list(statements)}
    return WORLD.with_policies(POLICIES.with_document(ref, document))


def without(ref: DocumentRef, sid: str) -> World:
    return changed(ref, *(one for one in statements_of(POLICIES.entries[ref]) if one["Sid"] != sid))


def key_policy() -> DocumentRef:
    return DocumentRef(DocumentKind.KEY, KEY, SHARED)


def bucket_policy() -> DocumentRef:
    return DocumentRef(DocumentKind.BUCKET, NAMES.bucket_arn, SHARED)


def identity(role_arn: str, policy: str) -> DocumentRef:
    return DocumentRef(DocumentKind.IDENTITY, role_arn, role_arn.split(":")[4], policy)


def session(account: str, role: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/session"


def sentence(request: Request) -> str:
    """How AWS refuses it, without a word on policies."""
    if request.principal.kind is PrincipalKind.SERVICE:
        return _TRUST_WORDS[request.principal.arn].format(role=request.resource)
    return (
        f"User: {request.principal.arn} is not authorized to perform: {request.action} on resource: {request.resource}"
    )


def named(found: Explanation) -> set[tuple[DocumentRef, Change, str]]:
    return {(one.ref, one.change, one.statement["Sid"]) for finding in found.denied for one in finding.remedies}


def needed() -> Iterator[tuple[DocumentRef, str]]:
    """Every statement of the map that permits something to the pipeline; of a refused EventBridge nobody hears."""
    for ref, document in POLICIES.entries.items():
        for statement in statements_of(document):
            silent = ref.kind is DocumentKind.TRUST and ref.owner == NAMES.start_role
            if statement["Effect"] == "Allow" and not silent:
                yield ref, statement["Sid"]


@pytest.mark.parametrize(("ref", "sid"), list(needed()), ids=lambda value: str(getattr(value, "name", value)))
def test_every_statement_is_named_when_it_is_missing(ref: DocumentRef, sid: str) -> None:
    """By the message that the first hop without it gets, and nothing else is."""
    given = without(ref, sid)
    broken = next(one for one in prove(given).hops if not one.decision.allowed)
    found = explain(sentence(broken.hop.request), given)
    assert named(found) == {(ref, Change.PUT_BACK, sid)}
    assert broken.number in {finding.number for finding in found.denied}


def test_the_request_has_the_context_of_its_hop() -> None:
    """Else the evaluator could not tell why it is denied; session and resource are the message's."""
    message = (
        f"User: {session(TRAINING, 'churn-training')} is not authorized to perform: kms:Decrypt on "
        f" resource: {KEY} because no resource-based policy allows the kms:Decrypt action"
    )
    (finding,) = explain(message, without(key_policy(), "WriteThroughS3")).denied
    assert finding.request.principal.arn == session(TRAINING, "churn-training")
    assert finding.request.context["kms:ViaService"] == "s3.us-east-1.amazonaws.com"
    assert finding.request.context["kms:EncryptionContext:aws:s3:arn"] == NAMES.bucket_arn
    assert finding.hop is not None
    assert finding.hop.stage == "Train"


def test_a_bare_refusal_is_found_among_what_the_stage_asks_for() -> None:
    """S3 says nothing across accounts: of all that the stage needs, the denied one is meant."""
    training = identity(NAMES.training_role, "data")
    found = explain("Error message from S3: Access Denied", without(training, "WriteModels"), stage="Train")
    assert named(found) == {(training, Change.PUT_BACK, "WriteModels")}
    assert {finding.request.action for finding in found.denied} == {"s3:PutObject", "s3:AbortMultipartUpload"}
    assert explain("Access Denied", without(training, "WriteModels"), stage="Source").denied == ()


@pytest.mark.parametrize(
    ("stage", "owner", "policy", "sid"),
    [
        ("Start", NAMES.start_role, None, "Service"),
        ("Start", NAMES.start_role, "start", "StartPipeline"),
        ("Deploy", NAMES.job_result_role, None, "Roles"),
        ("Deploy", NAMES.job_result_role, "job-results", "ReportJobResults"),
        ("Deploy", NAMES.deploy_function_role(CONFIG.accounts.production[0]), None, "Service"),
        ("Deploy", NAMES.deploy_function_role(CONFIG.accounts.production[0]), "report", "ReportJobResults"),
    ],
)
def test_what_no_message_tells_is_denied_at_its_stage(stage: str, owner: str, policy: str | None, sid: str) -> None:
    """The start that EventBridge tries, and the function that cannot answer; no other stage blames the statement."""
    kind = DocumentKind.TRUST if policy is None else DocumentKind.IDENTITY
    ref = DocumentRef(kind, owner, owner.split(":")[4], policy or "")
    findings = denied_at(stage, without(ref, sid))
    assert {(one.ref, one.change, one.statement["Sid"]) for finding in findings for one in finding.remedies} == {
        (ref, Change.PUT_BACK, sid)
    }
    assert denied_at("Train", without(ref, sid)) == ()


def test_nothing_is_denied_where_every_statement_is_in_place() -> None:
    """Whatever the stage."""
    assert [denied_at(stage, WORLD) for stage in ("Start", "Source", "Workflow", "Train", "Deploy")] == [()] * 5


def test_a_stage_of_several_production_accounts() -> None:
    """The pipeline has one Deploy stage; the hops have one for each account."""
    model = identity(NAMES.endpoint_role(CONFIG.accounts.production[0]), "model")
    assert named(explain("Access Denied", without(model, "ReadModels"), stage="Deploy")) == {
        (model, Change.PUT_BACK, "ReadModels")
    }


@pytest.mark.parametrize("sid", ["ReadModels", "KeyThroughS3"])
def test_sagemaker_on_model_data(sid: str) -> None:
    """It blames the object; the missing right may as well be the key's."""
    target = CONFIG.accounts.production[0]
    role = NAMES.endpoint_role(target)
    message = (
        f"Could not access model data at s3://{NAMES.bucket}/{NAMES.judged_key(DIGEST)}. Please ensure that the "
        f'role "{role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the '
        'service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions'
    )
    assert named(explain(message, without(identity(role, "model"), sid))) == {
        (identity(role, "model"), Change.PUT_BACK, sid)
    }
    trust = DocumentRef(DocumentKind.TRUST, role, PRODUCTION)
    assert named(explain(message, without(trust, "Service"))) == {(trust, Change.PUT_BACK, "Service")}


@pytest.mark.parametrize(
    ("message", "ref", "sid"),
    [
        (
            f"'{NAMES.state_machine_role}' is not authorized to create managed-rule.",
            identity(NAMES.state_machine_role, "training"),
            "WatchTrainingJob",
        ),
        (
            f'No S3 objects found under S3 URL "s3://{NAMES.bucket}/data/0/train/" given in input data source. Please '
            f'ensure that the role "{NAMES.training_role}" has "s3:ListBucket" permissions',
            identity(NAMES.training_role, "data"),
            "ListData",
        ),
        (
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you "
            "are not allowed to access.",
            key_policy(),
            "ReadThroughS3",
        ),
        (
            f"User: {session(TRAINING, 'churn-training')} is not authorized to perform: kms:GenerateDataKey on this "
            "resource because the resource does not exist in this Region, no resource-based policies allow access, or "
            "a resource-based policy explicitly denies access",
            key_policy(),
            "WriteThroughS3",
        ),
        (
            f"User: {session(TRAINING, 'churn-train-action')} is not authorized to perform: kms:Decrypt on "
            "the resource associated with this ciphertext because no identity-based policy allows the kms:Decrypt "
            "action",
            identity(NAMES.train_action_role, "artifacts"),
            "KeyThroughS3",
        ),
        (
            f"InvalidStructureException: {NAMES.pipeline_role} is not authorized to perform AssumeRole on role "
            f"{NAMES.train_action_role}",
            DocumentRef(DocumentKind.TRUST, NAMES.train_action_role, TRAINING),
            "Roles",
        ),
        (
            "An error occurred (AccessDenied) when calling the HeadObject operation: Forbidden",
            bucket_policy(),
            "EndpointReadsModels",
        ),
        (
            "An error occurred (AccessDeniedException) when calling the InvokeFunction operation: no",
            identity(NAMES.deploy_action_role(CONFIG.accounts.production[0]), "invoke"),
            "InvokeFunction",
        ),
    ],
)
def test_forms_of_messages(message: str, ref: DocumentRef, sid: str) -> None:
    """Each leads to its statement; where everything is in place, the documents allow what it may mean."""
    assert named(explain(message, without(ref, sid))) == {(ref, Change.PUT_BACK, sid)}
    intact = explain(message, WORLD)
    assert intact.denied == ()
    assert intact.allowed != ()


def test_what_aws_blames() -> None:
    """The kind of policy, whether it denies, and whether it is one that no account of the map shows."""
    text = "User: arn:aws:iam::1:role/r is not authorized to perform: s3:GetObject on resource: x "
    (silent,) = parse(f"{text}because no permissions boundary allows the s3:GetObject action")
    assert (silent.blamed, silent.explicit, silent.outside) == ("permissions boundary", False, False)
    (denying,) = parse(f"{text}with an explicit deny in a service control policy")
    assert (denying.blamed, denying.explicit, denying.outside) == ("service control policy", True, True)


@pytest.mark.parametrize("message", ["", "Stack churn-training failed: ROLLBACK_COMPLETE", "the gate was missed"])
def test_no_refusal(message: str) -> None:
    """Other failures are not explained away."""
    found = explain(message, world(CONFIG))
    assert not found.understood
    assert (found.denied, found.allowed) == ((), ())


def test_a_changed_statement_is_restored() -> None:
    """It is there under its Sid, but not as the map has it."""
    broken = allow("ReadData", ["s3:GetObject"], [NAMES.object_arn("elsewhere/*")])
    data = identity(NAMES.training_role, "data")
    others = [one for one in statements_of(POLICIES.entries[data]) if one["Sid"] != "ReadData"]
    message = f"User: {NAMES.training_role} is not authorized to perform: s3:GetObject"
    found = explain(message, changed(data, broken, *others))
    assert named(found) == {(data, Change.RESTORE, "ReadData")}
    assert all(finding.remedies[0].statement["Resource"] == NAMES.object_arn("data/*") for finding in found.denied)


def test_an_added_deny_is_to_be_removed() -> None:
    """The map does not have it."""
    added = deny("Freeze", "*", ["s3:*"], [NAMES.object_arn("*")], {"Bool": {"aws:SecureTransport": "true"}})
    given = changed(bucket_policy(), added, *statements_of(POLICIES.entries[bucket_policy()]))
    message = f"User: {NAMES.training_role} is not authorized to perform: s3:PutObject"
    (finding,) = explain(message, given).denied
    (remedy,) = finding.remedies
    assert (remedy.ref, remedy.change, remedy.statement["Sid"]) == (bucket_policy(), Change.REMOVE, "Freeze")
    assert "SecureTransport" in " ".join(remedy.why)


def test_a_meant_deny_is_to_be_heeded() -> None:
    """An upload by an operator of another account without encryption: the request must change, not the policy."""
    message = (
        f"User: arn:aws:sts::{SHARED}:assumed-role/somebody/x is not authorized to perform: s3:PutObject on resource: "
        f'"{NAMES.object_arn("data/x.csv")}" with an explicit deny in a resource-based policy'
    )
    (finding,) = explain(message, WORLD).denied
    (remedy,) = finding.remedies
    assert finding.stranger
    assert (remedy.change, remedy.statement["Sid"]) == (Change.HEED, "DenyOtherEncryption")


def test_an_operator_needs_what_render_writes() -> None:
    """Not one of the project's roles, but a role of the map."""
    message = (
        f"User: arn:aws:sts::{TRAINING}:assumed-role/xacct-ml-operator/xacct-ml is not authorized to perform: "
        f"iam:CreateRole on resource: {NAMES.training_role} because no identity-based policy allows the iam:CreateRole "
        "action"
    )
    found = explain(message, WORLD)
    (finding,) = found.allowed
    (remedy,) = finding.remedies
    assert (remedy.change, remedy.ref.policy, remedy.statement["Sid"]) == (Change.GIVE, "roles", "WriteRoles")
    assert remedy.ref.owner == CONFIG.accounts.training.role_arn


def test_a_stranger_is_offered_no_way_in() -> None:
    """The production account's administrator reads training data."""
    message = (
        f"User: {session(PRODUCTION, 'Admin')} is not authorized to perform: s3:GetObject on resource: "
        f'"{NAMES.object_arn("data/0/train/train.csv")}"'
    )
    (finding,) = explain(message, WORLD).denied
    assert (finding.stranger, finding.remedies) == (True, ())


def test_a_request_that_no_hop_means_is_said_to_be_none() -> None:
    """A role asks for more than its job: the statement is there to paste, the hop is not."""
    model = NAMES.object_arn("models/x")
    message = f"User: {NAMES.training_role} is not authorized to perform: s3:DeleteObject on resource: {model}"
    (finding,) = explain(message, WORLD).denied
    assert (finding.number, finding.stranger) == (None, False)
    assert {remedy.change for remedy in finding.remedies} == {Change.ADD}
    assert {remedy.ref.kind for remedy in finding.remedies} == {DocumentKind.IDENTITY, DocumentKind.BUCKET}


def test_the_key_of_the_message() -> None:
    """The map alone does not know the key's id; the message may."""
    message = f"User: {NAMES.training_role} is not authorized to perform: kms:Decrypt on resource: {KEY} because no"
    assert keys_in(message, CONFIG) == WORLD.keys
    assert keys_in("Access Denied", CONFIG) == Keys.stand_ins(NAMES)


def test_sagemaker_on_model_data_without_a_role() -> None:
    """The message is understood, and nobody of the project is guessed."""
    found = explain("Could not access model data at s3://bucket/models/x/model.tar.gz", world(example()))
    assert found.understood
    assert found.denied == found.allowed == ()


@pytest.mark.parametrize("resource", [f"{KEY.rpartition('/')[0]}/*", "*", f"{KEY}?", "churn", "arn:x"])
def test_what_is_no_arn_of_one_resource_is_any(resource: str) -> None:
    """Some services name all that an action might have been about, others a bare name; then every hop of the action may
    be meant."""
    message = f"User: {NAMES.training_role} is not authorized to perform: kms:Decrypt on resource: {resource} because"
    assert explain(message, WORLD) == explain(message.replace(f" on resource: {resource}", ""), WORLD)
    assert explain(message, WORLD).allowed


SENTENCES = (
    "User: {} is not authorized to perform: {} on resource: {}",
    "User: {} is not authorized to perform: s3:GetObject on resource: {} because no {} allows the",
    "{} is not authorized to perform: sts:AssumeRole on role {}",
    "{} is not authorized to create managed-rule",
    "Neither the global service principal {}, nor the regional one",
    "Role {} is invalid or cannot be assumed",
    "Could not access model data at s3://{} {}",
    'No S3 objects found under S3 URL "s3://{}". The role "arn:{}" {}',
    "Could not assume role {}",
    "(AccessDenied) when calling the {} operation: {}",
    "{}",
)
WORDS = (
    *(NAMES.training_role, f"{NAMES.training_role.replace('iam', 'sts').replace('role/', 'assumed-role/')}/x", KEY),
    *(f"arn:aws:iam::{TRAINING}:user/x", "arn:aws:iam::aws:role/x", NAMES.bucket_arn, f"{NAMES.bucket_arn}/x"),
    *("arn:", "arn:a", "arn:::::", "arn:a:b:c:d:e", "iam::222222222222:role/x", "kms:Decrypt", "s3:*", "GetObject"),
    *("*", "?", "/", "//[", ":", '"', "'", ".", ",", " ", "[", "]:x", "\ud800", "\u2028", "\x00", "x" * 3000),
)


@pytest.mark.long
@given(st.sampled_from(SENTENCES), st.lists(st.sampled_from(WORDS), max_size=9))
@tried(SENTENCES[7], ["x", ".", "x", "(403"])
@tried(SENTENCES[7], ["//["])
@tried(SENTENCES[0], ["arn:aws:iam::222222222222:user/x", "kms:Decrypt", "arn:"])
@settings(max_examples=200)
def test_any_message_is_explained_or_not_understood(sentence: str, words: list[str]) -> None:
    """Foreign words stand in all of them."""
    parts = sentence.split("{}")
    filled = ["".join(words[index :: len(parts)]) for index in range(len(parts))]
    message = "".join(part + word for part, word in zip(parts, filled, strict=True))
    keys_in(message, CONFIG)
    found = explain(message, WORLD)
    assert found.understood or not (found.denied or found.allowed)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_longer_message_is_no_more_work(sentence: str) -> None:
    """Counted in calls: as many requests are judged as one sentence may mean, however often it is said."""

    def calls(message: str) -> int:
        count = 0

        def called(*_: object) -> None:
            nonlocal count
            count += 1

        former = sys.getprofile()
        sys.setprofile(called)
        try:
            explain(message, WORLD)
        finally:
            sys.setprofile(former)
        return count

    once = sentence.format(NAMES.training_role, "s3:GetObject", f"{NAMES.bucket_arn}/x")
    explain(once, WORLD)
    assert calls(f"{once} " * 400) <= 2 * calls(f"{once} ")
