"""Builds requests as the services send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xacct_ml.access.model import ContextValue, Principal, Request
from xacct_ml.arn import Arn
from xacct_ml.config.model import ProductionTarget
from xacct_ml.proof.requests.hop import Evidence, Row
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.tables.regions import service_host

NO_RESOURCE = "*"


class RequestBuilder:
    """For one project and one of its regions, whose bucket and key the requests are about; or those of what a target's
    endpoint captures.

    Sources of the context: S3 User Guide (UsingKMSEncryption, bucket-key: the encryption context is the bucket's ARN
    with a Bucket Key); KMS Developer Guide (policy-conditions: kms:ViaService)."""

    def __init__(
        self, names: Names, keys: Keys, region: str | None = None, captured: ProductionTarget | None = None
    ) -> None:
        """The pipeline's region where none is given; ``captured`` is the target whose captured requests are meant."""
        self.names = names
        self.keys = keys
        self.region = region or names.region
        self.owner = names.shared if captured is None else captured.id
        self.key_arn = keys[self.region] if captured is None else keys.of_captured(captured.name)
        self.bucket_arn = names.bucket_arn_in(self.region) if captured is None else names.capture_bucket_arn(captured)

    def in_region(self, region: str) -> RequestBuilder:
        """One whose requests go to another region."""
        return self if region == self.region else RequestBuilder(self.names, self.keys, region)

    def of_captured(self, target: ProductionTarget) -> RequestBuilder:
        """One whose requests are about what a target's endpoint captures."""
        return RequestBuilder(self.names, self.keys, self.names.region_of(target), target)

    @property
    def is_pipelines(self) -> bool:
        """Whether requests go to the pipeline's region."""
        return self.region == self.names.region

    def object_arn(self, key: str) -> str:
        return f"{self.bucket_arn}/{key}"

    def call(
        self,
        role_arn: str,
        action: str,
        resource: str = NO_RESOURCE,
        context: Mapping[str, ContextValue] | None = None,
        *,
        account: str | None = None,
    ) -> Request:
        """A call over TLS in a session of a role.

        ``account`` owns the resource, where its ARN does not say so: without it the account that owns the bucket, or
        for a call on no resource the role's own."""
        if account is None:
            named = Arn.parse(role_arn if resource == NO_RESOURCE else resource)
            account = named.account or self.owner
        keys = {"aws:SecureTransport": "true", "aws:RequestedRegion": self.region, **(context or {})}
        return Request(Principal.session(role_arn, "hop"), action, resource, account, keys)

    def calls(self, role_arn: str, service: str, operations: str, resource: str = NO_RESOURCE) -> list[Request]:
        """A call of each operation, which are separated by spaces."""
        return [self.call(role_arn, f"{service}:{operation}", resource) for operation in operations.split()]

    def by_service(
        self, service: str, action: str, resource: str, context: Mapping[str, ContextValue] | None = None
    ) -> Request:
        """A service asks as itself, not as a role."""
        account = Arn.parse(resource).account
        return Request(Principal.service(service), action, resource, account, dict(context or {}))

    def assume(self, service: str, role_arn: str, context: Mapping[str, ContextValue] | None = None) -> Request:
        """A service assumes a role that was passed to it."""
        account = Arn.parse(role_arn).account
        return Request(Principal.service(service), "sts:AssumeRole", role_arn, account, dict(context or {}))

    def assume_for(self, service: str, role_arn: str, source_arn: str) -> Request:
        """A service assumes a role, and says for which resource of the role's account."""
        source: dict[str, ContextValue] = {
            "aws:SourceAccount": Arn.parse(role_arn).account,
            "aws:SourceArn": source_arn,
        }
        return self.assume(service, role_arn, source)

    def assumed(
        self, what: str, service: str, role_arn: str, source: str, *, sends: str, source_arn: str
    ) -> Iterator[Row]:
        """A service assumes a role: for certain without naming its source, perhaps (``sends`` says what) with it."""
        yield Row(what, self.assume(service, role_arn), source)
        request = self.assume_for(service, role_arn, source_arn)
        yield Row(f"{what} (if it sends the {sends})", request, source, Evidence.ASSUMED)

    def assume_from(self, role_arn: str, other_role_arn: str) -> Request:
        return self.call(role_arn, "sts:AssumeRole", other_role_arn)

    def pass_role(self, role_arn: str, passed: str, service: str) -> Request:
        return self.call(role_arn, "iam:PassRole", passed, {"iam:PassedToService": service})

    def bucket(self, role_arn: str, action: str, context: Mapping[str, ContextValue] | None = None) -> Request:
        return self.call(role_arn, action, self.bucket_arn, context)

    def read(self, role_arn: str, key: str, action: str = "s3:GetObject") -> Request:
        return self.call(role_arn, action, self.object_arn(key))

    def reads(self, role_arn: str, key: str) -> list[Request]:
        """An object, and one version of it."""
        return [self.read(role_arn, key, action) for action in ("s3:GetObject", "s3:GetObjectVersion")]

    def write(self, role_arn: str, key: str) -> Request:
        """An upload encrypted with the key."""
        headers = {
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": self.key_arn,
        }
        return self.call(role_arn, "s3:PutObject", self.object_arn(key), headers)

    def key_through_s3(self, role_arn: str, action: str) -> Request:
        """S3 uses the key in the caller's name."""
        context = {
            "kms:ViaService": service_host("s3", self.region),
            "kms:EncryptionContext:aws:s3:arn": self.bucket_arn,
            "kms:CallerAccount": Arn.parse(role_arn).account,
        }
        return self.call(role_arn, action, self.key_arn, context)

    def key(self, role_arn: str, action: str) -> Request:
        return self.call(role_arn, action, self.key_arn, {"kms:CallerAccount": Arn.parse(role_arn).account})
