"""The rows that models are scored on, features and labels apart: labels never enter the training account.

They come from a file of their own, or from the validation data where there is none. The split reads the file once, in
pieces; what is kept of it is on disk once it is large."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from xacct_ml.operations.upload.data_manifest import CONTENT_TYPES, Holdout, StoredObject
from xacct_ml.operations.upload.written_once import Outgoing, Shelf

ROWS_SCORED = 200_000
"""The first rows of a file, which are all that is scored: intervals get hardly narrower with more."""
_PIECE = 1 << 20
_IN_MEMORY = 8 << 20

Read = Callable[[int], bytes]
"""As a file's ``read``: up to so many bytes, none at the end. May raise, at the end too: then nothing is split."""


@dataclass(frozen=True, slots=True)
class Split:
    """The two objects, to be sent within :func:`split`. ``scored`` are their rows."""

    scored: int
    features: Outgoing
    labels: Outgoing


@contextmanager
def split(read: Read) -> Iterator[Split]:
    """The first column apart from the others."""
    with SpooledTemporaryFile(_IN_MEMORY) as one, SpooledTemporaryFile(_IN_MEMORY) as other:
        features, labels = _Column("holdout features", one), _Column("holdout labels", other)
        scored = 0
        for row in _rows(read):
            if scored < ROWS_SCORED:
                label, _, values = row.removesuffix(b"\r").partition(b",")
                features.add(values)
                labels.add(label)
                scored += 1
        yield Split(scored, features.outgoing(), labels.outgoing())


def store(shelf: Shelf, dataset: str, origin: str, rows: int, parts: Split) -> tuple[Holdout, bool]:
    """What the manifest says of it, and whether something had to be sent."""
    stored: dict[str, StoredObject] = {}
    sent = False
    for name, outgoing in (("features", parts.features), ("labels", parts.labels)):
        stored[name], was_sent = shelf.store(shelf.names.holdout_key(dataset, name), outgoing)
        sent = sent or was_sent
    return Holdout(origin, rows, parts.scored, stored["features"], stored["labels"]), sent


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
