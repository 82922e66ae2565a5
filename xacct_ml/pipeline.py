"""``create-pipeline``: the pipeline and the rules that start it, once what it works on exists.

CreatePipeline starts the first run at once, so data, commit and every role must be there before (CodePipeline API
reference, TriggerType CreatePipeline) [B]. UpdatePipeline stops runs that are under way (CodePipeline User Guide,
pipelines-edit) [D], so it is called for a real difference only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xacct_ml.blueprint import bootstrap_resources, pipeline_resources
from xacct_ml.config.model import Config
from xacct_ml.data.upload import current_manifest
from xacct_ml.documents.pipeline import pipeline
from xacct_ml.engine.apply import apply
from xacct_ml.engine.events import Done, OnEvent, Outcome, Report
from xacct_ml.engine.plan import Action, plan
from xacct_ml.errors import NotReady
from xacct_ml.foundation import BOOTSTRAP, branch_head, key_arn
from xacct_ml.naming import Names

if TYPE_CHECKING:
    from xacct_ml.aws.accounts import Clients

UPLOAD_DATA = "xacct-ml upload-data --train FILE --validation FILE"


@dataclass(frozen=True, slots=True)
class PipelineCreation:
    """``outcome`` is the pipeline's own. Created, it has started run 1; updated, it stopped runs under way."""

    report: Report
    outcome: Outcome

    @property
    def created(self) -> bool:
        return isinstance(self.outcome, Done) and self.outcome.changes is None

    @property
    def updated(self) -> bool:
        return isinstance(self.outcome, Done) and self.outcome.changes is not None


def create_pipeline(config: Config, accounts: Clients, on_event: OnEvent) -> PipelineCreation:
    """Raises :class:`NotReady` with the command to run while something is missing; failures are in the report."""
    check_ready(config, accounts)
    foundation = bootstrap_resources(config, accounts)
    report = apply(pipeline_resources(config, accounts), on_event, standing=foundation)
    pipelines = [outcome for outcome in report.outcomes.values() if outcome.resource.name == Names(config).pipeline]
    return PipelineCreation(report, pipelines[0])


def check_ready(config: Config, accounts: Clients) -> None:
    """Everything that run 1 needs exists. Raises :class:`NotReady`, the first missing step first."""
    key_arn(config, accounts)
    missing = [step for step in plan(bootstrap_resources(config, accounts)).steps if step.action is Action.CREATE]
    if missing:
        raise NotReady(
            f"{len(missing)} of the pipeline's resources do not exist yet",
            details=tuple(f"{step.resource.account} {step.resource.kind} {step.resource.name}" for step in missing),
            next_step=BOOTSTRAP,
        )
    branch_head(config, accounts)
    if current_manifest(config, accounts) is None:
        raise NotReady(
            "there is no data set in the bucket yet: the first run would have nothing to train on",
            next_step=UPLOAD_DATA,
        )


def create_pipeline_input(config: Config, key: str) -> dict[str, Any]:
    """What ``aws codepipeline create-pipeline --cli-input-json`` takes; ``key`` is the key's ARN."""
    tags = [{"key": name, "value": value} for name, value in sorted(Names(config).tags.items())]
    return {"pipeline": pipeline(config, key), "tags": tags}
