"""Which function runs which action type."""

from xacct_ml.emulator.services.codepipeline.actions import (
    cloudformation_deploy,
    codecommit_source,
    commands,
    connection_source,
    lambda_invoke,
    manual_approval,
    s3_source,
    stepfunctions_invoke,
)
from xacct_ml.emulator.services.codepipeline.context import Provider
from xacct_ml.emulator.services.codepipeline.providers import Key

PROVIDERS: dict[Key, Provider] = {
    ("Source", "AWS", "CodeCommit"): codecommit_source.run,
    ("Source", "AWS", "S3"): s3_source.run,
    ("Compute", "AWS", "Commands"): commands.run,
    ("Source", "AWS", "CodeStarSourceConnection"): connection_source.run,
    ("Deploy", "AWS", "CloudFormation"): cloudformation_deploy.run,
    ("Invoke", "AWS", "StepFunctions"): stepfunctions_invoke.run,
    ("Invoke", "AWS", "Lambda"): lambda_invoke.run,
    ("Approval", "AWS", "Manual"): manual_approval.run,
}
"""Category, owner and provider → what runs it; the keys are those of
:data:`xacct_ml.emulator.services.codepipeline.providers.EMULATED`."""
