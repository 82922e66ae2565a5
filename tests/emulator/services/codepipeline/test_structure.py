"""Which structures CreatePipeline accepts."""

import re

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from tests.configs import example, with_source_account
from tests.emulator.services.codepipeline.declarations import REGION, action, pipeline, source, stage
from xacct_ml.config.model import Config
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.constraints import violations
from xacct_ml.emulator.services.codepipeline import structure
from xacct_ml.emulator.services.codepipeline.declaration import groups, with_defaults
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.pipeline import pipeline as project_pipeline

CFN = {
    "ActionMode": "CREATE_UPDATE",
    "StackName": "s",
    "RoleArn": "arn:aws:iam::111111111111:role/c",
    "TemplatePath": "Code::t.yaml",
}


def deploy(**changes) -> dict:
    more = {"configuration": CFN, "inputs": ["Code"], **changes}
    return action("Stack", "Deploy", "CloudFormation", **more)


def commands(**changes) -> dict:
    more = {"inputs": ["Code"], "commands": ["ls"], **changes}
    return action("Files", "Compute", "Commands", **more)


def computing(**changes) -> dict:
    """A pipeline with one Commands action."""
    return pipeline(stage("X", commands(**changes)), pipelineType="V2")


def test_a_good_pipeline_is_accepted() -> None:
    """Source, stack, approval, with variables between them."""
    approval = action("Ok", configuration={"CustomData": "#{Out.Key} #{codepipeline.PipelineExecutionId}"})
    structure.check(pipeline(stage("Build", deploy(namespace="Out")), stage("Approve", approval)), REGION)


def of_model(declaration: dict) -> list[str]:
    """Which limits of the service's model the declaration breaks."""
    model = ServiceModel(Loader().load_service_model("codepipeline", "service-2"), "codepipeline")
    shape = model.operation_model("CreatePipeline").input_shape
    return list(violations(shape, {"pipeline": declaration}))


@pytest.mark.parametrize("config", [example(), with_source_account()], ids=["shared account", "source account"])
def test_the_projects_own_pipeline_is_accepted(config: Config) -> None:
    """Rules across values and the limits of the model."""
    declaration = project_pipeline(config, Keys.stand_ins(Names(config)))
    structure.check(declaration, "us-east-1")
    assert of_model(declaration) == []


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"commands": ["ls"] * 51}, "commands' failed .* less than or equal to 50"),
        ({"commands": ["x" * 1001]}, "less than or equal to 1000"),
        ({"outputArtifacts": [{"name": "Out", "files": ["f"] * 11}]}, "files' failed .* less than or equal to 10"),
        ({"outputVariables": ["V"] * 16}, "outputVariables' failed .* less than or equal to 15"),
    ],
)
def test_the_model_limits_a_commands_action(changes: dict, broken: str) -> None:
    """How many commands, files and variables there may be."""
    (found,) = of_model(computing(**changes))
    assert re.search(broken, found)


def test_a_commands_action_is_accepted() -> None:
    """With files, variables in its commands, and a role of the pipeline's own account."""
    role = "arn:aws:iam::111111111111:role/commands"
    action = commands(commands=["echo #{codepipeline.PipelineExecutionId}"], roleArn=role, outputVariables=["A"])
    action["outputArtifacts"] = [{"name": "Out", "files": ["**/*"]}]
    structure.check(pipeline(stage("X", action), pipelineType="V2"), REGION)


BAD = {
    "one stage": (pipeline() | {"stages": [stage("Source", source())]}, "InvalidStructureException", "only 1 stage"),
    "no store": (pipeline(artifactStore=None), "InvalidStructureException", "artifactStore"),
    "both stores": (pipeline(artifactStores={REGION: {}}), "InvalidStructureException", "artifactStore"),
    "other region": (
        pipeline(stage("X", action("Ok", region="us-east-1"))),
        "InvalidStructureException",
        "cross-region",
    ),
    "source later": (pipeline(stage("X", source("Again", "More"))), "InvalidStructureException", "first stage"),
    "first stage mixed": (
        pipeline() | {"stages": [stage("Source", source(), action("Ok")), stage("X", action("Ok"))]},
        "InvalidStructureException",
        "only contains source actions",
    ),
    "stage twice": (
        pipeline(stage("X", action("A")), stage("X", action("B"))),
        "InvalidStructureException",
        "Stage name X",
    ),
    "action twice": (pipeline(stage("X", action("A"), action("A"))), "InvalidStructureException", "Action name A"),
    "empty stage": (pipeline(stage("X")), "InvalidStageDeclarationException", "at least one action"),
    "unknown provider": (
        pipeline(stage("X", action("A", "Deploy", "Nobody"))),
        "InvalidActionDeclarationException",
        "'Nobody', Owner: 'AWS', Version: '1'\\) in action 'A' is not available in region 'EU_WEST_1'",
    ),
    "unknown configuration": (
        pipeline(stage("X", action("A", configuration={"Foo": "1"}))),
        "InvalidActionDeclarationException",
        "unknown configuration 'Foo'",
    ),
    "missing configuration": (
        pipeline(stage("X", action("A", "Invoke", "Lambda"))),
        "InvalidActionDeclarationException",
        "missing required configuration 'FunctionName'",
    ),
    "no template": (
        pipeline(stage("X", deploy(configuration={k: v for k, v in CFN.items() if k != "TemplatePath"}))),
        "InvalidActionDeclarationException",
        "'TemplatePath'",
    ),
    "template of no input": (
        pipeline(stage("X", deploy(configuration={**CFN, "TemplatePath": "Other::t.yaml"}))),
        "InvalidActionDeclarationException",
        "not one of its input artifacts",
    ),
    "too few outputs": (
        pipeline() | {"stages": [stage("Source", source() | {"outputArtifacts": []}), stage("X", action("A"))]},
        "InvalidActionDeclarationException",
        "declares 0 output artifacts which is less than the minimum count \\(1\\)",
    ),
    "input from nowhere": (
        pipeline(stage("X", deploy(inputs=["Code", "Nope"]))),
        "InvalidStructureException",
        "Nope in action Stack is not declared",
    ),
    "input of the same run order": (
        pipeline(
            stage(
                "X",
                deploy(outputs=["Out"]),
                action("F", "Invoke", "Lambda", configuration={"FunctionName": "f"}, inputs=["Out"]),
            )
        ),
        "InvalidStructureException",
        "Out in action F",
    ),
    "namespace twice": (
        pipeline(stage("X", action("A", namespace="N"), action("B", namespace="N"))),
        "InvalidActionDeclarationException",
        "Namespaces must be unique",
    ),
    "reserved namespace": (
        pipeline(stage("X", action("A", namespace="codepipeline"))),
        "InvalidActionDeclarationException",
        "reserved",
    ),
    "namespace of nobody before": (
        pipeline(
            stage("X", action("A", configuration={"CustomData": "#{Later.Key}"})),
            stage("Y", action("B", namespace="Later")),
        ),
        "InvalidActionDeclarationException",
        "#\\{Later.Key\\}",
    ),
    "V1 and queued": (pipeline(executionMode="QUEUED"), "InvalidStructureException", "requires pipeline type V2"),
    "timeout of another action": (
        pipeline(stage("X", deploy(timeoutInMinutes=5))),
        "InvalidActionDeclarationException",
        "manual approval actions only",
    ),
    "commands of another action": (
        pipeline(stage("X", action("A", commands=["ls"]))),
        "InvalidActionDeclarationException",
        "commands are allowed for compute actions only",
    ),
    "files of another action": (
        pipeline(stage("X", deploy(outputArtifacts=[{"name": "Out", "files": ["a"]}]))),
        "InvalidActionDeclarationException",
        "files of an output artifact are allowed for compute actions only",
    ),
    "compute without commands": (computing(commands=[]), "InvalidActionDeclarationException", "missing commands"),
    "compute in V1": (
        computing() | {"pipelineType": "V1"},
        "InvalidStructureException",
        "'Files' of category Compute requires pipeline type V2",
    ),
    "several lines": (computing(commands=["a\nb"]), "InvalidActionDeclarationException", "command of several lines"),
    "compute in another account": (
        computing(roleArn="arn:aws:iam::222222222222:role/r"),
        "InvalidActionDeclarationException",
        "neither cross-region nor cross-account",
    ),
    "compute without input": (
        computing(inputArtifacts=[]),
        "InvalidActionDeclarationException",
        "declares 0 input artifacts",
    ),
    "variable of nobody in a command": (
        computing(commands=["echo #{Nobody.Key}"]),
        "InvalidActionDeclarationException",
        "#\\{Nobody.Key\\}",
    ),
    "51 actions": (pipeline(stage("X", *(action(f"A{n}") for n in range(51)))), "LimitExceededException", "50 actions"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pipeline_is_refused_for_its_reason(name) -> None:
    """Code and reason are the ones of the rule that is broken."""
    declaration, code, reason = BAD[name]
    with pytest.raises(ApiError, match=reason) as caught:
        structure.check({key: value for key, value in declaration.items() if value is not None}, REGION)
    assert caught.value.code == code


def test_an_input_may_come_from_a_lower_run_order_of_the_same_stage() -> None:
    """Whatever the order in the list."""
    consumer = action("F", "Invoke", "Lambda", configuration={"FunctionName": "f"}, inputs=["Out"], runOrder=2)
    structure.check(pipeline(stage("X", consumer, deploy(outputs=["Out"]))), REGION)


def test_actions_are_grouped_by_run_order() -> None:
    """Those of one run order run together."""
    found = groups(stage("X", action("C", runOrder=2), action("A"), action("B")))
    assert [[each["name"] for each in together] for together in found] == [["A", "B"], ["C"]]


def test_defaults_are_what_get_pipeline_fills_in() -> None:
    """The caller's declaration stays as it is."""
    given = pipeline()
    filled = with_defaults(given, 1, REGION)
    assert (filled["version"], filled["pipelineType"], filled["executionMode"]) == (1, "V1", "SUPERSEDED")
    assert filled["stages"][0]["actions"][0]["runOrder"] == 1
    assert "runOrder" not in given["stages"][0]["actions"][0]
