"""A file cut into parts at the ends of rows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xacct_ml.dataset.parts import cuts


def parts(directory: Path, content: bytes, count: int) -> list[bytes]:
    file = directory / "train.csv"
    file.write_bytes(content)
    return [content[start:end] for start, end in cuts(file, count)]


def test_parts_are_of_whole_rows_and_about_equal(tmp_path: Path) -> None:
    """Nothing is lost, and none is much longer."""
    rows = [f"{row % 2},{row},{row * row}\n".encode() for row in range(1000)]
    found = parts(tmp_path, b"".join(rows), 3)
    assert b"".join(found) == b"".join(rows)
    assert all(part.endswith(b"\n") for part in found)
    assert max(map(len, found)) - min(map(len, found)) < 50


def test_one_part_is_the_file(tmp_path: Path) -> None:
    """One instance needs no other."""
    assert parts(tmp_path, b"1,2\n3,4\n", 1) == [b"1,2\n3,4\n"]


@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=12), count=st.integers(1, 12), ended=st.booleans())
def test_as_many_parts_as_there_are_rows(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], count: int, ended: bool
) -> None:
    """However long each row is, with a line end at the end or without: and never a part without a row."""
    content = b"\n".join(b"1" * length for length in lengths) + (b"\n" if ended else b"")
    if count > len(lengths):
        with pytest.raises(ValueError, match=f"cannot be cut into {count} parts"):
            parts(tmp_path_factory.mktemp("rows"), content, count)
        return
    found = parts(tmp_path_factory.mktemp("rows"), content, count)
    assert b"".join(found) == content
    assert len(found) == count
    assert all(part.strip() for part in found)
    assert all(part.endswith(b"\n") for part in found[:-1])
