"""``status``: where a run stands, why it failed, who waits behind it, and what is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xacct_ml.config.model import Config
from xacct_ml.runs.endpoint import EndpointState, endpoint_states
from xacct_ml.runs.evaluation import Evaluation, read_evaluation
from xacct_ml.runs.executions import (
    IN_PROGRESS,
    WAITING,
    Execution,
    Stage,
    executions,
    find,
    pending_approval,
    pipeline_state,
    stages,
)

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients


@dataclass(frozen=True, slots=True)
class Status:
    """One look. ``execution`` is None before the first run; ``newer`` are runs under way that began after it.

    ``awaiting`` is the id of the run that waits for approval, whichever that is; ``behind`` are the runs that queue in
    front of that approval and go on only after it is answered.
    """

    pipeline: str
    execution: Execution | None
    stages: tuple[Stage, ...]
    newer: tuple[Execution, ...]
    evaluation: Evaluation | None
    endpoints: tuple[EndpointState, ...]
    awaiting: str | None = None
    behind: tuple[str, ...] = ()

    @property
    def waits_for_approval(self) -> bool:
        return any(stage.status == WAITING for stage in self.stages)

    @property
    def settled(self) -> bool:
        """Nothing more happens by itself: the run ended, or a person must decide."""
        return self.execution is None or self.execution.status != IN_PROGRESS or self.waits_for_approval


def status(config: Config, accounts: Clients, execution: str | None = None) -> Status:
    """The run ``execution``, or the newest.

    Raises :class:`xacct_ml.errors.NotReady` without a pipeline, :class:`xacct_ml.errors.XacctError` for an unknown run.
    """
    state = pipeline_state(config, accounts)
    runs = executions(config, accounts)
    run = find(runs, execution)
    endpoints = endpoint_states(config, accounts)
    waiting = pending_approval(state)
    if run is None:
        return Status(state["pipelineName"], None, (), (), None, endpoints)
    newer = tuple(other for other in runs[: runs.index(run)] if other.status == IN_PROGRESS)
    seen = stages(config, accounts, run.id, state)
    return Status(
        pipeline=state["pipelineName"],
        execution=run,
        stages=seen,
        newer=newer,
        evaluation=read_evaluation(config, accounts, run.id),
        endpoints=endpoints,
        awaiting=None if waiting is None else waiting.execution,
        behind=tuple(id_ for stage in seen if waiting and stage.name == waiting.stage for id_ in stage.waiting),
    )
