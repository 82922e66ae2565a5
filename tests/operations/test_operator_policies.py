"""Operator policies follow from the rights that stand beside the calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xacct_ml.operations import operator_policies
from xacct_ml.system import operator
from xacct_ml.validation import load

ROOT = Path(__file__).parent.parent.parent
MAPS = [ROOT / "config.example.yaml", *sorted((ROOT / "docs" / "maps").glob("*.yaml"))]


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_the_documents_are_those_that_the_proof_reads(path: Path) -> None:
    config = load(path)
    assert json.dumps(operator_policies.policies(config)) == json.dumps(operator.policies(config))
