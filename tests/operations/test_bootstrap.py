"""What comes after bootstrap depends on what is there."""

from __future__ import annotations

from tests.cli.fakes import FakeAccounts, FakeBucket, FakeClient, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import state
from xacct_ml.operations.bootstrap import after_bootstrap
from xacct_ml.operations.upload.data_manifest import Channel, Holdout, Manifest, StoredObject
from xacct_ml.system.names import Names

CONFIG = example()
NO_PIPELINE = FakeClient(get_pipeline_state=refused("GetPipelineState", "PipelineNotFoundException"))
PIPELINE = FakeClient(get_pipeline_state=state())


def accounts(pipeline: FakeClient, *, data: bool = True) -> FakeAccounts:
    bucket = FakeBucket()
    if data:
        stored = StoredObject("key", "0" * 64, bytes=4, version_id=None)
        channel = Channel("uri", "csv", rows=1, columns=2, objects=(stored,))
        channels = {"train": channel, "validation": channel}
        held_out = Holdout("validation", 1, 1, stored, stored)
        manifest = Manifest("0" * 16, "2026-01-01T00:00:00Z", "arn:me", channels, held_out)
        bucket.objects[Names(CONFIG).manifest_key] = {"Body": manifest.to_json()}
    return FakeAccounts({(SHARED, "s3"): bucket, (SHARED, "codepipeline"): pipeline})


def test_without_data_it_is_the_upload() -> None:
    """Whether there is a pipeline or not: without data it has nothing to train on."""
    assert after_bootstrap(CONFIG, accounts(NO_PIPELINE, data=False)).startswith("xacct-ml upload-data")
    assert after_bootstrap(CONFIG, accounts(PIPELINE, data=False)).startswith("xacct-ml upload-data")


def test_with_data_it_is_the_pipeline() -> None:
    """Which starts the first run by itself."""
    assert after_bootstrap(CONFIG, accounts(NO_PIPELINE)) == "xacct-ml create-pipeline"


def test_with_both_it_is_a_look() -> None:
    """Nothing is missing."""
    assert after_bootstrap(CONFIG, accounts(PIPELINE)) == "xacct-ml status"
