"""What is captured, where, and what the deploying function is told of it."""

from __future__ import annotations

import json

from tests.configs import PRODUCTION, example, ireland
from xacct_ml.system.capture import capture_environment, captured
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.system import system
from xacct_ml.system.thing import Bucket, Function, Key

CONFIG = example(endpoint={"capture": {"percent": 20, "days": 7}})
NAMES = Names(CONFIG)
KEYS = Keys.stand_ins(NAMES)
(TARGET,) = NAMES.production


def test_nothing_is_made_or_told_where_the_map_captures_nothing() -> None:
    names = Names(example())
    assert list(captured(names, TARGET, Keys.stand_ins(names))) == []
    assert capture_environment(names, TARGET, Keys.stand_ins(names)) == {}


def test_key_and_bucket_are_of_the_targets_account_and_region() -> None:
    config = ireland(endpoint={"capture": {}})
    keys = Keys.stand_ins(Names(config))
    found = [thing for thing in system(config, keys) if thing.account == PRODUCTION and isinstance(thing, Key | Bucket)]
    assert [(thing.type, thing.region) for thing in found] == [
        ("AWS::KMS::Key", "eu-west-1"),
        ("AWS::S3::Bucket", "eu-west-1"),
    ]
    assert found[0].arn == keys.of_captured("ireland")


def test_what_is_kept_ends() -> None:
    """An object expires, then its version, then the marker in its place."""
    (bucket,) = (thing for thing in captured(NAMES, TARGET, KEYS) if isinstance(thing, Bucket))
    first, second, uploads = bucket.lifecycle["Rules"]
    assert (first["Expiration"], first["NoncurrentVersionExpiration"]) == ({"Days": 7}, {"NoncurrentDays": 1})
    assert second["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert uploads["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_the_function_is_told_the_configuration_and_needs_its_key() -> None:
    (function,) = (one for one in system(CONFIG, KEYS) if isinstance(one, Function) and one.account == PRODUCTION)
    told = json.loads(function.environment["CAPTURE"])
    assert told["InitialSamplingPercentage"] == 20
    assert told["DestinationS3Uri"] == f"s3://churn-capture-{PRODUCTION}-us-east-1/captured"
    assert told["KmsKeyId"] == KEYS.of_captured("production")
    assert told["CaptureContentTypeHeader"]["CsvContentTypes"] == ["text/csv"]
    assert {"production/capture-key", "production/capture-bucket"} <= set(function.needs)
