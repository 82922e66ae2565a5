"""CodePipeline in place of moto's: moto 5.2.5 stores pipelines, runs none and calls every execution Succeeded.

Backend and operations are all our own. This module has the pipelines themselves;
:mod:`xacct_ml.emulator.services.codepipeline.executor` runs their executions, and
:mod:`xacct_ml.emulator.services.codepipeline.runs` has the operations on them."""

from collections.abc import Mapping
from typing import Any

import moto.codepipeline.models as moto_models
import moto.codepipeline.urls as moto_urls
from botocore.exceptions import ClientError
from moto.core.base_backend import BaseBackend

from xacct_ml.arn import name_of
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.authorizer import service_credentials
from xacct_ml.emulator.core.identity import RoleNotAssumable, role_credentials
from xacct_ml.emulator.core.moto_operations import Caller, Operations, Params, page, serve
from xacct_ml.emulator.services.codecommit import moto_patches as codecommit
from xacct_ml.emulator.services.codepipeline import providers, runs, structure, views
from xacct_ml.emulator.services.codepipeline.context import SERVICE
from xacct_ml.emulator.services.codepipeline.declaration import actions, with_defaults
from xacct_ml.emulator.services.codepipeline.executor import Executor
from xacct_ml.emulator.services.codepipeline.model import Pipeline, Trigger, now
from xacct_ml.emulator.services.codepipeline.registry import PROVIDERS
from xacct_ml.emulator.services.codepipeline.triggers import Push, started_by

MAX_PIPELINES, MAX_TAGS, _PAGE = 1000, 50, 100
_SESSION = "AWSCodePipeline-validation"


class CodePipelineBackend(BaseBackend):
    """The pipelines of one account and region. Whoever touches them holds ``executor.condition``."""

    __module__ = moto_models.__name__  # moto derives the service's urls from it

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.pipelines: dict[str, Pipeline] = {}
        self.executor = Executor(account_id, region_name, self.partition, PROVIDERS)

    def reset(self) -> None:
        """Forget everything, ending the runs in flight first."""
        for pipeline in self.pipelines.values():
            self.executor.cancel(pipeline)
        super().reset()

    def arn(self, name: str) -> str:
        return f"arn:{self.partition}:codepipeline:{self.region_name}:{self.account_id}:{name}"

    def pipeline(self, name: str) -> Pipeline:
        """Raises PipelineNotFoundException."""
        if name not in self.pipelines:
            raise ApiError(
                "PipelineNotFoundException", f"Account '{self.account_id}' does not have a pipeline with name '{name}'"
            )
        return self.pipelines[name]

    def tagged(self, arn: str) -> Pipeline:
        """The pipeline with this ARN. Raises InvalidArnException, ResourceNotFoundException."""
        if arn.count(":") < 5:
            raise ApiError("InvalidArnException", f"{arn} is not the ARN of a CodePipeline resource")
        name = name_of(arn)
        if arn != self.arn(name) or name not in self.pipelines:
            raise ApiError(
                "ResourceNotFoundException",
                f"The account with id '{self.account_id}' does not include a pipeline with the name '{name}'",
            )
        return self.pipelines[name]


def backend(account: str, region: str) -> CodePipelineBackend:
    """The backend of an account and region."""
    found: CodePipelineBackend = moto_models.codepipeline_backends[account][region]
    return found


def _check_roles(declaration: Mapping[str, Any]) -> None:
    """The pipeline's role must be assumable by CodePipeline, and each action's role by the pipeline's role.

    CodePipeline checks both when a pipeline is created or changed (aws-cdk #10068, #13139 [C])."""
    role = declaration["roleArn"]
    try:
        credentials = service_credentials(role, SERVICE, session_name=_SESSION)
    except RoleNotAssumable as error:
        refusal = f"CodePipeline is not authorized to perform AssumeRole on role {role}"
        raise ApiError("InvalidStructureException", refusal) from error
    for own in dict.fromkeys(action["roleArn"] for action in actions(declaration) if action.get("roleArn")):
        try:
            role_credentials(credentials, own, _SESSION)
        except ClientError as error:
            refusal = f"{role} is not authorized to perform AssumeRole on role {own}"
            raise ApiError("InvalidStructureException", refusal) from error


def _check_tags(tags: Mapping[str, str]) -> None:
    if any(key.lower().startswith("aws:") for key in tags):
        raise ApiError("InvalidTagsException", "Not allowed to modify system tags. System tags start with 'aws:'.")
    if len(tags) > MAX_TAGS:
        raise ApiError("TooManyTagsException", f"A pipeline may have {MAX_TAGS} tags at most")


def create_pipeline(backend: CodePipelineBackend, params: Params, caller: Caller) -> Mapping[str, Any]:
    """Create a pipeline and start its first execution, as CodePipeline does (TriggerType CreatePipeline [B])."""
    declaration = params["pipeline"]
    name, tags = declaration["name"], {tag["key"]: tag["value"] for tag in params.get("tags") or ()}
    if name in backend.pipelines:
        message = f"A pipeline with the name '{name}' already exists in account '{backend.account_id}'"
        raise ApiError("PipelineNameInUseException", message)
    if len(backend.pipelines) >= MAX_PIPELINES:
        raise ApiError("LimitExceededException", f"An account may have {MAX_PIPELINES} pipelines at most in a region")
    _check_tags(tags)
    structure.check(declaration, backend.region_name)
    _check_roles(declaration)
    made = Pipeline(backend.arn(name), with_defaults(declaration, 1, backend.region_name), tags)
    with backend.executor.condition:
        if backend.pipelines.setdefault(name, made) is not made:
            raise ApiError("PipelineNameInUseException", f"A pipeline with the name '{name}' was created meanwhile")
        runs.begin(backend, made, Trigger("CreatePipeline", caller.arn))
    return {"pipeline": made.declaration, "tags": views.tag_list(tags)}


def update_pipeline(backend: CodePipelineBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    """Replace a pipeline's structure. The version rises, and executions in flight end (pipelines-edit [D])."""
    declaration = params["pipeline"]
    pipeline = backend.tagged(backend.arn(declaration["name"]))
    structure.check(declaration, backend.region_name)
    _check_roles(declaration)
    with backend.executor.condition:
        backend.executor.cancel(pipeline)
        pipeline.declaration = with_defaults(declaration, pipeline.version + 1, backend.region_name)
        pipeline.updated = now()
        kept = {stage["name"] for stage in pipeline.declaration["stages"]}
        pipeline.slots = {name: slot for name, slot in pipeline.slots.items() if name in kept}
    return {"pipeline": pipeline.declaration}


def get_pipeline(backend: CodePipelineBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    pipeline, version = backend.pipeline(params["name"]), params.get("version")
    if version not in (None, pipeline.version):
        message = f"Pipeline '{pipeline.name}' has no version {version} here: only the current one is kept"
        raise ApiError("PipelineVersionNotFoundException", message)
    return {"pipeline": pipeline.declaration, "metadata": views.metadata(pipeline)}


def list_pipelines(backend: CodePipelineBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    ordered = [backend.pipelines[name] for name in sorted(backend.pipelines)]
    shown, token = page(ordered, params.get("nextToken"), params.get("maxResults") or _PAGE)
    return {"pipelines": [views.pipeline_summary(pipeline) for pipeline in shown], "nextToken": token}


def delete_pipeline(backend: CodePipelineBackend, params: Params, _: Caller) -> None:
    """Deleting what does not exist succeeds, as on AWS."""
    with backend.executor.condition:
        gone = backend.pipelines.pop(params["name"], None)
        if gone is not None:
            backend.executor.cancel(gone)


def tag_resource(backend: CodePipelineBackend, params: Params, _: Caller) -> None:
    pipeline = backend.tagged(params["resourceArn"])
    tags = {**pipeline.tags, **{tag["key"]: tag["value"] for tag in params["tags"]}}
    _check_tags(tags)
    pipeline.tags = tags


def untag_resource(backend: CodePipelineBackend, params: Params, _: Caller) -> None:
    pipeline = backend.tagged(params["resourceArn"])
    pipeline.tags = {key: value for key, value in pipeline.tags.items() if key not in params["tagKeys"]}


def list_tags_for_resource(backend: CodePipelineBackend, params: Params, _: Caller) -> Mapping[str, Any]:
    return {"tags": views.tag_list(backend.tagged(params["resourceArn"]).tags)}


def list_action_types(_: CodePipelineBackend, params: Params, __: Caller) -> Mapping[str, Any]:
    """The action types that the embedded AWS runs; AWS lists more."""
    owner = params.get("actionOwnerFilter")
    return {
        "actionTypes": [
            {
                "id": {"category": category, "owner": by, "provider": provider, "version": "1"},
                "inputArtifactDetails": dict(zip(("minimumCount", "maximumCount"), kind.inputs, strict=True)),
                "outputArtifactDetails": dict(zip(("minimumCount", "maximumCount"), kind.outputs, strict=True)),
            }
            for (category, by, provider), kind in providers.EMULATED.items()
            if owner in (None, by)
        ]
    }


@serve(
    create_pipeline,
    update_pipeline,
    get_pipeline,
    list_pipelines,
    delete_pipeline,
    tag_resource,
    untag_resource,
    list_tags_for_resource,
    list_action_types,
    *runs.OPERATIONS,
)
class CodePipelineResponse(Operations):
    """The operations of CodePipeline."""

    def __init__(self) -> None:
        super().__init__("codepipeline")

    @property
    def backend(self) -> CodePipelineBackend:
        return backend(self.current_account, self.region)


def poll(account: str, region: str, repository: str, branch: str) -> None:
    """Start the account's pipelines that poll this branch: all that do not say ``PollForSourceChanges: "false"`` [D].

    On AWS the poll comes within about a minute; here it sees a push at once. A pipeline that polls and has a rule for
    the push as well starts twice, as it does on AWS."""
    found = backend(account, region)
    for pipeline in list(found.pipelines.values()):
        for action in pipeline.declaration["stages"][0]["actions"]:
            configuration = action["configuration"]
            polled = configuration.get("PollForSourceChanges", "true").lower() != "false"
            wanted = (configuration.get("RepositoryName"), configuration.get("BranchName")) == (repository, branch)
            if polled and wanted and action["actionTypeId"]["provider"] == "CodeCommit":
                runs.begin(found, pipeline, Trigger("PollForSourceChanges", f"{pipeline.arn}/Source/{action['name']}"))


def pushed(push: Push) -> None:
    """Start every pipeline that a trigger, or the change detection of a connection, starts by this push.

    Trigger type ``WebhookV2`` [B]; what its detail says is assumed to be the connection [U]."""
    for regions in list(moto_models.codepipeline_backends.values()):
        for found in list(regions.values()):
            for pipeline in list(found.pipelines.values()):
                name = started_by(pipeline.declaration, push)
                if name is not None:
                    action = next(each for each in actions(pipeline.declaration) if each["name"] == name)
                    trigger = Trigger("WebhookV2", action["configuration"]["ConnectionArn"])
                    runs.begin(found, pipeline, trigger, pinned={name: push.commit})


def install() -> None:
    """Put this backend and these operations in the place of moto's."""
    moto_models.codepipeline_backends.backend = CodePipelineBackend
    moto_urls.url_paths["{0}/$"] = CodePipelineResponse.dispatch
    if poll not in codecommit.on_push:
        codecommit.on_push.append(poll)
