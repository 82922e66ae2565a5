"""What targets serve by now, where that is not what a run was compared with when it was judged.

A run that waits behind another's approval was scored beside the model that the other has replaced since."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.evidence.record import Live, Other, Record
from xacct_ml.operations.runs.executions import past_actions, variables
from xacct_ml.system.actions.lambda_judge import JUDGE_STAGE
from xacct_ml.system.waves import DeploymentWave

_LOOKED_THROUGH = 1_000
"""So many actions of the past, the newest, are looked through."""


@dataclass(frozen=True, slots=True)
class Newer:
    """``target`` serves the model of ``execution``, which the record does not name; ``digest`` is None where the
    pipeline's history does not tell it."""

    target: str
    execution: str
    digest: str | None = None


def overtaken(
    config: Config, accounts: Clients, record: Record, execution: str, to_come: Sequence[DeploymentWave]
) -> tuple[Newer, ...]:
    """Of the targets that the run has still to come to, those that another run was deployed to since it was judged. A
    record without scores compares with nothing."""
    if record.scores.candidate is None:
        return ()
    awaited = {(wave.deploy_stage, target.name) for wave in to_come for target in wave.targets}
    newest: dict[str, str] = {}
    digests: dict[str, str] = {}
    for detail in islice(past_actions(config, accounts), _LOOKED_THROUGH):
        if detail["status"] != "Succeeded":
            continue
        run, place = str(detail["pipelineExecutionId"]), (detail["stageName"], detail["actionName"])
        if place in awaited:
            newest[place[1]] = run
            awaited.remove(place)
        elif place[0] == JUDGE_STAGE and (digest := variables(detail).get("ModelDigest")):
            digests.setdefault(run, digest)
        if not awaited and set(newest.values()) <= digests.keys():
            break
    found = (Newer(target, run, digests.get(run)) for target, run in newest.items())
    return tuple(each for each in found if each.execution != execution and not _is_known(record, each))


def _is_known(record: Record, newer: Newer) -> bool:
    """Whether the record names the run, or its very model, for the target."""
    live = record.live
    recorded: tuple[Live | Other, ...] = () if live is None else (live, *live.others)
    return any(
        each.target == newer.target
        and (each.execution == newer.execution or (each.digest is not None and each.digest == newer.digest))
        for each in recorded
    )
