"""The rows that models are scored on, features and labels apart: labels never enter the training account.

They come from a file of their own, or from the validation data where there is none. The split reads the file once, in
pieces; what is kept of it is on disk once it is large."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from xacct_ml.dataset import lone_feature
from xacct_ml.dataset.fields import NotReadable
from xacct_ml.operations.upload.data_manifest import CONTENT_TYPES, Holdout, StoredObject
from xacct_ml.operations.upload.written_once import Outgoing, Shelf

ROWS_SCORED = 200_000
"""The first rows of a file, which are all that is scored: intervals get hardly narrower with more."""
_PIECE = 1 << 20
_IN_MEMORY = 8 << 20

Read = Callable[[int], bytes]
"""As a file's ``read``: up to so many bytes, none at the end. May raise, at the end too: then nothing is split."""


Slice = tuple[str, int, Callable[[bytes], str]]
"""A column that models are looked at by: its name, its place among the features, how a value is shown."""


@dataclass(frozen=True, slots=True)
class Split:
    """The objects, to be sent within :func:`split`. ``scored`` are their rows."""

    scored: int
    features: Outgoing
    labels: Outgoing
    slices: Outgoing | None


@contextmanager
def split(read: Read, slices: Sequence[Slice] = ()) -> Iterator[Split]:
    """The first column apart from the others; and, once more, those of ``slices``, with a header."""
    with ExitStack() as stack:
        features, labels, values = (
            _Column(f"holdout {name}", stack.enter_context(SpooledTemporaryFile(_IN_MEMORY)))
            for name in ("features", "labels", "slices")
        )
        if slices:
            values.add(_csv([name for name, _, _ in slices]))
        scored = 0
        for row in _rows(read):
            if scored < ROWS_SCORED:
                label, _, rest = row.removesuffix(b"\r").partition(b",")
                features.add(_as_served(rest))
                labels.add(label)
                if slices:
                    fields = rest.split(b",")
                    values.add(_csv([shown(fields[place]) for _, place, shown in slices]))
                scored += 1
        yield Split(scored, features.outgoing(), labels.outgoing(), values.outgoing() if slices else None)


def _as_served(features: bytes) -> bytes:
    """A line for the container that predicts, which is not the reader that trains."""
    if b"," in features:
        return features
    try:
        return lone_feature.written(features)
    except NotReadable:  # of an earlier release's data, or of a file that changes meanwhile
        return features


def _csv(values: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue().encode()


def store(shelf: Shelf, dataset: str, origin: str, rows: int, parts: Split) -> tuple[Holdout, bool]:
    """What the manifest says of it, and whether something had to be sent."""
    stored: dict[str, StoredObject] = {}
    sent = False
    given = {"features": parts.features, "labels": parts.labels, "slices": parts.slices}
    for name, outgoing in ((name, part) for name, part in given.items() if part is not None):
        stored[name], was_sent = shelf.store(shelf.names.holdout_key(dataset, name), outgoing)
        sent = sent or was_sent
    return Holdout(origin, rows, parts.scored, stored["features"], stored["labels"], stored.get("slices")), sent


def _rows(read: Read) -> Iterator[bytes]:
    rest = b""
    for piece in iter(partial(read, _PIECE), b""):
        *rows, rest = (rest + piece).split(b"\n")
        yield from rows
    if rest:
        yield rest


class _Column:
    """Rows of one of the two files, in memory or on disk."""

    def __init__(self, what: str, file: SpooledTemporaryFile[bytes]) -> None:
        self.what = what
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def add(self, values: bytes) -> None:
        row = values + b"\n"
        self.digest.update(row)
        self.size += len(row)
        self.file.write(row)

    def outgoing(self) -> Outgoing:
        return Outgoing(self.what, self.digest.hexdigest(), self.size, CONTENT_TYPES["csv"], self.opened)

    def opened(self) -> AbstractContextManager[BinaryIO]:
        return _from_the_start(self.file)


@contextmanager
def _from_the_start(file: Any) -> Iterator[BinaryIO]:
    """Open until :func:`split` is left."""
    file.seek(0)
    yield cast(BinaryIO, file)
