"""The model of a release beside what it would replace, as approvers are shown it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256
from typing import Any

from tests.cli.fakes import FakeAccounts, refused
from tests.configs import example
from tests.evidence.records import scores
from tests.operations.release.releases import DAY, DIGESTS, FIRST, SECOND, Bucket, job, judged, project, trained
from tests.operations.runs.test_evaluation import RECORD
from tests.operations.runs.test_releases import WAITING
from xacct_ml.cli.report import write
from xacct_ml.cli.views.release import candidate_json
from xacct_ml.cli.views.status import decision_json, review_lines
from xacct_ml.evidence.finding import Severity
from xacct_ml.operations.runs.evaluation import evaluation_of
from xacct_ml.operations.runs.review import Review, review
from xacct_ml.report.page import Released, page

NOTE = json.dumps({"by": "ann", "when": "2026-03-20T12:00:00Z", "reason": "wrong region"}).encode()


def scored(run: str, auc: float, dataset: str = "abc") -> bytes:
    own = {"pipelineExecutionId": run, "trainingJob": job(run), "model": {**RECORD["model"], "sha256": DIGESTS[run]}}
    found = {"holdout": {"from": "holdout", "rows": 1000}, "scores": {"candidate": scores(auc)}}
    return json.dumps({**RECORD, **own, **found, "data": {**RECORD["data"], "dataset": dataset}}).encode()


def waiting(first: bytes, second: bytes, **objects: bytes) -> FakeAccounts:
    """Run 2 serves; a release of run 1 waits."""
    records = {f"evaluations/{run}/{job(run)}.json": text for run, text in ((FIRST, first), (SECOND, second))}
    digests = {run: sha256(text).hexdigest() for run, text in ((FIRST, first), (SECOND, second))}
    there = project(WAITING, Bucket(**records, **objects))
    (pipeline,) = [client for (_, name), client in there.clients.items() if name == "codepipeline"]
    _told(pipeline, digests)
    return there


def _told(pipeline: Any, digests: dict[str, str]) -> None:
    """CodePipeline's history with these records' digests, of both pipelines."""
    for client in (pipeline, pipeline.releases):
        answer = client.answers["list_action_executions"]

        def with_digests(answer: Any = answer, **asked: Any) -> Any:
            text = json.dumps(answer(**asked), default=str)
            for run, digest in digests.items():
                text = text.replace(judged(run)["RecordDigest"], digest)
            found = json.loads(text)
            for each in found["actionExecutionDetails"]:
                for name in {"startTime", "lastUpdateTime"} & each.keys():
                    each[name] = DAY + timedelta(days=2 if each["pipelineExecutionId"] == SECOND else 1)
            return found

        client.answers["list_action_executions"] = with_digests


def shown(reviewed: Review) -> str:
    return re.sub(r"\s+", " ", "\n".join(review_lines(reviewed)))


def test_both_are_shown_on_the_rows_that_both_were_scored_on() -> None:
    """What is worse is a warning; the tables are those of a run's approval."""
    reviewed = review(example(), waiting(scored(FIRST, 0.80), scored(SECOND, 0.88)))
    text = shown(reviewed)
    assert "warning Worse than the live model: auc 0.800, live 0.880" in text
    assert "auc 0.800 0.780…0.820 0.880 0.860…0.900" in text
    assert f"live {DIGESTS[SECOND][:12]}… of run {SECOND} at production" in text
    assert "age trained " in text
    assert "judged beside" not in text
    assert max(map(len, review_lines(reviewed)[:12])) <= 80
    (replaced,) = decision_json(reviewed, "rejected", "")["candidate"]["replaces"]
    assert (replaced["comparable"], replaced["targets"], replaced["run"]) == (True, ["production"], SECOND)
    assert replaced["record"]["scores"]["live"]["metrics"]["auc"]["value"] == 0.88


def test_of_other_data_it_is_said_that_they_are_not_comparable() -> None:
    reviewed = review(example(), waiting(scored(FIRST, 0.80), scored(SECOND, 0.88, "def")))
    assert "note Not comparable with what serves: they were scored on rows of different data sets" in shown(reviewed)
    assert "Worse than the live model" not in shown(reviewed)
    found = candidate_json(reviewed.candidate)
    assert found is not None
    assert found["replaces"][0]["comparable"] is False
    assert "different data sets" in found["replaces"][0]["not_comparable"]


def test_a_record_that_is_not_there_or_was_exchanged_compares_with_nothing() -> None:
    """Of what serves; the release's own keeps it from being approved."""
    there = waiting(scored(FIRST, 0.80), scored(SECOND, 0.88))
    (bucket,) = [client for (_, name), client in there.clients.items() if name == "s3"]
    bucket.objects[f"evaluations/{SECOND}/{job(SECOND)}.json"] = scored(SECOND, 0.1)
    reviewed = review(example(), there)
    assert reviewed.objections == ()
    assert f"Not comparable with what serves at production: the record of run {SECOND} is" in shown(reviewed)


def test_data_that_were_withdrawn_since_are_a_warning() -> None:
    """The judge looked before; of what serves it is a note. Who may not read it is told so much."""
    reviewed = review(example(), waiting(scored(FIRST, 0.88), scored(SECOND, 0.88), **{"withdrawn/abc.json": NOTE}))
    assert reviewed.candidate is not None
    assert reviewed.candidate.all_findings[0].severity is Severity.WARNING
    assert "warning Its data set abc was withdrawn by ann at 2026-03-20T12:00:00Z: wrong region" in shown(reviewed)
    assert "note What production serves was trained on it, too" in shown(reviewed)
    other = waiting(scored(FIRST, 0.88, "def"), scored(SECOND, 0.88), **{"withdrawn/abc.json": NOTE})
    assert "What production serves was trained on data set abc, withdrawn by ann" in shown(review(example(), other))
    assert decision_json(reviewed, "approved", "")["candidate"]["data_withdrawn"].startswith("by ann")
    there = waiting(scored(FIRST, 0.88), scored(SECOND, 0.88))
    (bucket,) = [client for (_, name), client in there.clients.items() if name == "s3"]
    known = bucket.answers["get_object"]

    def denied(**asked: Any) -> Any:
        if asked["Key"].startswith("withdrawn/"):
            raise refused("GetObject", "AccessDenied")
        return known(**asked)

    bucket.answers["get_object"] = denied
    assert "Whether its data set was withdrawn since is not known" in shown(review(example(), there))


def test_what_serves_already_replaces_nothing() -> None:
    """The same model, deployed once more."""
    there = waiting(scored(FIRST, 0.80), scored(SECOND, 0.88))
    (pipeline,) = [client for (_, name), client in there.clients.items() if name == "codepipeline"]
    pipeline.answers["list_action_executions"] = lambda **asked: {
        "actionExecutionDetails": [
            each
            for each in trained(FIRST, 1)
            if asked.get("filter", {}).get("pipelineExecutionId") in (None, each["pipelineExecutionId"])
        ]
    }
    reviewed = review(example(), there)
    assert reviewed.candidate is not None
    assert reviewed.candidate.replaced == ()
    assert "serving production: this very model" in shown(reviewed)


def test_the_report_of_a_release_has_both(tmp_path: Any) -> None:
    """Beside what serves now, and not beside what served then."""
    there = waiting(scored(FIRST, 0.80), scored(SECOND, 0.88))
    reviewed = review(example(), there)
    judged_, evaluation = evaluation_of(example(), there, reviewed.approval.execution)
    assert reviewed.candidate is not None
    assert evaluation is not None
    assert judged_.release is not None
    records = tuple(each.record for each in reviewed.candidate.replaced if each.record is not None)
    released = Released(judged_.release.execution, records, reviewed.candidate.all_findings)
    text = page(evaluation.record, evaluation.sha256, {}, None, released)
    assert "Worse than the live model: auc 0.800, live 0.880" in text
    assert f"by release {judged_.release.execution}" in text
    assert "No model is served yet" not in text
    two = page(evaluation.record, evaluation.sha256, {}, None, Released("r", (*records, *records), ()))
    assert two.count("Candidate and live model at production") == 2
    assert write(evaluation, tmp_path / "page.html", None, released) == (tmp_path / "page.html").stat().st_size
