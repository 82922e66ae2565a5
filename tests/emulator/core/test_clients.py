"""Clients inside the embedded AWS see nothing of their surroundings and are made once."""

from __future__ import annotations

import pytest

from tests.configs import SHARED, TRAINING
from xacct_ml.emulator.server import EmbeddedAws


def test_the_environment_has_no_say(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a profile nor keys nor a region of the user's own are looked at."""
    for name, value in {
        "AWS_PROFILE": "does-not-exist",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    ssm = aws.administrator(TRAINING).client("ssm")
    ssm.put_parameter(Name="here", Value="1", Type="String")
    assert ssm.get_parameter(Name="here")["Parameter"]["ARN"] == f"arn:aws:ssm:us-east-1:{TRAINING}:parameter/here"


def test_a_client_is_made_once(aws: EmbeddedAws) -> None:
    """The same for the same credentials, service and region; another for others."""
    admin = aws.administrator(SHARED)
    assert admin.client("kms") is admin.client("kms")
    assert admin.client("kms") is not admin.client("kms", "eu-west-1")
    assert admin.client("kms") is not aws.administrator(TRAINING).client("kms")
