"""Two people approve, each with the approvers' role alone; the operators cannot."""

import pytest
from botocore.exceptions import ClientError

from tests.configs import SHARED, approved_by_two
from tests.journeys.project import Project, project
from xacct_ml.aws.accounts import Accounts
from xacct_ml.errors import XacctError
from xacct_ml.operations.runs.approval import as_approver, decide, review

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"}


def approve(made: Project, name: str, run: str) -> None:
    accounts = Accounts(as_approver(made.config, name))
    decide(made.config, accounts, review(made.config, accounts, run), approve=True, summary="good")


def test_it_takes_two_people() -> None:
    """From the first run to the endpoint; nothing that an approver does is denied."""
    with project(approved_by_two(training={"hyperparameters": HYPERPARAMETERS})) as made:
        made.bootstrap()
        made.upload()
        made.create_pipeline()
        (run,) = made.runs()
        assert made.settled(run).waits_for_approval
        with pytest.raises(ClientError, match="PutApprovalResult"):
            made.judge(run, approve=True)  # as the operator
        approve(made, "ann", run)
        with pytest.raises(XacctError, match="cannot be approved") as refused:
            approve(made, "ann", run)
        assert "ann has approved it already" in refused.value.details[0]
        approver = Accounts(as_approver(made.config, "bob")).client(SHARED, "codepipeline")
        with pytest.raises(ClientError, match="StartPipelineExecution"):
            approver.start_pipeline_execution(name=made.names.pipeline)
        approve(made, "bob", run)
        ended = made.settled(run)
        assert ended.execution is not None
        assert ended.execution.status == "Succeeded", ended
        denied = [entry for entry in made.aws.requests.entries(allowed=False) if "ml-approver" in entry.principal.arn]
        assert len(denied) == 1
        assert "codepipeline:StartPipelineExecution" in str(denied[0])
