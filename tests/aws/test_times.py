"""Times in AWS's answers are UTC, wherever the machine is."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from tests.configs import SHARED, example
from xacct_ml.aws.accounts import Accounts
from xacct_ml.aws.times import in_utc


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A machine whose time is nine hours before UTC's."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield patch
    time.tzset()


class Raw(io.BytesIO):
    """What urllib3 gives of an answer."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def test_the_times_that_a_client_gives_are_utc(tokyo: pytest.MonkeyPatch) -> None:
    tokyo.setenv("AWS_ACCESS_KEY_ID", "x" * 20)
    tokyo.setenv("AWS_SECRET_ACCESS_KEY", "x")
    body = b'{"actionExecutionDetails": [{"startTime": 1767225600.5}]}'
    config = example(accounts={**example().accounts.model_dump(), "shared": {"id": SHARED}})
    client: Any = Accounts(config).client(SHARED, "codepipeline")
    client.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Raw(body)))
    found = client.list_action_executions(pipelineName="churn")["actionExecutionDetails"][0]["startTime"]
    assert found.isoformat() == "2026-01-01T00:00:00.500000+00:00"


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    "given",
    [
        1767225600,
        "1767225600",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T09:00:00+09:00",
        "Thu, 01 Jan 2026 00:00:00 GMT",
    ],
)
def test_every_form_of_a_time_is_read(given: str | int) -> None:
    found = in_utc(given)
    assert (found, found.tzinfo) == (datetime(2026, 1, 1, tzinfo=UTC), UTC)
