"""A run of the pipeline as ListActionExecutions tells it, for the functions to ask."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PIPELINE, RELEASES = "churn", "churn-release"
RUN = "11111111-2222-3333-4444-555555555555"
DIGEST = "ab" * 32
JOB = "churn-0a1b2c3d-0000-0000-0000-000000000000"
EXECUTION_PREFIX = "arn:aws:states:us-east-1:222222222222:execution:churn-training:churn-"


@dataclass
class FakePipeline:
    """``actions`` of both pipelines, newest last. The page size makes every answer a page of its own."""

    actions: list[dict[str, Any]] = field(default_factory=list)
    attempt: int = 1
    """Of each action that is added: another one where its stage is retried."""

    def add(
        self,
        name: str,
        status: str = "Succeeded",
        *,
        run: str = RUN,
        parameters: dict[str, str] | None = None,
        variables: dict[str, str] | None = None,
        external_id: str = "",
        by: str = "",
        pipeline: str = PIPELINE,
        lasted: timedelta = timedelta(0),
        failed: str = "",
    ) -> None:
        """``name`` is ``<stage>/<action>``; it began a minute after the one before."""
        stage, action = name.split("/")
        started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=len(self.actions))
        configuration = {} if parameters is None else {"UserParameters": json.dumps(parameters)}
        self.actions.append(
            {
                "pipeline": pipeline,
                "pipelineExecutionId": run,
                "stageName": stage,
                "actionName": action,
                "actionExecutionId": f"{action}-{self.attempt}",
                "startTime": started,
                "lastUpdateTime": started + lasted,
                "status": status,
                "updatedBy": by,
                "input": {"resolvedConfiguration": configuration},
                "output": {
                    "executionResult": {
                        "externalExecutionId": external_id,
                        "errorDetails": {"code": "JobFailed", "message": failed} if failed else {},
                    },
                    "outputVariables": variables or {},
                },
            }
        )

    def remove(self, name: str) -> None:
        self.actions = [one for one in self.actions if f"{one['stageName']}/{one['actionName']}" != name]

    def list_action_executions(
        self,
        pipelineName: str,  # noqa: N803
        filter: dict[str, str] | None = None,  # noqa: A002
        maxResults: int = 1,  # noqa: ARG002, N803
        nextToken: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        assert pipelineName in (PIPELINE, RELEASES)
        wanted = None if filter is None else filter["pipelineExecutionId"]
        own = [each for each in self.actions if each["pipeline"] == pipelineName]
        found = [each for each in reversed(own) if wanted in (None, each["pipelineExecutionId"])]
        at = int(nextToken)
        more = {"nextToken": str(at + 1)} if at + 1 < len(found) else {}
        return {"actionExecutionDetails": found[at : at + 1], **more}
