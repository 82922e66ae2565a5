"""Git itself against a repository of the embedded CodeCommit."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

from tests.configs import SHARED
from tests.emulator.rights import Roles, allow, statement
from xacct_ml.emulator.core.identity import Credentials
from xacct_ml.emulator.server import EmbeddedAws

PERSON = {f"GIT_{who}_{what}": "ann" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def url(aws: EmbeddedAws, credentials: Credentials, repository: str, region: str = "us-east-1") -> str:
    """With what the AWS CLI's credential helper gives to git as user and password."""
    path, now = f"/v1/repos/{repository}", datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    parts = urlsplit(aws.runtime.endpoint)
    request = AWSRequest("GIT", f"{aws.runtime.endpoint}{path}")
    request.context["timestamp"] = now
    signer = SigV4Auth(
        Keys(credentials.access_key_id, credentials.secret_access_key, credentials.session_token), "codecommit", region
    )
    canonical = f"GIT\n{path}\n\nhost:{parts.hostname}\n\nhost\n"
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    user = credentials.access_key_id + (f"%{credentials.session_token}" if credentials.session_token else "")
    return f"http://{quote(user, safe='')}:{now}Z{signature}@{parts.netloc}{path}"


def git(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **PERSON, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(["git", *arguments], cwd=where, env=environment, capture_output=True, text=True, check=False)


def done(where: Path, *arguments: str) -> str:
    result = git(where, *arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def codecommit(aws: EmbeddedAws, unique: str) -> Any:
    """A client; there is a repository of the test's name."""
    client = aws.administrator(SHARED).client("codecommit")
    client.create_repository(repositoryName=unique)
    return client


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A directory under git with one commit."""
    done(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "run.sh").write_text("echo hi\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print('train')\n")
    done(tmp_path, "add", ".")
    done(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_a_push_is_a_commit_of_the_api(aws: EmbeddedAws, codecommit: Any, work: Path, unique: str) -> None:
    """With its id, files and modes; and what the API commits can be pulled."""
    remote = url(aws, aws.administrator(SHARED), unique)
    done(work, "push", "-q", remote, "main")
    head = done(work, "rev-parse", "HEAD").strip()
    assert codecommit.get_branch(repositoryName=unique, branchName="main")["branch"]["commitId"] == head
    commit = codecommit.get_commit(repositoryName=unique, commitId=head)["commit"]
    assert (commit["message"], commit["author"]["name"], commit["parents"]) == ("first\n", "ann", [])
    file = codecommit.get_file(repositoryName=unique, filePath="run.sh")
    assert (file["fileContent"], file["fileMode"]) == (b"echo hi\n", "EXECUTABLE")
    put = codecommit.put_file(
        repositoryName=unique, branchName="main", filePath="new.txt", fileContent=b"x", parentCommitId=head
    )
    done(work, "pull", "-q", remote, "main")
    assert done(work, "rev-parse", "HEAD").strip() == put["commitId"]
    assert (work / "new.txt").read_text() == "x"


def test_a_clone_has_the_default_branch(aws: EmbeddedAws, codecommit: Any, work: Path, unique: str) -> None:
    """And every other one."""
    remote = url(aws, aws.administrator(SHARED), unique)
    done(work, "push", "-q", remote, "main")
    done(work, "push", "-q", remote, "main:other")
    assert codecommit.list_branches(repositoryName=unique)["branches"] == ["main", "other"]
    done(work, "clone", "-q", remote, "copy")
    assert done(work / "copy", "branch", "--show-current").strip() == "main"
    done(work, "push", "-q", remote, ":other")
    assert codecommit.list_branches(repositoryName=unique)["branches"] == ["main"]
    assert "403" in git(work, "push", "-q", remote, ":main").stderr


def test_rights_are_git_s(aws: EmbeddedAws, codecommit: Any, roles: Roles, work: Path, unique: str) -> None:
    """GitPull to read, GitPush to write, by branch where the policy says so (user guide's example)."""
    arn = f"arn:aws:codecommit:us-east-1:{SHARED}:{unique}"
    done(work, "push", "-q", url(aws, aws.administrator(SHARED), unique), "main")
    reader = roles.session(f"{unique}-r", allow("codecommit:GitPull", resource=arn))
    done(work, "ls-remote", url(aws, reader, unique))
    assert "403" in git(work, "push", "-q", url(aws, reader, unique), "main:feature").stderr
    protected = statement(
        "Deny",
        "codecommit:GitPush",
        resource=arn,
        StringEqualsIfExists={"codecommit:References": ["refs/heads/main"]},
        Null={"codecommit:References": "false"},
    )
    writer = roles.session(f"{unique}-w", allow("codecommit:GitPull", "codecommit:GitPush", resource=arn), protected)
    done(work, "push", "-q", url(aws, writer, unique), "main:feature")
    done(work, "commit", "-q", "--allow-empty", "-m", "second")
    assert "403" in git(work, "push", "-q", url(aws, writer, unique), "main").stderr
    assert codecommit.list_branches(repositoryName=unique)["branches"] == ["feature", "main"]


def test_without_credentials_or_with_others(aws: EmbeddedAws, codecommit: Any, work: Path, unique: str) -> None:
    """Nobody, a signature of another repository, and a repository that is not there."""
    del codecommit
    signed = url(aws, aws.administrator(SHARED), unique)
    host = urlsplit(signed).netloc.rpartition("@")[2]
    assert "could not read Username" in git(work, "ls-remote", f"http://{host}/v1/repos/{unique}").stderr
    assert "403" in git(work, "ls-remote", signed.replace(f"/repos/{unique}", "/repos/other")).stderr
    assert "not found" in git(work, "ls-remote", url(aws, aws.administrator(SHARED), "other")).stderr
