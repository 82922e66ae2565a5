"""What a pipeline needs in the embedded AWS, and waiting for what it does."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

from tests.configs import SHARED
from tests.emulator.rights import allow, policy
from xacct_ml.emulator.server import EmbeddedAws

TIMEOUT = 120.0


def eventually(look: Callable[[], Any]) -> Any:
    """What ``look`` returns once it is truthy; the test fails where it never is."""
    deadline = time.monotonic() + TIMEOUT
    while not (found := look()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return found


def trust(service: str) -> str:
    return policy(allow("sts:AssumeRole", principal={"Service": service}))


class Workshop:
    """A repository with one commit, an artifact bucket and a pipeline role called ``name``, in the shared account."""

    def __init__(self, aws: EmbeddedAws, name: str) -> None:
        self.aws, self.name, self.region = aws, name, aws.runtime.region
        administrator = aws.administrator(SHARED)
        self.codecommit = administrator.client("codecommit")
        self.codepipeline = administrator.client("codepipeline")
        self.events = administrator.client("events")
        self.s3 = administrator.client("s3")
        self.iam = administrator.client("iam")
        self.codecommit.create_repository(repositoryName=name)
        self.first = self.commit({"template.json": b"{}", "bin/run.sh": b"#!"}, None)
        self.s3.create_bucket(Bucket=name)
        self.role = self.create_role(name, "codepipeline.amazonaws.com", allow("*", resource="*"))

    def create_role(self, name: str, service: str, *statements: Any) -> str:
        """A role that ``service`` may assume; its ARN."""
        made: str = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
        self.rights(name, *statements)
        return made

    def rights(self, name: str, *statements: Any) -> None:
        """Replace the role's policy."""
        self.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy(*statements))

    def commit(self, files: dict[str, bytes], parent: str | None, branch: str = "main") -> str:
        puts = [{"filePath": path, "fileContent": content} for path, content in files.items()]
        more = {} if parent is None else {"parentCommitId": parent}
        made = self.codecommit.create_commit(
            repositoryName=self.name, branchName=branch, commitMessage="change", authorName="Ada", putFiles=puts, **more
        )
        return str(made["commitId"])

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{SHARED}:{resource}"

    def declaration(self, *later: Any, **changes: Any) -> dict[str, Any]:
        """A source stage and an approval stage, or ``later`` ones."""
        source = {
            "name": "Repository",
            "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
            "configuration": {"RepositoryName": self.name, "BranchName": "main", "PollForSourceChanges": "false"},
            "outputArtifacts": [{"name": "SourceOutput"}],
            "namespace": "Src",
        }
        return {
            "name": self.name,
            "roleArn": self.role,
            "artifactStore": {"type": "S3", "location": self.name},
            "stages": [{"name": "Source", "actions": [source]}, *(later or (APPROVE,))],
            **changes,
        }

    def create_pipeline(self, *later: Any, **changes: Any) -> str:
        """Create the pipeline; the id of the run that this starts."""
        self.codepipeline.create_pipeline(pipeline=self.declaration(*later, **changes))
        return str(self.runs()[0]["pipelineExecutionId"])

    def start(self, **more: Any) -> str:
        return str(self.codepipeline.start_pipeline_execution(name=self.name, **more)["pipelineExecutionId"])

    def runs(self) -> list[Any]:
        """Newest first."""
        listed = self.codepipeline.list_pipeline_executions(pipelineName=self.name)
        return list(listed["pipelineExecutionSummaries"])

    def run(self, run_id: str) -> Any:
        return self.codepipeline.get_pipeline_execution(pipelineName=self.name, pipelineExecutionId=run_id)[
            "pipelineExecution"
        ]

    def ended(self, run_id: str) -> Any:
        """The run once it is no longer in progress."""
        return eventually(lambda: (found := self.run(run_id))["status"] != "InProgress" and found)

    def stage(self, name: str) -> Any:
        state = self.codepipeline.get_pipeline_state(name=self.name)
        return next(found for found in state["stageStates"] if found["stageName"] == name)

    def action(self, stage: str) -> Any:
        """``latestExecution`` of the stage's first action."""
        return self.stage(stage)["actionStates"][0].get("latestExecution", {})

    def waiting(self, run_id: str) -> str:
        """The token of the approval in which the run waits."""

        def look() -> str | None:
            holder = self.stage("Approve").get("latestExecution", {}).get("pipelineExecutionId")
            return self.action("Approve").get("token") if holder == run_id else None

        return str(eventually(look))

    def answer(self, token: str, status: str = "Approved", summary: str = "") -> Any:
        return self.codepipeline.put_approval_result(
            pipelineName=self.name,
            stageName="Approve",
            actionName="Review",
            token=token,
            result={"status": status, "summary": summary},
        )

    def actions(self, run_id: str) -> dict[str, Any]:
        """The run's action executions by name."""
        wanted = {"pipelineExecutionId": run_id}
        listed = self.codepipeline.list_action_executions(pipelineName=self.name, filter=wanted)
        return {found["actionName"]: found for found in listed["actionExecutionDetails"]}

    def files(self, location: dict[str, str]) -> dict[str, bytes]:
        """The files of an artifact."""
        body = self.s3.get_object(Bucket=location["bucket"], Key=location["key"])["Body"].read()
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


APPROVE = {
    "name": "Approve",
    "actions": [
        {
            "name": "Review",
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
            "configuration": {"CustomData": "#{Src.CommitId} in #{codepipeline.PipelineExecutionId}"},
        }
    ],
}


def push_pattern(workshop: Workshop) -> str:
    """The event pattern of a push to the workshop's main branch."""
    return json.dumps(
        {
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [workshop.arn("codecommit", workshop.name)],
            "detail": {
                "event": ["referenceCreated", "referenceUpdated"],
                "referenceType": ["branch"],
                "referenceName": ["main"],
            },
        }
    )
