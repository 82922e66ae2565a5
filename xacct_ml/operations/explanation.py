"""Which requests a run failed for, and what keeps runs from starting: what ``explain`` has to say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.runs.diagnosis import Diagnosis, diagnose, diagnose_message
from xacct_ml.operations.runs.failure import FailedAction
from xacct_ml.proof.remediation.explain import Explanation, Finding, denied_at, explain
from xacct_ml.proof.requests.action import RELEASE
from xacct_ml.proof.requests.start import STARTS
from xacct_ml.proof.world import World
from xacct_ml.tables.aws_errors import advice
from xacct_ml.tables.failures import UNKNOWN


@dataclass(frozen=True)
class Answer:
    """``message`` is explained by ``found``; ``untold`` is what is denied although no message tells of it, by the stage
    that asks for it. ``failed`` is the run's action, where a run is explained; ``diagnosis`` what kind of failure it
    is, None where nothing failed."""

    message: str
    found: Explanation
    live: bool
    failed: FailedAction | None = None
    diagnosis: Diagnosis | None = None
    untold: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """Whose policies decided."""
        return "the policies in the accounts" if self.live else "the map's policies"

    @property
    def whole(self) -> Explanation:
        """Told and untold together."""
        untold = (finding for denied in self.untold.values() for finding in denied)
        return replace(self.found, denied=(*self.found.denied, *untold))

    @property
    def next_step(self) -> str | None:
        """Where AWS says by which policy, and no right makes up for it."""
        refusal = next((one for one in self.found.refusals if one.beyond_rights), None)
        if refusal is None:
            return None
        account = re.search(r":(\d{12}):", refusal.principal or "")
        known = {"account": account[1] if account else "the caller's", "region": "the map's region", "login": ""}
        found = advice("AccessDenied", self.message, refusal.actions[0] if refusal.actions else "the call", known)
        return None if found is None else found.next_step

    def failure(self) -> XacctError | None:
        """Set where no request is found that is denied or that an operator lacks a right for, and the failure is of no
        other kind that is known."""
        found = self.whole
        if found.denied or any(finding.remedies for finding in found.allowed):
            return None
        if not found.understood:
            if self.diagnosis is not None and self.diagnosis.kind != UNKNOWN:
                return None
            step = None if self.diagnosis is None else self.diagnosis.logs or self.diagnosis.next_step
            return XacctError("nothing of what is known to go wrong says this", next_step=step)
        return XacctError(f"{self.basis} deny none of the requests that the message may mean", next_step=self.next_step)


def explain_message(message: str, world: World, *, live: bool) -> Answer:
    return Answer(message, explain(message, world), live, diagnosis=diagnose_message(world.config, message))


def explain_run(failed: FailedAction | None, world: World, *, live: bool, starts: bool) -> Answer:
    """The message that explains most of what ``failed`` says, and, with ``starts``, what keeps runs from starting.

    Raises :class:`XacctError` where there is nothing to explain."""
    text, found, stages = "", Explanation((), (), ()), list(STARTS) if starts else []
    messages = () if failed is None else failed.messages
    if failed is not None:
        stage = _stage(world, failed)
        explained = [(one, explain(one, world, stage=stage)) for one in messages]
        text, found = max(explained, key=lambda pair: (bool(pair[1].denied), pair[1].understood), default=(text, found))
        stages = stages if found.understood else [stage, *stages]
    untold = {stage: denied for stage in stages if (denied := denied_at(stage, world))}
    if failed is None and not untold:
        raise XacctError(
            "no run of the pipeline failed", next_step="xacct-ml status, or give the message: explain MESSAGE"
        )
    if not messages and not untold:
        raise XacctError("the failed action says nothing about why", next_step=STATUS)
    return Answer(text, found, live, failed, None if failed is None else diagnose(world.config, failed), untold)


def _stage(world: World, failed: FailedAction) -> str:
    """The stage as hops name it: one of its own for each action that runs side by side with others, and of a
    release."""
    stage = f"{RELEASE} {failed.stage}" if failed.pipeline == world.names.release_pipeline else failed.stage
    own = f"{stage} {failed.action}"
    return own if any(hop.stage == own for hop in world.hops) else stage
