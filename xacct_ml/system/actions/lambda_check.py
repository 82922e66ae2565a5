"""The source's revision is checked before anything is made from it, by a Lambda function of the shared account."""

from xacct_ml.system.actions import lambda_invoke
from xacct_ml.system.actions.action import Action
from xacct_ml.system.function import common
from xacct_ml.system.logs import log_group
from xacct_ml.system.names import Names
from xacct_ml.system.role import function_logs, role, source_if_sent
from xacct_ml.system.statements import actions, allow, policy, trust_service
from xacct_ml.system.thing import Function


def action(names: Names, revision: str) -> Action:
    """``revision`` is the pipeline variable of what the source action found."""
    function = f"{names.project}-check"
    arn = names.arn("lambda", names.shared, f"function:{function}")
    group = log_group(names, "shared/check-log-group", names.shared, f"/aws/lambda/{function}")
    acting = role(
        names,
        names.shared,
        "check",
        "Runs the Lambda function that checks revisions",
        trust_service("lambda.amazonaws.com", source_if_sent(names.shared, arn)),
        {
            # CodePipeline has no resource to name here: job results are granted on "*" or not at all.
            "job-results": policy(
                allow("ReportJobResults", actions("codepipeline", "PutJobFailureResult PutJobSuccessResult"), ["*"])
            ),
            "logs": function_logs(group.arn),
        },
    )
    checking = Function(
        id="shared/check-function",
        account=names.shared,
        region=names.region,
        name=function,
        arn=arn,
        tags=names.tags,
        needs=(acting.id, group.id),
        description=f"xacct-ml {names.project}: checks revisions before anything is made from them",
        handler="payload.check.handler",
        role=acting.arn,
        timeout=60,
        memory=128,
        environment={},
        **common(),
    )
    return Action(
        lambda_invoke.declaration(names, "Revision", function, {"revision": revision}),
        {"check": lambda_invoke.invocation(arn)},
        (acting, group, checking),
    )
