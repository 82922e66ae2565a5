"""What to paste where a hop is denied, and what an explicit deny hits."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable

import pytest

from tests.proof.changes import (
    BUCKET_POLICY,
    KEY_ARN,
    KEY_POLICY,
    NAMES,
    POLICIES,
    WORLD,
    identity_of,
    trust_of,
    without,
)
from tests.proof.maps import MAPS
from xacct_ml.access.model import Layer, PrincipalKind, Request
from xacct_ml.access.store import authorize
from xacct_ml.operations.policies import world
from xacct_ml.proof.matrix.matrix import whole_matrix
from xacct_ml.proof.matrix.variants import Element, Removal, removals
from xacct_ml.proof.policies import DocumentKind, DocumentRef, Policies, with_policy
from xacct_ml.proof.prove import prove
from xacct_ml.proof.remediation.missing_statement import MissingStatement, denial, missing_statements
from xacct_ml.proof.world import World

SEND = WORLD.send
SCHEDULED = "captured and scheduled in two regions, no operator named"
STATEMENTS = [one for one in removals(POLICIES) if one.element is Element.STATEMENT and not one.widens]


def mended(world: World, requests: Iterable[Request]) -> tuple[MissingStatement, ...]:
    """What to paste into the world's policies so that the requests are allowed, each statement once.

    One at a time, since a statement may mend several requests, and since a grant to an account lets the account's
    own policies decide, which may lack the right as well. Explicit denials stay: see ``denial``."""
    found: list[MissingStatement] = []
    policies, store = world.policies, world.policies.store()
    for request in requests:
        for _ in Layer:
            missing = missing_statements(world, request, authorize(request, store))
            new = [one for one in missing if one not in found]
            if not new:
                break
            found.extend(new)
            policies = pasted(policies, new)
            for one in new:
                store = with_policy(store, one.ref, policies.entries[one.ref])
    return tuple(found)


def pasted(policies: Policies, missing: Iterable[MissingStatement]) -> Policies:
    """``policies`` with the statements where they belong."""
    for one in missing:
        policies = policies.with_statement(one.ref, one.statement)
    return policies


def denied(given: World) -> list[Request]:
    return [one.hop.request for one in prove(given).hops if not one.decision.allowed]


@pytest.mark.parametrize("removal", random.Random(3).sample(STATEMENTS, 12), ids=str)
def test_the_pasted_statements_make_the_proof_hold_again(removal: Removal) -> None:
    """Any statement taken out: what is to be pasted belongs to the same owner, and suffices."""
    given = WORLD.with_policies(POLICIES.with_document(removal.ref, removal.document))
    missing = mended(given, denied(given))
    assert missing
    assert {one.ref.owner for one in missing} <= {removal.ref.owner}
    assert denied(given.with_policies(pasted(given.policies, missing))) == []


@pytest.mark.parametrize(
    "name",
    [
        "example",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("two production targets, no operator named", SCHEDULED)
        ),
    ],
)
def test_from_nothing_but_denies_everything_is_mended_and_nothing_more(name: str) -> None:
    """All statements of all documents pasted, each valid and named once; then exactly the hops are allowed."""
    whole = world(MAPS[name])
    policies = whole.policies
    for ref, document in whole.policies.entries.items():
        denies = [one for one in document["Statement"] if one["Effect"] == "Deny"]
        policies = policies.with_document(ref, {**document, "Statement": denies})
    given = whole.with_policies(policies)
    missing = mended(given, denied(given))
    matrix = whole_matrix(given.with_policies(pasted(policies, missing)))
    assert not matrix.unexercised
    assert [str(cell.request) for cell in matrix.unintended] == []
    sids = [(one.ref, one.statement["Sid"]) for one in missing]
    assert len(sids) == len(set(sids))
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for _, sid in sids)
    assert all(json.loads(json.dumps(one.statement)) == one.statement for one in missing)


def single(request: Request, given: World) -> tuple[str, dict[str, object]]:
    (found,) = missing_statements(given, request, authorize(request, given.store))
    return found.ref.title, found.statement


def test_a_missing_kms_decrypt_is_named_down_to_the_statement() -> None:
    """The key policy of the shared account, bound to role, S3 and bucket."""
    endpoint = NAMES.endpoint_role(NAMES.production[0])
    document, statement = single(SEND.key_through_s3(endpoint, "kms:Decrypt"), without(KEY_POLICY, "ReadThroughS3"))
    assert document == "key policy of 111111111111"
    assert statement == {
        "Sid": "ChurnEndpoint333333333333KmsDecryptKeyThroughS3",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::333333333333:root"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": endpoint},
            "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [NAMES.bucket_arn, NAMES.object_arn("*")]},
        },
    }


def test_a_missing_trust_is_bound_as_the_service_documents() -> None:
    """Step Functions sends account and state machine."""
    ref = trust_of(NAMES.state_machine_role)
    context = {"aws:SourceAccount": NAMES.training, "aws:SourceArn": NAMES.state_machine_arn}
    request = SEND.assume("states.amazonaws.com", NAMES.state_machine_role, context)
    document, statement = single(request, without(ref, "Service"))
    assert document == "trust policy of role churn-state-machine in 222222222222"
    assert statement["Condition"] == POLICIES.entries[ref]["Statement"][0]["Condition"]


@pytest.mark.parametrize("name", MAPS)
def test_the_remedy_of_a_services_trust_has_the_conditions_of_the_document(name: str) -> None:
    """Whatever the hop says of itself: neither wider nor narrower than what the role's document has."""
    whole = world(MAPS[name])
    for ref, document in whole.policies.entries.items():
        services = [one for one in document["Statement"] if "Service" in one.get("Principal", {})]
        if ref.kind is not DocumentKind.TRUST or not services:
            continue
        (meant,) = services
        without_it = [one for one in document["Statement"] if one != meant]
        given = whole.with_policies(whole.policies.with_document(ref, {**document, "Statement": without_it}))
        found = [
            missing
            for request in (hop.request for hop in whole.hops)
            if request.resource == ref.owner and request.principal.kind is PrincipalKind.SERVICE
            for missing in missing_statements(given, request, authorize(request, given.store))
        ]
        assert found
        assert {one.ref for one in found} == {ref}
        remedies = {json.dumps({**one.statement, "Sid": meant["Sid"]}, sort_keys=True) for one in found}
        assert remedies == {json.dumps(meant, sort_keys=True)}


def test_a_missing_right_of_a_role_covers_its_class_of_resources() -> None:
    """The prefix, not the one object of the request."""
    request = SEND.read(NAMES.training_role, "data/0000/train/train.csv")
    document, statement = single(request, without(identity_of(NAMES.training_role, "data"), "ReadData"))
    assert document == "identity policy of role churn-training in 222222222222"
    assert statement["Resource"] == NAMES.object_arn("data/*")


DENIALS: dict[str, tuple[dict[str, str], str, str]] = {
    "another algorithm": (
        {"s3:x-amz-server-side-encryption": "AES256", "s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN},
        "DenyOtherEncryption",
        "StringNotEquals s3:x-amz-server-side-encryption aws:kms: the request says AES256",
    ),
    "no key": (
        {"s3:x-amz-server-side-encryption": "aws:kms"},
        "DenyOtherKeys",
        f"StringNotEquals s3:x-amz-server-side-encryption-aws-kms-key-id {KEY_ARN}: the request does not say",
    ),
}


@pytest.mark.parametrize(("context", "sid", "hit"), DENIALS.values(), ids=DENIALS.keys())
def test_an_explicit_deny_names_its_statement_and_what_it_hits(context: dict[str, str], sid: str, hit: str) -> None:
    """Nothing is to be pasted then."""
    arn = NAMES.object_arn("models/job/output/model.tar.gz")
    request = SEND.call(NAMES.training_role, "s3:PutObject", arn, context)
    decision = authorize(request, WORLD.store)
    found = denial(WORLD, request, decision)
    assert found is not None
    assert (found.ref, found.statement["Sid"], found.hits) == (BUCKET_POLICY, sid, (hit,))
    assert missing_statements(WORLD, request, decision) == ()


def test_an_implicit_denial_has_no_denying_statement() -> None:
    """And an allowed request neither."""
    for request in (SEND.read(NAMES.training_role, "artifact"), SEND.read(NAMES.training_role, "data/x")):
        assert denial(WORLD, request, authorize(request, WORLD.store)) is None


def test_a_document_is_named_with_its_account() -> None:
    """Two production accounts have roles of one name."""
    role = "arn:aws:iam::444444444444:role/churn-endpoint"
    assert identity_of(role, "model").title == "identity policy 'model' of role churn-endpoint in 444444444444"
    assert isinstance(identity_of(role, "model"), DocumentRef)
