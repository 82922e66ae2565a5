"""Limits of a map with a source account."""

from __future__ import annotations

from pathlib import Path

from tests.config.maps import changed, refusal

SOURCE = '  source:\n    id: "444444444444"\n  shared:'


def test_its_name_is_taken(tmp_path: Path) -> None:
    """A production target called source would be taken for it."""
    text = changed("  shared:", SOURCE).replace('- id: "333333333333"', '- id: "333333333333"\n      name: source')
    assert any("'source' is the name of accounts.source" in line for line in refusal(tmp_path, text).lines())


def test_another_account(tmp_path: Path) -> None:
    """In the shared account the repository needs no source account."""
    error = refusal(tmp_path, changed("  shared:", SOURCE.replace("444444444444", "111111111111")))
    assert any("every account of the map must be another" in line for line in error.lines())
