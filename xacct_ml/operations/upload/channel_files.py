"""The files of a channel, wherever they are: read into one content, and once more for the upload."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar, cast

from xacct_ml.dataset.content import joined
from xacct_ml.dataset.reading import conclude, read_part
from xacct_ml.engine.progress import Advance, Reporter
from xacct_ml.errors import InputError
from xacct_ml.operations.upload import checked_content
from xacct_ml.operations.upload.checked_content import Part
from xacct_ml.operations.upload.data_check import CheckedFile, Piece, ReadFile, fingerprint, read_file
from xacct_ml.operations.upload.data_files import Found, Given, S3Object, S3Prefix, Theirs, find
from xacct_ml.system.names import Names

T = TypeVar("T", bound=Part | Piece)
_SHOWN = 5
_READ_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Channel:
    """What was found of one, before it is read."""

    name: str
    given: Given
    found: Found
    theirs: Callable[[], Theirs]

    @classmethod
    def look(cls, name: str, given: Given, theirs: Callable[[], Theirs]) -> Channel:
        """Raises :class:`InputError` where there is nothing to read."""
        return cls(name, given, find(name, given, theirs), theirs)

    @property
    def size(self) -> int:
        """In bytes, as far as that is known before reading."""
        return sum(each.size if isinstance(each, S3Object) else _size(each) for each in self.found.places)

    def say(self, reporter: Reporter) -> None:
        """Which files are read, where a person named none of them."""
        if self.found.places == (self.given,):
            return
        names = [str(each).rpartition("/")[2] for each in self.found.places]
        some = ", ".join(names) if len(names) <= _SHOWN else f"{names[0]}, {names[1]}, … {names[-1]}"
        left = f"; left out: {', '.join(self.found.left_out[:_SHOWN])}" if self.found.left_out else ""
        reporter.line(f"{self.name}: {self.given}: {len(names)} file{'s' if names[1:] else ''} ({some}){left}")

    def read(self, advance: Advance) -> ReadFile:
        """All of them, to their ends. Raises :class:`InputError` for what cannot be read."""
        one = self.found.places[0]
        if self.found.places == (self.given,) and isinstance(one, Path):
            return read_file(self.name, one, advance)
        pieces, contents = [], []
        for place in self.found.places:
            if isinstance(place, S3Object):
                with self.theirs().opened(place) as (stored, stream):
                    content = read_part(stream, advance)
                pieces.append(Piece(stored, content.sha256, place.size, content.rows))
            else:
                read = read_file(self.name, place, advance, alone=False)
                content = read.content
                pieces.append(Piece(place, content.sha256, read.size, content.rows, read.fingerprint))
            contents.append(content)
        digests = sorted(each.sha256 for each in pieces)
        whole = joined(contents)
        whole.sha256 = digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
        conclude(whole, constants=self.name == "train")
        size = sum(each.size for each in pieces)
        return ReadFile(self.name, Path(str(self.given)), size, (), whole, tuple(pieces))


def parts(file: CheckedFile, count: int) -> list[Part | Piece]:
    """The objects that the file becomes: of one file so many, else one of each piece; of those in this machine's file
    system as parts."""
    if not file.pieces:
        return list(checked_content.parts(file, count))
    return [_part(each) if isinstance(each.place, Path) else each for each in file.pieces]


def named(names: Names, dataset: str, channel: str, found: Iterable[T]) -> list[tuple[str, str, T]]:
    """Each part of a channel with the key of its object, and what it is for a person."""
    parts = list(found)
    placed: dict[str, tuple[str, str, T]] = {}
    for place, part in enumerate(parts):
        what, key = channel, names.channel_key(dataset, channel)
        if len(parts) > 1:
            what, key = f"{channel} {place + 1}/{len(parts)}", names.part_key(dataset, channel, part.sha256)
        if key in placed:  # the same rows once more
            key = names.part_key(dataset, channel, part.sha256, f"{place}.csv")
        placed[key] = key, what, part
    return list(placed.values())


def _part(piece: Piece) -> Part:
    return Part(cast(Path, piece.place), 0, piece.size, piece.sha256, last=True)


def require_unchanged(file: CheckedFile, theirs: Callable[[], Theirs]) -> None:
    """Raises :class:`InputError` where the directory or prefix has other files than when it was read."""
    objects = [each.place for each in file.pieces if isinstance(each.place, S3Object)]
    if objects:
        named = S3Prefix.of(file.name)
        # A path has no slash at its end.
        below = all(each.key.startswith(f"{named.prefix}/") for each in objects)
        prefix = f"{named.prefix}/" if named.prefix and below else named.prefix
        return theirs().require_unchanged(S3Prefix(named.bucket, prefix), objects)
    if file.pieces:
        now = find(file.channel, file.path, theirs).places
        same = all(
            isinstance(each.place, Path) and fingerprint(each.place.stat()) == each.fingerprint for each in file.pieces
        )
        if now != tuple(each.place for each in file.pieces) or not same:
            raise InputError("has changed since it was checked; nothing was announced", file=file.name)
    return None


@contextmanager
def rows_of(file: CheckedFile, theirs: Callable[[], Theirs]) -> Iterator[Callable[[int], bytes]]:
    """All rows of the file, or of its pieces one behind the other, as a file's ``read``. That raises
    :class:`InputError`, at the end at the latest, where they are not what was checked."""
    if not file.pieces:
        with checked_content.opened(file, 0) as content:
            yield content.read
        return
    pieces = _all(file, theirs)
    yield lambda _: next(pieces, b"")


def _all(file: CheckedFile, theirs: Callable[[], Theirs]) -> Iterator[bytes]:
    for piece in file.pieces:
        last = b""
        for block in _blocks(piece, theirs):
            yield block
            last = block
        if not last.endswith(b"\n"):
            yield b"\n"


def _blocks(piece: Piece, theirs: Callable[[], Theirs]) -> Iterator[bytes]:
    if isinstance(piece.place, Path):
        with checked_content.opened(_part(piece), 0) as content:
            yield from iter(lambda: content.read(_READ_AT_ONCE), b"")
        return
    digest = sha256()
    with theirs().opened(piece.place) as (_, content):
        for block in iter(lambda: content.read(_READ_AT_ONCE), b""):
            digest.update(block)
            yield block
    if digest.hexdigest() != piece.sha256:
        raise InputError("is not what was checked; nothing was announced", file=str(piece.place))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
