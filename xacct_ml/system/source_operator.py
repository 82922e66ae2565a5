"""What operators may do for the source, account by account (see :mod:`xacct_ml.system.operator`)."""

from __future__ import annotations

from xacct_ml.system.names import Names
from xacct_ml.system.other_sources_operator import other_source_policies
from xacct_ml.system.statements import Document, allow, pass_role, policy

RULE_ACTIONS = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)


def shared_policies(names: Names) -> dict[str, Document]:
    """Of the shared account: its source, or what the repository of another account needs here."""
    if not names.uses_codecommit:
        return other_source_policies(names)
    if names.source_account is None:
        return {"repository": _repository(names)}
    group = names.arn("logs", names.shared, f"log-group:{names.pipeline_log_group}")
    return {
        # From before the map had a source account: told, never changed.
        "repository": policy(
            allow(
                "FormerRepository",
                ["codecommit:GetRepository", "codecommit:ListTagsForResource"],
                [names.arn("codecommit", names.shared, names.repository)],
            )
        ),
        "event-bus": policy(
            allow("EventBus", ["events:DescribeEventBus"], [names.event_bus_arn]),
            # Neither can be granted for one bus alone (Service Authorization Reference, Amazon EventBridge).
            allow("EventBusPermission", ["events:PutPermission", "events:RemovePermission"], ["*"]),
        ),
        "logs": policy(
            allow("FindLogGroups", ["logs:DescribeLogGroups"], ["*"]),
            allow(
                "LogGroup",
                [
                    "logs:CreateLogGroup",
                    "logs:DeleteLogGroup",
                    "logs:ListTagsForResource",
                    "logs:PutRetentionPolicy",
                    "logs:TagResource",
                    "logs:UntagResource",
                ],
                [group, f"{group}:*"],
            ),
        ),
    }


def source_policies(names: Names) -> dict[str, Document]:
    """Of the source account, beside its roles."""
    return {
        "repository": _repository(names),
        "rule": policy(
            allow("Rule", RULE_ACTIONS, [names.forward_rule_arn]),
            pass_role("PassForwardRole", names.forward_role, "events.amazonaws.com"),
        ),
    }


def _repository(names: Names) -> Document:
    return policy(
        allow(
            "Repository",
            [
                "codecommit:CreateCommit",
                "codecommit:CreateRepository",
                "codecommit:DeleteRepository",
                "codecommit:GetBranch",
                "codecommit:GetCommit",
                "codecommit:GetFile",
                "codecommit:GetRepository",
                "codecommit:ListBranches",
                "codecommit:ListTagsForResource",
                "codecommit:TagResource",
                "codecommit:UntagResource",
                "codecommit:UpdateRepositoryDescription",
            ],
            [names.repository_arn],
        )
    )
