"""The two rules that start the pipeline: a push to the branch, a completed data set. Each event matches exactly
one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xacct_ml.config.model import Config
from xacct_ml.documents.statements import Document
from xacct_ml.naming import Names


@dataclass(frozen=True)
class RuleDocument:
    """An EventBridge rule on the default bus of the shared account, with its one target."""

    name: str
    description: str
    pattern: Document
    target: Mapping[str, str]


def rules(config: Config) -> tuple[RuleDocument, ...]:
    names = Names(config)
    target = {"Id": "pipeline", "Arn": names.pipeline_arn, "RoleArn": names.start_role}
    return (
        RuleDocument(
            names.push_rule,
            f"Starts {names.pipeline} on a push to {names.branch}",
            {
                "source": ["aws.codecommit"],
                "detail-type": ["CodeCommit Repository State Change"],
                "resources": [names.repository_arn],
                "detail": {
                    "event": ["referenceCreated", "referenceUpdated"],
                    "referenceType": ["branch"],
                    "referenceName": [names.branch],
                },
            },
            target,
        ),
        RuleDocument(
            names.data_rule,
            f"Starts {names.pipeline} when a data set is complete: its manifest is written last",
            {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [names.bucket]}, "object": {"key": [names.manifest_key]}},
            },
            target,
        ),
    )
