"""An object of each class in the project's buckets, for the whole matrix."""

from collections.abc import Iterator, Sequence

from xacct_ml.proof.requests.samples import (
    DATASET,
    DEPLOYED,
    DIGEST,
    EXECUTION,
    TIME,
    UNRELATED,
    artifact_key,
    job_name,
)
from xacct_ml.system.bucket_layout import (
    EVALUATIONS_PREFIX,
    HISTORY_PREFIX,
    HOLDOUT_PREFIX,
    JUDGED_PREFIX,
    LIVE_PREFIX,
    MODELS_PREFIX,
    SCHEDULE_PREFIX,
    SCORES_PREFIX,
)
from xacct_ml.system.names import Names

BucketObject = tuple[str, str, str, tuple[str, ...]]
"""Class, a key, the pattern of all of the class, and the wider classes that they belong to as well."""


def objects(names: Names, region: str) -> Sequence[BucketObject]:
    """Of one region's bucket; those of other regions than the pipeline's have judged models and artifacts only."""
    judged = ("judged models", names.judged_key(DIGEST), f"{JUDGED_PREFIX}/*", ())
    artifacts = ("artifacts", artifact_key(names), f"{names.artifact_prefix}*", ())
    elsewhere = ("elsewhere in the bucket", f"{UNRELATED}/object", f"{UNRELATED}/object", ())
    if region != names.region:
        return [judged, artifacts, elsewhere]
    return [
        ("manifest", names.manifest_key, names.manifest_key, ("data",)),
        (
            "channel manifests",
            names.channel_manifest_key(DATASET, "train"),
            f"{names.data_prefix}/*.manifest",
            ("data",),
        ),
        *_beside_the_data(names),
        ("data", names.channel_key(DATASET, "train"), f"{names.data_prefix}/*", ()),
        ("models", names.model_key(job_name(names)), f"{MODELS_PREFIX}/*", ()),
        *_golden_rows(names),
        judged,
        *_scoring_objects(names),
        ("evaluations", names.evaluation_key(EXECUTION, job_name(names)), f"{EVALUATIONS_PREFIX}/*", ()),
        ("notes of the schedule", names.schedule_key(TIME), f"{SCHEDULE_PREFIX}/*", ()),
        *_release_objects(names),
        artifacts,
        *([("source zip", names.source_key, names.source_key, ())] if names.source_key is not None else []),
        elsewhere,
    ]


def _beside_the_data(names: Names) -> Iterator[BucketObject]:
    for words, key in (("schemas", names.schema_key(DATASET)), ("profiles", names.profile_key(DATASET))):
        yield words, key, f"{names.data_prefix}/*/{key.rpartition('/')[2]}", ("data",)


def _golden_rows(names: Names) -> Iterator[BucketObject]:
    for words, kind in (("golden rows", "csv"), ("golden answers", "json")):
        yield words, names.golden_key(DIGEST, kind), names.golden_key("*", kind), ("judged models",)


def _release_objects(names: Names) -> Iterator[BucketObject]:
    yield "request of a release", names.release_key, names.release_key, ()
    yield "what serves", names.live_key("production"), f"{LIVE_PREFIX}/*", ()
    deployed = names.history_key("production", DEPLOYED, EXECUTION)
    yield "what served", deployed, f"{HISTORY_PREFIX}/*", ()


def _scoring_objects(names: Names) -> Iterator[BucketObject]:
    for part in ("features", "labels", "slices"):
        yield f"held-out {part}", names.holdout_key(DATASET, part), f"{HOLDOUT_PREFIX}/*/{part}.csv", ()
    yield "withdrawals", names.withdrawal_key(DATASET), names.withdrawal_key("*"), ()
    scores = names.scores_key(EXECUTION, job_name(names), "candidate")
    yield "scores", scores, f"{SCORES_PREFIX}/*", ()
