"""A file of rows cut into parts, for training on several instances: each is given whole objects (S3DataDistributionType
ShardedByS3Key, SageMaker API reference, S3DataSource) [B]."""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

Range = tuple[int, int]
"""First byte, and the one behind the last."""


def cuts(file: Path, count: int) -> list[Range]:
    """``count`` ranges that together are the file: each of whole rows, about as long as the others.

    A row is a line: a file whose fields have line ends in them is refused before. Raises ValueError where the file has
    fewer rows than that, so that a part would have none."""
    size = file.stat().st_size
    starts = [0]
    with file.open("rb") as opened:
        for number in range(1, count):
            opened.seek(max(size * number // count, starts[-1] + 1) - 1)
            opened.readline()
            starts.append(opened.tell())
    return _between(starts, size) or _between(_by_rows(file, count), size) or _too_few(file, count)


def _by_rows(file: Path, count: int) -> Sequence[int]:
    """Where rows differ so much in length that one would be cut out: the same number of rows each."""
    with file.open("rb") as opened:
        ends = list(accumulate(map(len, opened), initial=0))
    return [ends[(len(ends) - 1) * number // count] for number in range(count)]


def _between(starts: Sequence[int], size: int) -> list[Range]:
    ranges = list(zip(starts, [*starts[1:], size], strict=True))
    return ranges if all(start < end for start, end in ranges) else []


def _too_few(file: Path, count: int) -> list[Range]:
    raise ValueError(f"{file} cannot be cut into {count} parts: it has fewer rows than that")
