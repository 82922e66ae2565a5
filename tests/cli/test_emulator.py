"""``emulator``: its options."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.utils import get_environ_proxies

from xacct_ml.cli.emulator import exports, repositories, write_private
from xacct_ml.errors import InputError
from xacct_ml.operations.demo import client_environment


def test_repositories_of_the_emulator() -> None:
    """``NAME=DIR``, as often as wanted."""
    assert repositories(["acme/a=x", "b/c=y=z"]) == {"acme/a": Path("x"), "b/c": Path("y=z")}
    for wrong in ("acme/a", "=x", "acme/a="):
        with pytest.raises(InputError, match="ORG/REPOSITORY=DIRECTORY"):
            repositories([wrong])


def test_the_environment_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    """Whatever the umask, and whatever had its name: a link's goal stays as it is."""
    goal, file = tmp_path / "goal", tmp_path / "env.sh"
    goal.write_text("mine")
    goal.chmod(0o644)
    file.symlink_to(goal)
    former = os.umask(0)
    try:
        write_private(file, "export A=b\n")
    finally:
        os.umask(former)
    assert (file.is_symlink(), file.read_text(), file.stat().st_mode & 0o777) == (False, "export A=b\n", 0o600)
    assert (goal.read_text(), sorted(path.name for path in tmp_path.iterdir())) == ("mine", ["env.sh", "goal"])
    with pytest.raises(InputError, match="cannot be written"):
        write_private(tmp_path / "none" / "env.sh", "")


def test_what_had_the_name_of_the_environment_file(tmp_path: Path) -> None:
    """A file that others read is replaced, not written; a directory stays, and nothing is left beside it."""
    file, directory = tmp_path / "env.sh", tmp_path / "directory"
    file.write_text("former")
    file.chmod(0o666)
    reader = file.open()
    write_private(file, "export A=b\n")
    with reader:
        assert (reader.read(), file.read_text(), file.stat().st_mode & 0o777) == ("former", "export A=b\n", 0o600)
    directory.mkdir()
    with pytest.raises(InputError, match="cannot be written: Is a directory"):
        write_private(directory, "export A=b\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "env.sh"]


@pytest.mark.long
@pytest.mark.parametrize("to_file", [False, True])
def test_stdout_is_for_the_shell_alone(tmp_path: Path, *, to_file: bool) -> None:
    """The lines that a shell reads, or nothing; whatever is asked meanwhile, and until it is interrupted."""
    file = tmp_path / "env.sh"
    words = [sys.executable, "-m", "xacct_ml", "emulator", *(["--env-file", str(file)] if to_file else [])]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        endpoint = urlsplit(next(line for line in process.stderr if "serving" in line).split()[3]).netloc
        for host in (endpoint, "nothing.amazonaws.com", "s3.amazonaws.com", "x"):
            connection = http.client.HTTPConnection(endpoint, timeout=120)
            connection.request("GET", "/x", headers={"Host": host})
            assert connection.getresponse().status >= 400
            connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert (file.read_text() if to_file else out).startswith("for name in $(env")
    lines = [line.split(" ")[0].split("=")[0] for line in out.splitlines()]
    assert lines == [] if to_file else set(lines) == {"for", "former", "export", "unset"}


def test_the_exports_leave_nothing_that_leads_elsewhere() -> None:
    """In a real shell: other AWS variables are unset, and what goes by no proxy is added to what the shell has."""
    others = {
        "AWS_PROFILE": "real",
        "AWS_ENDPOINT_URL_S3": "https://elsewhere",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_CA_BUNDLE": "/x",
        "AWS_SESSION_TOKEN": "a\nb",
        "NO_PROXY": "intern",
    }
    lines = exports({"AWS_REGION": "eu-west-1", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"})
    done = subprocess.run(
        ["/bin/sh", "-c", f"{lines}env"], capture_output=True, text=True, check=True, env={"PATH": os.defpath, **others}
    )
    seen = [line for line in done.stdout.splitlines() if line.lower().startswith(("aws_", "no_proxy"))]
    assert sorted(seen) == ["AWS_REGION=eu-west-1", "NO_PROXY=intern,127.0.0.1", "no_proxy=intern,127.0.0.1"]
    assert done.stderr == ""


def test_the_loopback_interface_goes_by_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the user's variables say of proxies; afterwards they are as before."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost")
    monkeypatch.delenv("no_proxy", raising=False)
    assert get_environ_proxies("http://127.0.0.1:4566/")
    with client_environment({}):
        assert get_environ_proxies("http://127.0.0.1:4566/") == {}
        assert get_environ_proxies("http://aws.example/")
    assert (os.environ["NO_PROXY"], "no_proxy" in os.environ) == ("localhost", False)
