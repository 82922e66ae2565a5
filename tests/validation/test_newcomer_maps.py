"""What is said of the mistakes of a first map: each once, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.newcomer_maps import CASES, RIGHT
from xacct_ml.errors import InputError
from xacct_ml.validation import load


def said(folder: Path, text: str) -> tuple[str, ...]:
    """Every message, in the order of the file; nothing of a map that is accepted."""
    path = folder / "config.yaml"
    path.write_text(text)
    try:
        load(path)
    except InputError as error:
        if error.line is None:
            raise
        return (error.reason, *error.details)
    return ()


def test_the_map_itself_is_right(tmp_path: Path) -> None:
    """So that what is said is of the mistake."""
    assert said(tmp_path, RIGHT) == ()


@pytest.mark.parametrize("name", CASES)
def test_a_mistake(name: str, tmp_path: Path) -> None:
    """As many messages as there are mistakes, and each has the remedy's words."""
    old, new, messages = CASES[name]
    assert RIGHT.count(old) >= 1
    found = said(tmp_path, RIGHT.replace(old, new, 1))
    assert len(found) == len(messages), found
    for message, line in zip(messages, found, strict=True):
        assert message in line
