"""The page of a proof: all that was decided, in one file that fetches nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.report.elements import Elements
from tests.verdicts import DATA_POLICY, KEY_POLICY, WORLD, verdict_of, with_changed
from xacct_ml.proof.attacks.attack import RepelledAttack
from xacct_ml.proof.reach.decisions import Holder
from xacct_ml.proof.reach.further import Further, Possible
from xacct_ml.proof.verify import Verdict
from xacct_ml.report.proof_page import proof_page
from xacct_ml.report.proof_script import DIGEST, SCRIPT
from xacct_ml.system.statements import allow

TABLES = "Whole matrix: 1 request"
LARGEST_BYTES = 2_000_000


class Page(Elements):
    """And its source."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def count(self, tag: str, kind: str = "") -> int:
        return sum(one == tag and kind in (its.get("class") or "").split(" ") for one, its in self.found)

    def block(self, id_: str) -> str:
        """The source of an element that has details in none of its own."""
        begin = self.text.index(f'id="{id_}"')
        return self.text[begin : self.text.index("</details>", begin)]


@pytest.fixture(scope="module")
def intact() -> Verdict:
    return verdict_of(WORLD)


@pytest.fixture(scope="module")
def page(intact: Verdict) -> Page:
    return Page(proof_page(intact, "the map", TABLES))


def test_it_fetches_nothing_and_runs_its_filter_alone(page: Page) -> None:
    """The policy in its head names the one script; the same verdict gives the same bytes."""
    policy = next(its["content"] for tag, its in page.found if its.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src {DIGEST}"
    assert page.count("script") == 1
    assert f"<script>{SCRIPT}</script>" in page.text
    assert not {"link", "img", "iframe", "object", "use", "image"} & {tag for tag, _ in page.found}
    assert not {name for _, its in page.found for name in its if name.startswith("on") or name in {"src", "action"}}
    assert set(re.findall(r"https?://[^\s\"'<]+", page.text)) <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in page.text
    assert len(page.text.encode()) <= LARGEST_BYTES
    assert "eval" not in SCRIPT
    assert "innerHTML" not in SCRIPT


def test_every_hop_is_an_arrow_with_its_request_statements_and_source(page: Page, intact: Verdict) -> None:
    """And every arrow, every deciding statement that is one of the documents' own, leads somewhere."""
    ids = Counter(its["id"] for _, its in page.found if "id" in its)
    assert set(ids.values()) == {1}
    links = {(its.get("href") or "").removeprefix("#") for tag, its in page.found if tag == "a"}
    assert links <= ids.keys()
    arrows = Counter(its["data-hop"] for _, its in page.found if "data-hop" in its)
    assert arrows == {str(proven.number): 1 for proven in intact.proof.hops}
    for proven in intact.proof.hops:
        block = page.block(f"hop-{proven.number}")
        request = proven.hop.request
        for said in (request.action, request.principal.arn, request.resource, *request.context):
            assert said in block
        assert block.count('<a href="#document-') == len(proven.decision.statements)
    pictured = {n for _, its in page.found for n in (its.get("data-hops") or "").split()}
    assert pictured == arrows.keys()


def test_every_attack_is_below_its_attacker(page: Page, intact: Verdict) -> None:
    """With what is asked for and why it is denied; whoever administers an account comes first."""
    assert page.count("tr", "attack") == len(intact.attacks)
    said = [words.strip() for words in page.words if re.search(r"\d+ of \d+ denied$", words)]
    assert said[0].startswith("An administrator of a foreign account: ")
    assert any(one.startswith("Our role training in training: ") for one in said)
    assert any(one.startswith("The service sagemaker.amazonaws.com, for somebody else: ") for one in said)
    counts = [tuple(map(int, re.findall(r"(\d+) of (\d+) denied", one)[0])) for one in said]
    assert sum(total for _, total in counts) == len(intact.attacks)
    assert all(denied == total for denied, total in counts)


def test_it_can_be_read_without_eyes_or_a_mouse(page: Page) -> None:
    """Labels for what is typed into, headings in order, pictures with words, wide parts that are moved by keys."""
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    regions = [its for _, its in page.found if its.get("role") == "region"]
    assert all(its["tabindex"] == "0" and its["aria-label"] for its in regions)
    pictures = [its for tag, its in page.found if tag == "svg"]
    assert all(its["role"] == "img" and its["aria-label"] for its in pictures)
    assert len(pictures) == 1 + len({its["data-stage"] for _, its in page.found if "data-stage" in its})
    assert page.text.count("<label>") == page.count("select") + page.count("input")
    assert all("open" in its for tag, its in page.found if tag == "details" and its.get("class") == "hop")


def test_what_does_not_hold_is_said_first_and_marked() -> None:
    """In the heading, in the picture, at the hop with the reason."""
    broken = verdict_of(with_changed(KEY_POLICY, "ReadThroughS3"))
    found = Page(proof_page(broken, "the accounts", TABLES))
    assert "<h1>churn: 1 parts do not hold of the accounts</h1>" in found.text
    failed = broken.failed_hops
    assert f"{len(failed)} of {len(broken.proof.hops)} hops not allowed" in found.text
    assert found.count("details", "fails") == len(failed)
    assert found.count("g", "row") == len(broken.proof.hops)
    assert found.count("g", "fails") >= len(failed)
    assert "denied: no statement of the key policy" in found.block(f"hop-{failed[0].number}")


def test_an_attack_that_succeeds_stands_open(intact: Verdict) -> None:
    """Below its attacker, with a mark."""
    first, *rest = intact.attacks
    let_in = RepelledAttack(first.attack, intact.proof.hops[0].decision)
    text = proof_page(replace(intact, attacks=(let_in, *rest)), "the map", TABLES)
    assert text.count('<details class="attacker fails" open>') == 1
    assert f'<th scope="row">✗ {first.attack.what}' in text


def test_what_stays_possible_by_further_calls_is_named(intact: Verdict, page: Page) -> None:
    """With the calls; where nothing was tried, that is said."""
    attack = intact.attacks[0].attack
    possible = Possible(attack, ("writes the trust of churn-training", "assumes it"), Holder("arn:aws:iam::1:role/x"))
    further = Further(Counter({attack.group: 9}), (possible,))
    found = Page(proof_page(replace(intact, further=further), "the map", TABLES))
    assert "writes the trust of churn-training, then assumes it" in found.words
    assert "1 of 9 attacks stay possible" in found.text
    assert "Not decided of these documents." in page.text


HOSTILE = "</pre></script><img src=x onerror=alert(1)>\"'"


def test_what_the_accounts_say_is_text(intact: Verdict) -> None:
    """A statement's name and its values are whoever wrote the policy's."""
    given = with_changed(DATA_POLICY, "", {**allow("x", ["sts:GetCallerIdentity"], [HOSTILE]), "Sid": HOSTILE})
    text = proof_page(replace(intact, world=given), "the accounts", HOSTILE)
    found = Page(text)
    assert not found.count("img")
    assert found.count("script") == 1
    assert not {name for _, its in found.found for name in its if name.startswith("on")}
