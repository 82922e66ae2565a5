"""Rights and condition operators against the dated table of what AWS's documentation names, both ways."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.proof.maps import MAPS
from xacct_ml.config.model import Config
from xacct_ml.operations.policies import world
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.world import World
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document, listed

TABLE = tomllib.loads(Path(__file__).with_name("documented_rights.toml").read_text(encoding="utf-8"))

FEATURES = (
    *("codecommit", "connection", "source zip", "source account"),
    *("other regions", "instances", "serverless", "approvers", "registry", "captured", "scaled", "schedule", "batch"),
    *("notifications", "rollout"),
)
"""What ``where`` may name."""

RESOURCE_POLICIES = {
    DocumentKind.BUS: "bus",
    DocumentKind.BUCKET: "bucket",
    DocumentKind.KEY: "key",
    DocumentKind.TOPIC: "topic",
}

Condition = tuple[str, str]
Place = tuple[str, str]
"""A job or resource, and which of its documents."""


def features(config: Config) -> set[str]:
    names = Names(config)
    source = "codecommit"
    if names.source_account is not None:
        source = "source account"
    elif names.connection_arns:
        source = "connection"
    elif names.source_key is not None:
        source = "source zip"
    served = "instances" if config.endpoint.serverless is None else "serverless"
    also = {
        "other regions": names.other_regions,
        "approvers": names.approver_role,
        "registry": names.model_package_group,
        "captured": names.capturing,
        "rollout": config.endpoint.rollout is not None,
        "schedule": config.schedule,
        "notifications": config.notifications,
        "batch": names.batch_target,
        "scaled": config.endpoint.autoscaling,
    }
    return {source, served, *(feature for feature, present in also.items() if present)}


def rows(kind: str, config: Config) -> Iterator[dict[str, Any]]:
    """Those that are about this map."""
    of_map = features(config)
    for row in TABLE[kind]:
        if "where" not in row or of_map & set(row["where"]):
            yield row


def rights_of(world: World) -> Iterator[tuple[str, set[str]]]:
    policies = [(role.job, role.policies) for role in world.roles]
    for job, documents in [*policies, ("approver", approver_policies(world.names))]:
        statements = [one for document in documents.values() for one in statements_of(document)]
        yield job, {action for one in statements for action in listed(one["Action"])}


def conditions(statements: list[Document]) -> set[Condition]:
    return {
        (operator, key) for one in statements for operator, keys in one.get("Condition", {}).items() for key in keys
    }


def conditions_of(world: World) -> Mapping[Place, set[Condition]]:
    jobs = {role.arn: role.job for role in world.roles}
    found: dict[Place, set[Condition]] = {}
    for ref, document in world.policies.entries.items():
        found.setdefault(_place(ref, jobs), set()).update(conditions(statements_of(document)))
    of_approver = [one for document in approver_policies(world.names).values() for one in statements_of(document)]
    found["approver", "identity"] = conditions(of_approver)
    return found


def _place(ref: DocumentRef, jobs: Mapping[str, str]) -> Place:
    if ref.of_role:
        return jobs[ref.owner], "trust" if ref.kind is DocumentKind.TRUST else "identity"
    return RESOURCE_POLICIES[ref.kind], "policy"


def pairs(given: list[list[str]]) -> set[Condition]:
    return {(operator, key) for operator, key in given}


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_rights_are_those_of_the_table(config: Config) -> None:
    """Each that a page names is granted or has its reason; each that is granted is named by a page."""
    wrong = []
    for job, granted in rights_of(world(config)):
        table = [row for row in rows("rights", config) if row["role"] == job]
        documented = {right for row in table for right in listed(row.get("granted", []))}
        refused = {right for row in table for right in row.get("not_granted", {})}
        wrong += [
            f"{job}: {right} is documented, has no reason against it, and is not granted"
            for right in documented - granted
        ]
        wrong += [f"{job}: {right} is granted and stands on no page of the table" for right in granted - documented]
        wrong += [f"{job}: {right} is granted; the reason why it is not is stale" for right in refused & granted]
    assert wrong == []


@pytest.mark.parametrize("config", MAPS.values(), ids=MAPS.keys())
def test_condition_operators_are_those_of_the_table(config: Config) -> None:
    """Operator and key of every condition, in every document."""
    wrong = []
    for place, found in conditions_of(world(config)).items():
        table = [row for row in rows("conditions", config) if (row["subject"], row["in"]) == place]
        meant = {pair for row in table for pair in pairs(row.get("rendered", row["documented"]))}
        wrong += [f"{place}: {pair} stands in the table and in no document" for pair in meant - found]
        wrong += [f"{place}: {pair} is rendered and stands on no page of the table" for pair in found - meant]
    assert wrong == []


def test_rows_are_whole() -> None:
    """A page that is listed, a reason wherever the document is not what the page has; no page that is named nowhere."""
    named = [row["page"] for kind in ("rights", "conditions") for row in TABLE[kind]]
    assert set(named) == set(TABLE["pages"])
    assert set(TABLE["not_read"]) <= set(TABLE["pages"])
    assert all(set(row.get("where", ())) <= set(FEATURES) for kind in ("rights", "conditions") for row in TABLE[kind])
    for row in TABLE["rights"]:
        assert all(len(reason) > 20 for reason in row.get("not_granted", {}).values())
    for row in TABLE["conditions"]:
        differs = "rendered" in row and pairs(row["rendered"]) != pairs(row["documented"])
        assert ("because" in row) == differs, row
