"""What every role's document is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xacct_ml.documents.statements import Conditions, Document, allow, policy
from xacct_ml.naming import Names
from xacct_ml.regions import service_host


@dataclass(frozen=True)
class RoleDocument:
    """One IAM role. ``policies`` maps the names of its inline policies to their documents."""

    job: str
    account: str
    name: str
    path: str
    arn: str
    description: str
    trust: Document
    policies: Mapping[str, Document]
    boundary: str | None


def role(
    names: Names, account: str, job: str, description: str, trust: Document, policies: Mapping[str, Document]
) -> RoleDocument:
    return RoleDocument(
        job=job,
        account=account,
        name=names.role_name(job),
        path=names.config.roles.path,
        arn=names.role_arn(account, job),
        description=description,
        trust=trust,
        policies=policies,
        boundary=names.boundary_arn(account),
    )


def source_if_sent(account: str, source_arn: str) -> Conditions:
    """Against the confused deputy where the service does not document that it sends these keys: they bind only
    if sent.
    """
    return {
        "StringEqualsIfExists": {"aws:SourceAccount": account},
        "ArnLikeIfExists": {"aws:SourceArn": source_arn},
    }


def key_through_s3(names: Names, key_arn: str, *actions: str) -> Document:
    return allow(
        "KeyThroughS3", actions, [key_arn], {"StringEquals": {"kms:ViaService": service_host("s3", names.region)}}
    )


def sagemaker_logs(names: Names, account: str, group: str) -> Document:
    return policy(
        allow(
            "WriteLogs",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [names.arn("logs", account, group), names.arn("logs", account, f"{group}:*")],
        ),
        allow("WriteMetrics", ["cloudwatch:PutMetricData"], ["*"]),
    )
