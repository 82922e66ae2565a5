"""Which driver makes the resources of an AWS type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xacct_ml.resources.adopted_bucket import AdoptedBucket
from xacct_ml.resources.adopted_key import AdoptedKey
from xacct_ml.resources.alarm import Alarm
from xacct_ml.resources.base import Driver
from xacct_ml.resources.bucket import Bucket
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.event_bus_permission import EventBusPermission
from xacct_ml.resources.function import Function
from xacct_ml.resources.kms_alias import KmsAlias
from xacct_ml.resources.kms_key import KmsKey
from xacct_ml.resources.log_group import LogGroup
from xacct_ml.resources.pipeline import Pipeline
from xacct_ml.resources.repository import Repository
from xacct_ml.resources.role import Role
from xacct_ml.resources.rule import Rule
from xacct_ml.resources.source_object import SourceObject
from xacct_ml.resources.stack import Stack
from xacct_ml.system.thing import Thing

DRIVERS: Mapping[str, type[Driver[Any]]] = {
    "AWS::CloudFormation::Stack": Stack,
    "AWS::CloudWatch::Alarm": Alarm,
    "AWS::CodeCommit::Repository": Repository,
    "AWS::CodeConnections::Connection": Connection,
    "AWS::CodePipeline::Pipeline": Pipeline,
    "AWS::Events::EventBusPolicy": EventBusPermission,
    "AWS::Events::Rule": Rule,
    "AWS::IAM::Role": Role,
    "AWS::KMS::Alias": KmsAlias,
    "AWS::KMS::Key": KmsKey,
    "AWS::Lambda::Function": Function,
    "AWS::Logs::LogGroup": LogGroup,
    "AWS::S3::Bucket": Bucket,
    "AWS::S3::Object": SourceObject,
}
_ADOPTED: Mapping[str, type[Driver[Any]]] = {"AWS::KMS::Key": AdoptedKey, "AWS::S3::Bucket": AdoptedBucket}
"""Types of which an adopted one is driven otherwise."""


def driver_of(thing: Thing) -> type[Driver[Any]]:
    return _ADOPTED[thing.type] if thing.adopted and thing.type in _ADOPTED else DRIVERS[thing.type]
