"""An EventBridge rule on the default bus, with its target."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xacct_ml.aws.concurrently import both
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.pages import listed
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.errors import AwsCallFailed
from xacct_ml.foreign import document
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.rights import Rights, pass_role
from xacct_ml.resources.sameness import unordered, without_empty
from xacct_ml.resources.tags import Tagging, tag_list, tag_map
from xacct_ml.system import thing as things


@dataclass(frozen=True, kw_only=True)
class Rule(Driver[things.Rule]):
    kind = "EventBridge rule"
    tagging = Tagging("events", "ResourceARN")
    rights = (
        Rights(
            "pipeline/Rules",
            "events: DeleteRule DescribeRule ListTagsForResource ListTargetsByRule PutRule PutTargets "
            "RemoveTargets TagResource UntagResource",
        ),
        replace(
            pass_role("pipeline/PassStartRole", "events.amazonaws.com", lambda rule: rule.target["RoleArn"]),
            needed=lambda place: "RoleArn" in place.thing.target,
        ),
    )

    def desired(self, outputs: Outputs) -> State:
        target = dict(self.thing.target)
        return {
            "description": self.thing.description,
            "state": "ENABLED",
            "pattern": unordered(self.thing.pattern),
            "targets": {target.pop("Id"): target},
            "tags": self.wanted_tags,
        }

    def observe(self, outputs: Outputs) -> State | None:
        events = self.client("events")
        rule = absent_as_none("ResourceNotFoundException", events.describe_rule, Name=self.name)
        if rule is None:
            return None
        targets, tags = both(
            lambda: [dict(target) for target in listed(events, "list_targets_by_rule", "Targets", Rule=self.name)],
            lambda: tag_map(events.list_tags_for_resource(ResourceARN=self.arn)["Tags"]),
        )
        return {
            "description": rule.get("Description", ""),
            "state": rule["State"],
            "pattern": unordered(document(rule.get("EventPattern") or "{}")),
            "targets": {target.pop("Id"): without_empty(target) for target in targets},
            "tags": tags,
        }

    def make(self, outputs: Outputs) -> None:
        self._put_rule(Tags=tag_list(self.tags))
        self._put_target()

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        if differs(observed, desired, "description", "state", "pattern"):
            self._put_rule()  # PutRule ignores the tags of a rule that exists [B]
        if any(observed["targets"].get(id_) != target for id_, target in desired["targets"].items()):
            self._put_target()
        self._remove_targets([id_ for id_ in observed["targets"] if id_ not in desired["targets"]])

    def take_out(self, observed: State) -> None:
        """Our target: the rule then starts nothing of ours."""
        self._remove_targets([id_ for id_ in observed["targets"] if id_ == self.thing.target["Id"]])

    def remove(self, observed: State) -> None:
        """A rule can only be deleted without targets [B]."""
        self._remove_targets(list(observed["targets"]))
        self.client("events").delete_rule(Name=self.name)

    def _remove_targets(self, ids: list[str]) -> None:
        if ids:
            self._all_done(self.client("events").remove_targets(Rule=self.name, Ids=ids), "RemoveTargets")

    def _put_rule(self, **more: Any) -> None:
        self.eventually(
            "events",
            self.client("events").put_rule,
            Name=self.name,
            EventPattern=json.dumps(self.thing.pattern),
            State="ENABLED",
            Description=self.thing.description,
            **more,
        )

    def _put_target(self) -> None:
        answer = self.client("events").put_targets(Rule=self.name, Targets=[dict(self.thing.target)])
        self._all_done(answer, "PutTargets")

    def _all_done(self, answer: Mapping[str, Any], operation: str) -> None:
        """These calls succeed even where single targets fail."""
        if answer.get("FailedEntryCount"):
            entry = answer["FailedEntries"][0]
            raise AwsCallFailed(
                f"events:{operation} in account {self.account}: rule {self.name}: "
                f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}",
                account=self.account,
                call=f"events:{operation}",
                code=str(entry.get("ErrorCode")),
            )
