"""One statement removed from the live key policy: the proof, the run and the explanation find the same one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.configs import SHARED, TRAINING, example
from tests.journeys.project import Project, project
from xacct_ml.aws.accounts import Accounts
from xacct_ml.cli.command import Services
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.operations.preconditions import key_arn
from xacct_ml.system.names import Names

pytestmark = pytest.mark.long

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 10, "eval_metric": "auc"}
MISSING = "ReadThroughS3"


class ServicesOf(Services):
    """The command line over one project."""

    def __init__(self, made: Project) -> None:
        self._made = made

    def config(self, path: Path) -> Config:  # noqa: ARG002
        return self._made.config

    def accounts(self, config: Config) -> Accounts:  # noqa: ARG002
        return self._made.accounts


@pytest.fixture
def broken() -> Iterator[Project]:
    """A project with data, whose key policy lacks one statement, and a run that came to its end."""
    with project(example(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        kms, key = administrator(made)
        policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != MISSING]
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
        made.create_pipeline()
        yield made


def administrator(made: Project) -> tuple[Any, str]:
    return made.aws.administrator(SHARED).client("kms"), key_arn(made.config, made.accounts)


def asked(made: Project, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the document of a command."""
    capsys.readouterr()
    code = main([*words, "--output", "json"], ServicesOf(made))
    return code, json.loads(capsys.readouterr().out)


def test_found_by_verify_by_the_run_and_by_explain_and_mended(
    broken: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is pasted from the explanation makes the next run succeed as far as a person is asked.

    That nothing but a person's start works any more is found although nobody is told of it."""
    code, verified = asked(broken, capsys, "verify", "--live")
    denied = [hop for hop in verified["result"]["hops"] if hop["outcome"] != "allowed"]
    assert code == 1
    assert {(hop["action"], remedy["statement"]["Sid"]) for hop in denied for remedy in hop["remedies"]} == {
        ("kms:Decrypt", MISSING)
    }
    assert denied[0]["what"] == "… S3 decrypts it for the action"
    (difference,) = verified["result"]["accounts"]["differences"]
    assert difference["document"] == f"key policy of {SHARED}"
    assert difference["changes"][0].startswith(f"+ {MISSING}: ")

    (first,) = broken.runs()
    failed = next(stage for stage in broken.settled(first).stages if stage.status == "Failed")
    assert failed.name == denied[0]["stage"] == "Workflow"

    code, explained = asked(broken, capsys, "explain")
    (finding,) = explained["result"]["denied"]
    (remedy,) = finding["remedies"]
    assert code == 0
    assert explained["result"]["decided_by"] == "accounts"
    assert explained["result"]["failed_action"]["execution"] == first
    assert (finding["hop"], finding["action"]) == (denied[0]["number"], "kms:Decrypt")
    assert finding["principal"].startswith(f"arn:aws:sts::{TRAINING}:assumed-role/churn-train-action/")
    assert (remedy["change"], remedy["document"]) == ("put back", f"key policy of {SHARED}")
    assert remedy["statement"]["Sid"] == MISSING

    kms, key = administrator(broken)
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    policy["Statement"].append(remedy["statement"])
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    assert asked(broken, capsys, "verify", "--live")[0] == 0
    _, started = asked(broken, capsys, "start")
    assert broken.settled(started["result"]["execution"]).waits_for_approval

    names = Names(broken.config)
    iam = broken.aws.administrator(SHARED).client("iam")
    iam.delete_role_policy(RoleName=names.role_name("start"), PolicyName="start")
    code, explained = asked(broken, capsys, "explain")
    assert code == 0
    assert {one["action"] for one in explained["result"]["denied"]} == {"codepipeline:StartPipelineExecution"}
    assert len(explained["result"]["denied"]) == 2  # of either pipeline
