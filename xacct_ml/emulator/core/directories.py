"""Directories with keys in them: one per embedded AWS, removed with it, or by the next one where it was killed."""

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "xacct-ml-emulator-"
_LOCK = "lock"


class OwnDirectory:
    """A directory of mode 0700, locked by this process for as long as it lives. The lock's file has content once it is
    locked: one without may be about to be."""

    def __init__(self, within: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=within))
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, b"locked by a living process\n")

    def cleanup(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep(within: Path | None = None) -> list[Path]:
    """Remove what killed ones have left: this user's, with a lock that was held and that nobody holds now."""
    swept = []
    for directory in (within or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _dead(directory):
                shutil.rmtree(directory)
                swept.append(directory)
    return swept


def _dead(directory: Path) -> bool:
    """:raises OSError: it is held, or no longer there"""
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return False
    lock = os.open(directory / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        held = os.fstat(lock)
        if not stat.S_ISREG(held.st_mode) or held.st_uid != os.geteuid() or held.st_size == 0:
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    finally:
        os.close(lock)
