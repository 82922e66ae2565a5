"""The calls by which one principal becomes another: assuming a role, rewriting its trust, passing it to a service that
then runs what one says, and replacing what runs as it already."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from xacct_ml.access.model import ContextValue, Outcome, Request
from xacct_ml.access.store import PolicyStore, authorize
from xacct_ml.arn import Arn
from xacct_ml.proof.actions import filled, service_actions
from xacct_ml.proof.attacks.role import service_roles
from xacct_ml.proof.reach.decisions import Decisions, Holder
from xacct_ml.proof.requests.samples import UNRELATED
from xacct_ml.proof.world import World
from xacct_ml.system.thing import Function, Role, Stack

ADMINISTRATOR = "policy/AdministratorAccess"
PUSHER_ROLE = "Pusher"
"""Stands for whoever may push to the repository, and nothing else."""


class Runs(NamedTuple):
    """What begins to run something as a role that was passed: the actions, and the type of resource that runs."""

    actions: tuple[str, ...]
    kind: str
    words: str


RUNS = {
    "cloudformation.amazonaws.com": (Runs(("CreateStack", "UpdateStack"), "stack", "deploys a stack"),),
    "codepipeline.amazonaws.com": (Runs(("CreatePipeline", "UpdatePipeline"), "pipeline", "makes a pipeline"),),
    "lambda.amazonaws.com": (Runs(("CreateFunction", "UpdateFunctionConfiguration"), "function", "runs a function"),),
    "sagemaker.amazonaws.com": (
        Runs(("CreateTrainingJob",), "training-job", "runs a training job"),
        Runs(("CreateProcessingJob",), "processing-job", "runs a processing job"),
        Runs(("CreateModel",), "model", "serves a container"),
    ),
    "scheduler.amazonaws.com": (Runs(("CreateSchedule", "UpdateSchedule"), "schedule", "makes a schedule"),),
    "states.amazonaws.com": (
        Runs(("CreateStateMachine", "UpdateStateMachine"), "statemachine", "runs a state machine"),
    ),
}
"""By service. Of EventBridge, a role is passed for one target; that leads to nothing else than the role's own rights
on it, which are the pipeline's start."""

PUSHES = ("codecommit:GitPush", "codecommit:CreateCommit", "codecommit:PutFile")


@dataclass(frozen=True, slots=True)
class Step:
    """``words`` continue a sentence that begins with who does it."""

    words: str
    to: Holder


class Steps:
    """One step from whoever asks; each holder's are found once."""

    def __init__(self, world: World, store: PolicyStore, decisions: Decisions) -> None:
        self._world, self._store, self._decisions = world, store, decisions
        self._roles = {role.arn: role for role in world.roles}
        self._services = service_roles(world)
        self._contexts: dict[str, list[dict[str, ContextValue]]] = {}
        for hop in world.hops:
            self._contexts.setdefault(hop.request.action, [{}]).append(dict(hop.request.context))
        self._known: dict[Holder, tuple[Step, ...]] = {}
        self._written: dict[tuple[Holder, str], bool] = {}
        self._running = tuple(_running(world))

    def of(self, holder: Holder) -> tuple[Step, ...]:
        if holder not in self._known:
            self._known[holder] = tuple(self._from(holder))
        return self._known[holder]

    def writes(self, holder: Holder, role_arn: str) -> bool:
        """Whether the holder may give the role any right: by its policies, where no permissions boundary that stays
        limits it."""
        if Arn.parse(role_arn).account != holder.account:
            return False
        if (holder, role_arn) not in self._written:
            self._written[holder, role_arn] = self._may_write(holder, role_arn)
        return self._written[holder, role_arn]

    def _may_write(self, holder: Holder, role_arn: str) -> bool:
        names = self._world.names
        bounded = self._roles[role_arn].boundary if role_arn in self._roles else None
        boundary: dict[str, ContextValue] = {} if bounded is None else {"iam:PermissionsBoundary": bounded}
        anything = names.arn("iam", "aws", ADMINISTRATOR, region="")
        written = self._may(holder, "iam:PutRolePolicy", role_arn, boundary) or self._may(
            holder, "iam:AttachRolePolicy", role_arn, {**boundary, "iam:PolicyARN": anything}
        )
        if not written or bounded is None:
            return written
        return self._may(holder, "iam:DeleteRolePermissionsBoundary", role_arn, boundary) or self._may(
            holder, "iam:PutRolePermissionsBoundary", role_arn, {"iam:PermissionsBoundary": anything}
        )

    def _from(self, holder: Holder) -> Iterator[Step]:
        for role in self._roles.values():
            if role.arn != holder.arn:
                yield from self._to(holder, role)
        yield from self._replacing(holder)
        yield from self._pushing(holder)
        yield from self._of_its_own(holder)

    def _to(self, holder: Holder, role: Role) -> Iterator[Step]:
        send, to = self._world.send, Holder(role.arn)
        if self._decisions.how(holder, send.assume_from(holder.arn, role.arn)) is not None:
            yield Step(f"assumes {role.name}", to)
            return
        if role.account != holder.account:
            return
        trust = self._decisions.how(holder, send.call(holder.arn, "iam:UpdateAssumeRolePolicy", role.arn))
        if trust is not None:
            first = "".join(f"{words} and " for words in trust)
            yield Step(f"{first}writes the trust of {role.name} and assumes it", to)
            return
        service = self._services[role.arn][0] if role.arn in self._services else ""
        if service in RUNS and self._decisions.allowed(holder, send.pass_role(holder.arn, role.arn, service)):
            for runs in RUNS[service]:
                if self._may_run(holder, role, service, runs):
                    yield Step(f"{runs.words} as {role.name}", to)
                    return

    def _may_run(self, holder: Holder, role: Role, service: str, runs: Runs) -> bool:
        """Whether something may be made that the service then runs as the role, and the role's trust takes it."""
        prefix = service.partition(".")[0]
        for resource in self._resources(prefix, runs.kind, holder.account):
            for action in (f"{prefix}:{operation}" for operation in runs.actions):
                contexts = self._contexts.get(action, [{}])
                runs_there = any(self._may(holder, action, resource, context) for context in contexts)
                if runs_there and self._trusts(role, service, resource):
                    return True
        return False

    def _resources(self, service: str, kind: str, account: str) -> Iterator[str]:
        names = self._world.names
        yield from (
            place.arn
            for place in self._world.places
            if (place.service, place.kind, place.account) == (service, kind, account)
        )
        template = service_actions().templates[service, kind]
        yield filled(template, names.partition, names.region, account, f"{UNRELATED}-{account}")

    def _trusts(self, role: Role, service: str, resource: str) -> bool:
        """For what runs, and as SageMaker hosting says it."""
        arn = Arn.parse(resource)
        hosting = f"arn:{arn.partition}:{arn.service}:{arn.region}:{arn.account}:*"
        return any(
            authorize(self._world.send.assume_for(service, role.arn, source), self._store).outcome is not Outcome.DENIED
            for source in (resource, hosting)
        )

    def _replacing(self, holder: Holder) -> Iterator[Step]:
        """What runs already, changed; it keeps its role, which nobody has to pass again."""
        for action, what, resource, role in self._running:
            at_home = Arn.parse(role).account == holder.account and role != holder.arn
            if at_home and self._may(holder, action, resource, {}):
                yield Step(f"replaces the {what}, which runs as {Arn.parse(role).name}", Holder(role))

    def _pushing(self, holder: Holder) -> Iterator[Step]:
        """A template is deployed as the role that CloudFormation uses, and defines what runs as others."""
        names, send = self._world.names, self._world.send
        pushes: list[Request] = []
        if names.uses_codecommit:
            pushes = [send.call(holder.arn, action, names.repository_arn) for action in PUSHES]
        elif names.source_key is not None:
            pushes = [send.write(holder.arn, names.source_key)]
        if holder == pusher(self._world) or any(self._decisions.allowed(holder, push) for push in pushes):
            role = Holder(names.cloudformation_role)
            yield Step(f"pushes a template, which is deployed as {role.name}", role)

    def _of_its_own(self, holder: Holder) -> Iterator[Step]:
        if holder.everything:
            return
        role = self._world.names.arn("iam", holder.account, f"role/{UNRELATED}", region="")
        if self._may(holder, "iam:CreateRole", role, {}) and self.writes(holder, role):
            yield Step("makes a role of its own with every right", Holder(role, everything=True))

    def _may(self, holder: Holder, action: str, resource: str, context: dict[str, ContextValue]) -> bool:
        request = self._world.send.call(holder.arn, action, resource, context, account=holder.account)
        return self._decisions.how(holder, request) is not None


def _running(world: World) -> Iterator[tuple[str, str, str, str]]:
    """What replaces what runs, its words, the resource, and the role that it runs as."""
    names = world.names
    for thing in world.things:
        if isinstance(thing, Function):
            yield "lambda:UpdateFunctionCode", f"code of the function {thing.name}", thing.arn, thing.role
        elif isinstance(thing, Stack):
            arn = thing.arn.replace("*", UNRELATED)
            yield "cloudformation:UpdateStack", f"template of the stack {thing.name}", arn, thing.role
    machine, role = names.state_machine_arn, names.state_machine_role
    yield "states:UpdateStateMachine", "definition of the state machine", machine, role


def pusher(world: World) -> Holder:
    account = world.names.source_account or world.names.shared
    return Holder(world.names.arn("iam", account, f"role/{PUSHER_ROLE}", region=""))
