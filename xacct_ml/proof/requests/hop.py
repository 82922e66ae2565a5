"""A hop: one request that the pipeline cannot do without, exactly as the service sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from xacct_ml.access.model import ContextValue, Principal, Request
from xacct_ml.config.model import Config
from xacct_ml.system.names import Names, RegionalKeys
from xacct_ml.tables.regions import service_host


class Evidence(Enum):
    """Where the knowledge that this request is sent, and in this form, comes from."""

    DOCUMENTED = "documented"
    """The text of the AWS documentation."""
    MODEL = "service model"
    """botocore's model of the service."""
    CODE = "public code"
    """Code or issues in public repositories that run against AWS."""
    ASSUMED = "assumed"
    """Inference; not proven."""


@dataclass(frozen=True)
class Hop:
    """``stage`` is a stage of the pipeline or the event around it; ``what`` says for a person who does what."""

    stage: str
    what: str
    request: Request
    source: str
    evidence: Evidence


class Sender:
    """Builds requests as the services send them, for one account map.

    Sources of the context: S3 User Guide (UsingKMSEncryption, bucket-key: the encryption context is the bucket's ARN
    with a Bucket Key); KMS Developer Guide (policy-conditions: kms:ViaService).
    """

    def __init__(
        self,
        config: Config,
        key_arn: str,
        regional_keys: RegionalKeys | None = None,
        *,
        region: str | None = None,
    ) -> None:
        """``key_arn`` is the key of the pipeline's region; ``regional_keys`` the others', stand-ins by default.

        Requests go to ``region``, its bucket and its key: the pipeline's where it is not given.
        """
        self.names = Names(config)
        self.region = region or self.names.region
        self.keys = {
            self.names.region: key_arn,
            **(self.names.regional_keys() if regional_keys is None else regional_keys),
        }

    def in_region(self, region: str) -> Sender:
        """One that sends to another region."""
        names = self.names
        others = {other: self.keys[other] for other in names.other_regions}
        return Sender(names.config, self.keys[names.region], others, region=region)

    @property
    def key_arn(self) -> str:
        return self.keys[self.region]

    @property
    def bucket_arn(self) -> str:
        return self.names.bucket_arn_in(self.region)

    def object_arn(self, key: str) -> str:
        return self.names.object_arn(key, self.region)

    def call(
        self, role_arn: str, action: str, resource: str, account: str, context: Mapping[str, ContextValue] | None = None
    ) -> Request:
        """A call over TLS in a session of a role. ``account`` owns the resource."""
        principal = Principal.session(role_arn, "hop")
        keys = {"aws:SecureTransport": "true", "aws:RequestedRegion": self.region, **(context or {})}
        return Request(principal, action, resource, account, keys)

    def assume(self, service: str, role_arn: str, context: Mapping[str, ContextValue] | None = None) -> Request:
        """A service assumes a role that was passed to it."""
        account = role_arn.split(":")[4]
        return Request(Principal.service(service), "sts:AssumeRole", role_arn, account, dict(context or {}))

    def assume_from(self, role_arn: str, other_role_arn: str) -> Request:
        return self.call(role_arn, "sts:AssumeRole", other_role_arn, other_role_arn.split(":")[4])

    def pass_role(self, role_arn: str, passed: str, service: str) -> Request:
        return self.call(role_arn, "iam:PassRole", passed, passed.split(":")[4], {"iam:PassedToService": service})

    def bucket(self, role_arn: str, action: str, context: Mapping[str, ContextValue] | None = None) -> Request:
        return self.call(role_arn, action, self.bucket_arn, self.names.shared, context)

    def read(self, role_arn: str, key: str, action: str = "s3:GetObject") -> Request:
        return self.call(role_arn, action, self.object_arn(key), self.names.shared)

    def write(self, role_arn: str, key: str) -> Request:
        """An upload encrypted with the key."""
        headers = {
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": self.key_arn,
        }
        return self.call(role_arn, "s3:PutObject", self.object_arn(key), self.names.shared, headers)

    def key_through_s3(self, role_arn: str, action: str) -> Request:
        """S3 uses the key in the caller's name."""
        context = {
            "kms:ViaService": service_host("s3", self.region),
            "kms:EncryptionContext:aws:s3:arn": self.bucket_arn,
            "kms:CallerAccount": role_arn.split(":")[4],
        }
        return self.call(role_arn, action, self.key_arn, self.names.shared, context)

    def key(self, role_arn: str, action: str) -> Request:
        context = {"kms:CallerAccount": role_arn.split(":")[4]}
        return self.call(role_arn, action, self.key_arn, self.names.shared, context)
