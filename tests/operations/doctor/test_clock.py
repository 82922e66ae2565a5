"""This machine's clock against the date of an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.fakes import FakeClient
from tests.operations.doctor.subjects import checks, look
from xacct_ml.operations.doctor import clock
from xacct_ml.operations.doctor.check import State

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, State.OK), (3, State.OK), (-3, State.OK), (5, State.FAILED), (-61, State.FAILED)]
)
def test_some_minutes_are_allowed(minutes: int, state: State) -> None:
    told = (NOW + timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert clock.judge(told, NOW).state is state


def test_an_answer_without_a_date_tells_nothing() -> None:
    (check,) = checks(clock)
    for headers in ({}, {"date": "yesterday"}):
        sts = FakeClient(get_caller_identity={"ResponseMetadata": {"HTTPHeaders": headers}})
        assert look(check, sts=sts).state is State.UNKNOWN
