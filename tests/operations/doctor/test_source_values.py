"""Runs take the source's gate and hyperparameters: doctor says where the map has others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.cli.fakes import FakeClient
from tests.configs import SHARED, example
from tests.operations.doctor.test_examination import subject
from xacct_ml.operations.doctor.check import Finding, State
from xacct_ml.operations.doctor.source_values import checks
from xacct_ml.system.template import configuration

CONNECTED = example(
    pipeline={
        "repository": "acme/churn",
        "connection": {"arn": f"arn:aws:codeconnections:us-east-1:{SHARED}:connection/0123"},
    }
)


@dataclass
class Clients:
    only: FakeClient

    def client(self, *_: str) -> Any:
        return self.only


def found(**parameters: str) -> Finding:
    (check,) = checks(subject(example()))
    there = {"Parameters": {**configuration(example())["Parameters"], **parameters}}
    return check.look(Clients(FakeClient(get_file={"fileContent": json.dumps(there).encode()})))


def test_the_same_values_are_right() -> None:
    assert found().state is State.OK


def test_others_are_named_with_the_command_that_sends_the_map_s() -> None:
    """It is no failure: they may be the ML team's."""
    told = found(GateThreshold="0.5")
    assert (told.state, told.next_step) == (State.WARNING, "xacct-ml configure --push --values")
    assert "GateThreshold: the map has '0.8', the repository '0.5'" in told.sentence


def test_behind_a_connection_nothing_is_asked() -> None:
    assert list(checks(subject(CONNECTED))) == []
