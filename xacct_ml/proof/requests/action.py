"""An action of the pipeline's structure, as the modules of requests read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.proof.requests.builder import RequestBuilder

RELEASE = "Release:"
"""What the stages of the pipeline that releases are called by first."""


@dataclass(frozen=True)
class PipelineAction:
    """``declaration`` is what CreatePipeline takes; ``send`` builds requests in the pipeline's region. ``pipeline`` is
    the name of the one that it is an action of."""

    send: RequestBuilder
    pipeline: str
    stage: str
    declaration: Mapping[str, Any]
    pipeline_role: str

    @property
    def name(self) -> str:
        return str(self.declaration["name"])

    @property
    def provider(self) -> str:
        return str(self.declaration["actionTypeId"]["provider"])

    @property
    def role(self) -> str:
        """Whose rights the action uses: its own role's, or else the pipeline's."""
        return str(self.declaration.get("roleArn", self.pipeline_role))

    @property
    def configuration(self) -> Mapping[str, str]:
        configuration: Mapping[str, str] = self.declaration["configuration"]
        return configuration

    @property
    def label(self) -> str:
        """The stage as hops name it: actions that run side by side, one for each target or region, are told apart, and
        so are the stages of a release."""
        stage = f"{self.stage} {self.name}" if self.provider == "Lambda" else self.stage
        return stage if self.pipeline == self.send.names.pipeline else f"{RELEASE} {stage}"

    @property
    def pipeline_arn(self) -> str:
        return self.send.names.arn("codepipeline", self.send.names.shared, self.pipeline)

    def __str__(self) -> str:
        return f"action {self.stage}/{self.name} ({self.provider})"


def actions_of(structure: Mapping[str, Any], send: RequestBuilder) -> Iterator[PipelineAction]:
    """Every action of every stage, in the order of a run."""
    for stage in structure["stages"]:
        for declaration in stage["actions"]:
            yield PipelineAction(send, structure["name"], stage["name"], declaration, structure["roleArn"])
