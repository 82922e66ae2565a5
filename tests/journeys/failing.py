"""Ways in which runs fail at night, made in the embedded AWS, and what leads out of each."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.configs import PRODUCTION, SHARED, TRAINING
from tests.journeys.project import DATA, Project, eventually
from xacct_ml.emulator.core import external_deletion
from xacct_ml.operations.runs.failure import retry

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 5, "eval_metric": "auc"}
REPLY_SECONDS = 45.0
"""So long CodePipeline waits here for a function that never answers."""


@dataclass(frozen=True)
class Failure:
    """``make`` begins a run that fails, or does not go on, and returns its id. ``cause`` is what must be read, and
    ``step`` what the next step must begin with; ``mend`` does that step, and returns the run that then goes on."""

    title: str
    make: Callable[[Project], str]
    cause: str
    step: str
    mend: Callable[[Project, str], str]


def begin(made: Project) -> None:
    """A project that serves a model."""
    made.bootstrap()
    made.upload()
    made.create_pipeline()
    made.deployed(made.runs()[0])


def _pushed(made: Project, **parameters: str) -> str:
    known = made.runs()
    made.push(**parameters)
    return made.new_run(known)


def _failed(made: Project, **parameters: str) -> str:
    run = _pushed(made, **parameters)
    made.settled(run)
    return run


def _waits(made: Project, depth: int) -> str:
    run = _pushed(made, MaxDepth=str(depth))
    assert made.settled(run).waits_for_approval
    return run


def _policies_lost(made: Project, account: str, role: str) -> None:
    iam = made.aws.administrator(account).client("iam")
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        if policy != "logs":
            iam.delete_role_policy(RoleName=role, PolicyName=policy)


def _training_without_rights(made: Project) -> str:
    _policies_lost(made, TRAINING, made.names.training_role.rpartition("/")[2])
    return _failed(made, MaxDepth="4")


def _endpoint_without_rights(made: Project) -> str:
    run = _waits(made, 5)
    _policies_lost(made, PRODUCTION, made.names.endpoint_role(made.target).rpartition("/")[2])
    made.judge(run, approve=True)
    made.settled(run)
    return run


def _function_without_environment(made: Project) -> str:
    run = _waits(made, 6)
    functions = made.aws.administrator(PRODUCTION).client("lambda")
    functions.update_function_configuration(FunctionName=made.names.function, Environment={"Variables": {}})
    made.judge(run, approve=True)
    eventually(lambda: True if made.status(run).stuck else None, "nothing tells of the function's end")
    return run


def _other_labels(made: Project) -> str:
    known = made.runs()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("train.csv", "validation.csv")]
        for file in files:
            file.write_text(re.sub("(?m)^1", "2", (DATA / file.name).read_text()))
        made.upload(*files)
    run = made.new_run(known)
    made.settled(run)
    return run


def _deleted(made: Project, account: str, service: str, name: str) -> None:
    """By somebody else, as on a bad day (``--harsh``)."""
    external_deletion.delete(made.aws.administrator(account).client, service, name)


def _without_judge(made: Project) -> str:
    _deleted(made, SHARED, "lambda", made.names.judge_function)
    return _failed(made, MaxDepth="7")


def _deployed_without(made: Project, depth: int, service: str, name: str) -> str:
    run = _waits(made, depth)
    _deleted(made, PRODUCTION, service, name)
    made.judge(run, approve=True)
    made.settled(run)
    return run


def _bootstrap_and_retry(made: Project, run: str) -> str:
    made.bootstrap()
    retry(made.config, made.accounts, run)
    return run


def _bootstrap_and_retry_later(made: Project, run: str) -> str:
    """Once CodePipeline has given up."""
    made.bootstrap()
    eventually(lambda: True if made.status(run).execution.status == "Failed" else None, "it was not given up")  # type: ignore[union-attr]
    return _bootstrap_and_retry(made, run)


def _configured(made: Project, _: str) -> str:
    return _pushed(made, MaxDepth="2")


def _uploaded(made: Project, _: str) -> str:
    known = made.runs()
    made.upload()
    return made.new_run(known)


FAILURES = (
    Failure(
        "F1: the training role lost its policy",
        _training_without_rights,
        f"role churn-training of account {TRAINING} may not s3:ListBucket, s3:GetObject or kms:Decrypt",
        "xacct-ml bootstrap puts back",
        _bootstrap_and_retry,
    ),
    Failure(
        "F2: a misspelt objective was pushed",
        lambda made: _failed(made, Objective="binary:logistik"),
        "Objective: 'binary:logistik' is not allowed",
        "xacct-ml configure --push --values",
        _configured,
    ),
    Failure(
        "F2b: a hyperparameter that is no number was pushed",
        lambda made: _failed(made, MaxDepth="abc"),
        "MaxDepth: 'abc' is not allowed; allowed: a whole number",
        "xacct-ml configure --push --values",
        _configured,
    ),
    Failure(
        "F3: the gate was missed",
        lambda made: _failed(made, GateThreshold="0.99"),
        "The quality gate was missed: validation:auc is",
        "push other hyperparameters",
        _configured,
    ),
    Failure(
        "F4: the endpoint's role lost its policy",
        _endpoint_without_rights,
        f"role churn-endpoint of account {PRODUCTION} may not s3:GetObject or kms:Decrypt",
        "xacct-ml bootstrap puts back",
        _bootstrap_and_retry,
    ),
    Failure(
        "F5: the deploying function lost its environment",
        _function_without_environment,
        "its function ended and told the pipeline nothing",
        "xacct-ml bootstrap puts the function back",
        _bootstrap_and_retry_later,
    ),
    Failure(
        "F6: labels that the objective does not take",
        _other_labels,
        "label must be in",
        "xacct-ml upload-data",
        _uploaded,
    ),
    Failure(
        "deleted: the judge's function",
        _without_judge,
        "Function not found: arn:aws:lambda:us-east-1:111111111111:function:churn-judge",
        "xacct-ml bootstrap makes the function again",
        _bootstrap_and_retry,
    ),
    Failure(
        "deleted: the deploying function",
        lambda made: _deployed_without(made, 9, "lambda", made.names.function),
        "Function not found: arn:aws:lambda:us-east-1:333333333333:function:churn-deploy",
        "xacct-ml bootstrap makes the function again",
        _bootstrap_and_retry,
    ),
    Failure(
        "deleted: an alarm",
        lambda made: _deployed_without(made, 10, "cloudwatch", "churn-churn-5xx"),
        "SageMaker rolled the update back",
        "xacct-ml logs",
        _bootstrap_and_retry,
    ),
)
"""The six of one night, by what was done to the project before, and what somebody deletes on a bad day."""
