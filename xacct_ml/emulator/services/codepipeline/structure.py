"""Whether CodePipeline would accept a pipeline's structure.

Limits of single values come from the service's model (:mod:`xacct_ml.emulator.core.constraints`); here are the rules
that span values: CodePipeline user guide, "Pipeline structure reference" and "Quotas" [D]. Messages that were seen in
public issues are used as they were [C] (aws-cdk #6111, aws-cloudformation-user-guide #941); the others are worded
alike [U]."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from xacct_ml.arn import Arn
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.services.codepipeline import providers, triggers
from xacct_ml.emulator.services.codepipeline.declaration import SUPERSEDED, Declaration, actions, names, run_order
from xacct_ml.emulator.services.codepipeline.variables import OWN_NAMESPACES, references

MAX_STAGES, MAX_STAGE_ACTIONS, MAX_ACTIONS = 50, 50, 500

_COMPUTE_MEMBERS = ("commands", "outputVariables", "environmentVariables")

_CLOUDFORMATION_MODES = {
    "CREATE_UPDATE": ("RoleArn", "TemplatePath"),
    "REPLACE_ON_FAILURE": ("RoleArn", "TemplatePath"),
    "DELETE_ONLY": ("RoleArn",),
    "CHANGE_SET_REPLACE": ("RoleArn", "TemplatePath", "ChangeSetName"),
    "CHANGE_SET_EXECUTE": ("ChangeSetName",),
}
"""ActionMode → what it requires besides the stack's name (action reference, CloudFormation [D])."""


def check(declaration: Declaration, region: str) -> None:
    """Raises the ApiError that CreatePipeline and UpdatePipeline answer with for the first rule broken."""
    for problem in _problems(declaration, region):
        raise problem


def _problems(declaration: Declaration, region: str) -> Iterator[ApiError]:
    yield from _pipeline(declaration, region)
    yield from _stages(declaration["stages"])
    for action in actions(declaration):
        yield from _action(action, region)
        yield from _compute(declaration, action, region)
    yield from _artifacts(declaration)
    yield from _namespaces(declaration)
    yield from map(_structure, triggers.problems(declaration))


def _structure(message: str) -> ApiError:
    return ApiError("InvalidStructureException", message)


def _declared(message: str) -> ApiError:
    return ApiError("InvalidActionDeclarationException", message)


def _repeated(found: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(found).items() if times > 1]


def _pipeline(declaration: Declaration, region: str) -> Iterator[ApiError]:
    single, several = declaration.get("artifactStore"), declaration.get("artifactStores")
    if (single is None) == (several is None):
        yield _structure("Exactly one of artifactStore and artifactStores must be specified in the pipeline")
    regions = {region, *(action["region"] for action in actions(declaration) if action.get("region"))}
    if several is None and regions != {region}:
        yield _structure("A pipeline with cross-region actions must specify artifactStores")
    for missing in sorted(regions - several.keys()) if several is not None else ():
        yield _structure(f"artifactStores has no artifact store for region {missing}")
    if declaration.get("pipelineType", "V1") == "V1":
        if declaration.get("executionMode", SUPERSEDED) != SUPERSEDED:
            yield _structure(f"Execution mode {declaration['executionMode']} requires pipeline type V2")
        for member in ("variables", "triggers"):
            if declaration.get(member):
                yield _structure(f"Pipeline member {member} requires pipeline type V2")
    for name in _repeated(variable["name"] for variable in declaration.get("variables") or ()):
        yield _structure(f"Pipeline variable {name} is declared more than once")


def _stages(stages: list[Any]) -> Iterator[ApiError]:
    if len(stages) < 2:
        count = f"Pipeline has only {len(stages)} stage(s)"
        yield _structure(f"{count}. There should be a minimum of 2 stages in a pipeline")
    if len(stages) > MAX_STAGES:
        yield ApiError("LimitExceededException", f"A pipeline may have {MAX_STAGES} stages at most")
    if sum(len(stage["actions"]) for stage in stages) > MAX_ACTIONS:
        yield ApiError("LimitExceededException", f"A pipeline may have {MAX_ACTIONS} actions at most")
    for name in _repeated(stage["name"] for stage in stages):
        yield _structure(f"Stage name {name} is used more than once in the pipeline")
    for position, stage in enumerate(stages):
        yield from _stage(stage, first=position == 0)


def _stage(stage: Declaration, *, first: bool) -> Iterator[ApiError]:
    name, own = stage["name"], stage["actions"]
    if not own:
        yield ApiError("InvalidStageDeclarationException", f"Stage {name} must have at least one action")
    if len(own) > MAX_STAGE_ACTIONS:
        yield ApiError("LimitExceededException", f"Stage {name} may have {MAX_STAGE_ACTIONS} actions at most")
    for repeated in _repeated(action["name"] for action in own):
        yield _structure(f"Action name {repeated} is used more than once in stage {name}")
    for action in own:
        source = action["actionTypeId"]["category"] == "Source"
        if first and not source:
            yield _structure(f"Pipeline should start with a stage that only contains source actions: {action['name']}")
        if source and not first:
            yield _structure(f"Source action {action['name']} may only occur in the first stage of the pipeline")
    rules = [kind for kind in ("beforeEntry", "onSuccess") if stage.get(kind)]
    result = (stage.get("onFailure") or {}).get("result", "FAIL")
    if rules or result != "FAIL" or (stage.get("onFailure") or {}).get("conditions"):
        yield ApiError(
            "InvalidStageDeclarationException",
            f"Stage {name}: the embedded AWS runs no stage conditions, retries or rollbacks of stages",
        )


def _action(action: Declaration, region: str) -> Iterator[ApiError]:
    name, kind = action["name"], action["actionTypeId"]
    known = providers.ALL.get((kind["category"], kind["owner"], kind["provider"]))
    if known is None or kind["version"] != "1":
        shown = ", ".join(
            f"{part.capitalize()}: '{kind[part]}'" for part in ("category", "provider", "owner", "version")
        )
        where = region.upper().replace("-", "_")
        yield _declared(f"ActionType ({shown}) in action '{name}' is not available in region '{where}'")
        return
    for word, (low, high) in (("input", known.inputs), ("output", known.outputs)):
        count = len(names(action, f"{word}Artifacts"))
        if count < low:
            yield _declared(
                f"Action {name} declares {count} {word} artifacts which is less than the minimum count ({low})"
            )
        if count > high:
            yield _declared(
                f"Action {name} declares {count} {word} artifacts which is more than the maximum count ({high})"
            )
    configuration = action.get("configuration") or {}
    for key in sorted(known.required - configuration.keys()):
        yield _declared(f"Action configuration for action '{name}' is missing required configuration '{key}'")
    if known.optional is not None:
        for key in sorted(configuration.keys() - known.required - known.optional):
            yield _declared(f"Action configuration for action '{name}' contains unknown configuration '{key}'")
    if action.get("timeoutInMinutes") is not None and kind["category"] != "Approval":
        yield _declared(f"timeoutInMinutes is allowed for manual approval actions only: '{name}'")
    if kind["provider"] == "CloudFormation":
        yield from _cloudformation(action, configuration)


def _compute(declaration: Declaration, action: Declaration, region: str) -> Iterator[ApiError]:
    """Commands actions, and what only they may have (action reference, Commands: V2 pipelines only, neither across
    accounts nor regions, single lines [D]). How many commands and files there may be is in the service's model."""
    name, outputs = action["name"], action.get("outputArtifacts") or ()
    if action["actionTypeId"]["category"] != "Compute":
        for member in _COMPUTE_MEMBERS:
            if action.get(member):
                yield _declared(f"{member} are allowed for compute actions only: '{name}'")
        if any(output.get("files") for output in outputs):
            yield _declared(f"files of an output artifact are allowed for compute actions only: '{name}'")
        return
    if declaration.get("pipelineType", "V1") != "V2":
        yield _structure(f"Action '{name}' of category Compute requires pipeline type V2")
    if not action.get("commands"):
        yield _declared(f"Action '{name}' of category Compute is missing commands")
    if any(len(command.splitlines()) > 1 for command in action.get("commands") or ()):
        yield _declared(f"Action '{name}' has a command of several lines")
    own = Arn.parse(declaration["roleArn"]).account
    if (
        action.get("region", region) != region
        or Arn.parse(action.get("roleArn", declaration["roleArn"])).account != own
    ):
        yield _declared(f"Action '{name}' of category Compute can be neither cross-region nor cross-account")


def _cloudformation(action: Declaration, configuration: Declaration) -> Iterator[ApiError]:
    name, mode = action["name"], configuration.get("ActionMode", "")
    if mode not in _CLOUDFORMATION_MODES:
        yield _declared(f"Action configuration for action '{name}' has an unknown ActionMode '{mode}'")
    for key in _CLOUDFORMATION_MODES.get(mode, ()):
        if key not in configuration:
            yield _declared(f"Action configuration for action '{name}' is missing required configuration '{key}'")
    for key in ("TemplatePath", "TemplateConfiguration"):
        artifact, separator, file = configuration.get(key, "::").partition("::")
        if key in configuration and not (artifact and separator and file):
            yield _declared(f"{key} of action '{name}' must have the form ArtifactName::FileName")
        elif artifact and artifact not in names(action, "inputArtifacts"):
            yield _declared(f"{key} of action '{name}' names {artifact}, which is not one of its input artifacts")


def _earlier(declaration: Declaration) -> Iterator[tuple[Any, list[Any]]]:
    """Each action with those that have ended before it starts: of earlier stages, and of lower run order in its own."""
    before: list[Any] = []
    for stage in declaration["stages"]:
        for action in stage["actions"]:
            yield action, before + [other for other in stage["actions"] if run_order(other) < run_order(action)]
        before = before + list(stage["actions"])


def _artifacts(declaration: Declaration) -> Iterator[ApiError]:
    for name in _repeated(made for action in actions(declaration) for made in names(action, "outputArtifacts")):
        yield _structure(f"Output artifact {name} is declared by more than one action")
    for action, before in _earlier(declaration):
        available = {made for other in before for made in names(other, "outputArtifacts")}
        for wanted in names(action, "inputArtifacts"):
            if wanted not in available:
                yield _structure(
                    f"Input Artifact Bundle {wanted} in action {action['name']} is not declared as output artifact "
                    "in any of the preceding actions"
                )


def _namespaces(declaration: Declaration) -> Iterator[ApiError]:
    owners = [(stage["name"], action) for stage in declaration["stages"] for action in stage["actions"]]
    repeated = _repeated(action["namespace"] for _, action in owners if action.get("namespace"))
    for stage, action in owners:
        namespace = action.get("namespace")
        if namespace in repeated:
            yield _declared(
                "Namespaces must be unique across the pipeline definition. The following occur more than once in the "
                f"pipeline. StageName=[{stage}], ActionName=[{action['name']}], Namespace=[{namespace}]"
            )
        if namespace in OWN_NAMESPACES:
            yield _declared(f"Namespace {namespace} of action {action['name']} is reserved")
    artifacts = {made for action in actions(declaration) for made in names(action, "outputArtifacts")}
    for _, action in owners:
        if action.get("namespace") in artifacts:
            yield _declared(f"Namespace {action['namespace']} of action {action['name']} is also an artifact's name")
    for action, before in _earlier(declaration):
        known = {*OWN_NAMESPACES, *(other["namespace"] for other in before if other.get("namespace"))}
        for text in (*(action.get("configuration") or {}).values(), *(action.get("commands") or ())):
            for namespace, key in references(text):
                if namespace not in known:
                    yield _declared(
                        f"Action {action['name']} refers to #{{{namespace}.{key}}}, "
                        "but no action that runs before it has that namespace"
                    )
