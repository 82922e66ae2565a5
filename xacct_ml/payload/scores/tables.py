"""Predictions, labels and slices as text, read with bounds: what a batch transform wrote is not trusted.

The container writes ``str()`` of each row's prediction and a newline where it runs in a batch transform: a number, or a
list of numbers for ``multi:softprob`` (aws/sagemaker-xgboost-container, algorithm_mode/serve.py, in every version of
the image) [C]. Empty lines are passed over: whether ``AssembleWith: Line`` adds one of its own is not documented.
"""

import csv
import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xacct_ml.foreign import ForeignTextError, line

MOST_ROWS = 200_000
"""So many rows are scored, the first ones."""
LONGEST_LINE = 64 << 10
MOST_CLASSES = 1_000
MOST_SLICED_COLUMNS = 5
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class Choices:
    """Of each row, what a classifier of several classes says: the class it names, how sure it is of that one and of
    the true one; both None where the model names a class and no more. ``shares`` are the probabilities of all classes,
    row after row, in single precision, as which they were predicted.
    """

    named: "array[int]"
    sure: "array[float] | None"
    true: "array[float] | None"
    shares: "array[float] | None"


def numbers(chunks: Iterable[bytes], what: str) -> "array[float]":
    """One finite number a line.

    Raises :class:`ForeignTextError`.
    """
    found = array("d")
    for number, text in _lines(chunks, what):
        found.append(_number(text, number, what))
    return found


def choices(
    chunks: Iterable[bytes], what: str, labels: "array[float]", num_class: int | None, most_shares: int = 0
) -> Choices:
    """``num_class`` None: a line is the class itself; else a line has that many probabilities. ``shares`` are kept up
    to so many.

    Raises :class:`ForeignTextError`.
    """
    if num_class is None:
        return Choices(array("l", (int(each) for each in numbers(chunks, what))), None, None, None)
    if not 2 <= num_class <= MOST_CLASSES:
        raise ForeignTextError(f"{what}: {num_class} classes are not scored, {MOST_CLASSES} at most")
    named, sure, true, kept = array("l"), array("d"), array("d"), array("f")
    keeps = len(labels) * num_class <= most_shares
    for number, text in _lines(chunks, what):
        shares = [_number(each, number, what) for each in text.strip("[]").split(",", num_class)]
        if len(shares) != num_class:
            raise ForeignTextError(f"{what}, line {number}: {len(shares)} numbers where there are {num_class} classes")
        best = max(range(num_class), key=shares.__getitem__)
        label = int(labels[len(named)]) if len(named) < len(labels) else -1
        named.append(best)
        sure.append(shares[best])
        true.append(shares[label] if 0 <= label < num_class else 0.0)
        if keeps:
            kept.extend(shares)
    return Choices(named, sure, true, kept if keeps else None)


def slices(chunks: Iterable[bytes], what: str) -> dict[str, list[str]]:
    """Column → each row's value, from CSV with a header.

    Raises :class:`ForeignTextError`.
    """
    texts = _lines(chunks, what, MOST_ROWS + 1)
    try:
        rows = csv.reader(text for _, text in texts)
        header = [line(name, _LONGEST_VALUE) for name in next(rows)][:MOST_SLICED_COLUMNS]
        found: dict[str, list[str]] = {name: [] for name in header}
        if len(found) != len(header):
            raise ForeignTextError(f"{what} names a column twice")
        for row in rows:
            for name, value in zip(header, row, strict=False):
                found[name].append(line(value, _LONGEST_VALUE))
    except StopIteration:
        raise ForeignTextError(f"{what} has no header") from None
    except csv.Error as error:
        raise ForeignTextError(f"{what} is not CSV: {error}") from None
    return found


def _lines(chunks: Iterable[bytes], what: str, most: int = MOST_ROWS) -> Iterator[tuple[int, str]]:
    """The number of each line that is not empty, and its text."""
    rest, number, given = b"", 0, 0
    for chunk in _ended(chunks):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ForeignTextError(f"{what}, line {number + 1} is longer than {LONGEST_LINE:,} bytes")
        for text in whole:
            number += 1
            stripped = text.strip()
            if not stripped:
                continue
            if given == most:
                return
            given += 1
            try:
                yield number, stripped.decode()
            except UnicodeDecodeError:
                raise ForeignTextError(f"{what}, line {number} is not UTF-8") from None


def _ended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from chunks
    yield b"\n"


def _number(text: str, number: int, what: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ForeignTextError(f"{what}, line {number}: {line(text.strip(), 40)!r} is no finite number")
    return found
