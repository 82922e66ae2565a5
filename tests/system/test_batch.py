"""The role that predicts files: where it is, what it comes to, and who lets it."""

from __future__ import annotations

from tests.configs import PRODUCTION, example, ireland
from tests.waved import waved
from xacct_ml.config.model import Config
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system, things_by_id
from xacct_ml.system.thing import Bucket, Key, Role

BATCH = {"bucket": "churn-files"}


def of(config: Config, id_: str) -> object:
    return things_by_id(config, Keys.stand_ins(Names(config)))[id_]


def sids(document: dict[str, list[dict[str, object]]]) -> set[object]:
    return {statement["Sid"] for statement in document["Statement"]}


def test_a_map_without_batch_has_nothing_of_it() -> None:
    """No role, and no statement of bucket or key."""
    config = example()
    things = system(config, Keys.stand_ins(Names(config)))
    assert "batch" not in {thing.job for thing in things if isinstance(thing, Role)}
    bucket = of(config, "shared/bucket")
    assert isinstance(bucket, Bucket)
    assert "BatchReadsModels" not in sids(bucket.policy)


def test_the_first_target_predicts_files_unless_the_map_says_which() -> None:
    """In its account alone."""
    config = waved(batch=BATCH)
    jobs = [thing.id for thing in system(config, Keys.stand_ins(Names(config))) if thing.id.endswith("/role/batch")]
    assert jobs == ["canary/role/batch"]
    config = waved(batch={**BATCH, "target": "mobile"})
    role = of(config, "mobile/role/batch")
    assert isinstance(role, Role)
    assert role.account == "555555555555"


def test_it_reads_judged_models_of_its_region_and_one_bucket_of_its_own_account() -> None:
    """Another region's bucket and key let it in there, and the pipeline's do not."""
    config = ireland(batch=BATCH)
    role = of(config, "ireland/role/batch")
    assert isinstance(role, Role)
    assert (role.name, role.account) == ("churn-batch-eu-west-1", PRODUCTION)
    read, write = role.policies["model"]["Statement"][0], role.policies["files"]["Statement"][1]
    assert read["Resource"] == "arn:aws:s3:::churn-111111111111-eu-west-1/judged/*"
    assert write["Resource"] == "arn:aws:s3:::churn-files/*"
    assert write["Condition"] == {"StringEquals": {"aws:ResourceAccount": PRODUCTION}}
    here, there = of(config, "shared/bucket"), of(config, "shared/bucket/eu-west-1")
    assert isinstance(here, Bucket)
    assert isinstance(there, Bucket)
    assert "BatchReadsModels" not in sids(here.policy)
    assert "BatchReadsModels" in sids(there.policy)
    key = of(config, "shared/key/eu-west-1")
    assert isinstance(key, Key)
    assert role.arn in str(key.policy)


def test_no_other_project_has_its_names() -> None:
    """Two hyphens in a row are in no project's name."""
    assert Names(example()).batch_pattern == "churn--batch-????????????????"
