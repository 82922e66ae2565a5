"""A channel as the SageMaker XGBoost container reads it, in file mode: CSV with XGBoost's own text loader, Parquet as a
table of numbers.

So an empty feature is missing, an empty label is 0 and rows may differ in width, all without a word; what the
container itself asks for (data, a delimiter that can be told) fails in its words (aws/sagemaker-xgboost-container,
data_utils.py and algorithm_mode/train.py) [C]."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xacct_ml.emulator.core import runtime
from xacct_ml.extras import install
from xacct_ml.tables.xgboost_facts import facts

CSV = "text/csv"
_PARQUET = ("parquet", "application/x-parquet")
_SHOWN = 50
"""So many characters of a line the container shows."""


class BadData(Exception):
    """The container's ``UserError`` about a channel; the message is what it says."""


def matrix(version: str, channel: str, files: Sequence[bytes], *, weighted: bool, content_type: str = CSV) -> Any:
    """The channel as a DMatrix, as a version of the image reads it: the label, the row's weight if ``weighted`` (of
    CSV alone), then the features.

    :raises BadData: nothing in it, or nothing that XGBoost reads"""
    if is_parquet(content_type):
        return _table(channel, files)
    return _lines(version, channel, files, weighted=weighted)


def _table(channel: str, files: Sequence[bytes]) -> Any:
    """The container has pyarrow and pandas read it, and XGBoost take the first column for the label, whatever the
    columns are called; a column of anything but numbers makes the table one of objects, which XGBoost refuses
    (aws/sagemaker-xgboost-container, data_utils.py) [C]. Here DuckDB reads it, where that is installed."""
    import numpy
    import xgboost

    try:
        import duckdb
    except ImportError:
        raise BadData(f"the embedded AWS reads Parquet with DuckDB; {install('data')}") from None
    if not any(files):
        raise BadData(f"No data in {_CHANNELS[channel]} channel path /opt/ml/input/data/{channel}")
    parts = []
    with runtime.temporary_directory("channel-") as directory, duckdb.connect(":memory:") as database:
        for place, content in enumerate(files):
            file = Path(directory) / f"{place}.parquet"
            file.write_bytes(content)
            try:
                found = database.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchnumpy()
            except duckdb.Error as error:
                raise BadData(f"Failed to load parquet data with exception: {str(error).splitlines()[0]}") from error
            columns = [numpy.ma.filled(column.astype(numpy.float64), numpy.nan) for column in _numbers(found)]
            parts.append(numpy.column_stack(columns))
    data = numpy.concatenate(parts)
    return xgboost.DMatrix(data[:, 1:], label=data[:, 0], nthread=1)


def _numbers(columns: Mapping[str, Any]) -> list[Any]:
    for name, column in columns.items():
        if column.dtype.kind not in "iuf":
            raise BadData(f"Failed to load parquet data with exception: column {name} has no numbers: {column.dtype}")
    return list(columns.values())


def _lines(version: str, channel: str, files: Sequence[bytes], *, weighted: bool) -> Any:
    import xgboost

    content = b"".join(each if each.endswith(b"\n") else each + b"\n" for each in files if each)
    if not content:
        raise BadData(f"No data in {_CHANNELS[channel]} channel path /opt/ml/input/data/{channel}")
    delimiter = _delimiter(content.split(b"\n", 1)[0].decode("utf-8", "replace"))
    with runtime.temporary_directory("channel-") as directory, xgboost.config_context(verbosity=0):
        # XGBoost also looks at everything that lies beside what it is to read: that is nothing.
        place = Path(directory) / channel
        place.mkdir()
        (place / "data").write_bytes(content)
        uri = facts(version, "data")["csv_uri_with_weights" if weighted else "csv_uri"]
        try:
            read = xgboost.DMatrix(uri.format(place, delimiter), nthread=1)
        except xgboost.core.XGBoostError as error:
            raise BadData(f"Failed to load csv data with exception: {first_line(error)}") from error
    if not len(read.get_label()):
        raise BadData("Got input data without labels. Please check the input data set.")
    return read


def is_parquet(content_type: str) -> bool:
    """Whether a channel is to be read as such."""
    return content_type.partition(";")[0].strip().lower() in _PARQUET


def check_content_type(version: str, given: str) -> None:
    """:raises BadData: for one that the image does not take; it reads others than CSV, too, which is not done here"""
    media, _, parameters = given.lower().partition(";")
    known = facts(version, "data")
    sizes = [each.partition("=")[2].strip() for each in parameters.split(";") if each.strip().startswith("label_size")]
    if media.strip() not in known["content_types"].split():
        raise BadData(f"{given} is not an accepted ContentType: {', '.join(known['content_types'].split())}.")
    if media.strip() not in known["csv_content_types"].split():
        raise BadData(f"content type {given} is not supported in the embedded AWS; use text/csv")
    if any(size not in known["csv_label_sizes"].split() for size in sizes):
        raise BadData(f"{given} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1")


_CHANNELS = {"train": "training", "validation": "validation"}


def _delimiter(line: str) -> str:
    try:
        return csv.Sniffer().sniff(line + "\n").delimiter
    except csv.Error as error:
        raise BadData(f"Could not determine delimiter on line {line[:_SHOWN]}: {error}") from error


def first_line(error: Exception) -> str:
    """What XGBoost says, without its stack trace and source position."""
    text = str(error).strip().split("Stack trace", maxsplit=1)[0].strip()
    lines = [line for line in text.splitlines() if line.strip()]
    return (lines[0].split("] ", 1)[-1] if lines else type(error).__name__).rstrip(".")
