"""The evidence for an approval as lines, and the decision as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.cli.views.status import evaluation_json, evaluation_lines
from xacct_ml.operations.runs.approval import Review
from xacct_ml.operations.runs.executions import revision_word


def show_review(reviewed: Review, terminal: Terminal) -> None:
    """Print the evidence."""
    terminal.heading(f"Run {reviewed.approval.execution} waits for approval in {reviewed.approval.stage}")
    for line in (*_commit_lines(reviewed), *evaluation_lines(reviewed.evaluation), *_wave_lines(reviewed)):
        terminal.line(line)


def decision_json(reviewed: Review, decision: str, summary: str) -> dict[str, Any]:
    """``decision`` is ``approved`` or ``rejected``."""
    return {
        "execution": reviewed.approval.execution,
        "wave": reviewed.wave.name,
        "targets": [target.name for target in reviewed.wave.targets],
        "decision": decision,
        "summary": summary,
        "commit": None if reviewed.commit is None else reviewed.commit.id,
        "evaluation": evaluation_json(reviewed.evaluation),
    }


def _commit_lines(reviewed: Review) -> Iterator[str]:
    commit = reviewed.commit
    if commit is None:
        yield "  commit   unknown"
        return
    by = f"  by {commit.author}" if commit.author else ""
    yield f"  {revision_word(commit.id).ljust(8)} {commit.id}{by}"
    for line in (commit.message or "").splitlines()[:10]:
        yield f"           {line}".rstrip()


def _wave_lines(reviewed: Review) -> Iterator[str]:
    """Where the model goes, and what follows; nothing for a map without waves."""
    if reviewed.wave.name is None:
        return
    yield f"  wave     {reviewed.wave.name}: {', '.join(target.name for target in reviewed.wave.targets)}"
    for wave in reviewed.later:
        how = "after its own approval" if wave.approval else "without another approval"
        yield f"  then     {wave.name}: {', '.join(target.name for target in wave.targets)}, {how}"
