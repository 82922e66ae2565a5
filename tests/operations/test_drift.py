"""What was asked against what was trained on: which files are read, what is compared, and what is said of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import PRODUCTION, SHARED, example
from tests.dataset.test_captured import line
from tests.operations import test_predict
from xacct_ml.cli.main import main
from xacct_ml.config.model import Config
from xacct_ml.dataset.profile import Profile, Values
from xacct_ml.errors import NotReady
from xacct_ml.operations.drift import DRIFT, MOST_FILES, NO_DRIFT, TOO_FEW, drift, finding
from xacct_ml.system.names import Names

CONFIG = example(endpoint={"capture": {}})
NAMES = Names(CONFIG)
TARGET = CONFIG.accounts.production[0]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRAINED = Values(0.0, 0.0, 10.0, 5.0, 2.0, 0.1, 9.9)
PROFILE = Profile(1000, 1000, (TRAINED, replace(TRAINED, missing=0.2)), Values(0.0, 0, 1, 0.5, 0.5, 0, 1))


class Captured:
    """A bucket of captured files; ``gone`` expire before they are read."""

    def __init__(
        self, files: Mapping[str, bytes], gone: tuple[str, ...] = (), error: ClientError | None = None
    ) -> None:
        self.files, self.gone, self.error = files, gone, error
        self.read: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"

        def paginate(*, Bucket: str, ExpectedBucketOwner: str, Prefix: str, StartAfter: str) -> list[Any]:  # noqa: N803
            assert (Bucket, ExpectedBucketOwner) == (NAMES.capture_bucket(TARGET), PRODUCTION)
            if self.error is not None:
                raise self.error
            keys = [key for key in sorted(self.files) if key.startswith(Prefix) and key > StartAfter]
            return [{"Contents": [{"Key": key, "Size": len(self.files[key]), "LastModified": NOW} for key in keys]}]

        return SimpleNamespace(paginate=paginate)

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        self.read.append(Key)
        if Key in self.gone:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(self.files[Key])}


def key(hour: int, number: int = 0) -> str:
    return f"{NAMES.capture_prefix}2026/03/01/{hour:02}/{number:06}.jsonl"


def rows(first: float = 5.0, count: int = 200) -> bytes:
    """A file of as many rows; a fifth has no second value."""
    spread = [first + (place % 9 - 4) for place in range(count)]
    body = "\n".join(f"{value},{'' if place % 5 == 0 else 5 + place % 7 - 3}" for place, value in enumerate(spread))
    return line(body) + b"\n"


def accounts(captured: Captured, profile: Profile | None = PROFILE, *, captures: bool = True) -> FakeAccounts:
    endpoint = {
        "EndpointConfigName": "churn-1",
        "EndpointStatus": "InService",
        "DataCaptureConfig": {"EnableCapture": captures},
    }
    given = test_predict.accounts(describe_endpoint=endpoint)
    if profile is not None:
        given.clients[SHARED, "s3"].objects[NAMES.profile_key("abc")] = {"Body": profile.to_json()}
    return FakeAccounts({**given.clients, (PRODUCTION, "s3"): captured})


def looked(captured: Captured, since: datetime = NOW - timedelta(hours=3), config: Config = CONFIG, **more: Any) -> Any:
    return drift(config, accounts(captured, **more), TARGET, since)


def test_what_lies_as_it_was_trained_is_no_drift() -> None:
    found = looked(Captured({key(11): rows()}))
    assert (found.verdict, found.requests, found.rows, found.captures) == (NO_DRIFT, 1, 200, True)
    assert "lies as the training data" in finding(found)


def test_a_feature_that_moved_is_named() -> None:
    """By the schema's name or its place, with the share that lies outside of what was trained with."""
    found = looked(Captured({key(11): rows(first=30.0)}))
    assert (found.verdict, [each.name for each in found.shifted]) == (DRIFT, ["column 1"])
    assert found.features[0].outside == 1.0
    assert [kind for kind, _ in found.features[0].shifts] == ["range shift"]
    assert finding(found).endswith("1 feature lies otherwise than in the training data: column 1")


def test_the_time_may_be_of_any_zone() -> None:
    """The files' keys have UTC's."""
    found = looked(Captured({key(11): rows()}), (NOW - timedelta(hours=3)).astimezone(timezone(timedelta(hours=9))))
    assert (found.requests, found.since.isoformat()) == (1, "2026-03-01T09:00:00+00:00")


def test_gaps_that_were_none_are_drift() -> None:
    empty = line("\n".join(f",{5 + place % 7 - 3}" for place in range(200)))
    found = looked(Captured({key(11): empty}))
    assert [kind for kind, _ in found.features[0].shifts] == ["missing shift"]


def test_few_rows_prove_nothing() -> None:
    found = looked(Captured({key(11): rows(first=30.0, count=99)}))
    assert found.verdict == TOO_FEW
    assert "too few to tell, 100 are needed" in finding(found)
    nothing = looked(Captured({}), captures=False)
    assert (nothing.verdict, nothing.features, nothing.captures) == (TOO_FEW, (), False)


def test_files_before_are_not_read_and_one_that_expired_is_no_failure() -> None:
    captured = Captured({key(1): rows(), key(10): rows(), key(11): rows()}, gone=(key(10),))
    found = looked(captured)
    assert sorted(captured.read) == [key(10), key(11)]
    assert (found.found, found.files) == (2, 1)


def test_of_very_many_files_some_are_read_from_the_whole_of_the_time() -> None:
    captured = Captured({key(hour, number): line("5,5") for hour in (9, 10, 11) for number in range(900)})
    found = looked(captured)
    assert (found.found, found.files) == (2700, MOST_FILES)
    early = captured.read[:30]
    assert {each.split("/")[-2] for each in early} == {"09", "10", "11"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"config": example()}, "the map captures nothing"),
        ({"profile": None}, "data set abc, which production was trained on, has no profile"),
    ],
)
def test_what_cannot_be_compared(change: dict[str, Any], said: str) -> None:
    with pytest.raises(NotReady, match=said) as raised:
        looked(Captured({}), **change)
    assert raised.value.next_step


def test_no_bucket_yet() -> None:
    with pytest.raises(NotReady, match="there is no bucket churn-capture-333333333333-us-east-1 yet"):
        looked(Captured({}, error=refused("ListObjectsV2", "NoSuchBucket")))


def test_a_model_that_nobody_knows_has_no_training_data() -> None:
    given = accounts(Captured({}))
    given.clients[SHARED, "codepipeline"] = FakeClient(list_action_executions={"actionExecutionDetails": []})
    with pytest.raises(NotReady, match="its training data are not known"):
        drift(CONFIG, given, TARGET, NOW)


@pytest.mark.parametrize(
    ("captured", "code", "said"),
    [
        (Captured({key(11): rows()}), 0, "No drift: what production was asked"),
        (Captured({key(11): rows(30.0) + b"{\n"}), 3, "not counted: 1 lines that are no captured request"),
        (Captured({}), 5, "too few to tell"),
    ],
    ids=["no drift", "drift", "too few"],
)
def test_the_command_ends_with_the_verdicts_code(
    captured: Captured, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["drift", "--since", "2026-03-01T09:30:00"]
    assert main(arguments, FakeServices(accounts(captured), CONFIG)) == code
    output = capsys.readouterr()
    assert said in " ".join((output.out + output.err).split())
    assert main([*arguments, "-o", "json"], FakeServices(accounts(captured), CONFIG)) == code
    assert '"verdict"' in capsys.readouterr().out


def test_of_a_drift_those_of_the_notifications_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """And of none, nobody."""
    told = example(endpoint={"capture": {}}, notifications={"emails": ("ml-team@example.com",)})
    for asked, messages in ((rows(30.0), 1), (rows(), 0)):
        sns = FakeClient(publish={})
        given = accounts(Captured({key(11): asked}))
        given.clients[SHARED, "sns"] = sns
        main(["drift", "--since", "2026-03-01T09:30:00", "--notify"], FakeServices(given, told))
        assert len(sns.calls) == messages
        for _, request in sns.calls:
            assert request["TopicArn"] == Names(told).topic_arn()
            assert request["Message"].startswith("Pipeline churn: production: ")
            assert request["Message"].endswith("Next: xacct-ml drift --target production")
    assert "were told" in capsys.readouterr().out


def test_a_map_that_tells_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", "--notify"], FakeServices(accounts(Captured({})), CONFIG)) == 2
    assert "the map has no notifications" in capsys.readouterr().err
