"""``xacct-ml explain``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from xacct_ml.aws.errors import translated
from xacct_ml.cli import session
from xacct_ml.cli.execute import execute
from xacct_ml.cli.options import ConfigOption, OutputOption
from xacct_ml.cli.output import Format, Outcome
from xacct_ml.cli.services import DEFAULT_CONFIG
from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.requests import (
    boundary_lines,
    decision_json,
    reason,
    remedy_json,
    remedy_lines,
    request_json,
    request_lines,
)
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError, XacctError
from xacct_ml.operations.deployed_policies import read_live
from xacct_ml.operations.runs.failure import FailedAction, failed_action
from xacct_ml.proof.remediation import explain as explanation
from xacct_ml.proof.remediation.explain import Explanation, Finding, denied_at, key_in, regional_keys_in
from xacct_ml.proof.remediation.remedies import World
from xacct_ml.proof.requests.source_account import STARTS
from xacct_ml.system.waves import wave_of_stage

Untold = tuple[tuple[str, tuple[Finding, ...]], ...]

LIVE, MAP = "the policies in the accounts", "the map's policies"
STDIN = "-"

MessageArgument = Annotated[
    str | None,
    typer.Argument(metavar="MESSAGE", help="AWS's error message; - reads it from stdin. Without: the last failed run."),
]
ExecutionOption = Annotated[
    str | None, typer.Option("--execution", metavar="ID", help="Explain this run's failed action.")
]


def explain(
    context: typer.Context,
    message: MessageArgument = None,
    execution: ExecutionOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    output: OutputOption = Format.TEXT,
) -> None:
    """Explain an AccessDenied and say what mends it.

    Which role, which call, which document, which statement is missing or denies. Decided by the policies in the
    accounts where credentials lead there, otherwise by the map's. Exits with 1 if no request is found that they
    deny.
    """

    def work(terminal: Terminal) -> Outcome:
        if message is not None and execution is not None:
            raise InputError("give either a message or --execution")
        loaded = session.load(context, config)
        text = sys.stdin.read() if message == STDIN else message
        if text is not None and not text.strip():
            raise InputError("the message is empty")
        explaining = _Explaining(context, loaded, terminal)
        return explaining.of_run(execution) if text is None else explaining.of_message(text)

    execute("explain", output, work, interrupted="Nothing was changed.")


class _Explaining:
    """One explanation, from where the policies come from to what is shown."""

    def __init__(self, context: typer.Context, config: Config, terminal: Terminal) -> None:
        self._context, self._config, self._terminal = context, config, terminal

    def of_message(self, message: str) -> Outcome:
        world, basis = self._world(message)
        return self._outcome(None, message, explanation.explain(message, world), (), basis)

    def of_run(self, execution: str | None) -> Outcome:
        """Of the newest run that failed, and of what keeps runs from starting, unless one run is asked for."""
        failed = self._failed(execution)
        messages = () if failed is None else failed.messages
        world, basis = self._world(messages[0] if messages else "")
        text, found, stages = "", Explanation((), (), ()), list(STARTS) if execution is None else []
        if failed is not None:
            stage = self._stage(failed)
            explained = [(one, explanation.explain(one, world, stage=stage)) for one in messages]
            text, found = max(
                explained, key=lambda pair: (bool(pair[1].denied), pair[1].understood), default=(text, found)
            )
            stages = stages if found.understood else [stage, *stages]
        untold = {stage: denied for stage in stages if (denied := denied_at(stage, world))}
        if failed is None and not untold:
            raise XacctError(
                "no run of the pipeline failed", next_step="xacct-ml status, or give the message: explain MESSAGE"
            )
        if not messages and not untold:
            raise XacctError("the failed action says nothing about why", next_step="xacct-ml status")
        if failed is not None:
            self._terminal.line(f"Run {failed.execution} failed at {failed.stage}/{failed.action}:")
            if failed.also:
                self._terminal.line(f"  {', '.join(failed.also)} of the same stage failed too")
        return self._outcome(failed, text, found, tuple(untold.items()), basis)

    def _outcome(
        self, failed: FailedAction | None, text: str, found: Explanation, untold: Untold, basis: str
    ) -> Outcome:
        self._show(text, found, untold, basis)
        every = replace(found, denied=(*found.denied, *(finding for _, denied in untold for finding in denied)))
        return Outcome(_result(failed, text, every, basis), _error(every, basis))

    def _failed(self, execution: str | None) -> FailedAction | None:
        config = self._config
        needed = dict.fromkeys((config.accounts.shared.id, config.accounts.training.id))
        return failed_action(config, session.enter(self._context, config, needed), execution)

    def _stage(self, failed: FailedAction) -> str:
        """The stage as hops name it: one of its own for each target of a wave."""
        wave = wave_of_stage(self._config, failed.stage)
        return failed.stage if wave is None else f"{failed.stage} {failed.action}"

    def _world(self, message: str) -> tuple[World, str]:
        """What is in the accounts, where all of them can be entered; else the map's, with a note why."""
        try:
            accounts = session.enter(self._context, self._config)
            with translated(), self._terminal.activity("reading the policies …"):
                live = read_live(self._config, accounts)
        except XacctError as error:
            self._terminal.note(f"the policies in the accounts were not read: {error.message}")
            keys = regional_keys_in(message, self._config)
            return World.of_map(self._config, key_in(message, self._config), keys), MAP
        return World(self._config, live.key_arn, live.papers, live.store(), live.regional_keys), LIVE

    # -- lines ---------------------------------------------------------------------------------------------------
    def _show(self, message: str, found: Explanation, untold: Untold, basis: str) -> None:
        """``untold`` is what is denied although no message tells of it, by the stage that asks for it."""
        terminal = self._terminal
        if message:
            terminal.line(f"  {' '.join(message.split())[:500]}")
        terminal.line(f"Decided by {basis}.")
        if found.outside is not None:
            terminal.line(
                f"AWS blames a {found.outside}: that is outside the roles, the key and the bucket, and whoever "
                "manages the organization or the network has to change it."
            )
        for finding in found.denied:
            self._finding(finding)
        operators = [finding for finding in found.allowed if finding.remedies]
        for finding in operators:
            self._finding(finding)
        for stage, denied in untold:
            terminal.line()
            terminal.line(f"No message tells of it, but of what {stage} asks for, this is denied:")
            for finding in denied:
                self._finding(finding)
        findings = (*found.denied, *(finding for _, denied in untold for finding in denied))
        if not findings and not operators:
            for line in _causes(found, basis):
                terminal.line(line)
        elif any(remedy.from_map for finding in findings for remedy in finding.remedies):
            terminal.line("next: xacct-ml bootstrap makes these changes; then xacct-ml start")

    def _finding(self, finding: Finding) -> None:
        terminal, decision = self._terminal, finding.decision
        terminal.line()
        if finding.hop is not None:
            terminal.heading(f"Hop {finding.number}, {finding.hop.stage}: {finding.hop.what}")
        else:
            terminal.heading("No hop of the pipeline asks for this")
            if finding.stranger:
                terminal.line("  It was sent by none of the project's roles.")
            else:
                terminal.line("  The pipeline works without it; what grants it widens what verify proves.")
        lines = list(request_lines(finding.request))
        if not decision.allowed:
            lines.append(reason(finding.request, decision))
        for line in lines:
            terminal.line(f"  {line}")
        for remedy in finding.remedies:
            terminal.line()
            for line in remedy_lines(remedy):
                terminal.line(f"  {line}")
        for line in boundary_lines(finding.request, decision):
            terminal.line(f"  {line}")
        if finding.stranger and not finding.remedies:
            terminal.line("  The documents are meant to keep it out.")


def _causes(found: Explanation, basis: str) -> Iterator[str]:
    """What else it can be."""
    if not found.understood:
        yield "This is no refusal in a form that is known: nothing here speaks of a principal, a call or a policy."
        return
    if not found.allowed:
        yield "No request of this project is meant: the principal, the call or the resource is none of the map's."
        return
    for finding in found.allowed:
        yield f"✓ {finding.decision.reason}"
    yield f"{basis.capitalize()} allow all that the message can mean. What is left:"
    if basis == MAP:
        yield "  the accounts are not as the map says: xacct-ml verify --live, xacct-ml bootstrap"
    else:
        yield "  the policies were changed since, or the change had not reached everywhere yet: xacct-ml start again"
    yield "  a service control policy, a resource control policy or a VPC endpoint policy denies it"
    yield "  what was asked for does not exist, and AWS does not say so to whom may not list it"


def _error(found: Explanation, basis: str) -> XacctError | None:
    if found.denied or any(finding.remedies for finding in found.allowed):
        return None
    if not found.understood:
        return XacctError("the message names no refusal that can be explained")
    return XacctError(f"{basis} deny none of the requests that the message may mean")


def _result(failed: FailedAction | None, message: str, found: Explanation, basis: str) -> dict[str, Any]:
    return {
        "failed_action": None if failed is None else asdict(failed),
        "message": message,
        "decided_by": "accounts" if basis == LIVE else "map",
        "refusals": [asdict(refusal) for refusal in found.refusals],
        "outside": found.outside,
        "denied": [_finding_json(finding) for finding in found.denied],
        "allowed": [_finding_json(finding) for finding in found.allowed],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "hop": finding.number,
        "stage": None if finding.hop is None else finding.hop.stage,
        "what": None if finding.hop is None else finding.hop.what,
        **request_json(finding.request),
        **decision_json(finding.decision),
        "stranger": finding.stranger,
        "remedies": [remedy_json(remedy) for remedy in finding.remedies],
    }
