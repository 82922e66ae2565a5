"""A folder that is there whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from xacct_ml.errors import InputError
from xacct_ml.operations.audit_folder import whole


def test_it_is_there_when_all_of_it_is(tmp_path: Path) -> None:
    """Not before; then with every file, readable as other folders are."""
    place = tmp_path / "new" / "out"
    with whole(place) as folder:
        folder.write("a.json", b"{}")
        folder.write("deep/b.json", b"[]")
        assert not place.exists()
    assert sorted(str(path.relative_to(place)) for path in place.rglob("*")) == ["a.json", "deep", "deep/b.json"]
    assert folder.digests == {"a.json": sha256(b"{}").hexdigest(), "deep/b.json": sha256(b"[]").hexdigest()}
    assert place.stat().st_mode & 0o777 == 0o755
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """And one with a file, a file, or a link is not."""
    (tmp_path / "out").mkdir()
    with whole(tmp_path / "out") as folder:
        folder.write("a", b"")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for taken in ("out", "out/a", "link"):
        with pytest.raises(InputError, match="is there already and not empty"), whole(tmp_path / taken):
            raise AssertionError


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """Whatever it was."""
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "out") as folder:
        folder.write("a", bytes(1 // len(folder.digests)))
    assert list(tmp_path.iterdir()) == []


def test_no_place_to_write_is_said(tmp_path: Path) -> None:
    """With the folder's name."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="out cannot be written"), whole(tmp_path / "file" / "out"):
        raise AssertionError


def test_what_was_killed_does_not_look_whole(tmp_path: Path) -> None:
    """No folder of that name is there, and the next export makes it."""
    code = (
        "import os, signal, sys; from pathlib import Path; from xacct_ml.operations.audit_folder import whole\n"
        "with whole(Path(sys.argv[1])) as folder:\n"
        "    folder.write('a', b'1'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    place = tmp_path / "out"
    killed = subprocess.run([sys.executable, "-c", code, str(place)], check=False)
    assert killed.returncode == -signal.SIGKILL
    (partial,) = tmp_path.iterdir()
    assert partial.name.startswith(".out.partial-")
    with whole(place) as folder:
        folder.write("a", b"2")
    assert (place / "a").read_bytes() == b"2"
