"""SageMaker's Model Registry in the shared account: the group of the project's model packages, and the Lambda function
that sets a package to Approved, with its role. None of it exists where the map has no ``registry``.

The judge registers (:mod:`xacct_ml.payload.registry`) and may write PendingManualApproval alone; the function of the
last stage of either pipeline (:mod:`xacct_ml.payload.package_release`) may write Approved alone. No other role writes
either: ``sagemaker:ModelApprovalStatus`` is a condition key of CreateModelPackage and UpdateModelPackage (Service
Authorization Reference, Amazon SageMaker AI) [D]."""

import json
from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.system.actions.approval import reviews
from xacct_ml.system.actions.lambda_judge import JUDGE
from xacct_ml.system.actions.lambda_judge import RELEASE as RELEASED
from xacct_ml.system.actions.lambda_registry import RELEASE
from xacct_ml.system.function import MEMORY_MB, TIMEOUT_SECONDS, settings
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.role import function_logs, job_results, role, source_if_sent
from xacct_ml.system.statements import Document, allow, policy, trust_service
from xacct_ml.system.thing import Function, ModelPackageGroup, Role, Thing
from xacct_ml.system.waves import APPROVE_STAGE, waves

HANDLER = "payload.package_release.handler"
MODEL_PACKAGE_GROUP = "shared/model-package-group"
"""Its id."""
REGISTRY_FUNCTION = "shared/registry-function"
"""Its id."""
PENDING, APPROVED = "PendingManualApproval", "Approved"


def registry(names: Names) -> Iterator[Thing]:
    """The group, the function and its log group."""
    if names.model_package_group is None:
        return
    yield ModelPackageGroup.of(
        names,
        names.shared,
        MODEL_PACKAGE_GROUP,
        names.model_package_group,
        names.model_package_group_arn,
        description=f"xacct-ml {names.project}: every model that passed its gate, Approved where it was released",
    )
    group = log_group(names, "shared/registry-log-group", names.shared, names.registry_log_group)
    yield group
    yield Function.of(
        names,
        names.shared,
        REGISTRY_FUNCTION,
        names.registry_function,
        names.registry_function_arn,
        needs=("shared/role/registry", group.id),
        description=f"xacct-ml {names.project}: sets the packages of deployed models to Approved",
        role=names.registry_role,
        environment=registry_environment(names.config),
        **settings(HANDLER, TIMEOUT_SECONDS, MEMORY_MB),
    )


def registration(names: Names) -> dict[str, Document]:
    """What the judge's role may do in the registry: one inline policy, or none."""
    if names.model_package_group is None:
        return {}
    pending = {"StringEquals": {"sagemaker:ModelApprovalStatus": PENDING}}
    return {
        "registry": policy(allow("Register", "sagemaker:CreateModelPackage", names.model_package_arn("*"), pending))
    }


def registry_role(names: Names) -> tuple[Role, ...]:
    if names.model_package_group is None:
        return ()
    pipelines = [names.pipeline_arn, names.release_pipeline_arn]
    packages, approved = names.model_package_arn("*"), {"StringEquals": {"sagemaker:ModelApprovalStatus": APPROVED}}
    return (
        role(
            names,
            names.shared,
            "registry",
            "Runs the Lambda function that sets the packages of deployed models to Approved",
            trust_service("lambda.amazonaws.com", source_if_sent(names.shared, names.registry_function_arn)),
            {
                "registry": policy(
                    allow("SeePackage", "sagemaker:DescribeModelPackage", packages),
                    allow("Release", "sagemaker:UpdateModelPackage", packages, approved),
                ),
                "run": policy(allow("ReadRun", "codepipeline:ListActionExecutions", pipelines)),
                "job-results": job_results(),
                "logs": function_logs(names.arn("logs", names.shared, f"log-group:{names.registry_log_group}")),
            },
        ),
    )


def registry_environment(config: Config) -> dict[str, str]:
    """Everything that the function must not take from an event."""
    names, found = Names(config), waves(config)
    approvals = [
        f"{wave.approve_stage}/{review}"
        for wave in found
        if wave.approve_stage is not None
        for review in reviews(config)
    ]
    deployments = [f"{wave.deploy_stage}/{target.name}" for wave in found for target in wave.targets]
    deployed = {"action": RELEASE, "deployments": deployments}
    pipelines = {
        names.pipeline: {**deployed, "judgeAction": JUDGE, "approvals": approvals},
        names.release_pipeline: {
            **deployed,
            "judgeAction": RELEASED,
            "approvals": [f"{APPROVE_STAGE}/{review}" for review in reviews(config)],
        },
    }
    return {"PIPELINES": json.dumps(pipelines, separators=(",", ":")), "PACKAGES": names.model_package_arn("")}
