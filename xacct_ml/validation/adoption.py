"""What the map may adopt: the ids of the resources that may have been there before, as ``plan`` shows them.

Pure, and below the blueprint that makes the resources; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem, suggestion

_NOT_ADOPTABLE = {
    "shared/key": "an existing key is named by its ARN: give key.arn",
    "shared/alias": "the alias belongs to the key: give key.arn",
    "shared/event-bus-permission": "the statement is named for the project; delete the one that has its name",
    "shared/connection": "a connection is never made, changed or deleted: it stays as it is anyhow",
    "shared/source": "a zip that is there is never written again anyhow",
    "training/stack": "a stack cannot be adopted: the pipeline would delete whatever else is in it; "
    "delete the stack or give another project",
}

_ROLES = {
    "shared": ("pipeline", "job-result", "start"),
    "source": ("source-action", "forward"),
    "training": ("train-action", "cloudformation", "state-machine", "training"),
    "production": ("deploy-action", "deploy-function", "endpoint"),
}


def adoptable(config: Config) -> tuple[str, ...]:
    """Ids, account by account."""
    return tuple(_ids(config))


def not_adoptable(config: Config) -> dict[str, str]:
    """Why not, by id."""
    of_regions = [f"shared/{part}/{region}" for part in ("key", "alias", "bucket") for region in _other_regions(config)]
    return {**_NOT_ADOPTABLE, **dict.fromkeys(of_regions, "in other regions than the map's, keys and buckets are made")}


def problems(config: Config) -> Iterator[Problem]:
    """Entries of ``adopt`` that name nothing, twice the same, or what cannot be adopted."""
    known, refused = adoptable(config), not_adoptable(config)
    for position, id_ in enumerate(config.adopt):
        path = ("adopt", position)
        if id_ in refused:
            yield Problem(path, f"adopt: {id_}: {refused[id_]}")
        elif id_ not in known:
            hint = suggestion(id_, known)
            yield Problem(path, f"adopt: there is no resource {id_!r}{hint} xacct-ml plan --output json has all ids")
        elif id_ in config.adopt[:position]:
            yield Problem(path, f"adopt: {id_} is given twice")


def _other_regions(config: Config) -> list[str]:
    return sorted({target.region for target in config.accounts.production if target.region} - {config.region})


def _ids(config: Config) -> Iterator[str]:
    source = config.accounts.source
    yield "shared/bucket"
    if config.pipeline.connection is None and config.pipeline.source_object is None:
        yield "shared/repository" if source is None else "source/repository"
    if source is not None:
        yield from _roles("source", "source")
        yield from ("shared/log-group", f"source/rule/{config.project}-forward")
    yield from _roles("shared", "shared")
    if _other_regions(config):
        yield from ("shared/role/copy-model", "shared/copy-log-group", "shared/copy-function")
    yield from _roles("training", "training")
    endpoint = config.endpoint.name or config.project
    for target in config.accounts.production:
        yield from _roles(target.name, "production")
        yield from (f"{target.name}/log-group", f"{target.name}/function")
        if config.endpoint.serverless is None:
            yield f"{target.name}/alarm/{config.project}-{endpoint}-5xx"
    yield "shared/pipeline"
    yield from (f"shared/rule/{config.project}-{event}" for event in _events(config))


def _events(config: Config) -> tuple[str, ...]:
    if config.pipeline.connection is not None:
        return ("data",)
    return ("push" if config.pipeline.source_object is None else "source", "data")


def _roles(where: str, kind: str) -> Iterator[str]:
    return (f"{where}/role/{job}" for job in _ROLES[kind])
