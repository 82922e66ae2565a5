"""The roles of a production account."""

from xacct_ml.config.model import ProductionTarget
from xacct_ml.system.actions.action import Rights
from xacct_ml.system.alarms import ALL_ALARMS
from xacct_ml.system.autoscaling import scaling_rights
from xacct_ml.system.bucket_layout import JUDGED_PREFIX
from xacct_ml.system.capture import capturing
from xacct_ml.system.keys import Keys
from xacct_ml.system.names import Names
from xacct_ml.system.role import container_logs, function_logs, key_through_s3, model_container, role, source_if_sent
from xacct_ml.system.statements import Document, allow, in_our_account, pass_role, policy, trust_roles, trust_service
from xacct_ml.system.thing import Role


def production_roles(names: Names, target: ProductionTarget, keys: Keys, rights: Rights) -> tuple[Role, ...]:
    account, region = target.id, names.region_of(target)
    models = names.target_arn(target, "sagemaker", f"model/{names.model_pattern}")
    configs = names.target_arn(target, "sagemaker", f"endpoint-config/{names.model_pattern}")
    endpoint = names.endpoint_arn(target)
    function_log_group = names.target_arn(target, "logs", f"log-group:{names.function_log_group}")
    endpoint_log_group = names.target_arn(target, "logs", f"log-group:/aws/sagemaker/Endpoints/{names.endpoint}")
    return (
        role(
            names,
            account,
            "deploy-action",
            "Assumed by the pipeline to invoke the Lambda function that deploys the model",
            trust_roles(names, [names.pipeline_role]),
            rights[names.deploy_action_role(target)],
            region=region,
        ),
        role(
            names,
            account,
            "deploy-function",
            "Runs the Lambda function that creates or updates the endpoint and reports the result",
            trust_service("lambda.amazonaws.com", source_if_sent(account, names.function_arn(target))),
            {
                **_smoke_test(names, target),
                **_watching(names, target),
                "endpoint": policy(
                    allow("Models", "sagemaker: CreateModel DescribeModel", models),
                    allow("EndpointConfigurations", "sagemaker: CreateEndpointConfig DescribeEndpointConfig", configs),
                    allow("Endpoint", "sagemaker: CreateEndpoint UpdateEndpoint", [endpoint, configs]),
                    allow("EndpointState", "sagemaker:DescribeEndpoint", endpoint),
                    allow("Tag", "sagemaker:AddTags", [models, configs, endpoint]),
                ),
                "pass-role": policy(
                    pass_role("PassEndpointRole", names.endpoint_role(target), "sagemaker.amazonaws.com")
                ),
                "report": policy(allow("ReportJobResults", "sts:AssumeRole", names.job_result_role)),
                "logs": function_logs(function_log_group),
                **scaling_rights(names, target),
            },
            region=region,
        ),
        role(
            names,
            account,
            "endpoint",
            "Used by the SageMaker endpoint to read the model",
            trust_service(
                # "Do not replace with a model or endpoint ARN": this literal is what SageMaker hosting sends (SageMaker
                # Developer Guide, security-confused-deputy-prevention) [D]. The page has it with ArnLike, which would
                # take its asterisk for a wildcard, and so notebooks and jobs too.
                "sagemaker.amazonaws.com",
                {"StringEquals": {"aws:SourceArn": names.target_arn(target, "sagemaker", "*")}},
            ),
            {
                "model": policy(
                    in_our_account(names, "ReadModels", "s3:GetObject", names.object_arn(f"{JUDGED_PREFIX}/*", region)),
                    key_through_s3(keys, region, "kms:Decrypt"),
                ),
                **model_container(names, region, endpoint_log_group),
                **_smoke_logs(names, target),
                **_rollback(names, target),
                **capturing(names, target, keys),
            },
            region=region,
        ),
    )


def _smoke_test(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """The temporary endpoint, and its configurations: their names are no others'."""
    if not names.config.endpoint.smoke_test:
        return {}
    endpoint = names.smoke_endpoint_arn(target)
    configs = names.target_arn(target, "sagemaker", f"endpoint-config/{names.smoke_pattern}")
    calls = "CreateEndpointConfig DeleteEndpointConfig DescribeEndpointConfig"
    return {
        "smoke-test": policy(
            allow("Configurations", f"sagemaker: {calls}", configs),
            allow("MakeEndpoint", "sagemaker:CreateEndpoint", [endpoint, configs]),
            allow("Endpoint", "sagemaker: DeleteEndpoint DescribeEndpoint InvokeEndpoint", endpoint),
            allow("Tag", "sagemaker:AddTags", [configs, endpoint]),
        )
    }


def _watching(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """Requests of its own while traffic shifts, and how many came from others: metrics have no resource."""
    config = names.config.endpoint
    if config.rollout is None:
        return {}
    asked = [allow("Ask", "sagemaker:InvokeEndpoint", names.endpoint_arn(target))] if config.smoke_test else []
    return {"rollout": policy(*asked, allow("CountRequests", "cloudwatch:GetMetricStatistics", "*"))}


def _smoke_logs(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """Metrics, which have no resource, it may write anyhow."""
    if not names.config.endpoint.smoke_test:
        return {}
    group = names.target_arn(target, "logs", f"log-group:{names.smoke_log_group}")
    return {"smoke-logs": policy(container_logs(group))}


def _rollback(names: Names, target: ProductionTarget) -> dict[str, Document]:
    """SageMaker reads the alarms as the endpoint's role (SageMaker Developer Guide, deployment-guardrails-
    configuration) [D]. What it reads, AWS decides as all alarms of the region (:data:`ALL_ALARMS`)."""
    if names.config.endpoint.serverless is not None:
        return {}
    return {
        "rollback": policy(
            allow("WatchAlarms", "cloudwatch:DescribeAlarms", names.target_arn(target, "cloudwatch", ALL_ALARMS))
        )
    }
