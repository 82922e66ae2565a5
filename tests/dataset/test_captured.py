"""What an endpoint captured, as clients wrote it: read as far as it is rows, and counted as far as it is not."""

from __future__ import annotations

import base64
import json
from math import isnan
from typing import Any

import pytest

from xacct_ml.dataset.captured import Asked


def line(data: str, *, encoding: str = "CSV", content_type: str = "text/csv", **metadata: str) -> bytes:
    asked = {"observedContentType": content_type, "mode": "INPUT", "data": data, "encoding": encoding}
    document: dict[str, Any] = {"captureData": {"endpointInput": asked}, "eventMetadata": metadata, "eventVersion": "0"}
    return json.dumps(document).encode()


def read(*lines: bytes, most: int = 10) -> Asked:
    found = Asked(2, most)
    found.add(lines)
    return found


def test_rows_of_csv_and_of_base64() -> None:
    """An empty field is a missing value; a blank line between files is nothing."""
    found = read(
        line("1,2\n3,\n"), b"", line(base64.b64encode(b"5,6\r\n").decode(), encoding="BASE64", content_type="")
    )
    assert (found.requests, found.counted) == (2, 3)
    assert [found.rows[0], found.rows[2]] == [[1, 2], [5, 6]]
    assert isnan(found.rows[1][1])
    assert not found.skipped


def test_more_rows_than_are_kept_are_counted() -> None:
    found = read(line("1,2\n" * 5), most=3)
    assert (found.counted, len(found.rows)) == (5, 3)


def test_what_the_project_itself_sent_is_nobodys_question() -> None:
    found = read(line("1,2", inferenceId="xacct-ml-golden-1"), line("3,4", inferenceId="ours-1"))
    assert (found.requests, found.rows) == (1, [[3, 4]])
    assert found.skipped == {"requests of the project itself": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"{", "lines that are no captured request"),
        (b"[" * 100_000, "lines that are no captured request"),
        (b"\xff\xfe", "lines that are no captured request"),
        (b'{"captureData": {"endpointInput": 5}, "eventMetadata": {}}', "lines that are no captured request"),
        (b'{"eventMetadata": {"inferenceId": {}}}', "lines that are no captured request"),
        (line("??", encoding="BASE64"), "lines that are no captured request"),
        (line("{}", encoding="JSON", content_type="application/json"), "requests in other formats than CSV"),
        (line("1,2,3"), "rows of 3 values"),
        (line("1"), "rows of 1 values"),
        (line(""), "rows of 1 values"),
        (line("1," * 200_000), "rows of very many values"),
        (line("1,x"), "rows with what is no number"),
        (line("1,1e999"), "rows with what is no number"),
    ],
)
def test_what_cannot_be_read_is_counted(given: bytes, said: str) -> None:
    found = read(given, line("1,2"))
    assert found.skipped == {said: 1}
    assert found.rows == [[1, 2]]
