"""What a demonstration showed, on one screen: the steps before it scroll away."""

from collections.abc import Mapping, Sequence
from typing import Any

from xacct_ml.cli.terminal import Terminal
from xacct_ml.config.model import Config
from xacct_ml.operations.runs.evaluation import Evaluation

_WIDTH = 11


def show_outcome(config: Config, result: Mapping[str, Any], evaluation: Evaluation | None, terminal: Terminal) -> None:
    """``result`` is the demonstration's, as JSON has it; ``evaluation`` what the run was approved or rejected by."""
    accounts = config.accounts
    served = ", ".join(dict.fromkeys(target.id for target in accounts.production))
    gone = "what AWS keeps itself, as named above; no account of AWS's was touched"
    left = gone if result["torn_down"] else "everything, until it is ended"
    terminal.line()
    terminal.heading(f"{config.project}: trained in account {accounts.training.id}, served from {served}")
    for state, lines in (
        ("prediction", _predictions(result)),
        ("denied", _denied(result["refused"])),
        ("gate", [str(evaluation.gate)] if evaluation is not None else []),
        ("decided", [f"{result['requests']:,} requests of this run, each by the policies that are deployed"]),
        ("proven", [_proven(result["proven"])]),
        ("report", [result["report"]] if "report" in result else []),
        ("left", [left]),
        ("took", [f"{result['elapsed_seconds']} s"]),
    ):
        for place, line in enumerate(lines):
            terminal.item(state if place == 0 else "", line, width=_WIDTH)


def _predictions(result: Mapping[str, Any]) -> Sequence[str]:
    return [
        f"validation row {each['row']}, label {each['label']:g}: the endpoint answers {each['answer']}"
        for each in result.get("predictions", ())
    ] or ["none: the run was rejected"]


def _denied(refused: Mapping[str, str]) -> Sequence[str]:
    """In lines of a screen; the whole reason, with both names in it, stands above, at the step itself."""
    bucket, _, key = refused["uri"].removeprefix("s3://").partition("/")
    reason = refused["why"].partition(" allows ")[0]
    return [refused["principal"], f"reads {key}", f"from bucket {bucket}: {refused['code']},", f"{reason} allows it"]


def _proven(proven: Mapping[str, int]) -> str:
    return (
        f"{proven['hops_allowed']:,} of {proven['hops']:,} requests that a run needs are allowed, "
        f"{proven['attacks_denied']:,} of {proven['attacks']:,} attacks are denied"
    )
