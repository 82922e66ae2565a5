"""The export for somebody who was not there."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from tests.operations.runs.pipelines import accounts, codepipeline, detail, judged, state
from tests.operations.runs.test_evaluation import RECORD
from xacct_ml.cli.main import main
from xacct_ml.operations.audit import audit

TEXT = json.dumps(RECORD).encode()
DIGEST = sha256(TEXT).hexdigest()
MANIFEST = json.dumps({"channels": RECORD["data"]["channels"]}).encode()
WHEN = datetime(2026, 3, 2, tzinfo=UTC)


def there(summary: str = f"good [record sha256:{DIGEST}]", **objects: bytes | None) -> FakeAccounts:
    """A run that was approved and deployed, and the objects of the bucket."""
    stored = {"evaluations/": TEXT, "data/": MANIFEST, **{f"{name}/": content for name, content in objects.items()}}
    approval = detail("Approve", "Review", "Succeeded") | {"updatedBy": "arn:ann", "lastUpdateTime": WHEN}
    approval["output"]["executionResult"]["externalExecutionSummary"] = summary
    deployed = detail("Deploy", "production", "Succeeded") | {"lastUpdateTime": WHEN}
    history = {"actionExecutionDetails": [deployed, approval, *judged()]}
    found = accounts(codepipeline(get_pipeline_state=state(waiting=None), list_action_executions=history))

    def get_object(**asked: Any) -> dict[str, Any]:
        content = next(content for prefix, content in stored.items() if asked["Key"].startswith(prefix))
        if content is None:
            raise refused("GetObject", "NoSuchKey")
        return {"Body": io.BytesIO(content)}

    found.clients[SHARED, "s3"] = FakeClient(get_object=get_object)
    return found


def test_it_says_who_approved_which_bytes_and_where_they_served() -> None:
    """Each file with its digest; nothing without proof."""
    found = audit(example(), there())
    index = json.loads(found.files["audit.json"])
    (run,) = index["runs"]
    assert found.unproven == ()
    assert found.files[run["record"]] == TEXT
    assert index["files"] == {
        name: sha256(text).hexdigest() for name, text in found.files.items() if name != "audit.json"
    }
    assert run["approvals"] == [
        {
            "action": "Approve/Review",
            "status": "Succeeded",
            "by": "arn:ann",
            "at": WHEN.isoformat(),
            "summary": f"good [record sha256:{DIGEST}]",
        }
    ]
    assert run["served"] == [{"action": "Deploy/production", "since": WHEN.isoformat()}]
    assert (run["recordSha256"], run["commit"]) == (DIGEST, "c0ffee")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evaluations": None}, "run run-1: it has no record"),
        ({"evaluations": TEXT + b" "}, "it is not exported"),
        ({"data": None}, "there is no manifest of data set abc"),
        ({"data": b"{}"}, "says something else than the record"),
        ({"summary": "good"}, "the approval Approve/Review does not name the record"),
    ],
    ids=["no record", "another record", "no manifest", "another manifest", "an approval of who knows what"],
)
def test_what_has_no_proof_is_said(changes: dict[str, Any], said: str) -> None:
    """And what is not what it should be is no file."""
    found = audit(example(), there(**changes))
    assert any(said in sentence for sentence in found.unproven)
    bad = {content for content in changes.values() if isinstance(content, bytes)}
    assert not bad & set(found.files.values())


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with anything in it is refused."""
    folder = tmp_path / "export"
    assert main(["audit", "--out", str(folder)], FakeServices(there())) == 0
    assert "wrote 3 files about 1 runs" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(before) == 3
    assert main(["audit", "--out", str(folder)], FakeServices(there())) == 2
    assert "is not empty" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
