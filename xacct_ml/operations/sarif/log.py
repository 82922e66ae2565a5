"""The SARIF log: one run, its rules, and a result for each finding.

The form is OASIS's "Static Analysis Results Interchange Format (SARIF) Version 2.1.0" [D]; that every result needs a
location, and what ``partialFingerprints`` and ``security-severity`` do, is GitHub's "SARIF support for code scanning"
[D]."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from xacct_ml import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "xacctMl/v1"


@dataclass(frozen=True, slots=True)
class Rule:
    """``severity``: of 10, as code scanning ranks security alerts; None for what is no security matter."""

    id: str
    short: str
    full: str
    severity: str | None = None


RULES = (
    Rule("map-invalid", "The map is not one that AWS would take", "A value of the map breaks a rule or a limit."),
    Rule("hop-denied", "A request of a run is denied", "The pipeline cannot do without it: a run ends here."),
    Rule("attack-allowed", "An attack is not denied", "A request that must be denied is not.", "9.0"),
    Rule(
        "request-unmeant", "More is allowed than a run needs", "A statement allows requests that no hop means.", "7.0"
    ),
    Rule("part-unneeded", "A part of a document is needed by nothing", "Whatever it allows, nothing asks for.", "3.0"),
    Rule("right-void", "AWS knows no such right", "The Service Authorization Reference says otherwise."),
    Rule("nothing-proven", "Nothing is proven of it", "What is deployed has no requests to be proven by."),
    Rule("missing", "It is in the map and not in the account", "A role or bucket of the map does not exist."),
    Rule("unreadable", "A policy could not be read", "What it allows is not known.", "5.0"),
    Rule(
        "document-widened", "A document may permit more than the map's", "It is not as the map would deploy it.", "7.0"
    ),
    Rule("principal-deleted", "A principal names nobody any more", "Its role or user was deleted."),
    Rule("neighbour-reaches", "Another project reaches this one", "Two maps in the same accounts.", "8.0"),
    Rule("not-in-map", "What the proof takes for granted", "The map cannot tell it, and the proof assumes it."),
)
_PLACES = {rule.id: place for place, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class Place:
    """``line`` and ``column`` count from one; ``file`` is relative to where the command runs, or absolute."""

    file: Path | str
    line: int = 1
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a rule. What it is about, in ``about``, stays the same from run to run."""

    rule: str
    text: str
    place: Place
    about: str
    note: bool = False


def log(found: Iterable[Found], automation: str) -> str:
    """The log's text. ``automation`` names what was looked at, so that two maps' results are kept apart."""
    driver = {"name": "xacct-ml", "semanticVersion": __version__, "rules": [_rule(rule) for rule in RULES]}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"xacct-ml/{automation}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    security = {} if rule.severity is None else {"security-severity": rule.severity}
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.short},
        "fullDescription": {"text": rule.full},
        "help": {"text": f"{rule.full} xacct-ml verify shows it whole."},
        "properties": {"tags": ["security", "aws-iam"] if security else ["aws-iam"], **security},
    }


def _result(found: Found) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": found.place.line}
    if found.place.column is not None:
        region["startColumn"] = found.place.column
    where = {"artifactLocation": {"uri": _uri(found.place.file)}, "region": region}
    digest = hashlib.sha256(f"{found.rule}\n{found.about}".encode()).hexdigest()
    return {
        "ruleId": found.rule,
        "ruleIndex": _PLACES[found.rule],
        "level": "note" if found.note else "error",
        "message": {"text": found.text},
        "locations": [{"physicalLocation": where}],
        "partialFingerprints": {FINGERPRINT: digest},
    }


def _uri(file: Path | str) -> str:
    path = Path(file).resolve()
    return quote(path.relative_to(Path.cwd()).as_posix()) if path.is_relative_to(Path.cwd()) else path.as_uri()
