"""Credentials inside the embedded AWS.

Whatever the embedded AWS does for a customer (an action of a pipeline, a resource of a stack, a task of a state
machine, the reads of a training job) is a boto3 call over HTTP to itself with such credentials, so it is decided like
any other."""

from dataclasses import dataclass, field
from typing import Any

from xacct_ml.emulator.core import clients, runtime


class RoleNotAssumable(Exception):
    """A service may not assume the role it was given; the message says why, as AWS words it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys of a role's session or, with neither ``session_token`` nor ``role_arn``, of an IAM user."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    role_arn: str | None = None

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client of the embedded AWS with these credentials, in the map's region unless given."""
        running = runtime.current()
        return clients.client(
            service,
            region or running.region,
            running.endpoint,
            self.access_key_id,
            self.secret_access_key,
            self.session_token,
        )

    def environment(self) -> dict[str, str]:
        """The credentials as the variables every AWS SDK reads."""
        variables = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return {**variables, "AWS_SESSION_TOKEN": self.session_token} if self.session_token else variables


def role_credentials(by: Credentials, role_arn: str, session_name: str, external_id: str | None = None) -> Credentials:
    """Credentials of ``role_arn`` by a real ``sts:AssumeRole`` over HTTP.

    :raises botocore.exceptions.ClientError: AccessDenied, as AWS says it"""
    more = {} if external_id is None else {"ExternalId": external_id}
    answer = by.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name, **more)["Credentials"]
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], role_arn)
