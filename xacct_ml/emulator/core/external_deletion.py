"""Deleting a thing as somebody else would, by hand and without asking what needs it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

ClientOf = Callable[[str], Any]
"""An administrator's client of a service by its boto3 name."""


def delete(client: ClientOf, service: str, name: str) -> None:
    """Delete ``name``, a resource of ``service``; does nothing where it does not exist or cannot be deleted.

    Services: iam (a role), logs, cloudwatch (an alarm), lambda, codepipeline, codecommit, events (a rule),
    cloudformation, kms (an alias), s3 (an empty bucket). Others are left alone."""
    if name and service in _DELETIONS:
        with suppress(ClientError):
            _DELETIONS[service](client(service), name)


def _role(iam: Any, name: str) -> None:
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=name)


def _rule(events: Any, name: str) -> None:
    targets = [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


_DELETIONS: dict[str, Callable[[Any, str], object]] = {
    "iam": _role,
    "events": _rule,
    "logs": lambda logs, name: logs.delete_log_group(logGroupName=name),
    "cloudwatch": lambda cloudwatch, name: cloudwatch.delete_alarms(AlarmNames=[name]),
    "lambda": lambda functions, name: functions.delete_function(FunctionName=name),
    "codepipeline": lambda codepipeline, name: codepipeline.delete_pipeline(name=name),
    "codecommit": lambda codecommit, name: codecommit.delete_repository(repositoryName=name),
    "cloudformation": lambda cloudformation, name: cloudformation.delete_stack(StackName=name),
    "kms": lambda kms, name: kms.delete_alias(AliasName=name),
    "s3": lambda s3, name: s3.delete_bucket(Bucket=name),
}
