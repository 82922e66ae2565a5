"""The threat model's tables against what exists: what "cannot" be done names what refuses it, and is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.proof.maps import MAPS
from xacct_ml.access.model import Outcome, Request
from xacct_ml.access.store import authorize
from xacct_ml.operations.policies import world
from xacct_ml.proof.attacks.attack import RepelledAttack, attack_all
from xacct_ml.proof.attacks.intruder import INTRUDER_JOB, Attack
from xacct_ml.proof.reach.attackers import further_attacks
from xacct_ml.proof.reach.further import further
from xacct_ml.proof.world import World

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")

OPEN = "open: not yet protected: "
NOTHING = "–"
REFERENCE = re.compile(r"`(attack|reach|decided|hop): ([^`]+)`|`(tests/[^`]+?\.py)::(\w+)`")
CLAIMS = ("cannot", "and no more than that by this project's documents", "protected by")
"""Columns in which every cell names what says so."""


def tables(text: str = TEXT) -> Iterator[dict[str, str]]:
    """Each row of each table, by the words above its cells."""
    columns: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        cells = [cell.removeprefix("| ").strip() for cell in cells]
        if not columns:
            columns = cells
        elif not set(line) <= set("|- "):
            assert len(cells) == len(columns), line
            yield dict(zip(columns, cells, strict=True))


def unclaimed(row: dict[str, str]) -> Iterator[str]:
    """What a row says without saying what says so."""
    for column in CLAIMS:
        for claim in re.split(r"`; ", row.get(column, NOTHING)):
            if claim != NOTHING and not REFERENCE.search(f"{claim}`"):
                yield claim
    cell = row.get("open", NOTHING)
    if cell != NOTHING and not cell.startswith(OPEN):
        yield cell


@cache
def of_map(name: str) -> tuple[World, tuple[RepelledAttack, ...]]:
    """Its attacks beside it."""
    given = world(MAPS[name])
    return given, attack_all(given)


def example() -> World:
    return of_map("example")[0]


def wrong(kind: str, subject: str) -> str | None:
    """Why a reference does not hold; None where it does."""
    if kind in ("attack", "reach"):
        group, _, what = subject.partition(" › ")
        tried, possible = (at_once if kind == "attack" else in_reach)(map_of(group))
        of_group = [one.what for one in tried if one.group == group]
        found = [what] if what in of_group else [one for one in of_group if one.startswith(what)]
        succeeding = {one.what for one in possible if one.group == group} & set(found)
        return "there is no such attack" if not found else f"succeeds: {succeeding}" if succeeding else None
    if kind == "decided":
        allowed = [request for request in requests(subject) if not denied(request)]
        return f"is not denied: {allowed}" if allowed else None
    job, action = subject.split()
    roles = {role.arn: role.job for role in example().roles}
    hops = [hop for hop in example().hops if roles.get(hop.request.principal.role_arn or "") == job]
    return None if any(hop.request.action == action for hop in hops) else "there is no such hop"


OF_ONE_MAP = {
    "The approver beyond approving": "two approvers",
    "The operator approves": "two approvers",
    "The Model Registry": "two approvers",
    "Captured requests": "captured requests, scaled",
    "Scaling beyond the endpoint": "captured requests, scaled",
    "Notifications": "two approvers",
    "The schedule": "two approvers",
    "Predicting files": "two approvers",
    "An administrator of the source account": "source account",
    "The operator of the source account": "source account",
}
"""What only a map with approvers, a registry, captured requests, scaling, files or a source account has."""


def map_of(group: str) -> str:
    return OF_ONE_MAP.get(group, "example")


@cache
def at_once(name: str) -> tuple[list[Attack], list[Attack]]:
    """Attacks, and those of them that succeed."""
    tried = of_map(name)[1]
    return [one.attack for one in tried], [one.attack for one in tried if not one.repelled]


@cache
def in_reach(name: str) -> tuple[list[Attack], list[Attack]]:
    """Attacks, and those of them that succeed with everything in reach."""
    tried, succeeding = at_once(name)
    given, attacks = of_map(name)
    further_tried = [attack for _, attack in further_attacks(given, tried)]
    possible = [one.attack for one in further(given, attacks).possible]
    return [*tried, *further_tried], [*succeeding, *possible]


def denied(request: Request) -> bool:
    return authorize(request, example().store).outcome is Outcome.DENIED


def requests(subject: str) -> Iterator[Request]:
    """A role's action on every resource of a class, as it would be sent by who means it."""
    asked = re.fullmatch(r"([\w-]+) (\w+:\w+) on (.+)", subject)
    assert asked is not None, subject
    job, action, resource_class = asked.groups()
    send, bucket = example().send, f"{example().names.bucket_arn}/"
    (role,) = (role.arn for role in example().roles if role.job == job)
    places = [place for place in example().places if place.resource_class == resource_class]
    assert places, f"{resource_class} is no class of resources"
    for place in places:
        if action == "s3:PutObject":
            yield send.write(role, place.arn.removeprefix(bucket))
        elif place.kind == "key":
            yield send.key_through_s3(role, action)
            yield send.key(role, action)
        else:
            yield send.call(role, action, place.arn, account=place.account)


ROWS = list(tables())


def test_every_claim_names_what_says_so() -> None:
    """A reference for everything that cannot be done, the marked words for everything that can."""
    assert len(ROWS) > 50
    assert [claim for row in ROWS for claim in unclaimed(row)] == []


def test_every_reference_holds() -> None:
    """What must be denied is denied; what must be there is there."""
    found = []
    for reference in REFERENCE.finditer(TEXT):
        kind, subject, path, test = reference.groups()
        if path is None:
            why = wrong(kind, subject)
        else:
            exists = (ROOT / path).exists() and re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.MULTILINE)
            why = None if exists else "there is no such test"
        found += [f"{reference[0]} {why}"] if why else []
    assert found == []


@pytest.mark.parametrize(
    ("kind", "subject", "why"),
    [
        ("attack", "Key › churn-nobody: kms:Decrypt", "there is no such attack"),
        ("reach", "An administrator of the training account › s3:PutObject on models/", "succeeds"),
        ("reach", "Who pushes to the repository › s3:PutObject on models/", "succeeds"),
        ("reach", "The operator approves › PutApprovalResult in Approve", "succeeds"),
        ("decided", "training s3:GetObject on data", "is not denied"),
        ("hop", "training s3:DeleteObject", "there is no such hop"),
    ],
)
def test_what_does_not_hold_is_found(kind: str, subject: str, why: str) -> None:
    """The checks themselves."""
    assert (wrong(kind, subject) or "").startswith(why)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("read it: `attack: Key › a`; write it: it is safe", ["write it: it is safe"]),
        ("read it", ["read it"]),
        ("read it: `attack: Key › a`; write it: `decided: training s3:GetObject on data`", []),
        (NOTHING, []),
    ],
)
def test_a_claim_without_a_reference_is_found(cell: str, found: list[str]) -> None:
    (row,) = tables(f"| asset | cannot |\n|---|---|\n| data | {cell} |")
    assert list(unclaimed(row)) == found


def job(given: World, role: str) -> str:
    """Of a role of the project; an administrator or operator is himself."""
    found = given.names.job_of(role)
    return "himself" if found in (None, INTRUDER_JOB) else str(found)


def reached() -> set[tuple[str, str, str]]:
    """Who, as which role, comes to what, by further calls; without the project's own roles."""
    return {one for name in ("example", "source account") for one in reached_of(name)}


def reached_of(name: str) -> Iterator[tuple[str, str, str]]:
    given, attacks = of_map(name)
    for one in further(given, attacks).possible:
        people = one.attack.group.startswith(("An administrator", "The operator of", "Who pushes"))
        if people and map_of(one.attack.group) == name:
            place = given.places.of(one.attack.request.resource)
            what = one.attack.what if place is None else place.resource_class
            arn, by = what.rpartition("/")[2], job(given, one.by.name)
            yield one.attack.group, by, f"role {given.names.job_of(arn)}" if what.startswith("role ") else what


def test_what_stays_possible_is_what_verify_lists() -> None:
    """Both ways."""
    listed = {(row["who"], row["as"], what) for row in ROWS if "who" in row for what in row["reaches"].split(", ")}
    assert listed == reached()


def test_everybody_is_asked_about_every_asset() -> None:
    """Each person's table has a row for each asset that the asset's table has."""
    assets = {row["asset"] for row in ROWS if "where" in row}
    for section in TEXT.split("\n## ")[4:]:
        rows = list(tables(section))
        assert {asset for row in rows for asset in row["asset"].split(", ")} == assets, section.splitlines()[0]
