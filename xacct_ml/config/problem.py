"""One thing wrong with the account map, and the few words that every check shares."""

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

Step = str | int
Path = tuple[Step, ...]
Position = tuple[int, int]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the map: where in the map, and why.

    ``at_key`` blames the key rather than its value; ``position`` (line, column) is set where the path alone does not
    tell the place."""

    path: Path
    reason: str
    at_key: bool = False
    position: Position | None = None


def dotted(path: Path) -> str:
    """A path as the user knows it, such as ``accounts.production.0.id``."""
    return ".".join(str(step) for step in path)


def at(path: Path, fault: str | None) -> Iterator[Problem]:
    """The problem of a rule's fault at a path; nothing where there is none."""
    if fault:
        yield Problem(path, f"{dotted(path)}: {fault}")


def did_you_mean(given: str, known: Collection[str]) -> str | None:
    """The known spelling that is closest to a misspelt one, or None where none is close.

    Swapped letters are the likeliest mistake, so that among close ones the one of the same letters wins; the beginning
    of a single one is that one."""
    begun = [name for name in known if len(given) > 2 and name.startswith(given.lower())]
    if len(begun) == 1:
        return begun[0]
    close = difflib.get_close_matches(given.lower(), list(known), n=5, cutoff=0.6)
    same_letters = [name for name in close if sorted(name) == sorted(given.lower())]
    return next(iter([*same_letters, *close]), None)


def suggestion(given: str, known: Collection[str]) -> str:
    """What follows "unknown x": a suggestion, or just the semicolon before what is allowed."""
    meant = did_you_mean(given, known)
    return f"; did you mean {meant!r}?" if meant else ";"
