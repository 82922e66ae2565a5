"""What the documents say that is proven of each map, beside what is proven of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.draw_figures import of_name
from xacct_ml.operations.policies import world
from xacct_ml.proof.verify import verify
from xacct_ml.validation import load

DOCS = Path(__file__).parents[2] / "docs"
TOPOLOGIES = (DOCS / "topologies.md").read_text(encoding="utf-8")
_CELL = r"\| ([^|]*) "
ROWS = re.findall(rf"^\| \[([\w.-]+\.yaml)\]\([^)]*\)[^|]*{_CELL * 4}\|", TOPOLOGIES, re.MULTILINE)


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_the_table_of_topologies(row: tuple[str, ...]) -> None:
    """Hops, attacks, requests of the whole matrix, and parts; what another map beside it adds stands behind a comma."""
    name, *shown = row
    verdict = verify(world(load(of_name(name))))
    found = (len(verdict.proof.hops), len(verdict.attacks), verdict.matrix.requests, verdict.minimality.checked)
    assert [cell.split(", and")[0] for cell in shown] == [f"{number:,}" for number in found]
    assert verdict.failure() is None


def test_every_map_is_in_the_table_and_the_largest_in_the_text() -> None:
    """``two-projects-b.yaml`` is the other map of its row."""
    maps = {path.name for path in (DOCS / "maps").glob("*.yaml")} - {"two-projects-b.yaml"}
    assert {name for name, *_ in ROWS} == {*maps, "config.example.yaml"}
    (hops, attacks, requests, parts) = next(shown for name, *shown in ROWS if name == "everything.yaml")
    assert f"({hops} hops, {attacks} attacks, a matrix of {requests} requests)" in TOPOLOGIES
    proof = " ".join((DOCS / "proof.md").read_text(encoding="utf-8").split())
    assert f"{hops} hops, {attacks} attacks, {requests} requests and {parts} parts." in proof
