"""What a run has judged and people have approved for this production account's endpoint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xacct_ml.foreign import line

from .job import JobFailed, Reply
from .run import read_run
from .served import NOT_ASKED_FOR


@dataclass(frozen=True)
class Approved:
    """What was judged and approved. ``model`` is the SHA-256 of the model's archive. ``asked_for`` is False for a
    target that a release does not name: nothing is to be changed there.
    """

    training_job: str
    model: str
    asked_for: bool = True


class Approvals:
    """``codepipeline`` is a client of the pipeline's account and region."""

    def __init__(self, environment: Mapping[str, str], codepipeline: Any) -> None:
        self.codepipeline = codepipeline
        self.pipelines: dict[str, dict[str, Any]] = json.loads(environment.get("PIPELINES", "{}"))
        """Those that may deploy here: the names of their own action, of the one that says what was judged, and of the
        approvals; none while an update of the function has brought its code and not yet its environment."""
        self.container_version = environment.get("CONTAINER_VERSION")
        """None while an update of the function has brought its code and not yet its environment."""

    def approved(self, parameters: dict[str, str]) -> Approved:
        """What the run has judged and people have approved for this endpoint. Asked at each step, before anything is
        changed.

        Raises :class:`JobFailed` unless the run's own action for this endpoint is in progress with these parameters,
        after its approvals.
        """
        pipeline = parameters["pipeline"]
        if pipeline not in self.pipelines:
            raise JobFailed(f"pipeline {line(pipeline)} deploys nothing here", "ConfigurationError")
        settings = self.pipelines[pipeline]
        run = read_run(self.codepipeline, pipeline, parameters["pipelineExecutionId"])
        run.asked(settings["action"], parameters)
        run.approved(settings["approvals"])
        judged = run.action(settings["judgeAction"], "Succeeded").variables
        if (judged["TrainingJob"], judged["ModelDigest"]) != (parameters["trainingJob"], parameters["modelDigest"]):
            raise JobFailed(f"run {run.id} judged another model than the one to deploy", "ConfigurationError")
        trained_by = judged.get("ContainerVersion")
        if trained_by and self.container_version and trained_by != self.container_version:
            raise JobFailed(
                f"the model is of image {trained_by}, and the map has {self.container_version} since: an image does not"
                " load every other model. Start a new run, or take the map's training.xgboost_version back",
                "ConfigurationError",
            )
        targets = judged.get("Targets")
        asked_for = targets is None or settings["action"].split("/")[1] in targets.split(",")
        return Approved(judged["TrainingJob"], judged["ModelDigest"], asked_for)


def not_asked_for() -> Reply:
    """Success of a target that a release does not name."""
    return {
        "executionDetails": {"summary": "not asked for: nothing was changed", "percentComplete": 100},
        "outputVariables": {NOT_ASKED_FOR: "true"},
    }
