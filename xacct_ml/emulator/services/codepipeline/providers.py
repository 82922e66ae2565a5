"""The action types a pipeline may name, and what each demands of its declaration.

CodePipeline user guide, "Action structure reference" and "Pipeline structure reference" (numbers of artifacts) [D]."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionType:
    """Artifact counts are inclusive ranges; ``optional`` None stands for "not checked here"."""

    inputs: tuple[int, int]
    outputs: tuple[int, int]
    required: frozenset[str] = frozenset()
    optional: frozenset[str] | None = None


Key = tuple[str, str, str]
"""Category, owner and provider."""


def _emulated(
    inputs: tuple[int, int], outputs: tuple[int, int], required: tuple[str, ...], optional: tuple[str, ...]
) -> ActionType:
    return ActionType(inputs, outputs, frozenset(required), frozenset(optional))


EMULATED: dict[Key, ActionType] = {
    ("Source", "AWS", "CodeCommit"): _emulated(
        (0, 0), (1, 1), ("RepositoryName", "BranchName"), ("PollForSourceChanges", "OutputArtifactFormat")
    ),
    ("Source", "AWS", "S3"): _emulated(
        (0, 0), (1, 1), ("S3Bucket", "S3ObjectKey"), ("PollForSourceChanges", "AllowOverrideForS3ObjectKey")
    ),
    ("Source", "AWS", "CodeStarSourceConnection"): _emulated(
        (0, 0), (1, 1), ("ConnectionArn", "FullRepositoryId", "BranchName"), ("OutputArtifactFormat", "DetectChanges")
    ),
    ("Deploy", "AWS", "CloudFormation"): _emulated(
        (0, 10),
        (0, 1),
        ("ActionMode", "StackName"),
        (
            "RoleArn",
            "TemplatePath",
            "TemplateConfiguration",
            "ParameterOverrides",
            "Capabilities",
            "OutputFileName",
            "ChangeSetName",
        ),
    ),
    ("Compute", "AWS", "Commands"): _emulated((1, 10), (0, 1), (), ()),
    ("Invoke", "AWS", "StepFunctions"): _emulated(
        (0, 1), (0, 1), ("StateMachineArn",), ("ExecutionNamePrefix", "InputType", "Input")
    ),
    ("Invoke", "AWS", "Lambda"): _emulated((0, 5), (0, 5), ("FunctionName",), ("UserParameters",)),
    ("Approval", "AWS", "Manual"): _emulated(
        (0, 0), (0, 0), (), ("NotificationArn", "ExternalEntityLink", "CustomData")
    ),
}
"""What the runner executes."""

_ANY = ActionType((0, 10), (0, 10))
OTHERS: dict[Key, ActionType] = {
    ("Source", "AWS", "ECR"): _ANY,
    ("Source", "ThirdParty", "GitHub"): _ANY,
    ("Build", "AWS", "CodeBuild"): _ANY,
    ("Build", "AWS", "ECRBuildAndPublish"): _ANY,
    ("Test", "AWS", "CodeBuild"): _ANY,
    ("Test", "AWS", "DeviceFarm"): _ANY,
    ("Deploy", "AWS", "S3"): _ANY,
    ("Deploy", "AWS", "ECS"): _ANY,
    ("Deploy", "AWS", "CodeDeploy"): _ANY,
    ("Deploy", "AWS", "CodeDeployToECS"): _ANY,
    ("Deploy", "AWS", "CloudFormationStackSet"): _ANY,
    ("Deploy", "AWS", "CloudFormationStackInstances"): _ANY,
    ("Deploy", "AWS", "ServiceCatalog"): _ANY,
    ("Deploy", "AWS", "ElasticBeanstalk"): _ANY,
    ("Deploy", "AWS", "AppConfig"): _ANY,
    ("Invoke", "AWS", "CodePipeline"): _ANY,
}
"""Action types of AWS that a pipeline may declare and the runner fails, saying so."""

ALL: dict[Key, ActionType] = {**EMULATED, **OTHERS}
