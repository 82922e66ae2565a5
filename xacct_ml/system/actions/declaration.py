"""What every stage and action of the pipeline's structure is made of."""

from __future__ import annotations

import json
from typing import Any

from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document

EXECUTION = "#{codepipeline.PipelineExecutionId}"


def stage(name: str, *actions: Document) -> Document:
    return {"name": name, "actions": list(actions)}


def action(
    names: Names, name: str, category: str, provider: str, configuration: dict[str, str], **more: Any
) -> Document:
    return {
        "name": name,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
        "runOrder": 1,
        "configuration": configuration,
        "inputArtifacts": [],
        "outputArtifacts": [],
        "region": names.region,
        **more,
    }


def compact(value: dict[str, str]) -> str:
    """JSON without white space: configuration values end at 1,000 characters."""
    return json.dumps(value, separators=(",", ":"))
