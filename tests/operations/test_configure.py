"""What of a source this release renders otherwise, and what is sent: never over what was not looked at."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cli.fakes import FakeClient, refused
from tests.configs import example
from xacct_ml.errors import NotReady, XacctError
from xacct_ml.operations.configure import changes, look, push
from xacct_ml.operations.upload.source_files import SourceFault, unpacked
from xacct_ml.resources.tags import tag_list
from xacct_ml.system.names import Names
from xacct_ml.system.package import packed
from xacct_ml.system.repository import first_commit

CONFIG = example()
STORED = example(pipeline={"source_object": {}})
OURS = first_commit(CONFIG)
OLD = {**OURS, "template.yaml": OURS["template.yaml"].replace(b"TemplateVersion: 5", b"TemplateVersion: 1")}


@dataclass
class Clients:
    only: FakeClient

    def client(self, *_: str) -> Any:
        return self.only


def configured(**parameters: Any) -> dict[str, bytes]:
    found = json.loads(OURS["configuration.json"])
    kept = {name: value for name, value in {**found["Parameters"], **parameters}.items() if value is not None}
    return {**OURS, "configuration.json": json.dumps({"Parameters": kept}).encode()}


def test_what_is_ours_stays() -> None:
    assert changes(CONFIG, OURS) == ()


def test_the_team_s_values_stay_byte_by_byte() -> None:
    assert changes(CONFIG, configured(GateThreshold="0.95", NumRound="7")) == ()


def test_only_names_follow_the_template() -> None:
    """One that the template asks for and that is missing has the map's value; one that it does not have goes."""
    (change,) = changes(CONFIG, configured(GateDirection=None, Renamed="1", NumRound="7"))
    parameters = json.loads(change.after)["Parameters"]
    assert change.path == "configuration.json"
    assert (parameters["GateDirection"], parameters["NumRound"]) == ("maximize", "7")
    assert "Renamed" not in parameters


def test_the_map_s_values_where_they_are_asked_for() -> None:
    """All of them, and what else the file has; as it is where the values are the same."""
    theirs = configured(GateThreshold="0.95", NumRound="7", Gamma="2")
    content = json.dumps({**json.loads(theirs["configuration.json"]), "Tags": {"team": "ml"}}).encode()
    (change,) = changes(CONFIG, {**theirs, "configuration.json": content}, values=True)
    assert json.loads(change.after) == {**json.loads(OURS["configuration.json"]), "Tags": {"team": "ml"}}
    assert changes(CONFIG, configured(GateThreshold="0.80"), values=True) == ()


def test_an_older_template_is_shown_line_by_line() -> None:
    (change,) = changes(CONFIG, OLD)
    assert [text for text in change.diff() if "TemplateVersion" in text] == [
        "-    TemplateVersion: 1",
        "+    TemplateVersion: 5",
    ]


def test_a_missing_file_is_added() -> None:
    assert [change.path for change in changes(CONFIG, {})] == ["template.yaml", "configuration.json"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({**OURS, "configuration.json": b"{"}, "not a template configuration"),
        ({**OURS, "template.yaml": b"{"}, "is not YAML"),
        (
            {**OURS, "template.yaml": b"Metadata: {xacct-ml: {TemplateVersion: 6}}\nResources: {}"},
            "has version 6, .*: update xacct-ml",
        ),
    ],
)
def test_what_cannot_be_read_is_not_written_over(files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(SourceFault, match=reason):
        changes(CONFIG, files)


def repository(files: dict[str, bytes], **more: Any) -> FakeClient:
    def get_file(*, filePath: str, **_: str) -> dict[str, bytes]:  # noqa: N803
        if filePath not in files:
            raise refused("GetFile", "FileDoesNotExistException")
        return {"fileContent": files[filePath]}

    answers = {
        "get_branch": {"branch": {"commitId": "1" * 40}},
        "list_tags_for_resource": {"tags": Names(CONFIG).tags},
        "get_file": get_file,
        "create_commit": {"commitId": "2" * 40},
    }
    return FakeClient(**{**answers, **more})


def test_a_commit_stands_on_the_one_that_was_looked_at() -> None:
    client = repository(OLD)
    state = look(CONFIG, Clients(client))
    assert state is not None
    assert push(CONFIG, Clients(client), state) == "2" * 40
    operation, request = client.calls[-1]
    assert (operation, request["parentCommitId"]) == ("create_commit", "1" * 40)
    assert [file["filePath"] for file in request["putFiles"]] == ["template.yaml"]


def test_a_branch_that_moved_on_is_not_overruled() -> None:
    """Where the answer was lost, what was sent is there."""
    moved = refused("CreateCommit", "ParentCommitIdOutdatedException")
    client = repository(OLD, create_commit=moved)
    state = look(CONFIG, Clients(client))
    assert state is not None
    with pytest.raises(XacctError, match="has changed meanwhile"):
        push(CONFIG, Clients(client), state)
    assert push(CONFIG, Clients(repository(OURS, create_commit=moved)), state) == "1" * 40


def test_a_repository_of_others_is_not_looked_at() -> None:
    tags = {"tags": {"xacct-ml:project": "theirs"}}
    with pytest.raises(NotReady, match="belongs to project theirs"):
        look(CONFIG, Clients(repository(OLD, list_tags_for_resource=tags)))


def bucket(content: bytes) -> FakeClient:
    return FakeClient(
        get_object=lambda **_: {"ETag": '"e"', "Body": io.BytesIO(content)},
        head_object={"VersionId": "v1"},
        put_object={"VersionId": "v2"},
        get_bucket_tagging={"TagSet": tag_list(Names(STORED).tags)},
        describe_key={"KeyMetadata": {"KeyState": "Enabled", "Arn": "arn:key"}},
    )


def test_a_zip_is_sent_whole_over_the_version_that_was_read() -> None:
    client = bucket(packed({**first_commit(STORED), "template.yaml": OLD["template.yaml"], "notes.md": b"theirs"}))
    state = look(STORED, Clients(client))
    assert state is not None
    assert push(STORED, Clients(client), state) == "v2"
    request = client.calls[-1][1]
    assert request["IfMatch"] == '"e"'
    assert unpacked(request["Body"]) == {**first_commit(STORED), "notes.md": b"theirs"}


def test_behind_a_connection_nothing_can_be_read() -> None:
    connection = {"arn": "arn:aws:codeconnections:us-east-1:111111111111:connection/0123"}
    connected = example(pipeline={"repository": "acme/churn", "connection": connection})
    assert look(connected, Clients(FakeClient())) is None
