"""The source zip: its first version is made, and never another one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resources.cloud import Cloud
from xacct_ml.engine.events import Deleted, KeptBack
from xacct_ml.operations.upload.source_files import unpacked
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.repository import first_commit

NEEDS = ("shared/key",)
KEY = "source/source.zip"


@pytest.fixture
def cloud(cloud: Cloud) -> Cloud:
    """A bucket without a policy: moto takes every Deny for one, whatever its conditions."""
    cloud.map(pipeline={"source_object": {}})
    cloud.apply(*cloud.resources(*NEEDS))
    s3 = cloud.client(cloud.names.shared, "s3")
    s3.create_bucket(Bucket=cloud.names.bucket)
    s3.put_bucket_tagging(Bucket=cloud.names.bucket, Tagging={"TagSet": tag_list(cloud.names.tags)})
    s3.put_bucket_versioning(Bucket=cloud.names.bucket, VersioningConfiguration={"Status": "Enabled"})
    cloud.forget()
    return cloud


def upload(cloud: Cloud, body: bytes, key: str = KEY) -> str:
    """Somebody's version; its id."""
    made = cloud.client(cloud.names.shared, "s3").put_object(Bucket=cloud.names.bucket, Key=key, Body=body)
    return str(made["VersionId"])


def stored(cloud: Cloud) -> Any:
    return cloud.client(cloud.names.shared, "s3").get_object(Bucket=cloud.names.bucket, Key=KEY)


def test_the_first_version_has_the_template_and_its_configuration(cloud: Cloud) -> None:
    """Encrypted with the key; a second run writes nothing and publishes the same version."""
    resources = cloud.resources(*NEEDS, "shared/source")
    version = cloud.apply(*resources).outputs["commit"]
    found = stored(cloud)
    assert unpacked(found["Body"].read()) == first_commit(cloud.config)
    assert (found["VersionId"], found["ServerSideEncryption"]) == (version, "aws:kms")
    cloud.forget()
    assert cloud.apply(*resources).outputs["commit"] == version
    assert cloud.writes == []


def test_a_version_that_is_there_is_left_alone(cloud: Cloud) -> None:
    """Whoever put it there; it is the revision from then on."""
    theirs = upload(cloud, b"theirs")
    resources = cloud.resources(*NEEDS, "shared/source")
    cloud.forget()
    assert cloud.apply(*resources).outputs["commit"] == theirs
    assert cloud.writes == []


def test_a_version_that_came_between_look_and_write_stays(cloud: Cloud) -> None:
    """The write says that it is the first, and one that is not fails at S3."""
    (resource,) = cloud.resources("shared/source")
    upload(cloud, b"theirs")
    resource.make({"key_arn": str(cloud.client(cloud.names.shared, "kms").list_keys()["Keys"][0]["KeyArn"])})
    assert stored(cloud)["Body"].read() == b"theirs"


def test_teardown_deletes_all_its_versions_and_nothing_beside_them(cloud: Cloud) -> None:
    """Another key that begins like it is not touched."""
    resources = cloud.resources(*NEEDS, "shared/source")
    cloud.apply(*resources)
    upload(cloud, b"second")
    upload(cloud, b"other", f"{KEY}.bak")
    (source,) = cloud.resources("shared/source")
    assert isinstance(cloud.destroy(source).outcomes["shared/source"], Deleted)
    listed = cloud.client(cloud.names.shared, "s3").list_object_versions(Bucket=cloud.names.bucket)
    assert {version["Key"] for version in listed["Versions"]} == {f"{KEY}.bak"}
    assert not listed.get("DeleteMarkers")


def test_in_an_adopted_bucket_it_stays(cloud: Cloud) -> None:
    """As everything else that is in there."""
    cloud.apply(*cloud.resources(*NEEDS, "shared/source"))
    cloud.map(pipeline={"source_object": {}}, adopt=("shared/bucket",))
    assert isinstance(cloud.destroy(*cloud.resources("shared/source")).outcomes["shared/source"], KeptBack)
    assert stored(cloud)
