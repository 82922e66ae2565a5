"""The rules for gaps and numbers, compared with XGBoost's own text reader, called as SageMaker's container calls it
(aws/sagemaker-xgboost-container, data_utils.py) [C].

Whatever the check accepts, the reader takes for the same number, or for missing where the check says so."""

import csv
import math
import random
from pathlib import Path

import numpy as np
import pytest
import xgboost

from tests.dataset.files import content
from xacct_ml.dataset.fields import NotReadable, read

NEAR_ZERO = 1.2e-36
"""The reader takes 5e-200 for 5e-38, and what is denormal in single precision for something as small."""
EXPONENTS = (0, 1, 5, 7, 20, 37, 38, 39, 45, 60, 300)


def as_xgboost_reads(path: Path, text: bytes) -> np.ndarray:
    """The table, the label first, NaN where a value is missing."""
    path.write_bytes(text)
    with xgboost.config_context(verbosity=0):
        matrix = xgboost.DMatrix(f"{path}?format=csv&label_column=0&delimiter=,", nthread=1)
    values = matrix.get_data()
    table = np.full((matrix.num_row(), matrix.num_col() + 1), np.nan)
    table[:, 0] = matrix.get_label()
    for row in range(matrix.num_row()):
        here = slice(values.indptr[row], values.indptr[row + 1])
        table[row, values.indices[here] + 1] = values.data[here]
    return table


def digits(choose: random.Random, lengths: tuple[int, ...]) -> str:
    return "".join(choose.choice("0123456789") for _ in range(choose.choice(lengths)))


def field(choose: random.Random) -> str:
    """Something between a number and none."""
    kind = choose.random()
    if kind < 0.15:
        return ""
    if kind < 0.25:
        return choose.choice(
            ("nan", "NaN", " nan", "-nan", "NAN", " ", "\t", "NA", "x", "1x", "inf", '"1"', "1_0", "0x1", "--1")
        )
    sign, blank = choose.choice(("", "", "-", "+")), choose.choice(("", "", "", " ", "\t"))
    whole, part = (
        digits(choose, (0, 1, 1, 2, 3, 5, 9, 16, 18, 19, 20, 22)),
        digits(choose, (0, 0, 1, 2, 6, 12, 17, 19, 20, 25)),
    )
    point = "." if part or choose.random() < 0.1 else ""
    power = f"{choose.choice('eE')}{choose.choice(('', '-', '+'))}{choose.choice(EXPONENTS)}"
    exponent = choose.choice(("", "", "", power))
    return f"{blank}{sign}{whole}{point}{part}{exponent}{choose.choice(('', '', blank))}"


def table(choose: random.Random) -> bytes:
    """A file of up to 6 × 5, most of whose fields can be read; a label that is a number, mostly."""
    width, end = choose.randint(1, 4), choose.choice(("\n", "\r\n"))

    def line() -> str:
        values = [field(choose) for _ in range(width)]
        return ",".join([choose.choice(("0", "1", "2.5", "-3", "1e2", field(choose))), *values])

    lines = [line() for _ in range(choose.randint(1, 6))]
    return (end.join(lines) + choose.choice((end, end, ""))).encode()


def repaired(text: bytes) -> bytes:
    """The same with 7 for each field that the check refuses."""

    def value(place: int, raw: bytes) -> bytes:
        try:
            missing = math.isnan(read(raw))
        except NotReadable:
            return b"7"
        return b"7" if missing and place == 0 else raw

    lines = [line.removesuffix(b"\r") for line in text.split(b"\n")]
    return b"\n".join(
        b",".join(value(place, raw) for place, raw in enumerate(line.split(b","))) for line in lines if line
    )


def compare(path: Path, text: bytes) -> None:
    """The reader takes each value of an accepted file for what the check takes it for."""
    if content(text).wrong.faults():
        return
    expected = np.array(
        [[read(value) for value in line.removesuffix(b"\r").split(b",")] for line in text.split(b"\n") if line]
    )
    found = as_xgboost_reads(path, text)
    assert found.shape == expected.shape or np.isnan(expected[:, found.shape[1] :]).all(), text
    expected = expected[:, : found.shape[1]]
    assert (np.isnan(found) == np.isnan(expected)).all(), text
    near = np.isclose(found, expected, rtol=1e-6, atol=NEAR_ZERO, equal_nan=True)
    assert near.all(), (text, found[~near], expected[~near])
    assert csv.Sniffer().sniff(text.decode().splitlines()[0] + "\n").delimiter == ",", text


def test_files(tmp_path: Path) -> None:
    """Some of the ten thousand."""
    _run(tmp_path, range(25))


@pytest.mark.long
def test_ten_thousand_files(tmp_path: Path) -> None:
    """As generated, and with what is refused taken out."""
    _run(tmp_path, range(10_000))


def _run(directory: Path, seeds: range) -> None:
    accepted = 0
    for seed in seeds:
        text = table(random.Random(seed))
        for each in (text, repaired(text)):
            accepted += not content(each).wrong.faults()
            compare(directory / "data", each)
    assert accepted > len(seeds) / 2


@pytest.mark.parametrize("largest", ["3.402823e38", "-3.402823e38", "3.4028229999999e38"])
def test_the_largest_number_that_is_read(largest: str, tmp_path: Path) -> None:
    """Nearer to the end of single precision the reader finds an infinite number, and training ends."""
    table = as_xgboost_reads(tmp_path / "largest.csv", f"1,{largest},2\n0,1,2\n".encode())
    assert table[0, 1] == pytest.approx(read(largest.encode()), rel=1e-6)
    with pytest.raises(xgboost.core.XGBoostError, match="inf"):
        as_xgboost_reads(tmp_path / "larger.csv", b"1,3.4028234e38,2\n0,1,2\n")
