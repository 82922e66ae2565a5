"""A verdict as values for JSON."""

from collections import Counter
from typing import Any

from xacct_ml.cli.views.explanation import decided_json, remedy_json, request_json
from xacct_ml.cli.views.hops import HopLines
from xacct_ml.config.model import Config
from xacct_ml.operations.verify_live import LiveVerdict
from xacct_ml.proof.isolation import Intrusion
from xacct_ml.proof.matrix.matrix import Cell, Matrix
from xacct_ml.proof.minimality.minimality import Minimality
from xacct_ml.proof.prove import ProvenHop
from xacct_ml.proof.reach.further import Further
from xacct_ml.proof.requests.hop import Evidence
from xacct_ml.proof.verify import Verdict


def result_of(config: Config, verdict: Verdict) -> dict[str, Any]:
    """``proven`` says what the verdict is about: ``map`` or ``accounts``."""
    lines, remedies = HopLines(config), verdict.remedies()
    live = verdict if isinstance(verdict, LiveVerdict) else None

    def hop(proven: ProvenHop) -> dict[str, Any]:
        request = proven.hop.request
        return {
            "number": proven.number,
            "stage": proven.hop.stage,
            "what": proven.hop.what,
            **decided_json(request, proven.decision),
            "source": proven.hop.source,
            "evidence": proven.hop.evidence.value,
            "rehearsed": lines.rehearsed(proven.hop),
            "remedies": [remedy_json(remedy) for remedy in remedies.of(request, proven.decision)],
        }

    return {
        "proven": "map" if live is None else "accounts",
        "holds": not verdict.failures(),
        "failures": list(verdict.failures()),
        "hops": [hop(proven) for proven in verdict.proof.hops],
        "assumed": [one.number for one in verdict.proof.hops if one.hop.evidence is Evidence.ASSUMED],
        "attacks": _attacks_json(verdict),
        "further": _further_json(verdict.further),
        "matrix": _matrix_json(verdict.matrix),
        "minimality": None if verdict.minimality is None else _minimality_json(verdict.minimality),
        "contradictions": [{"where": one.where, "why": one.why} for one in verdict.contradictions],
        "accounts": None if live is None else _live_json(live),
        "beside": [_intrusion_json(one) for one in verdict.beside],
        "notes": list(verdict.notes),
    }


def _intrusion_json(found: Intrusion) -> dict[str, Any]:
    return {
        "victim": found.victim,
        "intruder": found.intruder,
        "attacks": len(found.attacks),
        "not_denied": [
            {"what": one.attack.what, **decided_json(one.attack.request, one.decision)} for one in found.successful
        ],
        "requests": found.requests,
        "wider": [{**request_json(one.request), "why": one.why} for one in found.wider],
        "unintended": [decided_json(one.request, one.decision) for one in found.unintended],
        "further": _further_json(found.further),
    }


def _further_json(found: Further) -> dict[str, Any]:
    """``path`` are the calls before the request, in words."""
    return {
        "groups": [
            {"group": group, "possible": found.possible_of(group), "total": count}
            for group, count in found.tried.items()
        ],
        "possible": [
            {
                "group": one.attack.group,
                "what": one.attack.what,
                "path": list(one.path),
                "by": one.by.name,
                **request_json(one.attack.request),
            }
            for one in found.possible
        ],
    }


def _attacks_json(verdict: Verdict) -> dict[str, Any]:
    total = Counter(attack.attack.group for attack in verdict.attacks)
    denied = Counter(attack.attack.group for attack in verdict.attacks if attack.repelled)
    return {
        "groups": [
            {
                "group": group,
                "denied": denied[group],
                "total": count,
                "possible_further": verdict.further.possible_of(group),
            }
            for group, count in total.items()
        ],
        "not_denied": [
            {
                "group": attack.attack.group,
                "what": attack.attack.what,
                **decided_json(attack.attack.request, attack.decision),
            }
            for attack in verdict.successful_attacks
        ],
    }


def _matrix_json(matrix: Matrix) -> dict[str, Any]:
    def cell(one: Cell) -> dict[str, Any]:
        return {**decided_json(one.request, one.decision), "hop": one.hop, "why": one.why}

    return {
        "requests": matrix.requests,
        "decisions": matrix.decisions,
        "allowed": [cell(one) for one in matrix.allowed],
        "unintended": [cell(one) for one in matrix.unintended],
        "unexercised": [f"{hop.stage}: {hop.what}: {hop.request.action}" for hop in matrix.unexercised],
    }


def _minimality_json(found: Minimality) -> dict[str, Any]:
    return {
        "checked": found.checked,
        "needed": [{"part": str(one.removal), "because": one.because} for one in found.needed],
        "unneeded": [str(removal) for removal in found.unneeded],
        "justified": [{"part": str(one.removal), "why": one.why} for one in found.justified],
    }


def _live_json(verdict: LiveVerdict) -> dict[str, Any]:
    live, keys = verdict.live, verdict.world.keys
    return {
        "key_arn": keys.pipeline,
        "regional_keys": dict(keys.others),
        "absent": list(live.absent),
        "missing": list(verdict.missing),
        "unreadable": list(live.unreadable),
        "boundaries": {role: boundary.arn for role, boundary in live.boundaries.items()},
        "statements_of_others": {title: list(sids) for title, sids in verdict.others.items()},
        "stale_principals": [{"document": one.title, "sid": one.sid, "id": one.id} for one in verdict.stale],
        "differences": [
            {"document": one.title, "widens": one.widens, "changes": [str(change) for change in one.changes]}
            for one in verdict.differences
        ],
    }
