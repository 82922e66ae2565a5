"""``start --data``: a data set that is there becomes the current one again, and the pipeline starts with it."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config
from xacct_ml.errors import XacctError
from xacct_ml.operations.command_names import UPLOAD_DATA
from xacct_ml.operations.preconditions import key_arn, require_bucket, require_pipeline
from xacct_ml.operations.runs.executions import (
    EVENT_LOOKS,
    EVENT_SECONDS,
    Execution,
    executions,
    past_actions,
    start,
    variables,
)
from xacct_ml.operations.upload.announcing import announce, newest_manifest
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.operations.upload.dataset_ids import require
from xacct_ml.operations.upload.withdrawal import require_not_withdrawn
from xacct_ml.operations.upload.written_once import is_there
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE
from xacct_ml.system.names import Names

_ACTIONS_LOOKED_AT = 200
_STARTED_BY_EVENT = "CloudWatchEvent"
"""CodePipeline API reference, ExecutionTrigger [B]."""


def start_on(config: Config, accounts: Clients, dataset: str, sleep: Callable[[float], None]) -> str | None:
    """The id of the run; None where the new current manifest starts it, but it has not been seen yet.

    Raises :class:`InputError` for an unknown data set, :class:`XacctError` for one that was withdrawn or is not whole
    any more, and where somebody wrote another manifest meanwhile; nothing has changed then."""
    names = Names(config)
    require_bucket(config, accounts)
    require_pipeline(config, accounts)
    manifest = require(config, accounts, dataset)
    require_not_withdrawn(config, accounts, dataset)
    kms_key = key_arn(config, accounts)
    _require_whole(config, accounts, manifest, kms_key)
    s3 = accounts.client(names.shared, "s3")
    newest, current = newest_manifest(s3, names)
    if current is not None and manifest.same_data(current):
        return start(config, accounts)
    before = {run.id for run in executions(config, accounts)}
    announce(s3, names, kms_key, manifest, newest)
    for _ in range(EVENT_LOOKS):
        begun = [run for run in executions(config, accounts) if run.id not in before and _by_data(names, run)]
        if (found := _trained_on(config, accounts, [run.id for run in begun], dataset)) is not None:
            return found
        sleep(EVENT_SECONDS)
    return None


def _by_data(names: Names, run: Execution) -> bool:
    """Whether a manifest's event started it, and not a push's."""
    rule = names.arn("events", names.shared, f"rule/{names.data_rule}")
    return run.trigger == _STARTED_BY_EVENT and run.trigger_detail in (None, rule)


def _trained_on(config: Config, accounts: Clients, runs: Sequence[str], dataset: str) -> str | None:
    """The one of these runs that is on the data set; of several, somebody else's among them, what Check read tells."""
    if len(runs) < 2:
        return runs[0] if runs else None
    for detail in islice(past_actions(config, accounts), _ACTIONS_LOOKED_AT):
        of = detail["pipelineExecutionId"]
        if of in runs and detail["stageName"] == CHECK_STAGE and variables(detail).get("DataSet") == dataset:
            return str(of)
    return None


def _require_whole(config: Config, accounts: Clients, manifest: Manifest, kms_key: str) -> None:
    """The judge would say the same, after the training."""
    names = Names(config)
    s3 = accounts.client(names.shared, "s3")
    there = concurrently([partial(is_there, s3, names, kms_key, each) for each in manifest.objects])
    missing = [each.key for each, found in zip(manifest.objects, there, strict=True) if not found]
    if missing:
        more = f", nor {len(missing) - 1} more" if missing[1:] else ""
        told = f"data set {manifest.dataset}: s3://{names.bucket}/{missing[0]} is not there as it was uploaded{more}"
        raise XacctError(told, next_step=UPLOAD_DATA)
