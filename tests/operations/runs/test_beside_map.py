"""What the map has otherwise than a run, by the run's record."""

from __future__ import annotations

import json
from typing import Any

from tests.configs import example
from tests.operations.runs.test_evaluation import RECORD
from xacct_ml.evidence.record import parse
from xacct_ml.operations.runs.beside_map import beside_map
from xacct_ml.tables.xgboost_hyperparameters import text

CONFIG = example()
USED = {name: text(value) for name, value in CONFIG.training.hyperparameters.items()}
GATE: dict[str, Any] = {**RECORD["gate"], "threshold": float(CONFIG.quality_gate.threshold)}


def told(**changed: Any) -> list[str]:
    record = parse(json.dumps({**RECORD, "hyperparameters": USED, "gate": GATE, **changed}).encode())
    assert record is not None
    return [each.told("the run") for each in beside_map(CONFIG, record)]


def test_a_run_of_the_map_s_values() -> None:
    """Numbers are compared as numbers."""
    assert told() == []
    assert told(hyperparameters={**USED, "num_round": "50.0"}) == []


def test_gate_and_hyperparameters_that_the_repository_had() -> None:
    """One that the map does not have is told, too."""
    found = told(gate={**GATE, "threshold": 0.5}, hyperparameters={**USED, "num_round": "7", "gamma": "2"})
    assert found == [
        "gate threshold: the map has '0.8', the run '0.5'",
        "gamma: the map has nothing, the run '2'",
        "num_round: the map has '50', the run '7'",
    ]


def test_nothing_is_said_of_what_is_not_recorded() -> None:
    assert told(hyperparameters={}) == []
    assert beside_map(CONFIG, None) == ()
