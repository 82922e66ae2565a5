"""Findings, and the list of those that are accepted.

A finding beyond the list fails, and so does a part of the list that no finding needs any more: the list cannot rot."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FIELDS = {"tool", "finding", "places", "about", "because"}


class ListError(ValueError):
    """The list of accepted findings is not what :func:`load` reads."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one linter says about one statement.

    ``id`` is the linter's own name for it; ``place`` is ``document#statement``, or ``document`` where no single
    statement is meant; ``about`` names the actions and condition keys that it is about. The message does not tell two
    findings apart: it may name accounts, and the same finding comes from several maps."""

    tool: str
    id: str
    place: str
    about: frozenset[str]
    message: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.tool}: {self.place}: {self.id}: {self.message}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Findings that stay, and why.

    ``places`` and ``about`` hold patterns (``*`` is any text). A finding is meant if one of ``places`` fits and if
    each thing that it is about is in ``about``; an empty ``about`` means anything."""

    tool: str
    id: str
    places: tuple[str, ...]
    about: tuple[str, ...]
    because: str

    def means(self, finding: Finding) -> bool:
        return (
            (finding.tool, finding.id) == (self.tool, self.id)
            and any(fnmatchcase(finding.place, place) for place in self.places)
            and (not self.about or all(any(fnmatchcase(each, it) for it in self.about) for each in finding.about))
        )

    def unneeded(self, findings: Iterable[Finding]) -> Iterator[str]:
        """One line for each place and each thing that none of the findings meant by this entry needs."""
        meant = [finding for finding in findings if self.means(finding)]
        for place in self.places:
            if not any(fnmatchcase(finding.place, place) for finding in meant):
                yield f"{self.tool}: {place}: {self.id}: accepted, but not found"
        for it in self.about:
            if meant and not any(fnmatchcase(each, it) for finding in meant for each in finding.about):
                yield f"{self.tool}: {self.id}: accepted for {it}, but not found for it"


def beyond(findings: Iterable[Finding], accepted: Sequence[Accepted]) -> list[Finding]:
    """The findings that no entry means."""
    return [finding for finding in findings if not any(entry.means(finding) for entry in accepted)]


def load(path: Path) -> tuple[Accepted, ...]:
    """The list in its file. Raises :class:`ListError` for unknown or missing fields and for a missing reason."""
    try:
        return tuple(_entry(raw) for raw in tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", ()))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ListError(f"{path.name}: {error}") from None


def _entry(raw: dict[str, Any]) -> Accepted:
    told = f"accepted entry {raw.get('tool')}: {raw.get('finding')}"
    if wrong := sorted(set(raw) - FIELDS) or sorted(FIELDS - {"about"} - set(raw)):
        raise ListError(f"{told}: unknown or missing: {', '.join(wrong)}")
    if not raw["places"] or not raw["because"].strip():
        raise ListError(f"{told}: needs a place and a reason")
    return Accepted(
        raw["tool"], raw["finding"], tuple(raw["places"]), tuple(raw.get("about", ())), " ".join(raw["because"].split())
    )
