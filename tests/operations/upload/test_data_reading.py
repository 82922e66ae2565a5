"""What the check of data believes of XGBoost's text loader, asked of the installed one.

The container hands a channel's directory to it with these very arguments (aws/sagemaker-xgboost-container,
data_utils.py). The table was measured with XGBoost 1.7.6 and 3.2.0, which agree on every row."""

from __future__ import annotations

from pathlib import Path

import pytest
import xgboost

MEASURED = [
    (b"1,,3\n0,4,5\n", 3, [1, 0]),
    (b"1,nan,3\n0,4,5\n", 3, [1, 0]),
    (b"1,NaN,3\n0,NAN,5\n", 2, [1, 0]),
    (b"1,nan ,3\n0, nan,5\n", 2, [1, 0]),
    (b"1,4,3\n0,4,\n", 3, [1, 0]),
    (b"1,4, \n0,\t,5\n", 4, [1, 0]),
    (b"1,,3\r\n0,4,\r\n", 2, [1, 0]),
    (b"1,NA,3\n0,4,5\n", 3, [1, 0]),
    (b",1,3\n0,4,5\n", 4, [0, 0]),
]
"""Content, how many of the four features have a value, and the labels. A blank has one: 0."""


@pytest.mark.parametrize(("content", "present", "labels"), MEASURED)
def test_an_empty_feature_is_missing_and_an_empty_label_is_zero(
    tmp_path: Path, content: bytes, present: int, labels: list[float]
) -> None:
    """And text is missing without a word, which is why it is refused before it is sent."""
    place = tmp_path / "channel"
    place.mkdir()
    (place / "data").write_bytes(content)
    with xgboost.config_context(verbosity=0):
        read = xgboost.DMatrix(f"{place}?format=csv&label_column=0&delimiter=,")
    assert read.num_nonmissing() == present
    assert read.get_label().tolist() == labels
