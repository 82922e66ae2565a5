"""An SNS topic."""

from __future__ import annotations

from dataclasses import dataclass

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system.actions import approval


@dataclass(frozen=True, kw_only=True)
class Topic(Driver[approval.Topic]):
    kind = "SNS topic"
    tagging = Tagging("sns", "ResourceArn")
    rights = (
        Rights(
            "topic/Topic",
            "sns: CreateTopic DeleteTopic GetTopicAttributes ListTagsForResource SetTopicAttributes TagResource "
            "UntagResource",
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"display_name": self.thing.display_name, "tags": self.wanted_tags}

    def observe(self, outputs: Outputs) -> State | None:
        sns = self.client("sns")
        found = absent_as_none("NotFound", sns.get_topic_attributes, TopicArn=self.arn)
        if found is None:
            return None
        tags = sns.list_tags_for_resource(ResourceArn=self.arn)["Tags"]
        return {"display_name": found["Attributes"].get("DisplayName", ""), "tags": tag_map(tags)}

    def make(self, outputs: Outputs) -> None:
        self.client("sns").create_topic(
            Name=self.name, Attributes={"DisplayName": self.thing.display_name}, Tags=tag_list(self.tags)
        )

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if differs(observed, desired, "display_name"):
            self.client("sns").set_topic_attributes(
                TopicArn=self.arn, AttributeName="DisplayName", AttributeValue=desired["display_name"]
            )

    def remove(self, observed: State) -> None:
        self.client("sns").delete_topic(TopicArn=self.arn)
