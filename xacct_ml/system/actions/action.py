"""What every stage and action of the pipeline is made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xacct_ml.system.names import Names
from xacct_ml.system.statements import Document
from xacct_ml.system.thing import Thing

Rights = Mapping[str, Mapping[str, Document]]
"""Of roles, by ARN: inline policies by name."""

EXECUTION = "#{codepipeline.PipelineExecutionId}"


@dataclass(frozen=True)
class Action:
    """``declaration`` is the action as CreatePipeline takes it. ``rights`` are what the role that runs it may do for
    it: inline policies by name. That role is ``role``, or the pipeline's own where it is None. ``things`` are what the
    action needs beside it."""

    declaration: Document
    rights: Mapping[str, Document] = field(default_factory=dict)
    things: tuple[Thing, ...] = ()

    @property
    def role(self) -> str | None:
        role: str | None = self.declaration.get("roleArn")
        return role


@dataclass(frozen=True)
class Stage:
    name: str
    actions: tuple[Action, ...]

    @property
    def declaration(self) -> Document:
        return {"name": self.name, "actions": [action.declaration for action in self.actions]}


def declare(
    names: Names, name: str, category: str, provider: str, configuration: dict[str, str], **more: Any
) -> Document:
    """An ActionDeclaration. It runs in the pipeline's region, among the first of its stage, unless ``more`` says
    otherwise."""
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
