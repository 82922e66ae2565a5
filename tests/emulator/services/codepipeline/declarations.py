"""Pipelines to try the runner with."""

from __future__ import annotations

from typing import Any

ACCOUNT, REGION = "111111111111", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"


def action(name: str, category: str = "Approval", provider: str = "Manual", **more: Any) -> dict[str, Any]:
    """An action; ``inputs`` and ``outputs`` are artifact names."""
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    artifacts = {
        f"{word}Artifacts": [{"name": each} for each in more.pop(f"{word}s", ())] for word in ("input", "output")
    }
    return {"name": name, "actionTypeId": kind, "configuration": {}, **artifacts, **more}


def source(name: str = "Src", output: str = "Code", **more: Any) -> dict[str, Any]:
    configuration = {"RepositoryName": "r", "BranchName": "main"}
    return action(name, "Source", "CodeCommit", outputs=[output], configuration=configuration, **more)


def pipeline(*later: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A source stage and ``later`` stages, one approval by default."""
    stages = [stage("Source", source()), *(later or (stage("Approve", action("Ok")),))]
    store = {"type": "S3", "location": "artifact-store", "encryptionKey": {"id": "the-key", "type": "KMS"}}
    return {"name": "p", "roleArn": ROLE, "artifactStore": store, "stages": stages, **changes}


def stage(name: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "actions": list(actions)}
