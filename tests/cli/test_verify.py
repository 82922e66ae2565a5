"""``verify``: the table, what fails in it, JSON, and the accounts."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.cli.fakes import FakeServices
from tests.cli.test_terminal import Screen
from tests.configs import PRODUCTION, SHARED, TRAINING, example, ireland
from tests.verdicts import CONFIG, KEY_POLICY, WORLD, with_changed
from xacct_ml.cli.main import main
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.hops import WIDTH, HopLines
from xacct_ml.cli.views.verdict import HELD, VerdictLines
from xacct_ml.cli.views.verdict_brief import BriefLines
from xacct_ml.cli.views.verdict_json import result_of
from xacct_ml.config.model import Config
from xacct_ml.operations.deployed_policies import Boundary, Live, StalePrincipal
from xacct_ml.operations.policies import world, world_beside
from xacct_ml.operations.verify_live import verdict_of
from xacct_ml.proof.attacks.attack import attack_all
from xacct_ml.proof.isolation import policies_of_both, separation
from xacct_ml.proof.matrix.matrix import whole_matrix
from xacct_ml.proof.policies import DocumentKind, DocumentRef, statements_of
from xacct_ml.proof.prove import prove
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.verify import Verdict, verify
from xacct_ml.proof.world import World
from xacct_ml.system.names import Names
from xacct_ml.system.statements import allow
from xacct_ml.validation import load

NAMES = WORLD.names


@pytest.fixture(scope="module")
def intact() -> Verdict:
    return verify(WORLD)


def of(given: World) -> Verdict:
    """What is decided about these documents."""
    return Verdict(given, prove(given), attack_all(given), whole_matrix(given))


def decrypts_template(verdict: Verdict) -> int:
    """The number of the first hop that ReadThroughS3 allows."""
    return next(
        proven.number
        for proven in verdict.proof.hops
        if (proven.hop.stage, proven.hop.request.action) == ("Workflow", "kms:Decrypt")
    )


def rows(lines: list[str]) -> list[str]:
    """Those of the hops."""
    return [line for line in lines if re.match(r"[✓✗?] [ \d]{3} (doc|code|assumed)", line)]


def shown(verdict: Verdict, config: Config = CONFIG, *, verbose: bool = False) -> list[str]:
    """The lines as a pipe gets them."""
    out = io.StringIO()
    VerdictLines(config, verdict, Terminal(out=out, err=io.StringIO()), verbose=verbose).show()
    return out.getvalue().splitlines()


def test_one_line_per_hop_that_fits_a_screen(intact: Verdict) -> None:
    """Number, evidence, who, action, resource, and the statements of both sides."""
    lines = shown(intact)
    hops = rows(lines)
    assert [int(row[2:5]) for row in hops] == [proven.number for proven in intact.proof.hops]
    assert max(map(len, hops)) <= WIDTH
    number = decrypts_template(intact)
    assert " ".join(hops[number - 1].split()) == (
        f"✓ {number} code train-action kms:Decrypt key KeyThroughS3 + ReadThroughS3"
    )
    assert hops[0].split() == ["✓", "1", "doc", "(events)", "sts:AssumeRole", "role", "start", "trust", "Service"]
    assert len(lines) < len(hops) + 100


def test_a_narrow_screen_breaks_no_word(intact: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns and at 50, every word is one that a wide screen shows, and no row is longer than the screen."""
    wide = set(" ".join(shown(intact)).split())
    for columns in (80, 50):
        lines = shown_at(intact, columns, monkeypatch)
        assert set(" ".join(lines).split()) <= wide
        assert [line for line in lines if len(line) > columns] == [
            line for line in lines if any(len(word) > columns - 2 for word in line.split())
        ]
    assert len(rows(lines)) == len(intact.proof.hops)
    assert shown_at(intact, 5, monkeypatch)


def shown_at(
    verdict: Verdict, columns: int, monkeypatch: pytest.MonkeyPatch, kind: type[VerdictLines] = VerdictLines
) -> list[str]:
    """The lines as a terminal shows them, without colours."""
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Screen()
    kind(CONFIG, verdict, Terminal(out=screen, err=screen)).show()
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()]


def test_quiet_fits_one_screen(intact: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns and 24 rows: a line for each part. What fails is shown whole."""
    lines = shown_at(intact, 80, monkeypatch, BriefLines)
    assert len(lines) < 24
    assert lines[0] == "✓ Start: 3 hops"
    assert lines[-1] == f"everything holds of {HELD}"
    broken = of(with_changed(KEY_POLICY, "ReadThroughS3"))
    brief, whole = shown_at(broken, 120, monkeypatch, BriefLines), shown(broken)
    assert next(line for line in brief if line.startswith("✗ ")).startswith("✗ Workflow: ")
    at = next(place for place, line in enumerate(whole) if line.startswith("✗"))
    there = brief.index(whole[at])
    assert brief[there : there + 10] == [line.rstrip() for line in whole[at : at + 10]]
    assert "Sid" not in " ".join(brief[:there])


def test_quiet_and_verbose_are_opposites(capsys: pytest.CaptureFixture[str]) -> None:
    """One of them."""
    assert main(["verify", "--quiet", "--verbose"], Maps()) == 2
    assert "give either --quiet or --verbose" in capsys.readouterr().err


def test_the_evidence_of_each_hop(intact: Verdict) -> None:
    """Documented, seen in public code, assumed; a star where no rehearsal asks for it, as one does for all assumed."""
    tags = {row.split()[2] for row in rows(shown(intact))}
    assert tags == {"doc", "doc*", "code", "code*", "assumed"}


def test_the_rest_is_counted(intact: Verdict) -> None:
    """Attacks by group, the matrix, minimality with what is justified, and the assumed hops by name."""
    text = "\n".join(shown(intact))
    count = len(intact.attacks)
    further = intact.further
    tried = [attack for attack in intact.attacks if attack.attack.group in further.tried]
    assert {attack.attack.group for attack in intact.attacks} - further.tried.keys() == {"Names like ours"}
    kept = len(tried) - sum(further.possible_of(group) for group in {attack.attack.group for attack in tried})
    words = f"denied at once, {kept:,} of {len(tried):,} with everything in reach"
    assert f"Attacks: {count:,} of {count:,} {words}" in text
    administrator = "An administrator of the training account"
    assert re.search(rf"{administrator}; {further.possible_of(administrator)} possible as [\w, -]+", text)
    assert f"{len(further.possible)} of {further.total:,} attacks stay possible; --verbose names them" in text
    operators = sum(one.attack.group.startswith("The operator of ") for one in further.possible)
    pushed = further.possible_of("Who pushes to the repository")
    assert f"{pushed} by who pushes to the repository; {operators} by operators" in text
    assert all(attack.attack.group in text for attack in intact.attacks)
    assert f"Whole matrix: {intact.matrix.requests:,} requests, {len(intact.matrix.allowed)} allowed" in text
    assert intact.minimality is not None
    assert f"{len(intact.minimality.needed)} needed, {len(intact.minimality.justified)} justified, 0 needed" in text
    flat = " ".join(text.split())
    assert all(f"because {part.why}" in flat for part in intact.minimality.justified)
    assert all(proven.hop.what in text for proven in intact.proof.hops if proven.hop.evidence is Evidence.ASSUMED)
    assert text.endswith(f"everything holds of {HELD}")
    assert intact.failure() is None


@pytest.mark.long
def test_the_documents_show_the_tables_as_they_are_printed() -> None:
    """Of the example map, from the attacks on."""
    root = Path(__file__).parents[2]
    config = load(root / "config.example.yaml")
    printed = "\n".join(shown(verify(world(config)), config))
    documented = (root / "docs" / "proof.md").read_text(encoding="utf-8")
    assert f"…\n{printed[printed.index('Attacks: ') :]}\n```\n" in documented


def test_verbose_shows_every_request_whole(intact: Verdict) -> None:
    """With its context and its source, and every allowed request of the matrix."""
    lines = shown(intact, verbose=True)
    assert sum(line.strip().startswith("principal ") for line in lines) == len(intact.proof.hops)
    assert sum(line.startswith("      source     ") for line in lines) == len(intact.proof.hops)
    matrix = lines[next(at for at, line in enumerate(lines) if line.startswith("Whole matrix")) :]
    asked = [cell.request for cell in intact.matrix.allowed]
    assert all(any(request.action in line and request.principal.arn for line in matrix) for request in asked)
    assert sum(bool(re.match(r" {6}\S+  [\w-]+:\w+  \S", line)) for line in matrix) == len(asked)


@pytest.mark.long
def test_a_denied_hop_is_expanded() -> None:
    """The exact request, what is missing, and the statement to paste; another hop that lacks it refers to the first."""
    verdict = of(with_changed(KEY_POLICY, "ReadThroughS3"))
    lines = shown(verdict)
    at = next(index for index, line in enumerate(lines) if line.startswith("✗"))
    number = decrypts_template(verdict)
    assert lines[at].split()[1:6] == [str(number), "code", "train-action", "kms:Decrypt", "key"]
    block = lines[at + 1 : at + 14]
    assert any("denied: no statement of the key policy 'key policy' allows this" in line for line in block)
    assert any("kms:ViaService = s3.us-east-1.amazonaws.com" in line for line in block)
    start = next(index for index, line in enumerate(lines) if f"paste into the key policy of {SHARED}" in line)
    end = next(index for index in range(start, len(lines)) if lines[index] == " " * 8 + "}")
    statement = json.loads("\n".join(lines[start + 1 : end + 1]))
    wanted = next(one for one in statements_of(WORLD.policies.entries[KEY_POLICY]) if one["Sid"] == "ReadThroughS3")
    assert statement == wanted
    same = sum(f"the same change as for hop {number}: ReadThroughS3" in line for line in lines)
    assert same == len(verdict.failed_hops) - 1
    error = verdict.failure()
    assert error is not None
    assert "everything holds" not in "\n".join(lines)
    assert error.message == f"the proof does not hold: {same + 1} of {len(verdict.proof.hops)} hops not allowed"


@pytest.mark.long
def test_a_hole_is_found_and_counted_by_statement() -> None:
    """An attack that succeeds is named, and the requests of the matrix under the statement that lets them in."""
    ref = DocumentRef(DocumentKind.IDENTITY, NAMES.training_role, NAMES.training, "data")
    verdict = of(with_changed(ref, "", allow("Hole", ["sts:*", "s3:*"], ["*"])))
    text = "\n".join(shown(verdict))
    assert "requests that no hop means, by churn-training/data › Hole" in text
    assert "the first 10 of" in text
    error = verdict.failure()
    assert error is not None
    assert "requests of the matrix allowed (or undetermined) that no hop means" in str(error.lines())


@pytest.mark.long
def test_an_attack_that_succeeds_is_shown() -> None:
    """With what allows it."""
    ref = DocumentRef(DocumentKind.IDENTITY, NAMES.state_machine_role, NAMES.training, "pass-role")
    verdict = of(with_changed(ref, "", allow("PassAll", ["iam:PassRole"], ["*"])))
    lines = shown(verdict)
    at = next(index for index, line in enumerate(lines) if line.startswith("✗ Passing roles:"))
    assert "churn-state-machine passes" in lines[at]
    assert "PassAll allows this" in lines[at + 1]


@pytest.mark.long
def test_an_action_without_requests_is_shown() -> None:
    """By its stage, its name and its kind, in text, in JSON and in the verdict."""
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    stage = {"name": "Check", "actions": [{"name": "Lint", "actionTypeId": kind, "configuration": {}}]}
    structure = {**WORLD.structure, "stages": [*WORLD.structure["stages"], stage]}
    verdict = of(replace(WORLD, structure=structure))
    words = "action Check/Lint (CodeBuild) has no requests"
    assert f"✗ {words}" in shown(verdict)
    assert result_of(CONFIG, verdict)["failures"] == [words]
    error = verdict.failure()
    assert error is not None
    assert error.message == f"the proof does not hold: {words}"


@pytest.mark.long
def test_what_only_the_accounts_tell() -> None:
    """Deleted principals, missing roles, boundaries and differences, in text, in JSON and in the verdict."""
    given = with_changed(KEY_POLICY, "DescribeKey")
    role = NAMES.start_role
    live = Live(
        given,
        {role: Boundary("arn:aws:iam::111111111111:policy/limits", {"Statement": []})},
        (NAMES.endpoint_role(CONFIG.accounts.production[0]),),
        ("identity policy 'attached x' of role y",),
    )
    stale = (StalePrincipal(f"trust policy of role z in {PRODUCTION}", "Roles", "AROAEXAMPLE"),)
    verdict = replace(verdict_of(live), stale=stale, missing=(f"CloudWatch alarm churn in {PRODUCTION}",))
    text = "\n".join(shown(verdict))
    assert f"trust policy of role z in {PRODUCTION} › Roles: AROAEXAMPLE was deleted" in text
    assert "does not exist: arn:aws:iam::333333333333:role/churn-endpoint" in text
    assert "could not be read: identity policy 'attached x' of role y" in text
    assert f"not found, and nothing is proven of it: CloudWatch alarm churn in {PRODUCTION}" in text
    assert "arn:aws:iam::111111111111:policy/limits is applied to 1 of the roles" in text
    assert f"key policy of {SHARED} differs; bootstrap would change:\n      + DescribeKey: " in text
    error = verdict.failure()
    assert error is not None
    assert error.next_step == "xacct-ml bootstrap puts the map's policies back"
    assert "1 principals that point at deleted roles or users" in str(error.lines())
    result = result_of(CONFIG, verdict)
    assert result["proven"] == "accounts"
    assert result["accounts"]["stale_principals"][0]["id"] == "AROAEXAMPLE"
    assert result["accounts"]["missing"] == [f"CloudWatch alarm churn in {PRODUCTION}"]
    difference = result["accounts"]["differences"][0]
    assert (difference["document"], difference["widens"]) == (f"key policy of {SHARED}", False)


def test_every_attack_that_stays_possible_is_named_on_demand(intact: Verdict) -> None:
    """With the calls before it, below who attacks."""
    lines = [line.strip() for line in shown(intact, verbose=True)]
    administrator = "An administrator of the training account"
    count, total = intact.further.possible_of(administrator), intact.further.tried[administrator]
    below = lines[lines.index(f"{count} of {total}  {administrator}") :]
    models = next(line for line in below if line.startswith("s3:PutObject on models/"))
    assert "writes the trust of churn-training and assumes it:" in below[: below.index(models)]
    assert {one.attack.what for one in intact.further.possible} <= set(lines)


def test_json_is_all_there_is(capsys: pytest.CaptureFixture[str], intact: Verdict, tmp_path: Path) -> None:
    """One document on stdout and no table on stderr; the page beside it, once."""
    page = tmp_path / "proof.html"
    assert main(["verify", "--output", "json", "--html", str(page)], FakeServices()) == 0
    captured = capsys.readouterr()
    assert "everything holds of the map" in page.read_text(encoding="utf-8")
    assert main(["verify", "--html", str(page)], FakeServices()) == 2
    assert f"{page} is there already\nnext: give another --html FILE" in capsys.readouterr().err
    result = json.loads(captured.out)["result"]
    assert captured.err == ""
    assert (result["proven"], result["holds"], result["failures"]) == ("map", True, [])
    number = decrypts_template(intact)
    hop = result["hops"][number - 1]
    assert (hop["number"], hop["outcome"], hop["evidence"], hop["rehearsed"]) == (
        number,
        "allowed",
        "public code",
        True,
    )
    assert hop["context"]["kms:ViaService"] == "s3.us-east-1.amazonaws.com"
    assert hop["statements"][1] == {"layer": "resource policy", "document": "key policy", "sid": "ReadThroughS3"}
    assumed = [one.number for one in intact.proof.hops if one.hop.evidence is Evidence.ASSUMED]
    assert result["assumed"] == assumed != []
    assert sum(group["total"] for group in result["attacks"]["groups"]) > 1000
    assert result["attacks"]["not_denied"] == []
    further = {one["group"]: one for one in result["further"]["groups"]}
    assert further["Uploads"]["possible"] == 0 < further["Who pushes to the repository"]["possible"]
    assert len(result["further"]["possible"]) == sum(one["possible"] for one in further.values())
    assert all(one["by"] and one["action"] for one in result["further"]["possible"])
    assert all(one["path"] or "of others" in one["what"] for one in result["further"]["possible"])
    assert len(result["matrix"]["allowed"]) > len(result["hops"])
    assert result["minimality"]["unneeded"] == []
    assert result["accounts"] is None


@pytest.mark.long
def test_long_names_are_cut_not_wrapped(intact: Verdict) -> None:
    """A project name of full length, other prefixes, two production accounts."""
    config = example(
        project="a-name-of-20-letters",
        roles={"path": "/ml/", "name_prefix": "acme-"},
        data={"prefix": "a/very/long/prefix/for/all/the/data"},
        accounts={
            "shared": {"id": SHARED},
            "training": {"id": "222222222222"},
            "production": ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"}),
        },
    )
    lines = shown(of(world(config)), config)
    assert len(rows(lines)) > len(intact.proof.hops)
    assert max(map(len, rows(lines))) <= WIDTH


class Maps(FakeServices):
    """A map for each file's name."""

    maps: ClassVar[dict[str, Config]] = {
        "one.yaml": CONFIG,
        "other.yaml": example(project="churn-eu"),
        "same.yaml": example(project="fraud", endpoint={"name": "churn"}),
    }

    def config(self, path: Path) -> Config:
        return self.maps[path.name]


@pytest.mark.long
def test_beside_another_project(capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways, for a person and as JSON."""
    arguments = ["verify", "--config", "one.yaml", "--beside", "other.yaml"]
    assert main(arguments, Maps()) == 0
    lines = capsys.readouterr().out.splitlines()
    for heading in ("churn-eu beside churn, in the same accounts", "churn beside churn-eu, in the same accounts"):
        attacks, matrix = lines[lines.index(heading) + 1 :][:2]
        assert re.fullmatch(r"✓ ([\d,]+) of \1 attacks denied", attacks)
        assert re.match(r"✓ whole matrix: [\d,]+ requests of [\w-]+'s roles on what is [\w-]+'s, 0 allowed", matrix)
    assert main([*arguments, "--output", "json"], Maps()) == 0
    beside = json.loads(capsys.readouterr().out)["result"]["beside"]
    assert [(one["intruder"], one["victim"]) for one in beside] == [("churn-eu", "churn"), ("churn", "churn-eu")]
    assert all(not one["not_denied"] and not one["unintended"] and one["requests"] for one in beside)


@pytest.mark.long
def test_a_project_that_gets_through_is_shown() -> None:
    """What it does, in a run and in a release, by which statement; and it fails the command."""
    other, production = example(project="churn-eu"), PRODUCTION
    wide = allow("Wide", ["lambda:InvokeFunction"], [f"arn:aws:lambda:us-east-1:{production}:function:churn-*"])
    role = Names(other).deploy_action_role(other.accounts.production[0])
    ref = DocumentRef(DocumentKind.IDENTITY, role, production, "invoke")
    theirs = world_beside(other)
    both = policies_of_both(WORLD, theirs).with_statement(ref, wide)
    verdict = replace(of(WORLD), beside=separation(WORLD, theirs, policies=both))
    lines = shown(verdict)
    assert any(
        "churn-eu-deploy-action does what only churn may: Deploy production: The action" in line for line in lines
    )
    assert "✗ 1 requests, by churn-eu-deploy-action/invoke › Wide" in lines
    assert verdict.failures() == (
        "2 attacks of churn-eu on churn not denied",
        "1 requests of churn-eu's roles allowed on what is churn's",
    )


def organization(tmp_path: Path, *statements: dict[str, Any]) -> str:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
    return str(path)


FULL = {"Sid": "Full", "Effect": "Allow", "Action": "*", "Resource": "*"}
NO_DECRYPT = {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.long
@pytest.mark.parametrize("option", ["service", "resource"])
def test_a_policy_of_the_organization_fails_its_hops(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """verify names its statement, and whose it is to change; what the documents need is judged without it."""
    of_resource = {"Principal": "*"} if option == "resource" else {}
    path = organization(tmp_path, *([] if of_resource else [FULL]), {**NO_DECRYPT, **of_resource})
    account = SHARED if option == "resource" else TRAINING
    arguments = ["verify", "--config", "one.yaml", f"--{option}-control-policy", f"{account}={path}"]
    assert main(arguments, Maps()) == 1
    said = capsys.readouterr()
    lines = [line.strip() for line in said.out.splitlines()]
    assert f"denied: {option} control policy policy.json › NoDecrypt denies this" in lines
    assert f"the {option} control policy is the organization's: whoever manages that has to change it" in lines
    assert any(line.endswith(" justified, 0 needed by nothing") for line in lines)
    assert re.search(r"the proof does not hold: \d+ of \d+ hops not allowed\n", said.err)
    assert main([*arguments, "--management-account", account], Maps()) == 0
    capsys.readouterr()
    assert main([*arguments, "--output", "json"], Maps()) == 1
    hops = json.loads(capsys.readouterr().out)["result"]["hops"]
    denied = [hop for hop in hops if hop["outcome"] == "denied"]
    assert {hop["action"] for hop in denied} == {"kms:Decrypt"}
    statement = {"layer": f"{option} control policy", "document": "policy.json", "sid": "NoDecrypt"}
    assert all(hop["statements"] == [statement] and not hop["remedies"] for hop in denied)


@pytest.mark.long
def test_a_service_control_policy_that_allows_everything_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Line by line."""
    assert main(["verify", "--config", "one.yaml"], Maps()) == 0
    without = capsys.readouterr().out
    limits = f"{TRAINING}={organization(tmp_path, FULL)}"
    assert main(["verify", "--config", "one.yaml", "--service-control-policy", limits], Maps()) == 0
    assert capsys.readouterr().out == without


def test_a_mistake_in_a_policy_of_the_organization(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """File and line; nothing is proven."""
    path = organization(tmp_path, {**FULL, "Effect": "Permit"})
    assert main(["verify", "--config", "one.yaml", "--service-control-policy", f"{TRAINING}={path}"], Maps()) == 2
    assert f"{path}:1: statement Full: Effect is 'Permit'" in capsys.readouterr().err


def test_a_map_that_is_refused_is_told_to_code_scanning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the message, with the exit code that it has; a file that is there stays."""
    file, sarif = tmp_path / "config.yaml", tmp_path / "verify.sarif"
    file.write_text("project: churn\nregion: mars-1\n")
    assert main(["verify", "--config", str(file), "--sarif", str(sarif)]) == 2
    found = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert found[0]["ruleId"] == "map-invalid"
    assert f"{file}:" in capsys.readouterr().err
    assert main(["verify", "--config", str(file), "--sarif", str(sarif)]) == 2
    assert f"{sarif} is there already\nnext: give another --sarif FILE" in capsys.readouterr().err


def test_a_name_that_both_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is proven, with both maps and the account; the other map is to blame."""
    assert main(["verify", "--config", "one.yaml", "--beside", "same.yaml"], Maps()) == 2
    said = capsys.readouterr().err
    assert "same.yaml: one.yaml and same.yaml cannot be in the same accounts" in said
    assert f"both have SageMaker endpoint churn in {PRODUCTION}" in said


def test_beside_is_proven_from_maps(capsys: pytest.CaptureFixture[str]) -> None:
    """The accounts' policies cannot tell the other project's."""
    assert main(["verify", "--live", "--beside", "other.yaml"], Maps()) == 2
    assert "give either --live or --beside" in capsys.readouterr().err


def test_every_hop_of_other_regions_has_its_row() -> None:
    """Buckets, keys and roles of other regions read like the pipeline's own: the stage says where."""
    config = ireland()
    lines = HopLines(config)
    proven = prove(world(config)).hops
    rows = [lines.row(one) for one in proven]
    assert all(len(row) <= WIDTH for row in rows)
    copies = [row for one, row in zip(proven, rows, strict=True) if one.hop.stage == "Deploy copy-eu-west-1"]
    assert any("copy-model" in row and "judged/…/model.tar.gz" in row for row in copies)
    assert any("pipeline" in row and " bucket " in row for row in copies)
