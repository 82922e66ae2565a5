"""The command line in processes of its own against ``xacct-ml emulator`` in another: two at once, and really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import boto3
import pytest

from tests.journeys.project import DATA
from xacct_ml.cli.results.documents import problems

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
MAP = ROOT / "config.example.yaml"
COMMAND = (sys.executable, "-m", "xacct_ml")
KILLED = """
import os, signal, sys
from botocore import handlers
from xacct_ml.cli.main import run
call = sys.argv.pop(1)
handlers.BUILTIN_HANDLERS.append((f"after-call.{call}", lambda **_: os.kill(os.getpid(), signal.SIGKILL)))
run()
"""
"""The same command line, whose process the kernel ends when the first answer to a call has come."""


@dataclass
class Shell:
    """Of a user of an embedded AWS."""

    environment: dict[str, str]

    def begin(self, *arguments: str, kill_after: str | None = None) -> subprocess.Popen[str]:
        command = COMMAND if kill_after is None else (sys.executable, "-c", KILLED, kill_after)
        return subprocess.Popen(
            [*command, *arguments, "--config", str(MAP)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, kill_after: str | None = None) -> tuple[int, str]:
        """Exit code and all that was printed."""
        process = self.begin(*arguments, kill_after=kill_after)
        printed, _ = process.communicate()
        return process.returncode, printed

    def keys(self) -> Counter[str]:
        """The states of the shared account's keys, as its administrator sees them."""
        profiles = ConfigParser()
        profiles.read(self.environment["AWS_SHARED_CREDENTIALS_FILE"])
        keys = (profiles["shared"][f"aws_{name}"] for name in ("access_key_id", "secret_access_key"))
        session = boto3.Session(*keys, region_name=self.environment["AWS_REGION"])
        kms = session.client("kms", endpoint_url=self.environment["AWS_ENDPOINT_URL"])
        found = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
        return Counter(str(key["KeyState"]) for key in found if key["KeyManager"] == "CUSTOMER")


def _document(lines: IO[str]) -> Iterator[str]:
    """The lines of one document; fewer, where there is an end before it."""
    for line in lines:
        yield line
        if line == "}\n":
            return


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    bare["PYTHONPATH"] = str(ROOT)
    emulator = [*COMMAND, "emulator", "--config", str(MAP), "--output", "json"]
    with subprocess.Popen(emulator, env=bare, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            announced = json.loads("".join(_document(process.stdout)))
            assert problems(announced) == []
            yield Shell({**bare, **announced["result"]["environment"]})
        finally:
            process.terminate()


def test_two_bootstraps_at_once(shell: Shell) -> None:
    """Both end well; a key that lost is told by the run that made it, which may delete none but the project's."""
    both = [shell.begin("bootstrap", "--yes") for _ in range(2)]
    printed = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(printed)
    keys = shell.keys()
    assert keys == {"Enabled": 1 + sum("was never used and is left" in text for text in printed)}


COMMANDS = (
    (("teardown", "--yes"), "iam.DeleteRole"),
    (("bootstrap", "--yes"), "codecommit.CreateRepository"),
    (("upload-data", "--train", str(DATA / "train.csv"), "--validation", str(DATA / "validation.csv")), "s3.PutObject"),
    (("create-pipeline", "--yes"), "codepipeline.CreatePipeline"),
)
"""In the order in which they follow the bootstraps above; and the call after whose first answer each is killed."""


def test_killed_and_run_again(shell: Shell) -> None:
    """``kill -9``, then the same command: it ends well, with the key that was there all the time."""
    keys = shell.keys()
    for arguments, call in COMMANDS:
        code, text = shell.run(*arguments, kill_after=call)
        assert code == -signal.SIGKILL, text
        code, text = shell.run(*arguments)
        assert code == 0, text
        assert shell.keys().total() == keys.total()
    assert shell.keys() == keys
