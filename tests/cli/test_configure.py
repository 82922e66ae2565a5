"""What ``configure`` says where the pipeline alone can read the source: it prints what a person has to push."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.cli.fakes import FakeAccounts, FakeClient, FakeServices, refused
from tests.configs import SHARED, example
from xacct_ml.cli.main import main
from xacct_ml.system.names import Names
from xacct_ml.system.repository import first_commit
from xacct_ml.system.template import configuration

ARN = f"arn:aws:codeconnections:us-east-1:{SHARED}:connection/01234567-89ab-cdef-0123-456789abcdef"
CONNECTED = example(pipeline={"repository": "acme/churn", "connection": {"arn": ARN}})


def services(stored: Any) -> FakeServices:
    return FakeServices(FakeAccounts({(SHARED, "s3"): FakeClient(get_object=stored)}), CONNECTED)


@pytest.mark.parametrize("push", [(), ("--push",)], ids=["shown", "--push"])
def test_behind_a_connection_the_file_to_push_is_named(
    push: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """With --push too, as nothing can be sent there; and nothing more is said where the data are this release's."""
    assert main(["configure", *push], services(refused("GetObject", "NoSuchKey"))) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said == (
        "acme/churn, branch main, can be read by the pipeline only. xacct-ml render --out rendered writes "
        f"template.yaml to rendered/{SHARED}/repository: compare it with the repository's, and push it there. "
        "configuration.json stays as it is there"
    )


def test_behind_a_connection_the_data_manifest_is_looked_at_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """One that no release wrote is told with what to do; in JSON the source is null."""
    stored = {"Body": io.BytesIO(b'{"schema": "another"}'), "ETag": '"e"'}
    assert main(["configure", "--push", "--output", "json"], services(stored)) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)["result"]
    assert (result["source"], result["changes"], result["revision"]) == (None, [], None)
    assert (result["data"]["outdated"], result["data"]["renewed"]) == (True, False)
    assert "is no release's data manifest" in result["data"]["problem"]


class Repository(FakeClient):
    """With these parameters in its configuration.json, and what is committed to it."""

    def __init__(self, **parameters: str) -> None:
        self.files = first_commit(example())
        there = {"Parameters": {**configuration(example())["Parameters"], **parameters}}
        self.files["configuration.json"] = json.dumps(there).encode()
        super().__init__(
            get_branch={"branch": {"commitId": "c0ffee"}},
            list_tags_for_resource={"tags": Names(example()).tags},
            get_file=lambda filePath, **_: {"fileContent": self.files[filePath]},  # noqa: N803
            create_commit={"commitId": "f00d"},
        )


def test_the_map_s_values_are_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """Where they are asked for; otherwise it is told that they are others. Their commit starts a run."""
    repository = Repository(GateThreshold="0.7")
    there = {
        (SHARED, "s3"): FakeClient(get_object=refused("GetObject", "NoSuchKey")),
        (SHARED, "codecommit"): repository,
    }
    services = FakeServices(FakeAccounts(there))
    assert main(["configure", "--push"], services) == 0
    assert "GateThreshold: the map has '0.8', the repository '0.7'" in capsys.readouterr().err
    assert "create_commit" not in [name for name, _ in repository.calls]
    assert main(["configure", "--push", "--values"], services) == 0
    assert capsys.readouterr().out.endswith("sent, revision f00d\nnext: xacct-ml status --watch\n")
    (request,) = (request for name, request in repository.calls if name == "create_commit")
    (put,) = request["putFiles"]
    assert json.loads(put["fileContent"])["Parameters"]["GateThreshold"] == "0.8"
    assert request["commitMessage"] == "Values of the account map, by xacct-ml configure"
