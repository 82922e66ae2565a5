"""An SNS topic with its policy and who is subscribed by e-mail; and one of others, which is looked at alone."""

import json
from dataclasses import dataclass

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.pages import listed
from xacct_ml.engine import progress
from xacct_ml.engine.resource import Kept, Outputs, State
from xacct_ml.errors import NotReady
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.policy_document import normalise
from xacct_ml.resources.rights import Rights
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things

_MISSING = ("NotFound", "NotFoundException")
PENDING = "PendingConfirmation"
"""In place of a subscription's ARN until its owner has confirmed it (SNS API reference, Subscribe) [B]."""


@dataclass(frozen=True, kw_only=True)
class Topic(Driver[things.Topic]):
    """Subscriptions by other protocols are others': they stay. One that was not confirmed cannot be taken back; SNS
    deletes it after 48 hours (SNS Developer Guide, sns-delete-subscription-topic) [D]."""

    kind = "SNS topic"
    tagging = Tagging("sns", "ResourceArn")
    rights = (
        Rights(
            "notifications/Topic",
            "sns: CreateTopic DeleteTopic GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource "
            "SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource",
            needed=lambda place: place.thing is None or not place.thing.adopted,
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        return {
            "policy": normalise(self.thing.policy),
            "key": self.now(outputs).key,
            "emails": sorted(self.thing.emails),
            "tags": self.wanted_tags,
        }

    def observe(self, outputs: Outputs) -> State | None:
        sns = self.client("sns")
        found = absent_as_none(_MISSING, sns.get_topic_attributes, TopicArn=self.arn)
        if found is None:
            return None
        attributes = found["Attributes"]
        return {
            "policy": normalise(attributes.get("Policy") or "{}"),
            "key": attributes.get("KmsMasterKeyId", ""),
            "emails": sorted(self._subscribed()),
            "tags": tag_map(sns.list_tags_for_resource(ResourceArn=self.arn)["Tags"]),
        }

    def make(self, outputs: Outputs) -> None:
        attributes = {"Policy": json.dumps(self.thing.policy), "KmsMasterKeyId": self.now(outputs).key}
        self.client("sns").create_topic(Name=self.name, Attributes=attributes, Tags=tag_list(self.tags))
        self._subscribe([*self.thing.emails])

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        sns = self.client("sns")
        for member, name, value in (
            ("policy", "Policy", json.dumps(self.thing.policy)),
            ("key", "KmsMasterKeyId", desired["key"]),
        ):
            if differs(observed, desired, member):
                sns.set_topic_attributes(TopicArn=self.arn, AttributeName=name, AttributeValue=value)
        there = self._subscribed()
        self._subscribe([email for email in desired["emails"] if email not in there])
        for email, subscription in there.items():
            if email not in desired["emails"]:
                sns.unsubscribe(SubscriptionArn=subscription)

    def remove(self, observed: State) -> None:
        """Its subscriptions go with it."""
        self.client("sns").delete_topic(TopicArn=self.arn)

    def _subscribed(self) -> dict[str, str]:
        """By address, the subscription; of one that waits to be confirmed, only where the map has the address."""
        found = listed(self.client("sns"), "list_subscriptions_by_topic", "Subscriptions", TopicArn=self.arn)
        by_email = {str(one["Endpoint"]): str(one["SubscriptionArn"]) for one in found if one["Protocol"] == "email"}
        return {email: arn for email, arn in by_email.items() if arn != PENDING or email in self.thing.emails}

    def _subscribe(self, emails: list[str]) -> None:
        for email in emails:
            self.client("sns").subscribe(TopicArn=self.arn, Protocol="email", Endpoint=email)
        if emails:
            progress.note(f"{', '.join(emails)}: SNS sends a mail, and nothing more before its link is followed")


@dataclass(frozen=True, kw_only=True)
class ExistingTopic(Topic):
    """Of others: nothing of it is made, changed, tagged or deleted. Its policy must have each statement of ours."""

    of_adopted = True
    has_tags = False
    rights = (Rights("notifications/ExistingTopic", "sns: GetTopicAttributes"),)

    def desired(self, outputs: Outputs) -> State:
        return {"missing": [], "tags": {}}

    def observe(self, outputs: Outputs) -> State | None:
        """``missing`` are the Sids of what its policy does not have, whatever its own are called."""
        found = absent_as_none(_MISSING, self.client("sns").get_topic_attributes, TopicArn=self.arn)
        if found is None:
            return None
        there = list(normalise(found["Attributes"].get("Policy") or "{}")["Statement"].values())
        wanted = normalise(self.thing.policy)["Statement"]
        return {"missing": [sid for sid, statement in wanted.items() if statement not in there], "tags": {}}

    def check(self, observed: State | None) -> None:
        what = f"SNS topic {self.name} in account {self.account}"
        if observed is None:
            raise NotReady(f"there is no {what}", next_step="make it, or give another notifications.topic_arn")
        if observed["missing"]:
            lacking = " and no ".join(observed["missing"])
            raise NotReady(
                f"the policy of {what} does not let in who would tell it: it has no {lacking}",
                next_step="add the statements of topic-policy.json, which xacct-ml render writes",
            )

    def make(self, outputs: Outputs) -> None:
        self.check(None)

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        self.check(observed)

    def remove(self, observed: State) -> None:
        raise Kept("it is yours, named in the map")
