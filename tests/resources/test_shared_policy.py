"""Our statements among others': put in, kept up to date, taken out, the others word for word."""

from __future__ import annotations

import json
from typing import Any

from xacct_ml.engine.progress import Listener, listening
from xacct_ml.resources.policy_document import merged, others, ours, parsed

THEIRS: dict[str, Any] = {"Sid": "Owners", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
BARE: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
OWN: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["a", "b"]}]}
DOCUMENT: dict[str, Any] = {"Version": "2008-10-17", "Id": "x", "Statement": [THEIRS, BARE]}


def test_ours_come_after_the_others() -> None:
    """Version, Id and the others' statements stay; ours get Sids that tell them."""
    both = merged(DOCUMENT, OWN)
    assert both["Statement"][:2] == [THEIRS, BARE]
    assert [one["Sid"] for one in both["Statement"][2:]] == ["XacctMlRead"]
    assert (both["Version"], both["Id"]) == ("2008-10-17", "x")


def test_taken_out_again_nothing_is_left() -> None:
    """Document and own statements come back as they were put in."""
    both = merged(DOCUMENT, OWN)
    assert others(both) == DOCUMENT
    assert ours(both) == OWN


def test_ours_are_replaced_as_a_whole() -> None:
    """A statement that the project no longer has goes, one that changed is there once."""
    old = {"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Deny"}, {"Sid": "Old", "Effect": "Allow"}]}
    assert ours(merged(merged(DOCUMENT, old), OWN)) == OWN


def test_a_statement_of_theirs_may_have_the_sid_of_one_of_ours() -> None:
    """It is theirs all the same."""
    theirs = {"Version": "2012-10-17", "Statement": [{**THEIRS, "Sid": "Read"}]}
    both = merged(theirs, OWN)
    assert [one["Sid"] for one in both["Statement"]] == ["Read", "XacctMlRead"]
    assert others(both) == theirs


def test_a_lone_statement_is_read_as_a_list() -> None:
    """IAM's grammar allows it."""
    assert parsed(json.dumps({"Version": "2012-10-17", "Statement": THEIRS}))["Statement"] == [THEIRS]


class Notes(Listener):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_what_stays_is_told() -> None:
    """By Sid, where there is one; nothing is told where nothing else is there."""
    told = Notes()
    with listening(told):
        merged(DOCUMENT, OWN)
        merged({"Version": "2012-10-17", "Statement": []}, OWN)
    assert len(told.notes) == 1
    assert "(Owners, one without a Sid)" in told.notes[0]
