"""The README against what it describes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.configs import example
from xacct_ml.cli.commands import COMMANDS, GROUPS
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import stages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))
_SVG = "{http://www.w3.org/2000/svg}"
_LARGEST_PICTURE_BYTES = 150_000


def test_it_is_short() -> None:
    lines = README.splitlines()
    assert len(lines) < 120
    assert [line for line in lines if len(line) > 120] == []


def test_the_table_of_commands_has_every_command() -> None:
    """By the groups of the help, in its order."""
    table = re.search(r"<!-- commands -->\n(.*)<!-- /commands -->", README, re.DOTALL)
    assert table is not None
    rows = re.findall(r"^\| ([^|`]+) \| (`.+`) \|$", table[1], re.MULTILINE)
    assert [(group.lower(), re.findall(r"`([\w-]+)`", names)) for group, names in rows] == [
        (group.lower(), [name for name in names.split() if name in COMMANDS]) for group, names in GROUPS.items()
    ]


def test_the_two_commands_are_the_demonstration_and_the_tests() -> None:
    """In this order, and what runs everything calls the second."""
    first, second = re.findall(r"^```\n(python3 -m venv .+)\n```$", README, re.MULTILINE)
    assert first.endswith("&& .venv/bin/xacct-ml demo")
    install, tests = second.split(" && ")[1:]
    everything = (ROOT / ".ci" / "run").read_text("utf-8")
    assert install.replace("install", "install --quiet") in everything
    assert f"\n{tests}\n" in everything


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_drawn_picture_is_small_and_asks_for_nothing(picture: Path) -> None:
    """No script, nothing from elsewhere: what shows it within an ``img`` runs and fetches nothing."""
    text = picture.read_text("utf-8")
    assert len(text.encode()) < _LARGEST_PICTURE_BYTES
    assert {element.tag for element in ElementTree.fromstring(text).iter()}.isdisjoint(
        {f"{_SVG}script", f"{_SVG}image"}
    )
    assert re.findall(r"(?:href|src|@import|url\((?!#))", text) == []


def test_the_picture_of_the_system_has_its_stages() -> None:
    drawn = ElementTree.parse(ROOT / "docs" / "pictures" / "system.svg").findall(f".//{_SVG}g/{_SVG}text")
    config = example()
    assert [element.text for element in drawn] == [
        stage.name for stage in stages(config, Keys.stand_ins(Names(config)))
    ]


def test_the_recording_ends_with_what_the_demonstration_showed() -> None:
    """All that its last screen names; ``python -m tools.record_demo`` records it anew."""
    rows = ElementTree.parse(ROOT / "docs" / "pictures" / "demo.svg").findall(f".//{_SVG}g/{_SVG}text")
    shown = ["".join(row.itertext()) for row in rows]
    assert shown[0] == "$ xacct-ml demo"
    words = {line.partition(" ")[0] for line in shown[-24:]}
    assert {"prediction", "denied", "gate", "decided", "proven", "left", "took", "next:"} <= words
