"""What the demonstration adds to the commands."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.configs import PRODUCTION, SHARED, example, operator_role
from xacct_ml.errors import XacctError
from xacct_ml.operations.demo import Prediction, client_environment, forbidden_read, predict, without_profiles
from xacct_ml.operations.upload.data_manifest import Channel, Holdout, Manifest, StoredObject

STORED = StoredObject("data/x/train/train.csv", "0", 3, "v")
TRAIN = Channel("s3://bucket/data/x/train.manifest", "csv", 1, 2, (STORED,))
HELD_OUT = Holdout("validation", 1, 1, STORED, STORED)
MANIFEST = Manifest("x", "2026-03-01T00:00:00Z", "arn:me", {"train": TRAIN}, HELD_OUT)


def test_profiles_lead_to_real_accounts_and_are_dropped() -> None:
    """Roles of the map stay; an account without one gets the operator's."""
    config = example(
        accounts={
            "shared": {"id": SHARED, "profile": "mine"},
            "training": {
                "id": "222222222222",
                "profile": "mine",
                "role_arn": operator_role("222222222222") + "-2",
                "external_id": "e",
            },
            "production": ({"id": PRODUCTION},),
        }
    )
    accounts = without_profiles(config).accounts
    entered = [accounts.shared, accounts.training, *accounts.production]
    assert [account.profile for account in entered] == [None, None, None]
    assert [account.role_arn for account in entered] == [
        operator_role(SHARED),
        operator_role("222222222222") + "-2",
        operator_role(PRODUCTION),
    ]
    assert [account.external_id for account in entered] == [None, "e", None]


def test_no_variable_of_the_user_reaches_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are back afterwards, also after a failure."""
    monkeypatch.setenv("AWS_PROFILE", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://real.example")
    before = dict(os.environ)

    def fail() -> None:
        with client_environment({"AWS_ENDPOINT_URL": "http://here"}):
            assert {name: text for name, text in os.environ.items() if name.startswith("AWS_")} == {
                "AWS_ENDPOINT_URL": "http://here"
            }
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert dict(os.environ) == before


def test_one_row_of_each_label_is_predicted(tmp_path: Path) -> None:
    """The endpoint sees the features, never the label."""
    (tmp_path / "v.csv").write_text("0,1,2\n0,3,4\n1,5,6\n1,7,8\n")
    runtime = FakeClient(invoke_endpoint=lambda **request: {"Body": io.BytesIO(f"<{request['Body']}>".encode())})
    assert predict(runtime, "churn", tmp_path / "v.csv") == (Prediction(1, 0.0, "<1,2>"), Prediction(3, 1.0, "<5,6>"))
    assert {request["ContentType"] for _, request in runtime.calls} == {"text/csv"}


def test_a_refused_read_is_shown_with_its_answer() -> None:
    """AWS's own words."""
    s3 = FakeClient(get_object=refused("GetObject", "AccessDenied", "Access Denied"))
    refusal = forbidden_read(s3, "arn:someone", MANIFEST)
    assert (refusal.code, refusal.message, refusal.uri) == (
        "AccessDenied",
        "Access Denied",
        f"s3://bucket/{STORED.key}",
    )
    assert s3.calls == [("get_object", {"Bucket": "bucket", "Key": STORED.key})]


@pytest.mark.parametrize("answer", [{"Body": io.BytesIO(b"0,1\n")}])
def test_a_read_that_succeeds_fails_the_demo(answer: Any) -> None:
    """The point of the demo is that it cannot."""
    with pytest.raises(XacctError, match=r"could read s3://bucket/data/x/train/train\.csv"):
        forbidden_read(FakeClient(get_object=answer), "arn:someone", MANIFEST)
