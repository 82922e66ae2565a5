"""What the map may say of the pipeline's source: where its revisions come from, in exactly one place.

Pure. Sources: CodePipeline User Guide, action references CodeStarSourceConnection and S3, pipelines-triggers [D];
botocore's model of CodePipeline's triggers [B]."""

import re
from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path, Problem, at
from xacct_ml.system.bucket_layout import RUN_PREFIXES
from xacct_ml.system.names import Names
from xacct_ml.tables import service_limits as rules
from xacct_ml.tables.regions import REGIONS, partition

_CONNECTION: Path = ("pipeline", "connection")
_OBJECT: Path = ("pipeline", "source_object")
_CONNECTION_ARN = re.compile(
    r"arn:([a-z-]+):(?:codeconnections|codestar-connections):([a-z0-9-]+):([0-9]{12}):connection/[0-9A-Za-z-]{1,64}",
    re.ASCII,
)
_GLOB = re.compile(r"[{}]")


def problems(config: Config) -> Iterator[Problem]:
    """Every contradiction in the map's ``pipeline.connection``, ``pipeline.source_object`` and ``accounts.source``."""
    yield from _one_source(config)
    yield from at(("pipeline", "repository"), _repository_fault(config))
    if config.pipeline.connection is not None:
        yield from _connection(config)
    elif config.pipeline.source_object is not None:
        yield from _source_object(config)


def _one_source(config: Config) -> Iterator[Problem]:
    pipeline = config.pipeline
    others = [name for name in ("connection", "source_object") if getattr(pipeline, name) is not None]
    if len(others) > 1:
        reason = "a pipeline has one source: give either pipeline.connection or pipeline.source_object"
        yield Problem(_OBJECT, reason, at_key=True)
    elif others and config.accounts.source is not None:
        other = f"pipeline.{others[0]}"
        reason = f"accounts.source owns a CodeCommit repository, and {other} says that there is none; leave one out"
        yield Problem(("accounts", "source"), reason, at_key=True)


# -- connections -----------------------------------------------------------------------------------------------------
def _connection(config: Config) -> Iterator[Problem]:
    pipeline, connection = config.pipeline, config.pipeline.connection
    assert connection is not None
    yield from at((*_CONNECTION, "arn"), _arn_fault(connection.arn, config))
    if pipeline.repository is None:
        reason = "pipeline.connection needs pipeline.repository: the repository's full name, such as my-org/churn"
        yield Problem(_CONNECTION, reason, at_key=True)
    if _GLOB.search(pipeline.branch):
        reason = f"{pipeline.branch!r} has braces, which are a pattern in a trigger; rename the branch"
        yield from at(("pipeline", "branch"), reason)
    if len(connection.paths) > rules.MAXIMUM_TRIGGER_PATHS:
        reason = f"{len(connection.paths)} patterns; allowed: up to {rules.MAXIMUM_TRIGGER_PATHS}"
        yield from at((*_CONNECTION, "paths"), reason)
    for index, pattern in enumerate(connection.paths):
        fault = rules.TRIGGER_PATH.fault(pattern)
        if pattern.startswith("/"):
            fault = f"{pattern!r} begins with a slash; give it from the top of the repository, such as training/**"
        yield from at((*_CONNECTION, "paths", index), fault)


def _arn_fault(arn: str, config: Config) -> str | None:
    match = _CONNECTION_ARN.fullmatch(arn)
    region, shared = config.region, config.accounts.shared.id
    if not match:
        example = f"arn:aws:codeconnections:{region}:{shared}:connection/…"
        return f"{arn!r} is not a connection's ARN, such as {example}"
    if region in REGIONS and match[1] != partition(region):
        return f"the connection is in partition {match[1]}; region {region} is in {partition(region)}"
    if match[2] != region:
        return f"the connection is in {match[2]}; make one in the pipeline's region, {region}"
    if match[3] != shared:
        return f"the connection belongs to account {match[3]}; make one in the shared account, {shared}"
    return None


def _repository_fault(config: Config) -> str | None:
    repository, connected = config.pipeline.repository, config.pipeline.connection is not None
    if repository is None:
        return None
    if repository.endswith(".git"):
        advice = "; give the name without it" if connected else ", which CodeCommit refuses"
        return f"{repository!r} ends with .git{advice}"
    return (rules.FULL_REPOSITORY_NAME if connected else rules.REPOSITORY_NAME).fault(repository)


# -- an object -------------------------------------------------------------------------------------------------------
def _source_object(config: Config) -> Iterator[Problem]:
    pipeline, source = config.pipeline, config.pipeline.source_object
    assert source is not None
    path = (*_OBJECT, "key")
    for name in ("repository", "branch"):
        if name in pipeline.model_fields_set and getattr(pipeline, name) is not None:
            reason = f"with pipeline.source_object there is no repository; leave pipeline.{name} out"
            yield Problem(("pipeline", name), reason, at_key=True)
    if fault := rules.source_key_fault(source.key):
        yield from at(path, fault)
        return
    artifacts = Names(config).artifact_prefix
    if source.key.startswith(artifacts):
        reason = f"the pipeline's artifacts lie under {artifacts}*, which includes {source.key}; give another key"
        yield from at(path, reason)
    for prefix in (config.data.prefix, *RUN_PREFIXES):
        if source.key.startswith(f"{prefix}/"):
            yield from at(path, f"{source.key!r} lies under {prefix}/, which is for other objects; give another key")
