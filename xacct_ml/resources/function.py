"""A Lambda function of ours: the one that deploys the model, or the one that copies it to other regions."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.retry import wait_until
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.resource import Outputs, State
from xacct_ml.errors import AwsCallFailed
from xacct_ml.resources.base import Driver, differs
from xacct_ml.resources.rights import Rights, pass_role
from xacct_ml.resources.tags import Tagging, tag_map
from xacct_ml.system import thing as things

_MEMBERS = {
    "description": "Description",
    "runtime": "Runtime",
    "handler": "Handler",
    "role": "Role",
    "timeout": "Timeout",
    "memory": "MemorySize",
}
"""The thing's members, and what Lambda calls them in requests and answers."""
_EVENTS = {"MaximumRetryAttempts": "maximum_retry_attempts", "MaximumEventAgeInSeconds": "maximum_event_age"}
"""PutFunctionEventInvokeConfig's, and the thing's."""
ACTIVE = "Active"
_MISSING = "ResourceNotFoundException"
_STARTING = Backoff(limit=300.0, first=0.5, longest=5.0)


@dataclass(frozen=True, kw_only=True)
class Function(Driver[things.Function]):
    kind = "Lambda function"
    tagging = Tagging("lambda", "Resource", form=dict)
    rights = (
        Rights(
            "function/Function",
            "lambda: CreateFunction DeleteFunction GetFunction GetFunctionConfiguration "
            "GetFunctionEventInvokeConfig ListTags PutFunctionEventInvokeConfig TagResource UntagResource "
            "UpdateFunctionCode UpdateFunctionConfiguration",
        ),
        pass_role("function/PassFunctionRole", "lambda.amazonaws.com", lambda function: function.role),
    )

    def desired(self, outputs: Outputs) -> State:
        function = self.thing
        return {
            "code_sha256": base64.b64encode(hashlib.sha256(function.package).digest()).decode(),
            **{member: getattr(function, member) for member in _MEMBERS},
            "environment": dict(self.now(outputs).environment),
            "events": {member: getattr(function, own) for member, own in _EVENTS.items()},
            "state": ACTIVE,
            "tags": self.wanted_tags,
        }

    def observe(self, outputs: Outputs) -> State | None:
        found = absent_as_none(_MISSING, self.client("lambda").get_function, FunctionName=self.name)
        if found is None:
            return None
        function = found["Configuration"]
        return {
            "code_sha256": function["CodeSha256"],
            **{member: function.get(name) for member, name in _MEMBERS.items()},
            "description": function.get("Description", ""),
            "environment": function.get("Environment", {}).get("Variables", {}),
            "events": self._event_settings(),
            # Inactive: nobody used it for weeks, the next event wakes it (Lambda: functions-states) [D].
            "state": {"Inactive": ACTIVE}.get(state := function.get("State", ACTIVE), state),
            "tags": tag_map(found.get("Tags", {})),
        }

    def make(self, outputs: Outputs) -> None:
        desired = self.desired(outputs)
        self.eventually(
            "lambda",
            self.client("lambda").create_function,
            Code={"ZipFile": self.thing.package},
            Tags=dict(self.tags),
            **_members(self.name, desired),
        )
        self._wait()
        self._put_event_settings()

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """One write at a time: while one is in progress, Lambda refuses the next."""
        self._wait()
        if differs(observed, desired, "code_sha256"):
            self.eventually(
                "lambda", self.client("lambda").update_function_code, FunctionName=self.name, ZipFile=self.thing.package
            )
            self._wait()
        if differs(observed, desired, *_MEMBERS, "environment"):
            self.eventually(
                "lambda", self.client("lambda").update_function_configuration, **_members(self.name, desired)
            )
            self._wait()
        if differs(observed, desired, "events"):
            self._put_event_settings()

    def remove(self, observed: State) -> None:
        self.client("lambda").delete_function(FunctionName=self.name)

    def _event_settings(self) -> dict[str, Any] | None:
        config: dict[str, Any] | None = absent_as_none(
            _MISSING, self.client("lambda").get_function_event_invoke_config, FunctionName=self.name
        )
        return config and {member: config.get(member) for member in _EVENTS}

    def _put_event_settings(self) -> None:
        self.eventually(
            "lambda",
            self.client("lambda").put_function_event_invoke_config,
            FunctionName=self.name,
            **{member: getattr(self.thing, own) for member, own in _EVENTS.items()},
        )

    def _wait(self) -> None:
        """Until it is active and the last update is through. Raises AwsCallFailed with Lambda's reason."""

        def ready() -> bool:
            function: dict[str, Any] = self.client("lambda").get_function_configuration(FunctionName=self.name)
            state = str(function.get("State", "Active"))
            update = str(function.get("LastUpdateStatus", "Successful"))
            if "Failed" in (state, update):
                raise AwsCallFailed(
                    f"Lambda function {self.name} in account {self.account}: "
                    f"{function.get('StateReason') or function.get('LastUpdateStatusReason') or 'failed'}",
                    account=self.account,
                    call="lambda:GetFunctionConfiguration",
                    code=str(function.get("StateReasonCode") or function.get("LastUpdateStatusReasonCode")),
                )
            return not (state == "Pending" or update == "InProgress")

        wait_until(ready, f"Lambda function {self.name} to be ready", self.clock, _STARTING)


def _members(name: str, state: State) -> dict[str, Any]:
    """The parameters that CreateFunction and UpdateFunctionConfiguration share."""
    return {
        "FunctionName": name,
        **{called: state[member] for member, called in _MEMBERS.items()},
        "Environment": {"Variables": state["environment"]},
    }
