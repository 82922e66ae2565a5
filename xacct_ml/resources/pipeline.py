"""The pipeline. An update stops its running executions and ends the possibility to roll back to earlier ones
(CodePipeline User Guide, pipelines-edit, stage-rollback) [D]: it is written only if it really differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from xacct_ml.aws.errors import absent_as_none, codes
from xacct_ml.aws.pages import listed
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.rights import Rights, pass_role
from xacct_ml.resources.sameness import unordered, without_empty
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things

_ENDED = codes("PipelineExecutionNotStoppableException DuplicatedStopRequestException")
"""What StopPipelineExecution says of a run that has ended or is ending."""


@dataclass(frozen=True, kw_only=True)
class Pipeline(Driver[things.Pipeline]):
    """Creating it starts its first execution."""

    kind = "CodePipeline pipeline"
    tagging = Tagging(
        "codepipeline", "resourceArn", "tags", "tagKeys", form=partial(tag_list, key="key", value="value")
    )
    rights = (
        Rights(
            "pipeline/Pipeline",
            "codepipeline: CreatePipeline DeletePipeline GetPipeline ListPipelineExecutions ListTagsForResource "
            "StopPipelineExecution TagResource UntagResource UpdatePipeline",
        ),
        pass_role(
            "pipeline/PassPipelineRole", "codepipeline.amazonaws.com", lambda pipeline: pipeline.structure["roleArn"]
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"structure": normalise(self.now(outputs).structure, self.thing.region), "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        codepipeline = self.client("codepipeline")
        found = absent_as_none("PipelineNotFoundException", codepipeline.get_pipeline, name=self.name)
        if found is None:
            return None
        tags = tag_map(listed(codepipeline, "list_tags_for_resource", "tags", resourceArn=self.arn), "key", "value")
        return {"structure": normalise(found["pipeline"], self.thing.region), "tags": tags}

    def make(self, outputs: Outputs) -> None:
        structure = self.now(outputs).structure
        self.eventually(
            "codepipeline",
            self.client("codepipeline").create_pipeline,
            pipeline=structure,
            tags=tag_list(self.tags, "key", "value"),
        )

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if differs(observed, desired, "structure"):
            structure = self.now(outputs).structure
            self.eventually("codepipeline", self.client("codepipeline").update_pipeline, pipeline=structure)

    def take_out(self, observed: State) -> None:
        self.stop_runs()

    def remove(self, observed: State) -> None:
        """What an action began must not outlive the pipeline unseen: its runs are stopped before."""
        self.stop_runs()
        self.client("codepipeline").delete_pipeline(name=self.name)

    def stop_runs(self) -> None:
        """Abandon what is under way; what ends by itself meanwhile is fine."""
        codepipeline = self.client("codepipeline")
        runs = listed(codepipeline, "list_pipeline_executions", "pipelineExecutionSummaries", pipelineName=self.name)
        for run in (run for run in runs if run["status"] == "InProgress"):
            absent_as_none(
                _ENDED,
                codepipeline.stop_pipeline_execution,
                pipelineName=self.name,
                pipelineExecutionId=run["pipelineExecutionId"],
                abandon=True,
                reason="teardown",
            )


def normalise(structure: Mapping[str, Any], region: str) -> dict[str, Any]:
    """A structure with what CodePipeline fills in filled in, without what it counts (``version``) and what is empty.

    Terraform's provider models ``pipelineType``, ``executionMode``, ``runOrder`` and ``region`` as computed [C]. Stages
    and actions stay in order, because their order has a meaning; the lists below triggers come back in another one,
    as sets do (go-to-k/cdk-real-drift, recorded from AWS) [C]."""
    members = {key: value for key, value in without_empty(structure).items() if key != "version"}
    sets = {key: unordered(members[key]) for key in _SETS if key in members}
    stages = [{**stage, "actions": [_action(one, region) for one in stage["actions"]]} for stage in members["stages"]]
    return {"pipelineType": "V1", "executionMode": "SUPERSEDED", **members, **sets, "stages": stages}


_SETS = ("triggers", "variables")


def _action(action: Mapping[str, Any], region: str) -> dict[str, Any]:
    return {"runOrder": 1, "region": region, **action}
