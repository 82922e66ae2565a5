"""The fast reader beside the one that says what is wrong: both find the same, or the fast one finds nothing."""

import itertools
import math
import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.dataset.files import rows
from tests.dataset.test_reader_oracle import table
from xacct_ml.dataset import blocks
from xacct_ml.dataset.content import Content
from xacct_ml.dataset.fields import NotReadable, read
from xacct_ml.dataset.reading import ROW_LIMIT, conclude, read_part


def fast(path: Path) -> Content | None:
    return blocks.read_plain(path)


def slow(path: Path) -> Content:
    with path.open("rb") as file:
        return read_part(file)


def told(content: Content) -> tuple[object, ...]:
    """All that is asked of a content later."""
    conclude(content)
    last = None if content.last.seen is None else {value: seen.count for value, seen in content.last.seen.items()}
    return (
        content.sha256,
        (content.rows, content.columns, content.parts, content.first),
        (content.labels.seen, content.labels.ends, content.labels.counting, content.labels.rows),
        last,
        dict(sorted(content.missing.items())),
        content.constant,
        (content.sample.step, content.sample.hashes),
        (content.even.step, content.even.kept),
        content.wrong.faults(),
        content.doubtful.faults(),
    )


def same(path: Path, text: bytes) -> bool:
    """Whether the fast reader found anything, which is then what the other finds."""
    path.write_bytes(text)
    advanced: list[int] = []
    found = blocks.read_plain(path, advanced.append)
    if found is None:
        assert sum(advanced) == 0
        return False
    assert sum(advanced) == len(text)
    expected = slow(path)
    assert expected.wrong.faults() == [], text[:500]
    assert told(found) == told(expected)
    return True


def plain(choose: random.Random, count: int, columns: int) -> bytes:
    """A table of ordinary numbers, some missing, a column constant perhaps."""
    gaps, constant = choose.choice((0, 0.1)), choose.choice((None, columns - 1))
    end = choose.choice(("\n", "\r\n"))

    def value(column: int) -> str:
        if column == constant:
            return "7"
        if column and choose.random() < gaps:
            return choose.choice(("", "nan", "NaN"))
        kind = choose.randrange(5)
        if column == 0 or kind == 0:
            return str(choose.randrange(3))
        number = choose.gauss(0, 10 ** choose.randrange(-3, 6))
        return (repr(number), f"{number:.6f}", f"{number:.3e}", f" {number:g}")[kind - 1]

    lines = (",".join(value(column) for column in range(columns)) for _ in range(count))
    return end.join([*lines, ""]).encode()


def test_ordinary_tables(tmp_path: Path) -> None:
    """Are all read, and as the other reader does."""
    for seed in range(20):
        choose = random.Random(seed)
        text = plain(choose, choose.randint(1, 60), choose.randint(2, 6))
        assert same(tmp_path / "data", text), text


@pytest.mark.long
def test_a_table_of_several_blocks(tmp_path: Path) -> None:
    """Rows that are cut by the end of a block, many different labels, and more rows than are kept."""
    choose = random.Random(1)
    lines = [f"{choose.random():.4f},{place},{place % 7},{choose.random()!r},5" for place in range(70_000)]
    assert same(tmp_path / "data", rows(*lines))
    assert same(tmp_path / "data", rows(*lines)[:-1])
    found = fast(tmp_path / "data")
    assert found is not None
    assert (found.even.step, found.labels.seen) == (2, None)


ODD = (
    *(
        b"x",
        b"+-1",
        b"",
        b" ",
        b"1e39",
        b"1e-45",
        b"12345678901234567890",
        b"nan",
        b"-nan",
        b"inf",
        b'"1"',
        b"1_0",
        b"#",
    ),
    *(
        b"1e400",
        b"1 2",
        b"\t1",
        b"\x00",
        b"5e",
        b".",
        b"0x1",
        b"true",
        b"\r",
        b"\xff",
        b"1,2",
        b"3\n",
        b"\n",
        b"0.1e39",
    ),
)


def spoilt(text: bytes, choose: random.Random) -> bytes:
    """The same with something at one place that is rarely right."""
    lines = text.split(b"\n")
    row = choose.randrange(len(lines))
    fields = lines[row].split(b",")
    odd = choose.choice(ODD)
    fields[choose.randrange(len(fields))] = odd
    lines[row] = b",".join(fields)
    return b"\n".join(lines)


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 5000), marks=pytest.mark.long)], ids=len)
def test_tables_with_a_fault(tmp_path: Path, seeds: range) -> None:
    """What the other reader refuses, the fast one never accepts."""
    for seed in seeds:
        choose = random.Random(seed)
        same(tmp_path / "data", spoilt(plain(choose, choose.randint(1, 20), choose.randint(2, 5)), choose))
        same(tmp_path / "data", table(choose))


@given(
    cells=st.lists(st.lists(st.sampled_from(["", "0", "1.5", " ", "2", "nan", "x"]), max_size=4), max_size=5),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.booleans(),
)
@example(cells=[["1", "2"], ["1", "2", ""]], end="\n", last=True)
@example(cells=[["1", "2", ""], ["1", "2"]], end="\n", last=True)
@example(cells=[["1", "2"], ["1", "2", "nan"]], end="\n", last=True)
@example(cells=[["1", "2"], [], ["1", "2"]], end="\n", last=True)
def test_ragged_tables(tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]], end: str, last: bool) -> None:
    """Rows of different widths, and lines with nothing in them."""
    text = end.join(",".join(row) for row in cells) + (end if last else "")
    same(tmp_path_factory.getbasetemp() / "ragged", text.encode())


def test_every_short_field(tmp_path: Path) -> None:
    """Of what DuckDB takes for a number, the other reader refuses what the screen holds back, and nothing else."""
    fields = ["".join(letters) for size in range(6) for letters in itertools.product("05.-+e ", repeat=size)]
    path = tmp_path / "data"
    path.write_text("".join(f"{place},{field},1\n" for place, field in enumerate(fields)))
    reader = blocks._READER.format(missing="'nan'").replace("ignore_errors=false", "ignore_errors=true")
    columns = "columns={'place': 'BIGINT', 'field': 'DOUBLE', 'last': 'DOUBLE'}"
    accepted = duckdb.execute(f"SELECT place, field FROM read_csv(?, {columns}, {reader})", [str(path)]).fetchall()
    assert len(accepted) > 1000
    for place, number in accepted:
        try:
            value = read(fields[place].encode())
        except NotReadable:
            assert not screened(fields[place])
            continue
        assert (number is None and math.isnan(value)) or number == value, fields[place]


def screened(field: str) -> bool:
    """Whether the fast reader's screen lets a field pass."""
    try:
        blocks._Screen(Content())._screen(f"0,{field}\n".encode())
    except blocks._NotPlain:
        return False
    return True


def test_an_exponent_behind_the_first_block(tmp_path: Path) -> None:
    """Does not let too many digits in front of it pass."""
    lines = [f"{place % 2},{place}.123456789" for place in range(90_000)]
    assert same(tmp_path / "data", rows(*lines, "0,1e15"))
    assert same(tmp_path / "data", rows("0,1.5E-7,2", "0,12345678901234567.12345678901234567890123456e-20,3"))
    assert not same(tmp_path / "data", rows("0,1,2", "0,12345678901234567890.5e-20,3"))
    assert not same(tmp_path / "data", rows("0,1,2", "0,0." + "1" * 80 + "e2,3"))
    assert not same(tmp_path / "data", rows("0,4895369305803350482538.5", *lines, "0,1e25"))
    assert not same(tmp_path / "data", b"0,4895369305803350482538\n0,1e25")


@pytest.mark.parametrize("more", [",", ",,", ",nan", ",NaN,", ",5"])
@pytest.mark.parametrize("end", ["\n", pytest.param("\r\n", marks=pytest.mark.long)])
def test_columns_behind_the_last(tmp_path: Path, more: str, end: str) -> None:
    """Are seen wherever they are, also those without a value, which DuckDB takes for nothing."""
    lines = [f"{place % 2},{place}.123456789,0.1234567" for place in range(30_000)]
    for row in (0, 20_000, len(lines) - 1):
        for last in (end, ""):
            text = end.join([*lines[:row], lines[row] + more, *lines[row + 1 :]]) + last
            assert not same(tmp_path / "data", text.encode())


def test_what_is_left_to_the_other_reader(tmp_path: Path) -> None:
    """Files of one long row, of too many columns, and paths that DuckDB would take for patterns."""
    good = rows("0,1", "1,2")
    assert same(tmp_path / "a=1", good)
    assert not same(tmp_path / "data[1].csv", good)
    assert not same(tmp_path / "wide", rows(",".join(["1"] * (blocks.COLUMNS_LIMIT + 1))))
    assert not same(tmp_path / "long", b"0," + b"1" * ROW_LIMIT)
    assert not same(tmp_path / "empty", b"")
    assert same(tmp_path / 'it\'s "data".gz', good)
