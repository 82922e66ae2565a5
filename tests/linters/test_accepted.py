"""The list of accepted findings: it accepts what it says, no more, and cannot rot."""

from __future__ import annotations

from pathlib import Path

import pytest

from linters.__main__ import ACCEPTED
from linters.accepted import Accepted, Finding, ListError, beyond, load
from linters.tools import TOOLS

ENTRY = """
[[accepted]]
tool = "parliament"
finding = "RESOURCE_STAR"
places = ["shared/key-policy.json#*"]
because = "a reason"
"""


def finding(place: str = "shared/key-policy.json#Use", *about: str, identifier: str = "RESOURCE_STAR") -> Finding:
    return Finding("parliament", identifier, place, frozenset(about), "text")


def accepted(*places: str, about: tuple[str, ...] = ()) -> Accepted:
    return Accepted("parliament", "RESOURCE_STAR", places or ("shared/key-policy.json#Use",), about, "a reason")


def test_an_entry_means_its_place_and_its_finding() -> None:
    """Another place, another finding or another tool is not accepted along with it."""
    assert accepted().means(finding())
    assert not accepted().means(finding("shared/key-policy.json#Other"))
    assert not accepted().means(finding(identifier="RESOURCE_MISMATCH"))
    assert not accepted().means(Finding("cfn-lint", "RESOURCE_STAR", "shared/key-policy.json#Use", frozenset(), "text"))


def test_an_action_more_is_not_accepted() -> None:
    """A statement that grows comes back to be judged."""
    entry = accepted(about=("kms:Decrypt",))
    assert entry.means(finding("shared/key-policy.json#Use", "kms:Decrypt"))
    assert not entry.means(finding("shared/key-policy.json#Use", "kms:Decrypt", "kms:CreateGrant"))


def test_what_no_entry_means_is_beyond() -> None:
    """The others are not."""
    known, new = finding(), finding("shared/bucket-policy.json#New")
    assert beyond([known, new], [accepted()]) == [new]


def test_what_is_no_longer_found_is_named() -> None:
    """A place and an action each, even where the rest of the entry is still needed."""
    entry = accepted("shared/key-policy.json#Use", "shared/key-policy.json#Gone", about=("kms:Decrypt", "kms:Gone"))
    lines = list(entry.unneeded([finding("shared/key-policy.json#Use", "kms:Decrypt")]))
    assert len(lines) == 2
    assert "shared/key-policy.json#Gone" in lines[0]
    assert "kms:Gone" in lines[1]


def test_what_is_needed_is_not_named() -> None:
    """Each pattern has a finding."""
    entry = accepted("shared/*", about=("kms:*",))
    assert list(entry.unneeded([finding("shared/key-policy.json#Use", "kms:Decrypt")])) == []


def test_the_message_does_not_tell_findings_apart() -> None:
    """The same finding of two maps names different accounts."""
    assert finding() == Finding("parliament", "RESOURCE_STAR", finding().place, frozenset(), "another text")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('because = "a reason"\n', "", "because"),
        ('"a reason"', '" "', "needs a place and a reason"),
        ('["shared/key-policy.json#*"]', "[]", "needs a place and a reason"),
        ("places", "where", "where"),
        ("[[accepted]]", "[[accepted", "accepted.toml"),
    ],
)
def test_a_list_without_reasons_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    """So is what would silently not count."""
    path = tmp_path / "accepted.toml"
    path.write_text(ENTRY)
    assert [entry.because for entry in load(path)] == ["a reason"]
    path.write_text(ENTRY.replace(old, new))
    with pytest.raises(ListError, match=told):
        load(path)


def test_our_list_names_our_linters() -> None:
    """An entry for a linter that does not run could never be found unneeded."""
    assert {entry.tool for entry in load(ACCEPTED)} <= {tool.name for tool in TOOLS}
