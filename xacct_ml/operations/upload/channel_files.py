"""The files of a channel, wherever they are: read into one content, and once more for the upload."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar, cast

from xacct_ml.dataset.content import Content, joined
from xacct_ml.dataset.parquet import MAGIC, Columns
from xacct_ml.dataset.reading import conclude, read_part
from xacct_ml.engine.progress import Advance, Reporter
from xacct_ml.errors import InputError
from xacct_ml.operations.upload import checked_content, tables
from xacct_ml.operations.upload.checked_content import Part
from xacct_ml.operations.upload.data_check import HOLDOUT, CheckedFile, Piece, ReadFile, fingerprint, read_file
from xacct_ml.operations.upload.data_files import Found, Given, Place, S3Object, S3Prefix, Theirs, find
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
        if self.found.places == (self.given,) and isinstance(one, Path) and not tables.begins_so(one):
            return read_file(self.name, one, advance)
        pieces, contents, columns = [], [], []
        for place in self.found.places:
            piece, content, names = self._piece(place, advance)
            pieces.append(piece)
            contents.append(content)
            columns.append(names)
        _require_alike(pieces, columns)
        digests = sorted(each.sha256 for each in pieces)
        whole = joined(contents)
        whole.sha256 = digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
        conclude(whole, constants=self.name == "train")
        size = sum(each.size for each in pieces)
        form, header = ("csv", ()) if columns[0] is None else ("parquet", columns[0].names)
        return ReadFile(self.name, Path(str(self.given)), size, (), whole, tuple(pieces), form, header)

    def _piece(self, place: Place, advance: Advance) -> tuple[Piece, Content, Columns | None]:
        """With the columns of Parquet."""
        if isinstance(place, S3Object):
            with self.theirs().opened(place) as (stored, stream):
                if stream.peek(len(MAGIC))[: len(MAGIC)] != MAGIC:
                    content = read_part(stream, advance)
                    return Piece(stored, content.sha256, place.size, content.rows), content, None
                with tables.downloaded(stream, advance) as (file, digest), tables.rows_of(file, str(place)) as found:
                    content = read_file(self.name, found.csv, alone=False).content
                    content.sha256 = digest
                    return Piece(stored, digest, place.size, content.rows), content, found.columns
        if not tables.begins_so(place):
            read = read_file(self.name, place, advance, alone=False)
            sha256 = read.content.sha256
            return Piece(place, sha256, read.size, read.content.rows, read.fingerprint), read.content, None
        status = place.stat()
        digest = tables.digest_of(place, advance)
        with tables.rows_of(place, str(place)) as found:
            content = read_file(self.name, found.csv, alone=False).content
        content.sha256 = digest
        piece = Piece(place, digest, status.st_size, content.rows, fingerprint(status))
        if fingerprint(place.stat()) != piece.fingerprint:
            raise InputError("the file was written to while it was being checked", file=place)
        return piece, content, found.columns


def _require_alike(pieces: Sequence[Piece], columns: Sequence[Columns | None]) -> None:
    """Raises :class:`InputError` where one file would be read otherwise than the first."""
    for piece, found in zip(pieces, columns, strict=True):
        first = columns[0]
        if found is None or first is None:
            if found is not first:
                raise InputError(f"is {_form(found)}, and {pieces[0].place} is {_form(first)}", file=str(piece.place))
        elif found != first:
            raise InputError(
                f"has other columns than {pieces[0].place}, or of other types: {_difference(found, first)}",
                file=str(piece.place),
            )


def _form(columns: Columns | None) -> str:
    return "CSV" if columns is None else "Parquet"


def _difference(one: Columns, first: Columns) -> str:
    if len(one.names) != len(first.names):
        return f"{len(one.names)}, not {len(first.names)}"
    pairs = zip(zip(one.names, one.types, strict=True), zip(first.names, first.types, strict=True), strict=True)
    place, (here, there) = next((place, pair) for place, pair in enumerate(pairs, start=1) if pair[0] != pair[1])
    return f"column {place} is {' '.join(here)}, not {' '.join(there)}"


def require_one_format(files: Mapping[str, ReadFile]) -> None:
    """Raises :class:`InputError` unless both channels are alike: the container reads the validation data as it reads
    the training data, and by the columns' places (algorithm_mode/train.py) [C]."""
    train = files["train"]
    for name, file in files.items():
        if name != HOLDOUT and file.format != train.format:
            words = {"csv": "CSV", "parquet": "Parquet"}
            told = f"is {words[file.format]}, and the training data {words[train.format]}: SageMaker's XGBoost reads"
            raise InputError(f"{told} both alike", file=file.name)
        if file.names and train.names and file.names != train.names:
            pairs = enumerate(zip_longest(file.names, train.names, fillvalue="nothing"), start=1)
            place, (here, there) = next((place, pair) for place, pair in pairs if pair[0] != pair[1])
            told = f"column {place} is {here}, and {there} in the training data: XGBoost goes by their places"
            raise InputError(told, file=file.name)


def parts(file: CheckedFile, count: int) -> list[Part | Piece]:
    """The objects that the file becomes: of one file so many, else one of each piece; of those in this machine's file
    system as parts."""
    if not file.pieces:
        return list(checked_content.parts(file, count))
    return [_part(each) if isinstance(each.place, Path) else each for each in file.pieces]


def named(names: Names, dataset: str, channel: str, found: Iterable[T], form: str = "csv") -> list[tuple[str, str, T]]:
    """Each part of a channel in CSV, or another ``form``, with the key of its object and what it is for a person."""
    parts = list(found)
    placed: dict[str, tuple[str, str, T]] = {}
    for place, part in enumerate(parts):
        what, key = channel, names.channel_key(dataset, channel)
        if len(parts) > 1 or form != "csv":
            what = f"{channel} {place + 1}/{len(parts)}" if len(parts) > 1 else channel
            key = names.part_key(dataset, channel, part.sha256, form)
        if key in placed:  # the same rows once more
            key = names.part_key(dataset, channel, part.sha256, f"{place}.{form}")
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
        for block in _blocks(piece, theirs, file.format):
            yield block
            last = block
        if last and not last.endswith(b"\n"):
            yield b"\n"


def _blocks(piece: Piece, theirs: Callable[[], Theirs], form: str) -> Iterator[bytes]:
    if form == "parquet":
        with (
            _local(piece, theirs) as file,
            tables.rows_of(file, str(piece.place)) as found,
            found.csv.open("rb") as content,
        ):
            yield from iter(lambda: content.read(_READ_AT_ONCE), b"")
        return
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


@contextmanager
def _local(piece: Piece, theirs: Callable[[], Theirs]) -> Iterator[Path]:
    """The piece as a file; within it, exactly what was checked."""
    if isinstance(piece.place, Path):
        if tables.digest_of(piece.place) != piece.sha256:
            raise InputError("the file was written to after it was checked; nothing was announced", file=piece.place)
        yield piece.place
        return
    with theirs().opened(piece.place) as (_, stream), tables.downloaded(stream) as (file, digest):
        if digest != piece.sha256:
            raise InputError("is not what was checked; nothing was announced", file=str(piece.place))
        yield file


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
