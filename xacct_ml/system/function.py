"""The Lambda functions: their one package, and the settings of the one that deploys the model in production."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.system.actions.approval import reviews
from xacct_ml.system.actions.lambda_judge import JUDGE, RELEASE
from xacct_ml.system.alarms import alarms
from xacct_ml.system.autoscaling import scaling_environment
from xacct_ml.system.bucket_layout import JUDGED_PREFIX
from xacct_ml.system.capture import CAPTURE_BUCKET, CAPTURE_KEY, capture_environment
from xacct_ml.system.keys import Keys
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed
from xacct_ml.system.thing import Function, Thing
from xacct_ml.system.waves import APPROVE_STAGE, DeploymentWave, waves

RUNTIME = "python3.13"
HANDLER = "payload.deploy.handler"
TIMEOUT_SECONDS = 120
LONGEST_SECONDS = 900
"""The most that Lambda allows (Lambda Developer Guide, gettingstarted-limits) [D], for what reads a model in one go."""
MEMORY_MB = 256
MAXIMUM_RETRY_ATTEMPTS = 0
"""A retried event would report a second result for the same job."""
MAXIMUM_EVENT_AGE_SECONDS = 300


_PACKED = {
    "payload": "xacct_ml.payload",
    "payload/scores": "xacct_ml.payload.scores",
    "xacct_ml/tables": "xacct_ml.tables",
    "xacct_ml/tables/data": "xacct_ml.tables.data",
}
"""Folders of the package, and the modules whose files are in them."""


@cache
def source_zip() -> bytes:
    """The package ``payload``, its reader of foreign text and the tables that it decides by. The same bytes for the
    same source (fixed order, time and mode), so CodeSha256 tells a change."""
    files: dict[str, bytes] = {}
    for folder, module in _PACKED.items():
        for file in resources.files(module).iterdir():
            if file.name.endswith((".py", ".toml")):
                files[f"{folder}/{file.name}"] = file.read_bytes()
    foreign = resources.files("xacct_ml").joinpath("foreign.py").read_bytes()
    return packed({**files, "xacct_ml/__init__.py": b"", "xacct_ml/foreign.py": foreign})


def production(names: Names, target: ProductionTarget, keys: Keys) -> Iterator[Thing]:
    """The function of one production target, and what it and its endpoint need beside roles."""
    config, region = names.config, names.region_of(target)
    group = log_group(names, f"{target.name}/log-group", target.id, names.function_log_group, region)
    yield group
    yield Function.of(
        names,
        target.id,
        f"{target.name}/function",
        names.function,
        names.function_arn(target),
        region=region,
        needs=(f"{target.name}/role/deploy-function", group.id, *_capture_needs(names, target)),
        description=f"xacct-ml {names.project}: deploys the approved model to endpoint {names.endpoint}",
        role=names.deploy_function_role(target),
        environment={
            **environment(config, target),
            **capture_environment(names, target, keys),
            **scaling_environment(names),
        },
        **settings(HANDLER, TIMEOUT_SECONDS, MEMORY_MB),
    )
    yield from alarms(config, target)


def settings(handler: str, timeout: int, memory: int) -> dict[str, Any]:
    """What a function of the package is set to; beyond the arguments, what all of them share."""
    own = {"package": source_zip(), "handler": handler, "timeout": timeout, "memory": memory, "runtime": RUNTIME}
    return {**own, "maximum_retry_attempts": MAXIMUM_RETRY_ATTEMPTS, "maximum_event_age": MAXIMUM_EVENT_AGE_SECONDS}


def _capture_needs(names: Names, target: ProductionTarget) -> list[str]:
    """Of what is captured, the key that the environment names, and the bucket, which is there before anything is."""
    return [f"{target.name}/{part}" for part in (CAPTURE_KEY, CAPTURE_BUCKET) if target in names.capturing]


def environment(config: Config, target: ProductionTarget) -> dict[str, str]:
    """Everything that the function must not take from an event: what it deploys where, as whom, and to whom it
    reports."""
    names, region = Names(config), Names(config).region_of(target)
    endpoint = config.endpoint
    variant: dict[str, object] = {
        "InstanceType": endpoint.instance_type,
        "InitialInstanceCount": endpoint.instance_count,
    }
    if (serverless := endpoint.serverless) is not None:
        limits = {"MemorySizeInMB": serverless.memory_mb, "MaxConcurrency": serverless.max_concurrency}
        variant = {"ServerlessConfig": limits}
    return {
        "ENDPOINT_NAME": names.endpoint,
        "NAME_PREFIX": names.model_prefix,
        "MODEL_LOCATION": f"s3://{names.bucket_in(region)}/{JUDGED_PREFIX}",
        "IMAGE": names.image_uri_in(region),
        "CONTAINER_VERSION": config.training.xgboost_version,
        "ENDPOINT_ROLE_ARN": names.endpoint_role(target),
        "JOB_RESULT_ROLE_ARN": names.job_result_role,
        "PIPELINE_REGION": names.region,
        "PIPELINES": json.dumps(pipelines(config, target), separators=(",", ":")),
        "VARIANT": json.dumps(variant, separators=(",", ":")),
        "SMOKE_TEST": json.dumps(_smoke_test(names), separators=(",", ":")),
        "ROLLOUT": json.dumps(_rollout(config), separators=(",", ":")),
        "ALARMS": json.dumps([alarm.name for alarm in alarms(config, target)], separators=(",", ":")),
        "TAGS": json.dumps(names.tags, separators=(",", ":")),
    }


def _rollout(config: Config) -> dict[str, Any] | None:
    given = config.endpoint.rollout
    if given is None:
        return None
    return {
        "type": given.type.upper(),
        "percent": given.percent,
        "waitSeconds": given.wait_seconds,
        "steps": given.steps,
        "minimumRequests": given.minimum_requests,
    }


def _smoke_test(names: Names) -> dict[str, str] | None:
    """What its temporary endpoint and configurations are called, and where the golden rows are."""
    if not names.config.endpoint.smoke_test:
        return None
    return {
        "endpoint": names.smoke_endpoint,
        "configs": names.smoke_prefix,
        "bucket": names.bucket,
        "owner": names.shared,
        "judged": JUDGED_PREFIX,
    }


def pipelines(config: Config, target: ProductionTarget) -> dict[str, dict[str, Any]]:
    """By the name of each pipeline that may deploy to the target: its action there, the action that says what was
    judged, and the approvals before; each as ``<stage>/<action>``."""
    names, (wave, approvals) = Names(config), _wave(config, target)
    action = f"{wave.deploy_stage}/{target.name}"
    asked = [f"{APPROVE_STAGE}/{review}" for review in reviews(config)]
    return {
        names.pipeline: {"action": action, "judgeAction": JUDGE, "approvals": approvals},
        names.release_pipeline: {"action": action, "judgeAction": RELEASE, "approvals": asked},
    }


def _wave(config: Config, target: ProductionTarget) -> tuple[DeploymentWave, list[str]]:
    """The target's wave, and every approval up to it, each as ``<stage>/<action>``."""
    approvals: list[str] = []
    for wave in waves(config):
        if wave.approve_stage is not None:
            approvals += [f"{wave.approve_stage}/{review}" for review in reviews(config)]
        if target in wave.targets:
            return wave, approvals
    raise LookupError(f"target {target.name} is in no wave")
