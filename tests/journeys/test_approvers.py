"""Two people approve, each with the approvers' role alone; the operators cannot."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.configs import APPROVER, SHARED, approved_by_two
from tests.journeys.project import Project, project
from xacct_ml.aws.accounts import Accounts
from xacct_ml.errors import XacctError
from xacct_ml.operations.bootstrap import plan_project
from xacct_ml.operations.runs.approval import as_approver, decide
from xacct_ml.operations.runs.review import review
from xacct_ml.operations.verify_live import verify_live

pytestmark = pytest.mark.long

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


def test_a_bound_name_cannot_be_another_persons() -> None:
    """The condition that README names keeps ann from being bob; before it stands in the trust, everything warns."""
    with project(approved_by_two()) as made:
        assert "(statement #1): one person can approve as two" in str(plan_project(made.config, made.accounts).notes)
        made.bootstrap()
        assert "one person can approve as two" in str(verify_live(made.config, made.accounts).notes)
        ann = user(made, "ann")
        iam = made.aws.administrator(SHARED).client("iam")
        trust = iam.get_role(RoleName="ml-approver")["Role"]["AssumeRolePolicyDocument"]
        statement = {**trust["Statement"][0], "Principal": {"AWS": f"arn:aws:iam::{SHARED}:user/ann"}}
        bound = {**statement, "Condition": {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}}
        iam.update_assume_role_policy(
            RoleName="ml-approver", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [bound]})
        )
        ann.client("sts").assume_role(RoleArn=APPROVER, RoleSessionName="ann")
        with pytest.raises(ClientError, match="AssumeRole"):
            ann.client("sts").assume_role(RoleArn=APPROVER, RoleSessionName="bob")
        assert plan_project(made.config, made.accounts).notes == ()
        assert "approve as two" not in str(verify_live(made.config, made.accounts).notes)


def user(made: Project, name: str) -> boto3.Session:
    """An IAM user of the shared account who may assume the approvers' role."""
    iam = made.aws.administrator(SHARED).client("iam")
    iam.create_user(UserName=name)
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": APPROVER}
    document = {"Version": "2012-10-17", "Statement": [may]}
    iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=made.config.region)
