"""The CloudFormation stack with the state machine, created once; from then on the pipeline updates it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from xacct_ml.aws.errors import absent_as_none, code_of
from xacct_ml.aws.pages import listed
from xacct_ml.aws.retry import PROPAGATION, STATE_MACHINE_ROLE, wait_until
from xacct_ml.engine.backoff import Backoff
from xacct_ml.engine.progress import note
from xacct_ml.engine.resource import Outputs, Resource, State
from xacct_ml.errors import AwsCallFailed, CredentialsError, NotReady, XacctError
from xacct_ml.resources.base import COMMIT, Driver, differs
from xacct_ml.resources.ownership import has_owner
from xacct_ml.resources.rights import Rights, pass_role
from xacct_ml.resources.tags import tag_list, tag_map
from xacct_ml.system import thing as things
from xacct_ml.system.template import REVISION_PARAMETER

USABLE = "usable"
NEVER_CREATED = frozenset(
    {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
)
"""A stack in one of these cannot be updated: it is deleted and created again
(CloudFormation User Guide, using-cfn-describing-stacks) [D]."""

STUCK = "UPDATE_ROLLBACK_FAILED"
"""No update is taken before its rollback is continued; deleting it is (CloudFormation User Guide, troubleshooting) [D].
"""
_ENABLING = ("trust", "policies", "boundary")
"""Members of a role's state that decide what CloudFormation may do as it."""

WORKING = Backoff(limit=900.0, first=1.0, longest=5.0)


@dataclass(frozen=True, kw_only=True)
class Stack(Driver[things.Stack]):
    """Never updated: whether it differs from the map is the pipeline's business.

    It is ours if it carries our tags, or none and uses our role (the pipeline's action creates it without tags)."""

    kind = "CloudFormation stack"
    rights = (
        Rights("stack/Stack", "cloudformation: CreateStack DeleteStack DescribeStackEvents DescribeStacks TagResource"),
        pass_role("stack/PassCloudFormationRole", "cloudformation.amazonaws.com", lambda stack: stack.role),
    )

    def desired(self, outputs: Outputs) -> State:
        return {"status": USABLE}

    def observe(self, outputs: Outputs) -> State | None:
        stack = self._describe()
        if stack is None:
            return None
        status = stack["StackStatus"]
        created = status not in NEVER_CREATED and not status.startswith(("CREATE_IN", "ROLLBACK_IN", "DELETE_IN"))
        tags = tag_map(stack.get("Tags", ()))
        untagged = not has_owner(tags) and stack.get("RoleARN") == self.thing.role
        ours = self.parent_is_ours() if untagged else super().owns({"tags": tags})
        if not ours:
            raise self.not_ours({"tags": tags})
        return {"status": USABLE if created and status != STUCK else status}

    def check(self, observed: State | None) -> None:
        """Also says where the pipeline's next update would be refused."""
        super().check(observed)
        if observed is not None and observed["status"] == STUCK:
            raise NotReady(
                f"CloudFormation stack {self.name} in account {self.account} is {STUCK}: it takes no update, so every "
                "run fails at Workflow",
                next_step="remove the cause that its events name, then in that account: aws cloudformation "
                f"continue-update-rollback --stack-name {self.name} --region {self.thing.region}",
            )

    def owns(self, observed: State) -> bool:
        """What ``observe`` returns is ours."""
        return True

    def how_to_adopt(self, observed: State | None) -> None:
        """The pipeline's updates would delete whatever else is in it."""

    def replaces(self, observed: State) -> bool:
        return observed["status"] in NEVER_CREATED

    def make(self, outputs: Outputs) -> None:
        """Creates it and waits; again, while the reason of the failure is that a new role has not propagated yet."""
        reason = ""
        for _ in PROPAGATION.attempts(self.clock, "the new roles to be usable by Step Functions"):
            self._begin(outputs)
            if self._wait(_is_created_or_failed) == "CREATE_COMPLETE":
                return
            reason = self._failure()
            if not any(part.lower() in reason.lower() for part in STATE_MACHINE_ROLE):
                break
            self._clear_away()
        raise AwsCallFailed(
            f"cloudformation:CreateStack in account {self.account}: stack {self.name} could not be created: {reason}",
            account=self.account,
            call="cloudformation:CreateStack",
            code="CREATE_FAILED",
            next_step="remove the cause and run the same command again: the failed stack is then replaced",
        )

    def change(self, observed: State, desired: State, outputs: Outputs) -> None:
        """Wait for what is under way; replace what was never created."""
        status = self._wait(_is_idle)
        if status is None or status in NEVER_CREATED:
            if status is not None:
                self._clear_away()
            self.make(outputs)

    def remove(self, observed: State) -> None:
        """CloudFormation deletes as the stack's role, which is made again where it is gone, and put right where it is
        not as it was: it goes after the stack, as ever."""
        if self._wait(_is_idle) is None:
            return
        if not self._role_put_right():
            self._clear_away()
            return
        for _ in PROPAGATION.attempts(self.clock, f"role {self.thing.role} to be usable by CloudFormation"):
            try:
                self._clear_away()
            except (ClientError, AwsCallFailed) as error:
                failed = error
            else:
                return
        raise failed

    def _role_put_right(self) -> bool:
        """Whether anything of the role had to be written."""
        role = self.parent
        if role is None or role.adopt:
            return False
        try:
            there, wanted = role.read({}), role.desired({})
            if there is None:
                note(f"IAM role {role.name} is gone; it is made again: CloudFormation deletes stacks as their role")
                role.create(wanted, {})
            elif differs(there, wanted, *_ENABLING):
                role.update(wanted, there, {})
            else:
                return False
        except CredentialsError:
            raise
        except XacctError:
            return False  # it may do as it is; if not, CloudFormation says why
        return True

    def holds(self, other: Resource) -> bool:
        """Its role: CloudFormation deletes it as that."""
        return self.parent is not None and other.id == self.parent.id

    def _begin(self, outputs: Outputs) -> None:
        """With the source's newest revision, where anything publishes it."""
        revision = {REVISION_PARAMETER: outputs[COMMIT]} if COMMIT in outputs else {}
        parameters = {**self.now(outputs).parameters, **revision}
        self.eventually(
            "cloudformation",
            self.client("cloudformation").create_stack,
            StackName=self.name,
            TemplateBody=self.thing.template,
            RoleARN=self.thing.role,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Tags=tag_list(self.tags),
        )

    def _clear_away(self) -> None:
        """Delete and wait. Raises AwsCallFailed with CloudFormation's reason where that fails."""
        self.client("cloudformation").delete_stack(StackName=self.name)
        status = self._wait(lambda status: status in (None, "DELETE_FAILED"))
        if status is not None:
            reason = self._failure()
            step = "delete by hand what it names, or empty it, and run the same command again"
            if any(part in reason for part in ("authorized", "assume")):
                step = f"CloudFormation deletes it as {self.thing.role}: let that role do this, then run it again"
            raise AwsCallFailed(
                f"cloudformation:DeleteStack in account {self.account}: stack {self.name}: {status}: {reason}",
                account=self.account,
                call="cloudformation:DeleteStack",
                code=status,
                next_step=step,
            )

    def _wait(self, settled: Callable[[str | None], bool]) -> str | None:
        """The status once it is settled; None where the stack does not exist. Reads may lag behind writes."""
        status: str | None = None

        def done() -> bool:
            nonlocal status
            stack = self._describe()
            status = None if stack is None else str(stack["StackStatus"])
            return settled(status)

        wait_until(done, f"CloudFormation stack {self.name}", self.clock, WORKING)
        return status

    def _describe(self) -> dict[str, Any] | None:
        answer = absent_as_none(_does_not_exist, self.client("cloudformation").describe_stacks, StackName=self.name)
        stacks: list[dict[str, Any]] = [] if answer is None else answer["Stacks"]
        return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)

    def _failure(self) -> str:
        """The reason of the last operation's first failure; later ones follow from it. Events come newest first [B]."""
        reason = "no reason given"
        cloudformation = self.client("cloudformation")
        for event in listed(cloudformation, "describe_stack_events", "StackEvents", StackName=self.name):
            text = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in text:
                reason = f"{event['LogicalResourceId']}: {text or event['ResourceStatus']}"
            if text == "User Initiated":
                break
        return reason


def _does_not_exist(error: ClientError) -> bool:
    return code_of(error) == "ValidationError" and "does not exist" in str(error)


def _is_idle(status: str | None) -> bool:
    return status is None or status == "REVIEW_IN_PROGRESS" or not status.endswith("_IN_PROGRESS")


def _is_created_or_failed(status: str | None) -> bool:
    return status is not None and _is_idle(status)
