"""The decision goes to exactly the run that was reviewed."""

from __future__ import annotations

import pytest

from tests.cli.fakes import refused
from tests.configs import SHARED, example
from tests.runs.pipelines import TOKEN, accounts, codepipeline, state
from xacct_ml.errors import InputError, NotReady, XacctError
from xacct_ml.runs.approval import checked_summary, decide, review


def test_the_evidence() -> None:
    """Commit with message and author, and the evaluation record."""
    reviewed = review(example(), accounts())
    assert (reviewed.approval.execution, reviewed.approval.stage, reviewed.approval.action) == (
        "run-1",
        "Approve",
        "Review",
    )
    assert reviewed.commit is not None
    assert (reviewed.commit.id, reviewed.commit.message, reviewed.commit.author) == (
        "c0ffee",
        "More rounds\n\nBecause.",
        "Ada <ada@example.com>",
    )
    assert reviewed.evaluation is not None


def test_without_a_record_the_commit_is_the_runs() -> None:
    """The approver still sees what he can."""
    reviewed = review(example(), accounts(record=None))
    assert reviewed.evaluation is None
    assert reviewed.commit is not None
    assert reviewed.commit.id == "c0ffee"


def test_nothing_waits() -> None:
    """Neither approve nor reject has a subject then."""
    with pytest.raises(XacctError, match="no run waits for approval"):
        review(example(), accounts(codepipeline(get_pipeline_state=state(waiting=None))))


def test_another_run_waits() -> None:
    """The one that was meant is not the one that waits: refused, with both ids."""
    with pytest.raises(XacctError, match="run-0 is not the run that waits for approval; that is run-1"):
        review(example(), accounts(), "run-0")


@pytest.mark.parametrize(("approve", "word"), [(True, "Approved"), (False, "Rejected")])
def test_the_answer_carries_the_reviewed_token(approve: bool, word: str) -> None:
    """The token makes sure that no other run is answered."""
    pipeline = codepipeline()
    there = accounts(pipeline)
    decide(example(), there, review(example(), there), approve=approve, summary="good")
    assert pipeline.calls[-1] == (
        "put_approval_result",
        {
            "pipelineName": "churn",
            "stageName": "Approve",
            "actionName": "Review",
            "token": TOKEN,
            "result": {"status": word, "summary": "good"},
        },
    )


def test_nobody_elses_pipeline_is_answered() -> None:
    """It has the project's name and not its tag."""
    there = accounts(codepipeline(list_tags_for_resource={"tags": [{"key": "xacct-ml:project", "value": "fraud"}]}))
    with pytest.raises(NotReady, match="is not this project's"):
        decide(example(), there, review(example(), there), approve=True, summary="")
    assert "put_approval_result" not in [name for name, _ in there.client(SHARED, "codepipeline").calls]


@pytest.mark.parametrize("code", ["InvalidApprovalTokenException", "ApprovalAlreadyCompletedException"])
def test_someone_was_faster(code: str) -> None:
    """Said in words, not as an AWS error."""
    there = accounts(codepipeline(put_approval_result=refused("PutApprovalResult", code)))
    with pytest.raises(XacctError, match="the approval of run-1 no longer waits"):
        decide(example(), there, review(example(), there), approve=True, summary="")
    assert there.client(SHARED, "codepipeline").calls


def test_a_summary_has_512_characters_at_most() -> None:
    """CodePipeline's limit, told before anything is shown."""
    assert checked_summary("x" * 512)
    with pytest.raises(InputError, match="--summary has 513 characters"):
        checked_summary("x" * 513)
