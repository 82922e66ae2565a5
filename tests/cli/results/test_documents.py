"""Every command's result is described, and a document that is not as described is found."""

import pytest

from xacct_ml.cli.commands import COMMANDS
from xacct_ml.cli.results.documents import RESULTS, problems


def document(command="report", ok=True, **result):
    error = {"type": "NotReady", "exit_code": 1, "message": "none", "details": [], "next": None}
    return {"schema": "s", "command": command, "ok": ok, "result": result or None, "error": None if ok else error}


REPORT = {"execution": "run-1", "file": "r.html", "bytes": 10, "record": "ab"}


def test_every_command_has_its_result():
    assert [name for name in COMMANDS if name not in RESULTS] == []


def test_what_is_described_passes():
    assert problems(document(**REPORT)) == []
    assert problems(document(ok=False)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"bytes": "10"}, "bytes"), ({"pages": 2}, "pages"), ({"file": None}, "file")],
    ids=["another type", "another member", "null"],
)
def test_what_is_not_described_is_found(changed, said):
    assert [one.partition(":")[0] for one in problems(document(**REPORT | changed))] == [said]


def test_a_member_is_missing_of_a_failure_alone():
    part = {"execution": "run-1"}
    assert problems(document(**part)) != []
    assert problems(document(ok=False, **part)) == []


def test_of_two_results_one_fits():
    assert problems(document("data", dataset="d", withdrawn=True, changed=True)) == []
    assert problems(document("data", dataset="d", withdrawn=True)) != []
