"""Account maps of every kind, for whatever must hold for all of them."""

from __future__ import annotations

from pathlib import Path

from tests.configs import PRODUCTION, SHARED, TRAINING, approved_by_two, example, with_source_account
from xacct_ml.config.model import Config
from xacct_ml.validation import load

DOCUMENTED = Path(__file__).parents[2] / "docs" / "maps"

EXAMPLE = example()

MAPS: dict[str, Config] = {
    "example": EXAMPLE,
    "china": example(region="cn-north-1"),
    "two production targets, no operator named": example(
        accounts={
            "shared": {"id": SHARED},
            "training": {"id": TRAINING},
            "production": ({"name": "eu", "id": PRODUCTION}, {"name": "us", "id": "444444444444"}),
        }
    ),
    "captured and scheduled in two regions, no operator named": example(
        accounts={
            "shared": {"id": SHARED},
            "training": {"id": TRAINING},
            "production": (
                {"name": "eu", "id": PRODUCTION, "region": "eu-west-1"},
                {"name": "us", "id": "444444444444"},
            ),
        },
        endpoint={"capture": {}},
        schedule={"expression": "cron(0 6 ? * MON *)"},
    ),
    "source account": with_source_account(roles={"path": "/ml/"}),
    "git host": example(
        pipeline={
            "repository": "acme/churn",
            "connection": {"arn": f"arn:aws:codestar-connections:us-east-1:{SHARED}:connection/0123"},
        }
    ),
    "source zip": example(pipeline={"source_object": {}}),
    "other names, serverless": example(
        roles={"path": "/ml/", "name_prefix": "acme-"},
        data={"prefix": "datasets/churn"},
        pipeline={"name": "a-very-long-pipeline-name", "repository": "repo", "branch": "dev"},
        endpoint={"serverless": {}},
    ),
    "captured requests, scaled": example(
        endpoint={
            "instance_count": 2,
            "capture": {"percent": 50, "days": 7},
            "autoscaling": {"min": 2, "max": 3, "target_invocations": 600},
            "rollout": {"type": "canary"},
        }
    ),
    "two approvers": approved_by_two(
        registry={"model_package_group": "churn-models"},
        batch={"bucket": "churn-files"},
        schedule={"expression": "cron(0 6 ? * MON *)"},
        notifications={"emails": ("ml-team@example.com",)},
    ),
    "everything": load(DOCUMENTED / "everything.yaml"),
}
