"""What an action provider works with: its resolved declaration, its role's credentials, and a host to wait at."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from botocore.exceptions import ClientError

from xacct_ml.emulator.core import authorizer
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.callers import holder
from xacct_ml.emulator.core.calls import AuthorizationRequest
from xacct_ml.emulator.core.context import constant, of_resource
from xacct_ml.emulator.core.denials import WireProtocol, explain
from xacct_ml.emulator.core.identity import Credentials, RoleNotAssumable, role_credentials
from xacct_ml.emulator.services.codepipeline import artifacts
from xacct_ml.emulator.services.codepipeline.artifacts import ArtifactStore
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed, failure, is_denial
from xacct_ml.emulator.services.codepipeline.model import ActionExecution, Artifact, Job, Reply, Revision, Run, Verdict

SERVICE = "codepipeline.amazonaws.com"


class ActionHost(Protocol):
    """Where a provider reports and waits. Every wait raises Abandoned or Stopped when there is nothing to wait for."""

    def report(self, action: ActionExecution, **changes: Any) -> None:
        """Set fields of the action's execution for GetPipelineState to show."""

    def pause(self, action: ActionExecution, seconds: float) -> None:
        """Wait before looking again."""

    def await_verdict(self, action: ActionExecution, seconds: float) -> Verdict | None:
        """The approver's answer; None where it did not come in time."""

    def open_job(self, job: Job) -> None:
        """Make a job known, so that PutJob*Result finds it."""

    def await_reply(self, job: Job, seconds: float) -> Reply | None:
        """The worker's reply; None where it did not come in time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a successful action leaves: output variables, output artifacts, and the revision of a source action."""

    variables: Mapping[str, str] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()
    revision: Revision | None = None


@dataclass
class ActionContext:
    """One execution of one action. ``account`` and ``region`` are the pipeline's."""

    account: str
    region: str
    partition: str
    run: Run
    execution: ActionExecution
    configuration: Mapping[str, str]
    """With its variables resolved."""
    inputs: tuple[Artifact, ...]
    store: ArtifactStore
    host: ActionHost
    poll: float
    """Seconds between two looks at something under way."""
    continuation: float
    """Seconds until a function that sent a continuation token is invoked again."""
    reply: float
    """Seconds that a function may take to answer its job."""
    commands: tuple[str, ...] = ()
    """Of a Commands action, with their variables resolved."""

    @property
    def pipeline(self) -> str:
        return str(self.run.declaration["name"])

    @property
    def action_region(self) -> str:
        return str(self.execution.declaration.get("region") or self.region)

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(artifact["name"] for artifact in self.execution.declaration.get("outputArtifacts") or ())

    @property
    def output_variables(self) -> tuple[str, ...]:
        """The names that a Commands action exports."""
        return tuple(self.execution.declaration.get("outputVariables") or ())

    @property
    def role_arn(self) -> str:
        """The role whose credentials the action uses: its own, else the pipeline's."""
        return str(self.execution.declaration.get("roleArn") or self.run.declaration["roleArn"])

    @cached_property
    def pipeline_credentials(self) -> Credentials:
        """Of the pipeline's role, assumed as CodePipeline.

        ``aws:SourceArn`` and ``aws:SourceAccount`` are not sent: the user guide's trust policy has no such conditions
        (pipelines-create-service-role-cli [D]), so a trust policy that demands them must be seen to fail."""
        try:
            return service_credentials(self.run.declaration["roleArn"], SERVICE, session_name=self.execution.id)
        except RoleNotAssumable as error:
            raise ActionFailed("PermissionError", str(error)) from error

    @cached_property
    def credentials(self) -> Credentials:
        """Of the action's role, by a real sts:AssumeRole of the pipeline's role; of that role where it names none."""
        own = self.execution.declaration.get("roleArn")
        if own is None:
            return self.pipeline_credentials
        return role_credentials(self.pipeline_credentials, own, self.execution.id)

    def narrowed(self, session_policy: str) -> Credentials:
        """Of the action's role with a session policy."""
        own = self.execution.declaration.get("roleArn")
        if own is None:
            return service_credentials(
                self.role_arn, SERVICE, session_name=self.execution.id, session_policy=session_policy
            )
        return role_credentials(self.pipeline_credentials, own, self.execution.id, session_policy=session_policy)

    def client(self, service: str) -> Any:
        """A boto3 client with the action's credentials in the action's region."""
        return self.credentials.client(service, self.action_region)

    def require(self, action: str, resource: str) -> None:
        """Decide an IAM request that has no API call, as the action's role.

        :raises ActionFailed: it is denied"""
        mine = self.credentials
        caller = holder(mine.access_key_id, mine.session_token, WireProtocol("codepipeline", "json"))
        asked = AuthorizationRequest(action, resource, account_of(resource), by=SERVICE)
        decision = authorizer.decide(
            caller.principal,
            asked,
            service="codepipeline",
            operation=action.partition(":")[2],
            context_keys={**constant(self.action_region), **caller.context, **of_resource(asked)},
            session_policies=caller.session_policies,
        )
        if not decision.allowed:
            raise ActionFailed("PermissionError", explain(caller.principal, asked, decision))

    def report(self, **changes: Any) -> None:
        self.host.report(self.execution, **changes)

    def pause(self) -> None:
        self.host.pause(self.execution, self.poll)

    def text(self, reference: str) -> str:
        """The text of ``Artifact::path``, read with the action's credentials."""
        name, _, path = reference.partition("::")
        return artifacts.file_in(self.archive(name), name, path)

    def archive(self, name: str) -> bytes:
        """An input artifact's zip, fetched once."""
        if name not in self._archives:
            artifact = self.input(name)
            try:
                self._archives[name] = artifacts.read(self.client("s3"), artifact)
            except ClientError as error:
                raise self._inaccessible(artifact, error) from error
        return self._archives[name]

    def _inaccessible(self, artifact: Artifact, error: ClientError) -> ActionFailed:
        """In CodePipeline's words, which give no reason of S3's [C]."""
        if not is_denial(error):
            return failure(error)
        return ActionFailed(
            "PermissionError",
            f"Unable to access the artifact with Amazon S3 object key '{artifact.key}' located in the Amazon S3 "
            f"artifact bucket '{artifact.bucket}'. The provided role does not have sufficient permissions.",
        )

    def input(self, name: str) -> Artifact:
        for artifact in self.inputs:
            if artifact.name == name:
                return artifact
        raise ActionFailed("ConfigurationError", f"{name} is not an input artifact of {self.execution.name}")

    def save(self, content: bytes, revision: str | None = None, *, to_owner: bool = False) -> tuple[Artifact, ...]:
        """Put ``content`` in the place of the action's one output artifact, if it declares one.

        Another account than the pipeline's hands it over to the bucket's owner, and so does an action that asks for it
        (``to_owner``): source actions across accounts and of connections need ``s3:PutObjectAcl`` (aws-cdk #14260,
        #13557 [C]); that they send this ACL is assumed [U]."""
        made = tuple(self.store.place(name, revision) for name in self.output_names[:1])
        foreign = (
            account_of(self.role_arn) != self.account
            and self.execution.declaration["actionTypeId"]["category"] == "Source"
        )
        for artifact in made:
            self.store.put(self.client("s3"), artifact, content, to_owner=to_owner or foreign)
        return made

    @cached_property
    def _archives(self) -> dict[str, bytes]:
        return {}


Provider = Callable[[ActionContext], Outcome]
"""Runs an action to its end. Raises ActionFailed; a ClientError of any call fails the action with its message."""


def account_of(arn: str) -> str:
    """The account in an ARN; empty where it has none."""
    found = re.match(r"arn:[^:]+:[^:]*:[^:]*:(\d{12}):", arn)
    return found[1] if found else ""
