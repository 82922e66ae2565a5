"""What who approves may do."""

from tests.configs import APPROVER, SHARED, approved_by_two, example, with_source_account
from xacct_ml.system.approver import approver_policies
from xacct_ml.system.names import Names
from xacct_ml.system.statements import listed

CHANGES = {"approvers": {"role_arn": f"arn:aws:iam::{SHARED}:role/ml-approver"}}


def rights(names: Names) -> set[str]:
    statements = [one for document in approver_policies(names).values() for one in document["Statement"]]
    return {action for one in statements for action in listed(one["Action"])}


def test_an_approver_sees_and_answers_and_does_nothing_else() -> None:
    """No right that writes but the answer, and the request of a release."""
    assert rights(Names(approved_by_two())) == {
        "codecommit:GetCommit",
        "codepipeline:GetPipelineState",
        "codepipeline:ListActionExecutions",
        "codepipeline:ListPipelineExecutions",
        "codepipeline:ListTagsForResource",
        "codepipeline:PutApprovalResult",
        "iam:GetRole",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    }


def test_every_approval_is_named_and_nothing_else_of_the_pipeline() -> None:
    """Also the second of a stage; and of a release, whose request is the one object that is written."""
    names = Names(approved_by_two())
    documents = approver_policies(names).values()
    statements = {one["Sid"]: one for document in documents for one in document["Statement"]}
    pipelines = [f"arn:aws:codepipeline:us-east-1:{SHARED}:{name}" for name in ("churn", "churn-release")]
    reviews = ("Review", "SecondReview")
    assert statements["Approve"]["Resource"] == [f"{arn}/Approve/{one}" for arn in pipelines for one in reviews]
    assert statements["AskForARelease"]["Resource"] == names.object_arn("release/release.zip")


def test_an_approver_is_of_the_shared_account_alone() -> None:
    """A repository elsewhere is not read."""
    assert "codecommit:GetCommit" not in rights(Names(with_source_account(**CHANGES)))


def test_the_roles_own_trust_is_read_only_where_two_people_are_told_apart() -> None:
    """One approval asks nobody for a name."""
    assert "iam:GetRole" not in rights(Names(example(**CHANGES)))
    (own,) = (
        one
        for one in approver_policies(Names(approved_by_two()))["approve"]["Statement"]
        if one["Sid"] == "ReadOwnTrust"
    )
    assert own["Resource"] == APPROVER


def test_without_approvers_there_are_no_policies() -> None:
    """The operators approve then."""
    assert approver_policies(Names(example())) == {}
