"""The data sets there are: what the bucket has of each, whether it was withdrawn, and which runs it was given to.

AWS is the state: nothing is kept beside the data sets' own manifests, the notes of withdrawal and the pipeline's
history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config
from xacct_ml.errors import NotReady
from xacct_ml.foreign import ForeignTextError, document
from xacct_ml.operations.preconditions import object_bytes, objects_under, require_bucket
from xacct_ml.operations.release.serving import first_serving, serving
from xacct_ml.operations.runs.executions import LOOKED_THROUGH, past_actions, variables
from xacct_ml.operations.upload.authorship import stamp
from xacct_ml.operations.upload.data_manifest import CHANNELS, Manifest
from xacct_ml.operations.upload.dataset_ids import ids
from xacct_ml.operations.upload.withdrawal import withdrawn
from xacct_ml.system.actions.lambda_judge import CHECK_STAGE
from xacct_ml.system.actions.stepfunctions import TRAIN_STAGE
from xacct_ml.system.names import Names


@dataclass(frozen=True, slots=True)
class History:
    """What the pipeline did, as far as was looked back. By data set the runs that trained on it, newest first; ``live``
    is the data set of the newest successful deployment to the map's first target that serves."""

    runs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    live: str | None = None
    whole: bool = True
    """Whether there was no more to look at."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is known of one. Of data that an earlier release uploaded, ``manifest`` is None, ``created`` is when its
    last object was written, and rows are known while it is the current one."""

    dataset: str
    created: str | None
    current: bool
    live: bool
    manifest: Manifest | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: int | None = None
    withdrawn: str | None = None
    """By whom, when and why, in a clause."""
    runs: tuple[str, ...] = ()


def datasets(config: Config, accounts: Clients) -> tuple[tuple[DataSet, ...], History]:
    """All of them, newest first, and the history that they were looked up in. Raises :class:`NotReady` before
    bootstrap."""
    require_bucket(config, accounts)
    past = history(config, accounts)
    current = _current(config, accounts)
    read = [partial(_dataset, config, accounts, each, current, past) for each in ids(config, accounts)]
    found = concurrently(read)
    return tuple(sorted(found, key=lambda each: (each.created or "", each.dataset), reverse=True)), past


def history(config: Config, accounts: Clients) -> History:
    """Before there is a pipeline, nothing."""
    now = first_serving(config, serving(config, accounts))
    trained, runs, live = set[str](), dict[str, list[str]](), None
    seen = 0
    try:
        for detail in islice(past_actions(config, accounts), LOOKED_THROUGH):
            seen += 1
            run, stage = detail["pipelineExecutionId"], detail["stageName"]
            succeeded = detail["status"] == "Succeeded"
            if stage == TRAIN_STAGE:
                trained.add(run)
            elif succeeded and stage == CHECK_STAGE and (dataset := variables(detail).get("DataSet")):
                # Newest first: what the run did behind Check was seen already.
                if run in trained and run not in runs.setdefault(dataset, []):
                    runs[dataset].append(run)
                live = dataset if now is not None and run == now.run else live
    except NotReady:
        return History()
    return History({each: tuple(of) for each, of in runs.items()}, live, seen < LOOKED_THROUGH)


@dataclass(frozen=True, slots=True)
class _Current:
    """The current manifest, of whichever release."""

    dataset: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: int | None = None


def _current(config: Config, accounts: Clients) -> _Current:
    text = object_bytes(config, accounts, Names(config).manifest_key)
    try:
        found = document(text or b"")
        dataset, channels = str(found["dataset"]), found["channels"]
        rows = {name: int(channels[name]["rows"]) for name in CHANNELS}
        return _Current(dataset, rows, int(channels["train"]["columns"]))
    except (ForeignTextError, KeyError, TypeError, ValueError):
        return _Current()


def _dataset(config: Config, accounts: Clients, dataset: str, current: _Current, past: History) -> DataSet:
    names, is_current = Names(config), dataset == current.dataset
    text = object_bytes(config, accounts, names.dataset_manifest_key(dataset))
    manifest = None if text is None else Manifest.parse(text)
    known: Callable[..., DataSet] = partial(
        DataSet,
        dataset,
        current=is_current,
        live=dataset == past.live,
        withdrawn=withdrawn(config, accounts, dataset),
        runs=past.runs.get(dataset, ()),
    )
    if manifest is None or manifest.dataset != dataset:
        rows, columns = (current.rows, current.columns) if is_current else ({}, None)
        return known(created=_last_written(config, accounts, dataset), rows=rows, columns=columns)
    rows = {name: channel.rows for name, channel in manifest.channels.items()}
    if manifest.holdout.origin not in rows:
        rows[manifest.holdout.origin] = manifest.holdout.rows
    columns = manifest.channels["train"].columns
    return known(created=manifest.created, manifest=manifest, rows=rows, columns=columns)


def _last_written(config: Config, accounts: Clients, dataset: str) -> str | None:
    prefix = f"{Names(config).data_prefix}/{dataset}/"
    written = [each["LastModified"] for each in objects_under(config, accounts, prefix)]
    return stamp(max(written)) if written else None
