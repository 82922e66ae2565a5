"""Files that are no account map at all, and YAML that is refused: each with its place and reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.maps import MINIMAL, changed, refusal
from xacct_ml.config.yaml_source import MAXIMUM_BYTES
from xacct_ml.errors import InputError
from xacct_ml.validation import load

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)

REFUSED: dict[str, tuple[str | bytes, tuple[int, int] | None, str]] = {
    "empty": ("", None, "the file is empty"),
    "only comments": ("# nothing\n\n", None, "the file is empty"),
    "only null": ("---\n~\n", (2, 1), "the file is empty"),
    "binary": (b"\x7fELF\x00\x01", None, "binary file"),
    "UTF-16": (MINIMAL.encode("utf-16"), None, "UTF-16"),
    "invalid UTF-8": (b"project: churn\nregion: \xff\xfa\n", (2, 9), "0xFF is not UTF-8"),
    "control character": ("project: churn\nregion: us\x07east\n", (2, 11), "U+0007"),
    "escaped control character": (changed("churn", '"ch\\x1burn"'), (1, 10), "invisible character U+001B"),
    "invisible character": (changed("churn", "ch\u200burn"), (1, 10), "invisible character U+200B"),
    "line break in a value": (changed("churn", '"ch\\nurn"'), (1, 10), "invisible character U+000A"),
    "huge": (b"# " + b"x" * MAXIMUM_BYTES, None, "larger than 1,024 KiB"),
    "too many values": ("a: [" + "1," * 20_000 + "]\n", (1, 9_999), "more than 5,000 values"),
    "a list": ("- project: churn\n", (1, 1), "must be a mapping (key: value), not a list"),
    "a word": ("churn\n", (1, 1), "must be a mapping (key: value), not a single value"),
    "tab": (changed("  shared:", "\tshared:"), (4, 1), "a tab; YAML is indented with spaces"),
    "tab after spaces": (changed("    id:", "  \tid:"), (5, 3), "a tab; YAML is indented with spaces"),
    "unclosed quote": (changed('"111111111111"', '"111111111111'), (7, 10), "not YAML"),
    "bad indentation": (changed("  training:\n    id", "  training:\n id"), (7, 2), "not YAML"),
    "duplicate key": (MINIMAL + "region: eu-west-1\n", (15, 1), "'region' is given twice, first in line 2"),
    "duplicate inner key": (
        changed("    id: ", '    id: "111111111111"\n    id: '),
        (6, 5),
        "'id' is given twice, first in line 5",
    ),
    "Python tag": (changed("churn", "!!python/object/apply:os.system [id]"), (1, 10), "tag !!python/object/apply"),
    "custom tag": (changed("churn", "!Ref churn"), (1, 10), "the YAML tag !Ref is not allowed"),
    "standard tag": (changed("churn", "!!str churn"), (1, 10), "the YAML tag !!str is not allowed"),
    "merge key": (changed("  shared:\n", "  shared:\n    <<: {profile: a}\n"), (5, 5), "merge keys (<<)"),
    "second document": (MINIMAL + "---\n" + MINIMAL, (15, 1), "a second document"),
    "alias bomb": (BOMB, (1, 32), "once its aliases are expanded"),
    "alias in itself": ("project: &a [*a]\n", (1, 10), "an alias that contains itself"),
    "undefined alias": ("project: *nowhere\n", (1, 10), "undefined alias"),
    "many aliases": ("a: &a 1\nb: [" + "*a, " * 101 + "]\n", (2, 405), "more than 100 aliases"),
    "deep nesting": ("a: " + "[" * 5_000, (1, 19), "nested deeper than 16 levels"),
    "boolean key": (MINIMAL + "on: push\n", (15, 1), "does not read the key 'on' as text; quote it"),
    "number key": (MINIMAL + "tags:\n  1: x\n", (16, 3), "does not read the key '1' as text; quote it"),
    "list as key": (MINIMAL + "? [a]\n: b\n", (15, 3), "a key must be text, not a list"),
    "hexadecimal": (changed("num_round: 10", "num_round: 0x10"), (12, 16), "YAML reads 0x10 as the number 16"),
    "octal": (changed("num_round: 10", "num_round: 010"), (12, 16), "YAML reads 010 as the number 8"),
    "sexagesimal": (changed("num_round: 10", "num_round: 1:30"), (12, 16), "YAML reads 1:30 as the number 90"),
    "no digits": (changed("num_round: 10", "num_round: 0x_"), (12, 16), "takes 0x_ for a number, but it is none"),
    "endless number": (changed("num_round: 10", "num_round: 1" + "0" * 4_090), (12, 16), "too many digits"),
    "endless text": (changed("churn", "x" * 5_000), (1, 10), "a value of 5,000 characters; allowed: up to 4,096"),
}


@pytest.mark.parametrize(("content", "place", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(tmp_path: Path, content: str | bytes, place: tuple[int, int] | None, reason: str) -> None:
    """Every such file is refused with its place and the reason, in one line."""
    error = refusal(tmp_path, content)
    assert reason in error.reason
    assert "\n" not in error.message
    if place is None:
        assert error.message.startswith(f"{tmp_path / 'config.yaml'}: ")
    else:
        assert error.message.startswith(f"{tmp_path / 'config.yaml'}:{place[0]}:{place[1]}: ")


def test_directory(tmp_path: Path) -> None:
    """A directory is named as one."""
    with pytest.raises(InputError, match="this is a directory"):
        load(tmp_path)


def test_missing(tmp_path: Path) -> None:
    """A missing file comes with the next step."""
    with pytest.raises(InputError, match="there is no such file") as caught:
        load(tmp_path / "nowhere.yaml")
    assert "xacct-ml init" in (caught.value.next_step or "")


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b"])
def test_impossible_path(name: str) -> None:
    """A path that no file can have is an input error, too."""
    with pytest.raises(InputError, match="cannot be read"):
        load(Path(name))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable(tmp_path: Path) -> None:
    """A file without read permission is named with the system's reason."""
    path = tmp_path / "config.yaml"
    path.write_text(MINIMAL)
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied"):
        load(path)


PIECES = (
    "*a",
    "&a ",
    "!!x ",
    "- ",
    "? ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\t",
    "\n",
    "  ",
    '"',
    "|",
    "0",
    "~",
    "<<: ",
    "---\n",
)


@given(st.lists(st.tuples(st.integers(0, len(MINIMAL)), st.sampled_from(PIECES)), min_size=1, max_size=4))
def test_damaged_maps(tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, str]]) -> None:
    """Whatever is put anywhere into a map: it is read, or refused in one line."""
    content = MINIMAL
    for place, piece in damage:
        content = content[:place] + piece + content[place:]
    path = tmp_path_factory.mktemp("damaged") / "config.yaml"
    path.write_text(content)
    told: tuple[str, ...] = ()
    try:
        load(path)
    except InputError as error:
        told = (error.message, *error.details)
    assert "\n" not in "".join(told)


@pytest.mark.parametrize(
    ("content", "line"),
    [('a: 1\nb: "\\UFFFFFFFF"\n', 2), ('a: "\\U00110000"\n', 1), (f"%YAML {'9' * 5000}.1\n---\na: 1\n", 1)],
)
def test_what_the_yaml_reader_itself_cannot_convert(tmp_path: Path, content: str, line: int) -> None:
    """A character that Unicode does not have, and a number of too many digits."""
    path = tmp_path / "config.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match="not YAML: no such character") as caught:
        load(path)
    assert caught.value.line == line


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    """A file as Windows editors save it is read like any other."""
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load(path).project == "churn"


def test_anchors_within_bounds(tmp_path: Path) -> None:
    """A plain alias is expanded."""
    path = tmp_path / "config.yaml"
    path.write_text(MINIMAL + "tags: {team: &team ml, owner: *team}\n")
    assert load(path).tags == {"team": "ml", "owner": "ml"}
