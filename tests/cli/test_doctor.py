"""``doctor`` on the command line."""

from __future__ import annotations

import json

import pytest

from tests.cli.fakes import FakeServices
from tests.configs import TRAINING
from tests.operations.doctor.test_examination import Everything, Knowing
from xacct_ml.cli.main import main


def test_states_checks_and_calls_account_by_account(capsys: pytest.CaptureFixture[str]) -> None:
    """What was found is said where it is not as it should be; exit code 1 where something failed."""
    assert main(["doctor"], FakeServices(Everything(Knowing(), closed=[TRAINING]))) == 1
    captured = capsys.readouterr()
    shown = captured.out.splitlines()
    assert shown[0] == "111111111111 shared"
    at = shown.index("222222222222 training")
    assert shown[at + 1 : at + 4] == [
        "failed  identity                 sts:GetCallerIdentity",
        "        the credentials for 222222222222 have expired",
        "        next: aws sso login",
    ]
    assert shown[-1].startswith("2 ok, 1 failed, ")
    assert captured.err.splitlines()[-1] == "next: aws sso login"


def test_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each check with its call, account, region and state; nothing failed, so exit code 0."""
    assert main(["doctor", "--output", "json"], FakeServices(Everything(Knowing()))) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["counts"]["failed"] == 0
    first = result["checks"][0]
    assert (first["check"], first["account"], first["region"], first["call"], first["state"]) == (
        "identity",
        "111111111111",
        "us-east-1",
        "sts:GetCallerIdentity",
        "ok",
    )
