"""A pipeline's declaration (the ``pipeline`` member of CreatePipeline) read the way the runner needs it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import groupby
from typing import Any

Declaration = Mapping[str, Any]

SUPERSEDED, QUEUED, PARALLEL = "SUPERSEDED", "QUEUED", "PARALLEL"


def with_defaults(declaration: Declaration, version: int, region: str) -> dict[str, Any]:
    """The declaration as GetPipeline returns it: version, type, mode, run orders and empty lists filled in."""
    filled: dict[str, Any] = deepcopy(dict(declaration))
    filled["version"] = version
    filled.setdefault("pipelineType", "V1")
    filled.setdefault("executionMode", SUPERSEDED)
    for action in actions(filled):
        action.setdefault("runOrder", 1)
        action.setdefault("configuration", {})
        action.setdefault("inputArtifacts", [])
        action.setdefault("outputArtifacts", [])
        action.setdefault("region", region)
    return filled


def actions(declaration: Declaration) -> Iterator[Any]:
    """Every action, stage by stage."""
    for stage in declaration["stages"]:
        yield from stage["actions"]


def run_order(action: Declaration) -> int:
    return int(action.get("runOrder", 1))


def groups(stage: Declaration) -> list[list[Any]]:
    """The stage's actions that run together, in run order."""
    return [list(together) for _, together in groupby(sorted(stage["actions"], key=run_order), key=run_order)]


def names(action: Declaration, artifacts: str) -> tuple[str, ...]:
    """Names in ``inputArtifacts`` or ``outputArtifacts``."""
    return tuple(artifact["name"] for artifact in action.get(artifacts) or ())


def artifact_store(declaration: Declaration, region: str) -> Any:
    """The artifact store of a region: its entry in ``artifactStores``, else the one ``artifactStore``."""
    return (declaration.get("artifactStores") or {}).get(region) or declaration.get("artifactStore")
