"""A folder of files that is there whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xacct_ml.errors import InputError


class Folder:
    """Files beside the folder's place, under a name that nobody takes for it; ``digests`` are their SHA-256 by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}

    def write(self, name: str, content: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
        self.digests[name] = hashlib.sha256(content).hexdigest()


@contextmanager
def whole(place: Path) -> Iterator[Folder]:
    """The folder gets its name when all of it is written: what was cut short lies beside it as ``.NAME.partial-…``.

    Raises :class:`InputError` where there is something already, or it cannot be written."""
    try:
        if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
            raise InputError(
                f"{place} is there already and not empty", next_step="give --out a new folder: nothing is overwritten"
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{place.name}.partial-", dir=place.parent))
        try:
            yield Folder(partial)
            partial.chmod(0o755)
            if place.exists():
                place.rmdir()
            partial.rename(place)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(f"{place} cannot be written: {error.strerror or error}") from None
