"""A YAML file as plain values, with the line and column that each of them has in the file.

Only what an account map needs of YAML: mappings, sequences, text, numbers, booleans and null; anchors within bounds.
Tags, merge keys, several documents, duplicate keys and numbers that do not look like what they are read as are refused.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from xacct_ml.config.problem import Position, Problem, Step
from xacct_ml.errors import InputError

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 16
MAXIMUM_VALUES = 5_000
MAXIMUM_ALIASES = 100
MAXIMUM_TEXT = 4_096
"""Longer than any value of a map may be, and short enough to be shown in a message."""

Scalar = str | int | float | bool | None
Value = Scalar | dict[str, "Value"] | tuple["Value", ...]

_TAG = "tag:yaml.org,2002:"
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9]+([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 40
_UNREADABLE = re.compile(r"\\U(?!000|0010)[0-9A-Fa-f]{8}|^%YAML", re.MULTILINE)
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass
class Source:
    """A parsed file. Positions count from one; ``plain`` holds the text of every unquoted scalar."""

    value: Value = None
    values: dict[tuple[Step, ...], Position] = field(default_factory=dict)
    keys: dict[tuple[Step, ...], Position] = field(default_factory=dict)
    plain: dict[tuple[Step, ...], str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def position(self, problem: Problem) -> Position:
        """Where a problem lies; for something that is not in the file, the nearest thing around it that is."""
        if problem.position is not None:
            return problem.position
        places = (self.keys, self.values) if problem.at_key else (self.values, self.keys)
        for length in range(len(problem.path), -1, -1):
            path = problem.path[:length]
            for known in places:
                if path in known:
                    return known[path]
            places = (self.keys, self.values)
        return (1, 1)


def read(path: Path) -> Source:
    """Reads and parses a file. Raises :class:`InputError` where it cannot be read or is not YAML of the form above.

    Faults that leave the rest readable (a duplicate key, an odd number) are collected in ``problems`` instead."""
    text = _decode(path, _read_bytes(path))
    try:
        _check_events(path, yaml.parse(text, Loader=yaml.SafeLoader))
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line, column = _place(text, error.position)
        shown = f"U+{ord(text[error.position]):04X}"
        raise InputError(f"the character {shown} is not allowed", file=path, line=line, column=column) from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(path, text, error) from None
    except (ValueError, OverflowError):  # PyYAML's own conversions: \UFFFFFFFF, a version of thousands of digits
        found = _UNREADABLE.search(text)
        line, column = _place(text, found.start()) if found else (1, 1)
        message = "not YAML: no such character, or a number of too many digits"
        raise InputError(message, file=path, line=line, column=column) from None
    if root is None:
        raise InputError(_EMPTY, file=path)
    if not isinstance(root, yaml.MappingNode):
        empty = isinstance(root, yaml.ScalarNode) and root.tag == f"{_TAG}null"
        message = _EMPTY if empty else f"the account map must be a mapping (key: value), not {_kind(root)}"
        raise _refused(path, message, root)
    return _Reading(path).read(root)


_EMPTY = "the file is empty; xacct-ml init --example writes one with every field"


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        step = "xacct-ml init writes one"
        raise InputError("there is no such file", file=path, next_step=step) from None
    except IsADirectoryError:
        step = "give --config FILE, such as --config config.yaml"
        raise InputError("this is a directory; name the account map's file", file=path, next_step=step) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"cannot be read: {reason}", file=path) from None
    if len(data) > MAXIMUM_BYTES:
        raise InputError(f"larger than {MAXIMUM_BYTES // 1024:,} KiB: this is not an account map", file=path)
    return data


def _decode(path: Path, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("the file is UTF-16; save it as UTF-8", file=path)
    if b"\0" in data:
        raise InputError("this is a binary file, not an account map in YAML", file=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        line, column = _place(before, len(before))
        shown = f"0x{data[error.start]:02X}"
        raise InputError(f"the byte {shown} is not UTF-8", file=path, line=line, column=column) from None


def _place(text: str, offset: int) -> Position:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _syntax_error(path: Path, text: str, error: yaml.MarkedYAMLError) -> InputError:
    unfinished = error.context == "while scanning a simple key" and error.context_mark is not None
    mark = error.context_mark if unfinished else error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines) - 1)]
    if "\t" in shown[: column + 1]:
        message, column = "a tab; YAML is indented with spaces", shown.index("\t")
    elif unfinished:
        message = f"{_short(shown)!r} is no `key: value`; is there no colon, or no space behind it?"
    else:
        message = f"not YAML: {' '.join(filter(None, (error.context, error.problem)))}"
    return InputError(message, file=path, line=line + 1, column=column + 1)


def _short(line: str) -> str:
    return line.strip()[:60]


def _check_events(path: Path, events: Iterator[yaml.Event]) -> None:
    """Bounds what composing would cost, from the parser's events: it recurses over depth and expands no alias."""
    depth = values = aliases = documents = 0
    for event in events:
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        values += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        tag = getattr(event, "tag", None)
        if values > MAXIMUM_VALUES:
            reason = f"more than {MAXIMUM_VALUES:,} values: this is not an account map"
        elif tag is not None:
            reason = f"the YAML tag {tag.replace(_TAG, '!!')[:60]} is not allowed; write the plain value"
        elif isinstance(event, yaml.ScalarEvent) and len(event.value) > MAXIMUM_TEXT:
            reason = f"a value of {len(event.value):,} characters; allowed: up to {MAXIMUM_TEXT:,}"
        elif depth > MAXIMUM_DEPTH:
            reason = f"nested deeper than {MAXIMUM_DEPTH} levels"
        elif aliases > MAXIMUM_ALIASES:
            reason = f"more than {MAXIMUM_ALIASES} aliases"
        elif documents > 1:
            reason = "a second document begins here; an account map is one document"
        else:
            continue
        raise _refused(path, reason, event)


def _position(mark: Any) -> Position:
    return mark.line + 1, mark.column + 1


def _refused(path: Path, reason: str, what: yaml.Node | yaml.Event) -> InputError:
    line, column = _position(what.start_mark) if what.start_mark else (None, None)
    return InputError(reason, file=path, line=line, column=column)


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, yaml.SequenceNode) else "a single value"


class _Reading:
    """One walk over the composed nodes. Every visit counts, so that nested aliases cannot expand without bound."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._source = Source()
        self._visits = 0
        self._open: list[yaml.Node] = []
        self._constructor = yaml.constructor.SafeConstructor()

    def read(self, root: yaml.Node) -> Source:
        self._source.value = self._value(root, ())
        return self._source

    def _value(self, node: yaml.Node, path: tuple[Step, ...]) -> Value:
        self._source.values[path] = _position(node.start_mark)
        self._visits += 1
        if self._visits > MAXIMUM_VALUES:
            raise _refused(self._path, f"more than {MAXIMUM_VALUES:,} values once its aliases are expanded", node)
        if any(node is ancestor for ancestor in self._open):
            raise _refused(self._path, "an alias that contains itself", node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._open.append(node)
        try:
            if isinstance(node, yaml.SequenceNode):
                return tuple(self._value(item, (*path, index)) for index, item in enumerate(node.value))
            return self._mapping(node, path)
        finally:
            self._open.pop()

    def _mapping(self, node: yaml.Node, path: tuple[Step, ...]) -> dict[str, Value]:
        mapping: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else _kind(key_node)
            here = (*path, key)
            first = self._source.keys.get(here)
            position = _position(key_node.start_mark)
            if first is not None and key in mapping:
                twice = f"{key!r} is given twice, first in line {first[0]}"
                self._source.problems.append(Problem(here, twice, position=position))
                continue
            self._source.keys[here] = position
            if reason := self._key_fault(key_node):
                self._source.problems.append(Problem(here, reason, at_key=True))
                continue
            mapping[key] = self._value(value_node, here)
        return mapping

    def _key_fault(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            return f"a key must be text, not {_kind(node)}"
        if node.tag == f"{_TAG}merge":
            return "merge keys (<<) are not supported; write the values out"
        if node.tag != f"{_TAG}str":
            return f"YAML does not read the key {node.value!r} as text; quote it"
        return _invisible(node.value, "the key")

    def _scalar(self, node: yaml.ScalarNode, path: tuple[Step, ...]) -> Scalar:
        if node.style is None:
            self._source.plain[path] = node.value
        tag = node.tag.removeprefix(_TAG)
        if tag in ("int", "float"):
            return self._number(node, path)
        if tag == "bool":
            return bool(self._constructor.construct_yaml_bool(node))
        if tag == "null":
            return None
        reason = _invisible(node.value, "the value")
        if reason:
            self._source.problems.append(Problem(path, reason))
        return str(node.value)

    def _number(self, node: yaml.ScalarNode, path: tuple[Step, ...]) -> Scalar:
        text = str(node.value)
        if len(text) > _LONGEST_NUMBER:
            self._source.problems.append(Problem(path, "a number with too many digits; quote it if it is text"))
            return text
        is_int = node.tag == f"{_TAG}int"
        construct = self._constructor.construct_yaml_int if is_int else self._constructor.construct_yaml_float
        try:
            number: int | float = construct(node)
        except ValueError:
            self._source.problems.append(Problem(path, f"YAML takes {text} for a number, but it is none; quote it"))
            return text
        if math.isfinite(number) and not _PLAIN_NUMBER.fullmatch(text):
            reason = f"YAML reads {text} as the number {number}; quote it ('{text}') or write the number plainly"
            self._source.problems.append(Problem(path, reason))
        return number


def _invisible(text: str, what: str) -> str | None:
    for character in text:
        if unicodedata.category(character) in _INVISIBLE:
            return f"{what} holds the invisible character U+{ord(character):04X}"
    return None
