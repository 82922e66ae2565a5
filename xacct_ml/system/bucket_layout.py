"""The project's buckets, one a region, and what lies under which of their keys."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.system.places import Derived, Places

MODELS_PREFIX = "models"
EVALUATIONS_PREFIX = "evaluations"
JUDGED_PREFIX = "judged"
"""Models that were judged, by the digest of their content; only these are served."""

CHECKPOINTS_PREFIX = "checkpoints"
HOLDOUT_PREFIX = "holdout"
"""Rows that models are scored on, by data set; outside the data, so that no training job reads them."""

SCORES_PREFIX = "scores"
"""Predictions of the rows held out, by run and training job; written by batch transforms."""

WITHDRAWN_PREFIX = "withdrawn"
"""Data sets that may not be trained on again, a note each; outside the data, whose readers it is not for."""

RELEASE_PREFIX = "release"
"""The request of a release, whose versions start the release pipeline."""

LIVE_PREFIX = "live"
"""What each target serves now; written over with each deployment."""

HISTORY_PREFIX = "history"
"""What each target has served since when; written once."""

SCHEDULE_PREFIX = "schedule"
"""What came of each time of the schedule, by that time."""

RUN_PREFIXES = (
    *(MODELS_PREFIX, EVALUATIONS_PREFIX, JUDGED_PREFIX, CHECKPOINTS_PREFIX),
    *(HOLDOUT_PREFIX, SCORES_PREFIX, WITHDRAWN_PREFIX),
    *(RELEASE_PREFIX, LIVE_PREFIX, HISTORY_PREFIX, SCHEDULE_PREFIX),
)
"""What runs write under, or read and are not trained on: nothing else lies there."""

EVIDENCE_PREFIXES = (JUDGED_PREFIX, EVALUATIONS_PREFIX, HISTORY_PREFIX)
"""Written once by the judge, kept, and deleted by the operator alone: which model was judged how, and served where."""

ARTIFACT_PREFIX_LENGTH = 20
"""CodePipeline truncates the pipeline's name in artifact keys; length 20 observed, not documented [U]."""

DATASET_ID_LENGTH = 16
"""Hexadecimal digits that name a data set."""


@dataclass(frozen=True)
class BucketLayout(Places):
    """Of the buckets in these places. A data set's objects have its id in their keys."""

    # -- buckets -------------------------------------------------------------------------------------------------
    bucket = Derived(lambda names: names.bucket_in(names.region))

    def bucket_in(self, region: str) -> str:
        """The bucket of a region. Of the other regions' ones, the name ends with the region, also if the map gives
        the pipeline's bucket a name."""
        given = self.config.bucket.name
        if given is None:
            return f"{self.project}-{self.shared}-{region}"
        return given if region == self.region else f"{given}-{region}"

    bucket_arn = Derived(lambda names: names.bucket_arn_in(names.region))

    def bucket_arn_in(self, region: str) -> str:
        return f"arn:{self.partition}:s3:::{self.bucket_in(region)}"

    def object_arn(self, key: str, region: str | None = None) -> str:
        """An object of the pipeline's region's bucket, or of another region's."""
        return f"{self.bucket_arn_in(region or self.region)}/{key}"

    pipeline = Derived(lambda names: names.config.pipeline.name or names.project)
    """Its name, which CodePipeline puts before the keys of artifacts."""

    # -- keys ----------------------------------------------------------------------------------------------------
    artifact_prefix = Derived(lambda names: names.pipeline[:ARTIFACT_PREFIX_LENGTH])
    """Artifacts lie under keys that begin with this (no slash: see ARTIFACT_PREFIX_LENGTH)."""

    artifacts_arn = Derived(lambda names: names.object_arn(f"{names.artifact_prefix}*"))
    """Every artifact of the pipeline's region, in a policy."""

    data_prefix = Derived(lambda names: names.config.data.prefix)
    """Without slashes at either end."""

    manifest_key = Derived(lambda names: f"{names.data_prefix}/manifest.json")

    def channel_prefix(self, dataset_id: str, channel: str) -> str:
        return f"{self.data_prefix}/{dataset_id}/{channel}/"

    def channel_key(self, dataset_id: str, channel: str) -> str:
        return f"{self.channel_prefix(dataset_id, channel)}{channel}.csv"

    def channel_manifest_key(self, dataset_id: str, channel: str) -> str:
        """The file that names a channel's objects to SageMaker."""
        return f"{self.data_prefix}/{dataset_id}/{channel}.manifest"

    def part_key(self, dataset_id: str, channel: str, sha256: str, suffix: str = "csv") -> str:
        """One of several objects of a channel: named by its content, so that the same parts have the same keys."""
        return f"{self.channel_prefix(dataset_id, channel)}{sha256[:32]}.{suffix}"

    def dataset_manifest_key(self, dataset_id: str) -> str:
        """What the data manifest says of this data set, for when another one is current."""
        return f"{self.data_prefix}/{dataset_id}/manifest.json"

    def schema_key(self, dataset_id: str) -> str:
        return f"{self.data_prefix}/{dataset_id}/schema.json"

    def profile_key(self, dataset_id: str) -> str:
        return f"{self.data_prefix}/{dataset_id}/profile.json"

    def holdout_key(self, dataset_id: str, part: str) -> str:
        """``part`` is ``features``, ``labels`` or ``slices``."""
        return f"{HOLDOUT_PREFIX}/{dataset_id}/{part}.csv"

    def withdrawal_key(self, dataset_id: str) -> str:
        return f"{WITHDRAWN_PREFIX}/{dataset_id}.json"

    def schedule_key(self, time: str) -> str:
        """``time`` as ``20261130T050000Z``."""
        return f"{SCHEDULE_PREFIX}/{time}.json"

    withdrawals_arn = Derived(lambda names: names.object_arn(f"{WITHDRAWN_PREFIX}/*"))
    """Every note on withdrawn data, in a policy."""

    holdouts_arn = Derived(lambda names: names.object_arn(f"{HOLDOUT_PREFIX}/*"))
    """Everything held out, in a policy."""

    datasets_arn = Derived(lambda names: names.object_arn(f"{names.data_prefix}/{'?' * DATASET_ID_LENGTH}/*"))
    """Everything of the data sets, in a policy; not the data manifest."""

    channel_manifests_arn = Derived(
        lambda names: names.object_arn(f"{names.data_prefix}/{'?' * DATASET_ID_LENGTH}/*.manifest")
    )
    """The files that name the channels' objects, in a policy."""

    def model_key(self, training_job: str) -> str:
        return f"{MODELS_PREFIX}/{training_job}/output/model.tar.gz"

    def judged_key(self, sha256: str) -> str:
        return f"{JUDGED_PREFIX}/{sha256}/model.tar.gz"

    def golden_key(self, sha256: str, kind: str) -> str:
        """Of a judged model: ``csv``, the golden rows that a batch transform reads, or ``json``, with its answers."""
        return f"{JUDGED_PREFIX}/{sha256}/golden.{kind}"

    def evaluation_key(self, pipeline_execution_id: str, training_job: str) -> str:
        """Of a run and the training job that it judged: a run whose training was retried has a record of each."""
        return f"{EVALUATIONS_PREFIX}/{pipeline_execution_id}/{training_job}.json"

    release_key = Derived(lambda _: f"{RELEASE_PREFIX}/release.zip")
    """Each version is one request."""

    def live_key(self, target: str) -> str:
        """``target`` is a production target's name, as in what follows."""
        return f"{LIVE_PREFIX}/{target}.json"

    def history_key(self, target: str, deployed: str, execution: str) -> str:
        """``deployed`` is the time in UTC as ``20261129T235959Z``; ``execution`` is the run that deployed."""
        return f"{HISTORY_PREFIX}/{target}/{deployed}-{execution}.json"

    def scores_key(self, pipeline_execution_id: str, training_job: str, which: str) -> str:
        """What a batch transform predicted; ``which`` names it."""
        return f"{SCORES_PREFIX}/{pipeline_execution_id}/{training_job}/{which}/features.csv.out"
