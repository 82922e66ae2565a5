"""The decision goes to exactly the run that was reviewed."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from botocore.exceptions import NoCredentialsError

from tests.cli.fakes import FakeClient, refused
from tests.configs import APPROVER, SHARED, SOURCE, approved_by_two, example, with_source_account
from tests.operations.runs.pipelines import TOKEN, accounts, codepipeline, detail, judged, state, two_waves
from tests.operations.runs.test_evaluation import RECORD
from tests.waved import TWO_WAVES, waved
from xacct_ml.config.model import Person
from xacct_ml.errors import CredentialsError, InputError, NotReady, XacctError
from xacct_ml.operations.runs.approval import as_approver, checked_summary, decide
from xacct_ml.operations.runs.review import review

RECORD_DIGEST = sha256(json.dumps(RECORD).encode()).hexdigest()


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


@pytest.mark.parametrize(
    "problem",
    [
        refused("GetCommit", "AccessDeniedException"),
        refused("AssumeRole", "AccessDenied"),
        CredentialsError("no profile"),
        NoCredentialsError(),
    ],
    ids=["no right", "no role", "no profile", "no credentials"],
)
def test_who_approves_needs_no_way_into_the_source_account(problem: Exception) -> None:
    """Then the commit has its id alone; in the shared account it is an error as before."""
    config = with_source_account()
    there = accounts()
    there.clients[SOURCE, "codecommit"] = FakeClient(get_commit=problem)
    reviewed = review(config, there)
    assert reviewed.commit is not None
    assert (reviewed.commit.id, reviewed.commit.message) == ("c0ffee", None)
    there.clients[SHARED, "codecommit"] = FakeClient(get_commit=problem)
    with pytest.raises(type(problem)):
        review(example(), there)


def test_nothing_waits() -> None:
    """Neither approve nor reject has a subject then."""
    with pytest.raises(XacctError, match="no run waits for approval"):
        review(example(), accounts(codepipeline(get_pipeline_state=state(waiting=None))))


def test_another_run_waits() -> None:
    """The one that was meant is not the one that waits: refused, with both ids."""
    with pytest.raises(XacctError, match="run-0 is not the run that waits for approval; that is run-1"):
        review(example(), accounts(), "run-0")


@pytest.mark.parametrize(
    ("record", "objection"),
    [
        (None, "no record of this run"),
        ({**RECORD, "commit": "decaf"}, "revision: the record has decaf, the pipeline c0ffee"),
        ({**RECORD, "metrics": []}, "record: the record has "),
    ],
    ids=["no record", "a forged commit", "other metrics"],
)
def test_what_record_and_pipeline_disagree_on_can_only_be_rejected(record: object, objection: str) -> None:
    """Nothing is sent, whatever flag is given; rejecting stays possible."""
    pipeline = codepipeline()
    there = accounts(pipeline, record=record)
    reviewed = review(example(), there)
    with pytest.raises(XacctError, match="run-1 cannot be approved") as caught:
        decide(example(), there, reviewed, approve=True, summary="good")
    assert any(objection in detail for detail in caught.value.details)
    assert "put_approval_result" not in [name for name, _ in pipeline.calls]
    decide(example(), there, reviewed, approve=False, summary="no")
    assert pipeline.calls[-1][0] == "put_approval_result"


@pytest.mark.parametrize(("me", "again"), [("ann", True), ("bob", False)])
def test_one_person_gives_one_approval_of_a_stage(me: str, again: bool) -> None:
    """The second is another person's; CodePipeline tells who gave the first."""
    config, session = approved_by_two(), f"arn:aws:sts::{SHARED}:assumed-role/ml-approver"
    first = {**detail("Approve", "Review", "Succeeded"), "updatedBy": f"{session}/ann"}
    given = state()
    given["stageStates"][3]["actionStates"].insert(0, {"actionName": "Review"})
    given["stageStates"][3]["actionStates"][1]["actionName"] = "SecondReview"
    there = accounts(
        codepipeline(get_pipeline_state=given, list_action_executions={"actionExecutionDetails": [first, *judged()]})
    )
    there.clients[SHARED, "sts"] = FakeClient(get_caller_identity={"Arn": f"{session}/{me}"})
    there.clients[SHARED, "iam"] = FakeClient(get_role=refused("GetRole", "AccessDenied"))
    reviewed = review(config, there)
    assert "iam:GetRole was denied" in str(reviewed.unbound_names)
    assert reviewed.approval.action == "SecondReview"
    assert bool(reviewed.objections) is again
    assert not again or "ann has approved it already: a second person must" in reviewed.objections[0]


def test_who_approves_enters_the_shared_account_by_the_approvers_role() -> None:
    """Under a name of their own; without approvers as the operator."""
    entered = as_approver(approved_by_two(), "ann").accounts.shared
    assert isinstance(entered, Person)
    assert (entered.role_arn, entered.name) == (APPROVER, "ann")
    assert as_approver(example()) == example()


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
            "result": {"status": word, "summary": f"good [record sha256:{RECORD_DIGEST}]"},
        },
    )


def test_nobody_elses_pipeline_is_answered() -> None:
    """It has the project's name and not its tag."""
    there = accounts(codepipeline(list_tags_for_resource={"tags": [{"key": "xacct-ml:project", "value": "fraud"}]}))
    with pytest.raises(NotReady, match="belongs to project fraud"):
        decide(example(), there, review(example(), there), approve=True, summary="")
    assert "put_approval_result" not in [name for name, _ in there.client(SHARED, "codepipeline").calls]


@pytest.mark.parametrize("code", ["InvalidApprovalTokenException", "ApprovalAlreadyCompletedException"])
def test_someone_was_faster(code: str) -> None:
    """Said in words, not as an AWS error."""
    there = accounts(codepipeline(put_approval_result=refused("PutApprovalResult", code)))
    with pytest.raises(XacctError, match="the approval of run-1 no longer waits"):
        decide(example(), there, review(example(), there), approve=True, summary="")
    assert there.client(SHARED, "codepipeline").calls


TWO_RUNS = {"get_pipeline_state": two_waves(first="run-2", rest="run-1")}


def test_two_runs_wait_in_two_waves() -> None:
    """Which one is meant must be said."""
    with pytest.raises(XacctError, match="2 runs wait for approval: name the one that you mean") as caught:
        review(waved(*TWO_WAVES), accounts(codepipeline(**TWO_RUNS)))
    assert caught.value.details == (
        "run run-2 waits for approval of wave first in Approve-first",
        "run run-1 waits for approval of wave rest in Approve-rest",
    )


@pytest.mark.parametrize(
    ("meant", "stage", "targets", "later"),
    [
        ({"execution": "run-1"}, "Approve-rest", ["web", "mobile"], []),
        ({"wave": "rest"}, "Approve-rest", ["web", "mobile"], []),
        ({"execution": "run-2", "wave": "first"}, "Approve-first", ["canary"], ["rest"]),
    ],
)
def test_the_run_that_is_meant(meant: dict[str, str], stage: str, targets: list[str], later: list[str]) -> None:
    """By its id, its wave or both; its stage and token are answered, and what follows is known."""
    pipeline = codepipeline(**TWO_RUNS)
    there = accounts(pipeline)
    reviewed = review(waved(*TWO_WAVES), there, **meant)
    assert [target.name for target in reviewed.wave.targets] == targets
    assert [wave.name for wave in reviewed.later] == later
    decide(waved(*TWO_WAVES), there, reviewed, approve=False, summary="bad")
    _, sent = pipeline.calls[-1]
    assert (sent["stageName"], sent["token"]) == (stage, f"token of {stage}")


@pytest.mark.parametrize(
    ("meant", "refusal"),
    [
        ({"execution": "run-1", "wave": "first"}, "run run-1 does not wait for approval of wave first"),
        ({"execution": "run-3"}, "run-3 is not the run that waits for approval; that is run-2 and run-1"),
        ({"execution": "run-"}, "run- is not the run that waits for approval; that is run-2 and run-1"),
        ({"wave": "production"}, "wave production is not in the map"),
    ],
)
def test_no_other_run_is_taken_for_it(meant: dict[str, str], refusal: str) -> None:
    """A wave of another run, a run that is none, a wave that is none."""
    with pytest.raises(XacctError, match=refusal):
        review(waved(*TWO_WAVES), accounts(codepipeline(**TWO_RUNS)), **meant)


def test_a_wave_that_nobody_approves() -> None:
    """It has no stage in which a run could wait."""
    config = waved(("first", ["canary"], False), ("rest", ["web", "mobile"], True))
    with pytest.raises(InputError, match="wave first goes on without approval") as caught:
        review(config, accounts(), wave="first")
    assert caught.value.next_step == "give one of rest"


def test_a_wave_that_nobody_waits_for() -> None:
    """Another one does, which is said."""
    there = accounts(codepipeline(get_pipeline_state=two_waves(first="run-1")))
    with pytest.raises(XacctError, match="no run waits for approval of wave rest") as caught:
        review(waved(*TWO_WAVES), there, wave="rest")
    assert caught.value.details == ("run run-1 waits for approval of wave first in Approve-first",)


def test_an_approval_that_the_map_does_not_have() -> None:
    """The pipeline is of another map: nobody knows where the model would go."""
    there = accounts(codepipeline(get_pipeline_state=two_waves(first="run-1")))
    with pytest.raises(XacctError, match="Approve-first, a stage that the map does not have"):
        review(example(), there)


def test_a_summary_has_512_characters_at_most() -> None:
    """CodePipeline's limit, with the record's digest, told before anything is shown."""
    assert checked_summary("x" * 431)
    with pytest.raises(InputError, match="--summary has 432 characters"):
        checked_summary("x" * 432)
    assert len(f"{'x' * 431} [record sha256:{RECORD_DIGEST}]") == 512


NARROWER = {
    **RECORD,
    "schema": "xacct-ml/evaluation/3",
    "schemaDiff": {"columns": [11, 9], "added": [], "removed": ["late"], "changed": []},
}


def test_columns_that_differ_are_approved_only_where_that_is_meant() -> None:
    """Rows that clients send to the live model mean something else to this one; rejecting stays possible."""
    digest = sha256(json.dumps(NARROWER).encode()).hexdigest()
    pipeline = codepipeline(list_action_executions={"actionExecutionDetails": judged(RecordDigest=digest)})
    there = accounts(pipeline, record=NARROWER)
    reviewed = review(example(), there)
    (objection,) = reviewed.objections
    assert objection == (
        "Columns differ from the live model's: 9 where the live model has 11; gone: late. Clients of the endpoint "
        "break. If that is meant: approve --schema-change"
    )
    with pytest.raises(XacctError, match="run-1 cannot be approved"):
        decide(example(), there, reviewed, approve=True, summary="good")
    meant = review(example(), there, schema_change=True)
    assert meant.objections == ()
    decide(example(), there, meant, approve=True, summary="good")
    assert pipeline.calls[-1][0] == "put_approval_result"
