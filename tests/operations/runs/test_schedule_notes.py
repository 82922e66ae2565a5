"""What the schedule's notes are read as."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.configs import SHARED, example
from xacct_ml.cli.views.runs import note_json, skipped_lines
from xacct_ml.operations.runs.schedule_notes import ScheduleNote, notes

SCHEDULED = example(schedule={"expression": "rate(1 day)"})
RUN = "0b6e1a54-0000-0000-0000-000000000000"


class Bucket:
    """As S3 lists and gives objects; a page for each."""

    def __init__(self, **objects: Any) -> None:
        self.objects = {f"schedule/{key}.json": value for key, value in objects.items()}

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        assert (account_id, service, region) == (SHARED, "s3", None)
        return self

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **_: Any) -> Any:
        return ({"Contents": [{"Key": key}]} for key in self.objects)

    def get_object(self, Bucket: str, Key: str, ExpectedBucketOwner: str) -> Any:  # noqa: ARG002, N803
        if self.objects[Key] is None:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        text = self.objects[Key] if isinstance(self.objects[Key], str) else json.dumps(self.objects[Key])
        return {"Body": io.BytesIO(text.encode())}


def note(day: int, outcome: str = "skipped", **changes: Any) -> dict[str, Any]:
    given = {"time": f"2026-11-{day}T05:00:00Z", "outcome": outcome, "run": RUN, "reason": "is under way"}
    return {"schema": "xacct-ml/schedule/1", **given, **changes}


def test_the_newest_come_first() -> None:
    bucket = Bucket(
        **{"20261129T050000Z": note(29), "20261130T050000Z": note(30, "started"), "20261128T050000Z": note(28)}
    )
    found = notes(SCHEDULED, bucket, 2)
    assert found == (
        ScheduleNote(datetime(2026, 11, 30, 5, tzinfo=UTC), False, RUN, "is under way"),
        ScheduleNote(datetime(2026, 11, 29, 5, tzinfo=UTC), True, RUN, "is under way"),
    )
    assert skipped_lines(found) == ["2026-11-29 05:00 (UTC) the schedule started no run: 0b6e1a54 was under way"]
    assert note_json(found[0])["outcome"] == "started"


def test_what_is_no_note_is_left_out() -> None:
    broken = {"a": "{", "b": "[]", "c": note(1, time="then"), "d": {"time": "2026-11-29T05:00:00Z"}, "e": None}
    assert notes(SCHEDULED, Bucket(**broken), 10) == ()


def test_what_somebody_wrote_into_it_stays_on_its_line() -> None:
    bucket = Bucket(a=note(29, reason="waits for\n\x1b[31m" + "x" * 10_000))
    (line,) = skipped_lines(notes(SCHEDULED, bucket, 10))
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 500


def test_a_map_without_a_schedule_asks_nothing() -> None:
    assert notes(example(), Bucket(a="x"), 10) == ()
