"""Addresses of pages of the AWS console.

The console of a region is at ``<region>.<host of the partition>``; the hosts are in ``data/regions.toml`` [D]. AWS
documents no page's address: those here are as tools of AWS's and of users' build them [C], the same in each partition.
A page is of whichever account the browser is signed in to."""

from urllib.parse import quote

from xacct_ml.tables.regions import console_host


def pipeline_run(region: str, pipeline: str, execution: str) -> str:
    """What a run of a pipeline did (aws-samples, users' notifications of CodePipeline [C])."""
    return _page(region, f"codesuite/codepipeline/pipelines/{pipeline}/executions/{execution}/timeline?region={region}")


def stack_events(region: str, stack: str) -> str:
    """The events of a stack, by its name (aws/aws-toolkit-vscode, aws-samples [C])."""
    return _page(region, f"cloudformation/home?region={region}#/stacks/events?stackId={quote(stack, safe='')}")


def training_job(region: str, job: str) -> str:
    """A training job (wandb, aws-samples [C])."""
    return _page(region, f"sagemaker/home?region={region}#/jobs/{job}")


def endpoint(region: str, name: str) -> str:
    """An endpoint (aws-samples [C])."""
    return _page(region, f"sagemaker/home?region={region}#/endpoints/{name}")


def log_group(region: str, group: str) -> str:
    """A log group: its name is encoded twice, with ``$`` in place of ``%`` (aws-samples, users' alarms [C])."""
    name = quote(quote(group, safe=""), safe="").replace("%", "$")
    return _page(region, f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{name}")


def _page(region: str, path: str) -> str:
    return f"https://{region}.{console_host(region)}/{path}"
