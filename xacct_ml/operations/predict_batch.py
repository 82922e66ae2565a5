"""``predict --batch``: files are predicted in production, by the model that a target serves, as one batch transform.

AWS is the state: the name of the job follows from the model, the files as they are, where the answers go and how many
such jobs have failed before. So the same command, run again after it was killed, finds its job and waits for it; and
does nothing where the answers are there. A job's name is used for good (SageMaker API reference, CreateTransformJob)
[B]; its model is deleted once it has ended."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Batch, Config, ProductionTarget
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.foreign import bounded
from xacct_ml.operations.command_names import LOGS, STATUS
from xacct_ml.operations.runs.endpoint import ABSENT, could_not_find, endpoint_state
from xacct_ml.resources.rights import Place, Rights
from xacct_ml.system.names import DIGEST_LENGTH, Names
from xacct_ml.system.scoring import LOGS as TRANSFORM_LOGS
from xacct_ml.system.statements import Conditions

BATCH_JOB, BATCH_MODEL, FILES = "batch transform of files", "model of files", "bucket of files"
"""What rights are on, beside what bootstrap makes."""


def _batch_role(place: Place) -> str:
    target = place.names.batch_target
    return "" if target is None else place.names.batch_role(target)


def _isolated(_: Place) -> Conditions:
    return {"Bool": {"sagemaker:NetworkIsolation": "true"}}


def _to_sagemaker(_: Place) -> Conditions:
    return {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


RIGHTS = {
    "AWS::SageMaker::Model": (Rights("endpoint/Models", "sagemaker: DescribeModel"),),
    BATCH_JOB: (Rights("batch/Transforms", "sagemaker: AddTags CreateTransformJob DescribeTransformJob"),),
    BATCH_MODEL: (
        Rights("batch/MakeModels", "sagemaker: CreateModel", condition=_isolated),
        Rights("batch/Models", "sagemaker: AddTags DeleteModel"),
        Rights("batch/PassBatchRole", "iam: PassRole", on=(_batch_role,), condition=_to_sagemaker),
    ),
    FILES: (Rights("batch/Files", "s3: ListBucket"),),
}

MOST_FILES = 1_000
MOST_ATTEMPTS = 20
"""Of the same files with the same model, where each has failed."""
SECONDS_BETWEEN = 5.0
LONGEST_URI = 1024  # SageMaker S3Uri [B]
LARGEST_PAYLOAD_MB = 6
"""Of one request to the container, which takes no more (its serve.py, MAX_CONTENT_LENGTH) [C]."""

Waiting = Callable[[str, str, float], None]
"""Is told the job's name, its state and for how many seconds it has been waited for."""


@dataclass(frozen=True, slots=True)
class Files:
    """What is asked, a key of the map's bucket, or a prefix that ends with a slash and means each object right under
    it; and the prefix of the answers, which ends with a slash."""

    bucket: str
    source: str
    output: str

    def answer(self, key: str) -> str:
        """Where SageMaker puts the answer to an object (SageMaker Developer Guide, batch-transform) [D]."""
        return f"{self.output}{key.rpartition('/')[2]}.out"


@dataclass(frozen=True, slots=True)
class Predicted:
    """``answers`` are ``s3://`` URIs, by file. ``before``: the job had ended before this command was run. ``seconds``
    is how long it ran, None where SageMaker does not say."""

    target: str
    job: str
    model: str
    answers: dict[str, str]
    before: bool
    seconds: float | None


def batch_target(config: Config, name: str | None) -> tuple[Batch, ProductionTarget]:
    """What the map has for batch transforms. Raises :class:`InputError` where it has nothing, or for another target."""
    target = Names(config).batch_target
    if config.batch is None or target is None:
        raise InputError("the map has no `batch`: it says in which bucket files lie", next_step="docs/batch.md")
    if name not in (None, target.name):
        raise InputError(f"--target {name}: the map predicts files at {target.name} (batch.target)")
    return config.batch, target


def files(batch: Batch, source: str, output: str) -> Files:
    """Of two ``s3://`` URIs. Raises :class:`InputError` for what is none, lies in another bucket, or would put answers
    among what is asked."""
    asked, answers = _key("--batch", batch, source), _key("--out", batch, output)
    if not asked:
        raise InputError(f"--batch {source}: name a file, or a prefix that ends with a slash")
    folder = f"{answers.rstrip('/')}/" if answers.strip("/") else ""
    if not folder:
        raise InputError(f"--out {output}: name a prefix, such as s3://{batch.bucket}/predictions/")
    if folder.startswith(asked) or folder == f"{asked.rpartition('/')[0]}/":
        raise InputError("--out lies where the files are: the answers would be asked next time")
    return Files(batch.bucket, asked, folder)


def _key(flag: str, batch: Batch, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://"):
        raise InputError(f"{flag} {uri}: give s3://{batch.bucket}/…")
    if bucket != batch.bucket:
        raise InputError(
            f"{flag} {uri}: the role of batch transforms comes to bucket {batch.bucket} only (batch.bucket)"
        )
    if len(uri) > LONGEST_URI or not uri.isprintable():
        raise InputError(f"{flag}: SageMaker takes URIs of up to {LONGEST_URI} printable characters")
    return key


def predict_files(
    config: Config, accounts: Clients, asked: Files, sleep: Callable[[float], None], waiting: Waiting
) -> Predicted:
    """Start the batch transform, or find it, and wait until it has ended.

    Raises :class:`NotReady` without an endpoint whose model is judged; :class:`InputError` where there are no such
    files; :class:`XacctError`, with SageMaker's reason, where the job failed."""
    batch, target = batch_target(config, None)
    names = Names(config)
    served = _served(config, accounts, target)
    s3 = accounts.client(target.id, "s3", names.region_of(target))
    mine = {"Bucket": asked.bucket, "ExpectedBucketOwner": target.id}
    found = _found(s3, asked, mine)
    if found is None:
        raise NotReady(
            f"there is no bucket {asked.bucket} in account {target.id}",
            next_step=f"make it there, in {names.region_of(target)}, or correct batch.bucket",
        )
    transforms = _Transforms(names, batch, target, accounts.client(target.id, "sagemaker", names.region_of(target)))
    answers = {key: asked.answer(key) for key, _ in found}
    job = transforms.begin(served, asked, found, lambda: _are_there(s3, asked, mine, answers.values()))
    waited = 0.0
    before = job.ended
    while not job.ended:
        waiting(job.name, job.status, waited)
        sleep(SECONDS_BETWEEN)
        waited += SECONDS_BETWEEN
        job = transforms.job(job.name) or job
    transforms.clear(job.name)
    if job.status != COMPLETED:
        raise _failed(job, target, names.region_of(target))
    uris = {f"s3://{asked.bucket}/{key}": f"s3://{asked.bucket}/{answer}" for key, answer in answers.items()}
    return Predicted(target.name, job.name, served.digest, uris, before, job.seconds)


@dataclass(frozen=True, slots=True)
class _Served:
    """A model as its endpoint has it."""

    digest: str
    image: str
    url: str


def _served(config: Config, accounts: Clients, target: ProductionTarget) -> _Served:
    names = Names(config)
    state = endpoint_state(config, accounts, target)
    if state.status in (ABSENT, "Creating"):
        raise NotReady(f"there is no endpoint {state.name} in {target.name} yet, so no model", next_step=STATUS)
    if state.model is None or state.digest is None:
        why = state.reason or "it serves no judged model"
        raise XacctError(f"the endpoint {state.name} in {target.name}: {why}", next_step=STATUS)
    sagemaker = accounts.client(target.id, "sagemaker", names.region_of(target))
    container = sagemaker.describe_model(ModelName=state.model)["PrimaryContainer"]
    return _Served(state.digest, container["Image"], container["ModelDataUrl"])


def _found(s3: Any, asked: Files, mine: Mapping[str, str]) -> list[tuple[str, str]] | None:
    """Key and ETag of each file, in order; None without the bucket. Raises :class:`InputError`."""
    return absent_as_none("NoSuchBucket", _listed, s3=s3, asked=asked, mine=mine)


def _listed(s3: Any, asked: Files, mine: Mapping[str, str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    where = f"s3://{asked.bucket}/{asked.source}"
    for each in listed(s3, "list_objects_v2", "Contents", **mine, Prefix=asked.source):
        key = each["Key"]
        if key.endswith("/") and not each["Size"]:
            continue  # what the console makes for a folder
        if asked.source.endswith("/"):
            if "/" in key.removeprefix(asked.source):
                raise InputError(f"{where} has s3://{asked.bucket}/{key}: files must lie right under it")
        elif key != asked.source:
            raise InputError(
                f"{where} also begins the name of s3://{asked.bucket}/{key}, which SageMaker would read too",
                next_step="put the file under a prefix of its own, and give that prefix with a slash at its end",
            )
        if not each["Size"]:
            raise InputError(f"s3://{asked.bucket}/{key} is empty")
        found.append((key, each["ETag"]))
        if len(found) > MOST_FILES:
            raise InputError(f"{where} has over {MOST_FILES:,} files: put fewer, larger ones there")
    if not found:
        raise InputError(f"there is no {where}")
    return found


def _are_there(s3: Any, asked: Files, mine: Mapping[str, str], answers: Iterable[str]) -> bool:
    pages = listed(s3, "list_objects_v2", "Contents", **mine, Prefix=asked.output)
    return set(answers) <= {each["Key"] for each in pages}


COMPLETED = "Completed"
_ENDED = (COMPLETED, "Failed", "Stopped")


@dataclass(frozen=True, slots=True)
class _Job:
    """As DescribeTransformJob tells it."""

    name: str
    status: str
    reason: str | None
    seconds: float | None

    @property
    def ended(self) -> bool:
        return self.status in _ENDED


@dataclass(frozen=True, slots=True)
class _Transforms:
    """Those of one target."""

    names: Names
    batch: Batch
    target: ProductionTarget
    sagemaker: Any

    def begin(self, served: _Served, asked: Files, found: list[tuple[str, str]], answered: Callable[[], bool]) -> _Job:
        """The job that runs, or has completed with its answers there; else a new one, which is started."""
        parts = (served.url, served.image, asked.source, asked.output, *(f"{key} {etag}" for key, etag in found))
        how = (self.batch.instance_type, str(self.batch.instance_count))
        for attempt in range(MOST_ATTEMPTS):
            text = "\n".join((asked.bucket, *parts, *how, str(attempt)))
            name = f"{self.names.batch_prefix}{hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]}"
            job = self.job(name)
            if job is None:
                self._start(name, served, asked)
                return _Job(name, "InProgress", None, None)
            if not job.ended or (job.status == COMPLETED and answered()):
                return job
        raise XacctError(
            f"{MOST_ATTEMPTS} batch transforms of these files with this model have failed",
            next_step=f"{LOGS} --of batch shows what they printed; then change the files",
        )

    def job(self, name: str) -> _Job | None:
        found = absent_as_none(_not_found, self.sagemaker.describe_transform_job, TransformJobName=name)
        if found is None:
            return None
        began, ended = found.get("TransformStartTime"), found.get("TransformEndTime")
        reason = bounded(found.get("FailureReason") or "") or None
        return _Job(name, found["TransformJobStatus"], reason, _seconds(began, ended))

    def clear(self, name: str) -> None:
        with suppress(ClientError):
            self.sagemaker.delete_model(ModelName=name)

    def _start(self, name: str, served: _Served, asked: Files) -> None:
        tags = [{"Key": key, "Value": value} for key, value in self.names.tags.items()]
        with _unless_there():
            self.sagemaker.create_model(
                ModelName=name,
                ExecutionRoleArn=self.names.batch_role(self.target),
                PrimaryContainer={"Image": served.image, "ModelDataUrl": served.url},
                EnableNetworkIsolation=True,
                Tags=tags,
            )
        with _unless_there():
            self.sagemaker.create_transform_job(**self._asked(name, asked), Tags=tags)

    def _asked(self, name: str, asked: Files) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{asked.bucket}/{asked.source}"}
        return {
            "TransformJobName": name,
            "ModelName": name,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": LARGEST_PAYLOAD_MB,
            "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": "text/csv", "SplitType": "Line"},
            "TransformOutput": {
                "S3OutputPath": f"s3://{asked.bucket}/{asked.output.rstrip('/')}",
                "Accept": "text/csv",
                "AssembleWith": "Line",
            },
            "TransformResources": {
                "InstanceType": self.batch.instance_type,
                "InstanceCount": self.batch.instance_count,
            },
        }


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return None if began is None or ended is None else (ended - began).total_seconds()


def _failed(job: _Job, target: ProductionTarget, region: str) -> XacctError:
    return XacctError(
        f"the batch transform {job.name} in {target.name} {job.status.lower()}: {job.reason or 'nobody said why'}",
        details=(
            "rows are the features alone, as numbers, in the order of training: no header, no label",
            f"{LOGS} {job.name} --of batch shows what it printed (log group {TRANSFORM_LOGS} of account {target.id}, "
            f"{region})",
        ),
        next_step="change the files, and run the same command again: it starts another one",
    )


def _not_found(error: ClientError) -> bool:
    """SageMaker says "Requested resource not found." of jobs [C]."""
    return could_not_find(error) or "not found" in error.response["Error"].get("Message", "").lower()


@contextmanager
def _unless_there() -> Iterator[None]:
    """A name that is taken: this command was killed in between, or is run twice at once."""
    try:
        yield
    except ClientError as error:
        if code_of(error) != "ResourceInUse" and "already exist" not in error.response["Error"].get("Message", ""):
            raise
