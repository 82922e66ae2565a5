"""Who judges the evaluator, and what each of them can read."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from moto.iam import access_control

from tests.access.judges.cases import (
    ACCOUNT,
    ADDRESS,
    CALLER,
    DATE,
    EVERYBODY,
    FLAG,
    IDENTITIES,
    LESS,
    NULL,
    NUMBER,
    SEVERAL,
    TEXT,
    Case,
    Grammar,
)
from tests.access.naive_evaluator import is_allowed
from xacct_ml.access.model import PrincipalKind, ResourcePolicyKind

HERE = Path(__file__).parent
RECORD = HERE / "ministack.json"
ENVIRONMENTS = HERE.parent.parent.parent / ".venv-judges"


class Unusable(Exception):
    """A judge cannot judge these cases."""


@dataclass(frozen=True)
class Correction:
    """A point where a judge is known to be wrong: ``why`` names the documentation, and ``applied`` rewrites a case, as
    the judge reads it, so that the point does not matter. A disagreement is explained if the judge, corrected, agrees.
    """

    why: str
    applied: Callable[[Any], Any]


class Judge(Protocol):
    """Another evaluator."""

    name: str
    grammar: Grammar
    corrections: tuple[Correction, ...]

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:
        """Whether it allows each."""


class Naive:
    """Our own second evaluator: two-valued, uncompiled, written apart."""

    name = "naive"
    grammar = Grammar(EVERYBODY, (TEXT, LESS, FLAG, CALLER, NULL))
    corrections: tuple[Correction, ...] = ()

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:  # noqa: ARG002
        return [self._verdict(case) for case in cases]

    def _verdict(self, case: Case) -> bool:
        asked = case.request
        caller = {"kind": asked.principal.kind.value, "arn": asked.principal.arn, "account": asked.principal.account}
        if asked.principal.role_arn:
            caller["role"] = asked.principal.role_arn
        context = {key: value for key, value in asked.context.items() if isinstance(value, str)}
        return is_allowed(
            caller,
            asked.action,
            asked.resource,
            asked.resource_account,
            context,
            case.identity,
            case.boundary,
            case.session,
            case.resource,
        )


def _without_case(case: Case) -> Case:
    lower = [
        {**document, "Statement": [_changed(one, ("Action", "NotAction"), str.lower) for one in document["Statement"]]}
        for document in case.identity
    ]
    return replace(case, request=replace(case.request, action=case.request.action.lower()), identity=lower)


def _with_single_characters(case: Case) -> Case:
    """moto's patterns are regular expressions but for ``*``."""

    def written(pattern: str) -> str:
        return pattern.replace("?", ".")

    elements = ("Action", "NotAction", "Resource")
    identity = [
        {**document, "Statement": [_changed(one, elements, written) for one in document["Statement"]]}
        for document in case.identity
    ]
    return replace(case, identity=identity)


def _changed(statement: dict[str, Any], elements: tuple[str, ...], change: Callable[[str], str]) -> dict[str, Any]:
    changed = dict(statement)
    for name in elements:
        if name in statement:
            value = statement[name]
            changed[name] = change(value) if isinstance(value, str) else [change(one) for one in value]
    return changed


class Moto:
    """moto's evaluator (Apache-2.0) on identity policies. It knows neither conditions nor other policies, and ignores
    ``NotResource``."""

    name = "moto"
    grammar = Grammar(IDENTITIES[2:], (), identity_only=True, not_resource=False)
    corrections = (
        Correction("actions compare without case (IAM User Guide, reference_policies_elements_action)", _without_case),
        Correction(
            "? stands for one character (IAM User Guide, reference_policies_elements_resource)", _with_single_characters
        ),
    )

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:
        for correction in corrections:
            cases = [correction.applied(case) for case in cases]
        return [self._verdict(case) for case in cases]

    def _verdict(self, case: Case) -> bool:
        results = [
            access_control.IAMPolicy({"policy_document": json.dumps(document)}).is_action_permitted(
                case.request.action, case.request.resource
            )
            for document in case.identity
        ]
        denied = access_control.PermissionResult.DENIED in results
        return access_control.PermissionResult.PERMITTED in results and not denied


def _role_for_session(case: dict[str, Any]) -> dict[str, Any]:
    """``aws:PrincipalArn`` as a key of the request, with the role's ARN for a session."""
    names: dict[str, Any] = json.loads(json.dumps(case).replace('"aws:PrincipalArn"', '"k:caller"'))
    return {**names, "context": {**names["context"], "k:caller": case["role"] or case["principal"]}}


class Ministack:
    """ministack's evaluator (MIT), in an environment of its own: its dependencies do not agree with ours, and its
    evaluator needs none of them."""

    name = "ministack"
    grammar = Grammar(
        IDENTITIES,
        (TEXT, NUMBER, FLAG, DATE, ADDRESS, CALLER, ACCOUNT, SEVERAL, NULL),
        (ResourcePolicyKind.BUCKET, ResourcePolicyKind.BUCKET, ResourcePolicyKind.KEY),
    )
    corrections = (
        Correction(
            "aws:PrincipalArn of a session is the ARN of its role, not of the session (IAM User Guide, "
            "reference_policies_condition-keys)",
            _role_for_session,
        ),
    )
    requirement = "ministack==1.5.33"

    def __init__(self, python: Path) -> None:
        self._python = python

    @classmethod
    def installed(cls) -> Ministack:
        """With its environment, made if there is none for this version. Raises ``CalledProcessError``."""
        directory = ENVIRONMENTS / "ministack"
        python, stamp = directory / "bin" / "python", directory / "installed.txt"
        wanted = f"{sys.version}\n{cls.requirement}"
        if not stamp.exists() or stamp.read_text() != wanted:
            venv.create(directory, clear=True, with_pip=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, cls.requirement], check=True)
            stamp.write_text(wanted)
        return cls(python)

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:
        read = as_ministack_reads(cases, corrections)
        command = [str(self._python), "-I", str(HERE / "ministack_verdicts.py")]
        said = subprocess.run(command, input=read, capture_output=True, text=True, check=True).stdout.strip()
        return [sign == "+" for sign in said]


class RecordedMinistack:
    """What ministack said about the first cases of one seed, so that it judges where it is not installed."""

    name = "ministack, as recorded"
    grammar = Ministack.grammar
    corrections = Ministack.corrections
    count, seed = 5000, 1

    def verdicts(self, cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> list[bool]:
        """Raises :class:`Unusable` for cases other than the recorded ones."""
        record = json.loads(RECORD.read_text())
        if record["cases"] != fingerprint(cases) or record["judge"] != Ministack.requirement:
            raise Unusable("these are not the recorded cases: record again, python -m tests.access.judges --record")
        said = record["corrected" if corrections else "verdicts"]
        return [sign == "+" for sign in said]

    def record(self, judge: Ministack, cases: Sequence[Case]) -> None:
        said = {
            name: "".join("+" if verdict else "-" for verdict in judge.verdicts(cases, corrections))
            for name, corrections in (("verdicts", ()), ("corrected", judge.corrections))
        }
        content = {"judge": judge.requirement, "licence": "MIT", "cases": fingerprint(cases), **said}
        RECORD.write_text(json.dumps(content, indent=1) + "\n")


def fingerprint(cases: Sequence[Case]) -> str:
    return hashlib.sha256(as_ministack_reads(cases).encode()).hexdigest()


def as_ministack_reads(cases: Sequence[Case], corrections: tuple[Correction, ...] = ()) -> str:
    """JSON lines."""
    lines = []
    for case in cases:
        read = _as_ministack_reads(case)
        for correction in corrections:
            read = correction.applied(read)
        lines.append(json.dumps(read) + "\n")
    return "".join(lines)


def _as_ministack_reads(case: Case) -> dict[str, Any]:
    principal, context = case.request.principal, case.request.context
    return {
        "principal": principal.arn,
        "role": principal.role_arn,
        "type": "User" if principal.kind is PrincipalKind.USER else "AssumedRole",
        "account": principal.account,
        "action": case.request.action,
        "resource": case.request.resource,
        "owner": case.request.resource_account,
        "context": {key: value if isinstance(value, str) else list(value) for key, value in context.items()},
        "identity": case.identity,
        "limits": [limit for limit in (case.boundary, case.session) if limit is not None],
        "resource_policy": case.resource,
        "required": case.kind is ResourcePolicyKind.KEY,
    }
