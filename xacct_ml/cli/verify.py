"""``xacct-ml verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from xacct_ml.cli import session
from xacct_ml.cli.options import ConfigOption, OutputOption
from xacct_ml.cli.output import Format, Outcome, execute
from xacct_ml.cli.services import DEFAULT_CONFIG
from xacct_ml.errors import XacctError

if TYPE_CHECKING:
    from xacct_ml.cli.terminal import Terminal
    from xacct_ml.proof.prove import Proof, ProvenHop


def register(app: typer.Typer) -> None:
    @app.command()
    def verify(
        context: typer.Context, config: ConfigOption = DEFAULT_CONFIG, output: OutputOption = Format.TEXT
    ) -> None:
        """Prove that every hop of a run is allowed.

        From the map alone, each request as its service sends it, with the statements that allow it. Calls nothing.
        """

        def work(terminal: Terminal) -> Outcome:
            from xacct_ml.proof.prove import prove

            return show_proof(prove(session.load(context, config)), terminal)

        execute("verify", output, work, interrupted="Nothing was changed.")


def show_proof(proof: Proof, terminal: Terminal) -> Outcome:
    """The table of hops, what is assumed, and the verdict. Any hop that is not allowed is a failure."""
    stage = None
    for proven in proof.hops:
        if proven.hop.stage != stage:
            stage = proven.hop.stage
            terminal.heading(stage)
        _show_hop(proven, terminal)
    for note in proof.notes:
        terminal.warn(note)
    assumed = [proven for proven in proof.hops if proven.hop.evidence.value == "assumed"]
    failed = [proven for proven in proof.hops if not proven.decision.allowed]
    terminal.line(
        f"{len(proof.hops) - len(failed)} of {len(proof.hops)} hops are allowed; "
        f"how AWS sends {len(assumed)} of them is assumed, not documented"
    )
    error = None
    if failed:
        error = XacctError(
            f"{len(failed)} of {len(proof.hops)} hops are not allowed",
            details=tuple(f"{p.number} {p.hop.what}: {p.decision.outcome.value}: {p.decision.reason}" for p in failed),
        )
    result = {
        "holds": proof.holds,
        "hops": [hop_json(proven) for proven in proof.hops],
        "notes": list(proof.notes),
        "assumed": [proven.number for proven in assumed],
    }
    return Outcome(result, error)


def hop_json(proven: ProvenHop) -> dict[str, Any]:
    request, decision = proven.hop.request, proven.decision
    return {
        "number": proven.number,
        "stage": proven.hop.stage,
        "what": proven.hop.what,
        "principal": request.principal.arn,
        "action": request.action,
        "resource": request.resource,
        "resource_account": request.resource_account,
        "context": {key: list(value) if isinstance(value, tuple) else value for key, value in request.context.items()},
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "statements": [
            {"layer": statement.layer.value, "document": statement.document, "sid": statement.sid}
            for statement in decision.statements
        ],
        "source": proven.hop.source,
        "evidence": proven.hop.evidence.value,
    }


def _show_hop(proven: ProvenHop, terminal: Terminal) -> None:
    request, decision = proven.hop.request, proven.decision
    evidence = proven.hop.evidence.value
    terminal.item(decision.outcome.value, f"{proven.number:>3}  {proven.hop.what}", width=12)
    indent = " " * 18
    terminal.line(f"{indent}{request.principal.arn}")
    terminal.line(f"{indent}{request.action} on {request.resource}")
    by = " and ".join(str(statement) for statement in decision.statements)
    terminal.line(f"{indent}{'by ' + by if by else decision.reason}")
    if not decision.allowed and by:
        terminal.line(f"{indent}{decision.reason}")
    terminal.line(f"{indent}{evidence}: {proven.hop.source}")
