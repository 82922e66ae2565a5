"""What targets serve by now, where that is not what a run was compared with when it was judged.

A run that waits behind another's approval was scored beside the model that the other has replaced since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xacct_ml.evidence.record import Live, Other, Record
from xacct_ml.operations.release.serving import Serving
from xacct_ml.system.waves import DeploymentWave


@dataclass(frozen=True, slots=True)
class Newer:
    """``target`` serves the model of ``execution``, which the record does not name; ``digest`` is None where the
    pipeline's history does not tell it."""

    target: str
    execution: str
    digest: str | None = None


def overtaken(
    serving: Mapping[str, Serving], record: Record, execution: str, to_come: Sequence[DeploymentWave]
) -> tuple[Newer, ...]:
    """Of the targets that the run has still to come to, those that another run was deployed to since it was judged. A
    record without scores compares with nothing."""
    if record.scores.candidate is None:
        return ()
    names = (target.name for wave in to_come for target in wave.targets)
    found = (as_newer(serving[name]) for name in names if name in serving and serving[name].execution != execution)
    return tuple(each for each in found if each.execution != execution and not _is_known(record, each))


def as_newer(each: Serving) -> Newer:
    """By the run whose model it is."""
    return Newer(each.target, each.run or each.execution, each.digest)


def _is_known(record: Record, newer: Newer) -> bool:
    """Whether the record names the run, or its very model, for the target."""
    live = record.live
    recorded: tuple[Live | Other, ...] = () if live is None else (live, *live.others)
    return any(
        each.target == newer.target
        and (each.execution == newer.execution or (each.digest is not None and each.digest == newer.digest))
        for each in recorded
    )
