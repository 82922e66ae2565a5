"""What a run has judged and people have approved for this production account's endpoint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .job import JobFailed
from .run import read_run


@dataclass(frozen=True)
class Approved:
    """What was judged and approved. ``model`` is the SHA-256 of the model's archive."""

    training_job: str
    model: str


class Approvals:
    """``codepipeline`` is a client of the pipeline's account and region."""

    def __init__(self, environment: Mapping[str, str], codepipeline: Any) -> None:
        self.codepipeline = codepipeline
        self.pipeline = environment["PIPELINE"]
        self.action = environment["ACTION"]
        self.judge_action = environment["JUDGE_ACTION"]
        self.approvals: list[str] = json.loads(environment["APPROVALS"])
        self.container_version = environment.get("CONTAINER_VERSION")
        """None while an update of the function has brought its code and not yet its environment."""

    def approved(self, parameters: dict[str, str]) -> Approved:
        """What the run has judged and people have approved for this endpoint. Asked at each step, before anything is
        changed.

        Raises :class:`JobFailed` unless the run's own action for this endpoint is in progress with these parameters,
        after its approvals.
        """
        run = read_run(self.codepipeline, self.pipeline, parameters["pipelineExecutionId"])
        run.asked(self.action, parameters)
        run.approved(self.approvals)
        judged = run.action(self.judge_action, "Succeeded").variables
        if (judged["TrainingJob"], judged["ModelDigest"]) != (parameters["trainingJob"], parameters["modelDigest"]):
            raise JobFailed(f"run {run.id} judged another model than the one to deploy", "ConfigurationError")
        trained_by = judged.get("ContainerVersion")
        if trained_by and self.container_version and trained_by != self.container_version:
            raise JobFailed(
                f"the model is of image {trained_by}, and the map has {self.container_version} since: an image does not"
                " load every other model. Start a new run, or take the map's training.xgboost_version back",
                "ConfigurationError",
            )
        return Approved(judged["TrainingJob"], judged["ModelDigest"])
