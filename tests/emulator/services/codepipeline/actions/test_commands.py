"""The Commands action: artifacts in and out, logs, failures."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.services.codepipeline.declarations import action
from tests.emulator.services.codepipeline.fakes import FakeClient, FakeContext, context
from xacct_ml.emulator.services.codepipeline.actions import commands
from xacct_ml.emulator.services.codepipeline.artifacts import zipped
from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

FILES = {"template.yaml": (b"t", False), "bin/run.sh": (b"#!/bin/sh\necho ran\n", True), "docs/a.md": (b"a", False)}


def refused(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"no {operation}"}}, operation)


def prepared(
    *run: str, files: list[str] | None = None, logs: dict[str, Any] | None = None, **members: Any
) -> FakeContext:
    declared = action("Files", "Compute", "Commands", inputs=["Source"], outputs=["Out"])
    declared |= {"commands": list(run), **members}
    declared["outputArtifacts"] = [{"name": "Out", **({"files": files} if files else {})}]
    answers = {"create_log_group": {}, "create_log_stream": {}, "put_log_events": {}, **(logs or {})}
    made = context(
        declared, archives={"Source": zipped(FILES)}, logs=FakeClient(**answers), s3=FakeClient(put_object={})
    )
    made.commands = tuple(run)
    return made


def made_of(given: FakeContext) -> dict[str, bytes]:
    body = given.clients["s3"].parameters("put_object")["Body"]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_listed_files_become_the_artifact() -> None:
    """Changed and new files as the commands left them, and no other; written with the store's key."""
    given = prepared("./bin/run.sh > out.txt", "echo more >> docs/a.md", files=["*.yaml", "./docs", "out.txt"])
    outcome = commands.run(given)
    assert made_of(given) == {"template.yaml": b"t", "docs/a.md": b"amore\n", "out.txt": b"ran\n"}
    assert given.clients["s3"].parameters("put_object")["SSEKMSKeyId"] == given.store.key_id
    assert [artifact.name for artifact in outcome.artifacts] == ["Out"]


def test_without_a_list_all_files_are_kept() -> None:
    """Executable ones stay so."""
    given = prepared("true")
    commands.run(given)
    assert made_of(given).keys() == FILES.keys()


@pytest.mark.parametrize("pattern", ["missing.txt", "../state/number", "/etc/hostname"])
def test_a_pattern_without_a_file_fails(pattern: str) -> None:
    """Outside the source directory there are none."""
    with pytest.raises(ActionFailed, match="no matching artifact paths found"):
        commands.run(prepared("true", files=[pattern]))


def test_a_link_that_leads_out_is_no_file() -> None:
    """Whatever it points at."""
    with pytest.raises(ActionFailed, match="no matching artifact paths found: link"):
        commands.run(prepared("ln -s /etc/hostname link", files=["link"]))


def test_each_line_is_logged_in_the_pipelines_group() -> None:
    """In a stream of the action's execution, which the action names."""
    given = prepared("echo one", "echo two")
    commands.run(given)
    place = {"logGroupName": "/aws/codepipeline/p", "logStreamName": given.execution.id}
    logged = given.clients["logs"].parameters("put_log_events")
    assert {key: logged[key] for key in place} == place
    assert [event["message"] for event in logged["logEvents"]][1::2] == ["one", "two"]
    assert given.execution.external_id == given.execution.id


def test_a_failure_is_logged_and_says_command_and_exit_code() -> None:
    """In CodeBuild's words; nothing is written."""
    given = prepared("ls nothing")
    with pytest.raises(ActionFailed, match=r"Phase: BUILD.*command: ls nothing\. Reason: exit status 2"):
        commands.run(given)
    assert "put_log_events" in given.clients["logs"].names
    assert given.clients["s3"].names == []


def test_a_group_that_exists_is_used() -> None:
    """The project makes it, with a retention."""
    exists = refused("CreateLogGroup", "ResourceAlreadyExistsException")
    commands.run(prepared("true", logs={"create_log_group": exists}))


def test_without_the_right_to_log_nothing_runs() -> None:
    """CodeBuild ends the build before its commands."""
    given = prepared("touch /tmp/never", logs={"create_log_group": refused("CreateLogGroup", "AccessDeniedException")})
    with pytest.raises(ActionFailed, match="does not allow AWS CodeBuild to create Amazon CloudWatch") as caught:
        commands.run(given)
    assert caught.value.code == "PermissionError"
    assert given.clients["s3"].names == []


def test_variables_go_in_and_out() -> None:
    """The action's own, CodeBuild's, and those that it exports."""
    variables = [{"name": "PLACE", "value": "here"}]
    given = prepared(
        'WHERE="$PLACE $(basename $CODEBUILD_SRC_DIR)"', outputVariables=["WHERE"], environmentVariables=variables
    )
    assert commands.run(given).variables == {"WHERE": "here src"}


def test_secrets_and_broken_zips_fail_the_action() -> None:
    """Both say why."""
    secret = [{"name": "S", "value": "arn", "type": "SECRETS_MANAGER"}]
    with pytest.raises(ActionFailed, match="no secrets"):
        commands.run(prepared("true", environmentVariables=secret))
    given = prepared("true")
    given._archives["Source"] = b"no zip"
    with pytest.raises(ActionFailed, match="Artifact Source is not a zip file"):
        commands.run(given)
