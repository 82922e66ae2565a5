"""What a run says of its revision, whatever the source."""

from __future__ import annotations

import json

import pytest

from tests.cli.fakes import FakeClient
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import accounts, codepipeline, execution
from xacct_ml.operations.runs.executions import executions, revision_word
from xacct_ml.operations.runs.review import review

CONNECTED = example(
    pipeline={
        "repository": "acme/churn",
        "connection": {"arn": f"arn:aws:codeconnections:us-east-1:{SHARED}:connection/0123"},
    }
)
STORED = example(pipeline={"source_object": {}})
SUMMARIES = {
    "CodeCommit": ("More rounds", "More rounds"),
    "a connection": (json.dumps({"ProviderType": "GitHub", "CommitMessage": "More rounds"}), "More rounds"),
    "S3": ("Amazon S3 version id: 3sL4k", None),
    "JSON that is a message": ('{"a": 1}', '{"a": 1}'),
    "nothing": (None, None),
}


@pytest.mark.parametrize(("summary", "message"), SUMMARIES.values(), ids=SUMMARIES)
def test_the_commits_message_is_found_in_the_revisions_summary(summary: str | None, message: str | None) -> None:
    """In the form of each kind of source."""
    run = execution("run-1")
    run["sourceRevisions"] = [{"actionName": "Source", "revisionId": "c0ffee", "revisionSummary": summary}]
    listed = codepipeline(list_pipeline_executions={"pipelineExecutionSummaries": [run]})
    (found,) = executions(example(), accounts(listed))
    assert (found.commit, found.message) == ("c0ffee", message)


@pytest.mark.parametrize(
    ("revision", "word"),
    [("c0ffee" * 6 + "beef", "commit"), ("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH", "version"), ("null", "version")],
)
def test_a_revision_is_called_by_what_it_is(revision: str, word: str) -> None:
    """A commit, or a version of the zip."""
    assert revision_word(revision) == word


@pytest.mark.parametrize("config", [CONNECTED, STORED], ids=["connection", "object"])
def test_an_approver_needs_no_codecommit_for_other_sources(config: object) -> None:
    """The message is the run's own."""
    run = execution("run-1")
    summary = json.dumps({"ProviderType": "GitHub", "CommitMessage": "More rounds"})
    run["sourceRevisions"] = [{"actionName": "Source", "revisionId": "c0ffee", "revisionSummary": summary}]
    there = accounts(codepipeline(list_pipeline_executions={"pipelineExecutionSummaries": [run]}))
    there.clients[SHARED, "codecommit"] = FakeClient()
    reviewed = review(config, there)  # type: ignore[arg-type]
    assert reviewed.commit is not None
    assert (reviewed.commit.message, reviewed.commit.author) == ("More rounds", None)
