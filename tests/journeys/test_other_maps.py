"""The whole flow for maps that differ from the example in everything that a map can say."""

from __future__ import annotations

import pytest

from tests.configs import PRODUCTION, SHARED, TRAINING, example
from tests.journeys.project import project
from xacct_ml.config.model import Config
from xacct_ml.operations.teardown.deletion import teardown

pytestmark = pytest.mark.long

ANOTHER = "444444444444"
HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 10, "eval_metric": "error,auc"}

MAPS = {
    "two serverless targets, path, prefix, boundary, external id": example(
        "eu-west-1",
        accounts={
            "shared": {"id": SHARED, "role_arn": f"arn:aws:iam::{SHARED}:role/ml/ops"},
            "training": {"id": TRAINING, "role_arn": f"arn:aws:iam::{TRAINING}:role/ml/ops", "external_id": "abc-123"},
            "production": (
                {"name": "blue", "id": PRODUCTION, "role_arn": f"arn:aws:iam::{PRODUCTION}:role/ops"},
                {"name": "green", "id": ANOTHER, "role_arn": f"arn:aws:iam::{ANOTHER}:role/ops"},
            ),
        },
        roles={"path": "/ml/", "name_prefix": "acme-", "permissions_boundary": "team/edge"},
        data={"prefix": "sets/churn"},
        training={"xgboost_version": "3.0-5", "hyperparameters": HYPERPARAMETERS},
        quality_gate={"metric": "validation:error", "threshold": 0.3},
        endpoint={"name": "churn-scores", "serverless": {}},
        pipeline={"name": "churn-pipeline-with-a-long-name", "repository": "churn-training", "branch": "release"},
        tags={"team": "ml"},
    ),
    "china": example("cn-north-1", training={"hyperparameters": HYPERPARAMETERS}),
}


@pytest.mark.parametrize(
    "config",
    # What the other partition changes is in documents and ARNs, which tests/resources has in moto by default.
    [pytest.param(config, id=name) for name, config in MAPS.items()],
)
def test_a_whole_life(config: Config) -> None:
    """Bootstrap, a no-op bootstrap, a run up to the endpoints, teardown: nothing is denied, nothing is left over."""
    with project(config) as made:
        made.bootstrap()
        assert made.bootstrap().written == ()
        made.upload()
        made.create_pipeline()
        (run,) = made.runs()
        ended = made.deployed(run)
        assert [endpoint.status for endpoint in ended.endpoints] == ["InService"] * len(config.accounts.production)
        assert 0 < made.predict() < 1
        torn = teardown(config, made.accounts, lambda _: None, delete_evidence=True)
        assert [failure.error.lines() for failure in torn.report.failures] == []
        assert {left.what for left in torn.left if left.account == made.names.shared} == {"KMS key alias/churn"}
        assert {left.account for left in torn.left} == {made.names.shared, made.names.training}
        assert [str(entry) for entry in made.aws.requests.entries(allowed=False)] == []
