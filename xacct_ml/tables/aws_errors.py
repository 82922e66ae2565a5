"""Kinds of AWS's errors, by code, message and call, with what to do. Facts and sources: ``data/aws_errors.toml``."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FACTS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("aws_errors.toml").read_text("utf-8")
)


def codes(words: str) -> frozenset[str]:
    """AWS's error codes, from a list separated by blanks."""
    return frozenset(words.split())


GROUPS: Mapping[str, frozenset[str]] = {name: codes(words) for name, words in _FACTS["codes"].items()}
"""Codes that several rows or modules mean by one name."""

_WHO = re.compile(r"[Uu]ser: (?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)")
_RESOURCE = re.compile(r"on resource: \"?(?P<resource>[^\s\"]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """``examples`` are code, message and call of public texts; ``source`` says where they are from."""

    kind: str
    next: str
    codes: frozenset[str]
    like: re.Pattern[str]
    calls: re.Pattern[str]
    says: re.Pattern[str]
    examples: tuple[tuple[str, str, str], ...]
    source: str

    def read(self, code: str, message: str, call: str) -> Mapping[str, str] | None:
        """What the message names for ``next``; None where the error is of another kind."""
        other = self.codes and code not in self.codes
        if other or not self.like.fullmatch(code) or not self.calls.match(call):
            return None
        found = self.says.search(message)
        return None if found is None else {key: text for key, text in found.groupdict().items() if text}


def _row(fact: Mapping[str, Any]) -> Row:
    words = fact.get("codes", "")
    return Row(
        fact["kind"],
        fact["next"],
        GROUPS.get(words, codes(words)),
        re.compile(fact.get("like", ".*")),
        re.compile(fact.get("calls", "")),
        re.compile(fact.get("says", ""), re.IGNORECASE),
        tuple((code, message, call) for code, message, call in fact["examples"]),
        fact["source"],
    )


ROWS: tuple[Row, ...] = tuple(_row(fact) for fact in _FACTS["error"])
"""The first that an error fits is its kind."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The kind of an error and what to do."""

    kind: str
    next_step: str


def advice(code: str, message: str, call: str, known: Mapping[str, str]) -> Advice | None:
    """For an error of AWS's; None where nothing is known. ``known`` has ``account``, ``region`` and ``login``; ``call``
    is ``service:Operation``."""
    text = " ".join(message.split())
    for row in ROWS:
        named = row.read(code, text, call)
        if named is not None:
            service = call.split(":", maxsplit=1)[0]
            words = {
                "call": call,
                "service": _FACTS["services"].get(service, service),
                "quota": _FACTS["quotas"].get(call, f"on {call}"),
                "who": "the map's principal",
                "action": call,
                "resource": "the resource",
                **known,
                **_named(text),
                **named,
            }
            return Advice(row.kind, row.next.format(**words))
    return None


def _named(text: str) -> Mapping[str, str]:
    """Who, what and on what, from AWS's sentence about a denial."""
    words: dict[str, str] = {}
    for pattern in (_WHO, _RESOURCE):
        if (found := pattern.search(text)) is not None:
            words |= {key: value.rstrip(".,;") for key, value in found.groupdict().items()}
    return words
