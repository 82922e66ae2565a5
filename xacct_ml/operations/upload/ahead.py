"""Large files on their way while they are still being checked; none of them is an object before the check has passed.

Each is a multipart upload that follows the check byte by byte, and whose last piece is read when the check of all files
has passed. Until then it is no object (S3 User Guide, mpuoverview) [B]; a refused one is aborted, and one whose process
was killed is cleared away by the bucket's lifecycle. What was not sent ahead, for whatever reason, is sent afterwards,
where errors have words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from xacct_ml.engine.progress import Advance
from xacct_ml.operations.upload import checked_content
from xacct_ml.operations.upload.checked_content import Part
from xacct_ml.operations.upload.data_manifest import CONTENT_TYPES
from xacct_ml.operations.upload.written_once import PARTS, Outgoing, Shelf

_HELD = 4
"""So many uploads wait for the end of the check at most."""
_POLL_SECONDS = 0.1
_CHECKSUMS_FIRST_SECONDS = 1.0
"""So long the check waits for the checksums of the files at most: both want all cores, and sending waits for these."""
_IN_DOUBT = -1

Planned = tuple[str, str, Part]
"""The key of an object, what it is for a person, its content."""
Plan = Callable[[], Iterable[Planned]]
"""Reads files for their checksums; what it gives will be objects if the check passes."""


class Ahead:
    """How far each file was read without a fault, whether the check of all has passed, and what is on its way."""

    def __init__(self, shelf: Shelf, pool: ThreadPoolExecutor) -> None:
        self._shelf = shelf
        self._pool = pool
        self._changed = threading.Condition()
        self._read: dict[Path, int] = {}
        self._named: frozenset[str] | None = None
        self.planned = threading.Event()
        self._sizes: dict[str, int] = {}
        self._moved = 0
        self._sent: dict[str, Future[None]] = {}

    def following(self, path: Path, advance: Advance) -> Advance:
        """The ``advance`` of the check of a file, which is noted here, too. A file whose bytes are taken back has
        perhaps a fault: it is not followed any more."""

        def moved(size: int) -> None:
            with self._changed:
                read = self._read.get(path, 0)
                self._read[path] = _IN_DOUBT if size <= 0 or read == _IN_DOUBT else read + size
                self._changed.notify_all()
            advance(size)

        return moved

    def finish(self, named: Collection[str]) -> frozenset[str]:
        """The check has passed, and these are the keys of the objects that the manifest will name: those of them that
        are on their way become objects; their keys are returned."""
        self._decide(named)
        coming = {key: sent for key, sent in self._sent.items() if key in named}
        shelf, total = self._shelf, sum(self._sizes[key] for key in coming)
        if coming:
            with shelf.reporter.progress(f"uploading to {shelf.names.shared}", total) as advance:
                told = 0
                while not all(sent.done() for sent in coming.values()):
                    threading.Event().wait(_POLL_SECONDS)
                    advance(self._moved - told)
                    told = self._moved
        return frozenset(key for key, sent in coming.items() if sent.exception() is None)

    def shut(self) -> None:
        """Nothing more becomes an object."""
        self._decide(())

    def _decide(self, named: Collection[str]) -> None:
        with self._changed:
            self._named = frozenset(named) if self._named is None else self._named.intersection(named)
            self._changed.notify_all()

    def run(self, plan: Plan) -> None:
        """Sends one after another; the next begins when one waits for the end of the check."""
        try:
            for key, what, part in plan():
                self.planned.set()
                self._begin(key, what, part)
        finally:
            self.planned.set()

    def _begin(self, key: str, what: str, part: Part) -> None:
        if part.size < PARTS["multipart_threshold"] or self._shelf.head(key):
            return
        held = threading.Event()
        with self._changed:
            if self._named is not None:
                return
            self._sizes[key] = part.size
            self._sent[key] = self._pool.submit(self._send, key, what, part, held)
        held.wait()

    def _send(self, key: str, what: str, part: Part, held: threading.Event) -> None:
        def pause(end: int) -> None:
            """Until the check is past ``end`` of the file; at the end of the part, until it has passed."""
            last = end == part.start + part.size
            if last:
                held.set()
            with self._changed:
                self._changed.wait_for(lambda: self._named is not None or (not last and self._is_behind(part, end)))
                if self._named is not None and key not in self._named:
                    raise NotSentError

        try:
            opened = partial(checked_content.opened, part, 0, pause)
            outgoing = Outgoing(what, part.sha256, part.size, CONTENT_TYPES["csv"], opened)
            self._shelf.send(key, outgoing, self._advance)
        finally:
            held.set()

    def _is_behind(self, part: Part, end: int) -> bool:
        return self._read.get(part.path, 0) >= end

    def _advance(self, size: int) -> None:
        with self._changed:
            self._moved += size


class NotSentError(Exception):
    """The check has not passed."""


@contextmanager
def sending(shelf: Shelf, plan: Plan) -> Iterator[Ahead]:
    """Sends what ``plan`` gives until the context is left; what was not finished then is aborted."""
    with ThreadPoolExecutor(_HELD + 1, "ahead") as pool:
        ahead = Ahead(shelf, pool)
        pool.submit(ahead.run, plan)
        try:
            ahead.planned.wait(_CHECKSUMS_FIRST_SECONDS)
            yield ahead
        finally:
            ahead.shut()
