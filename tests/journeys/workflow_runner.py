"""GitHub's runner, as far as a workflow of ours needs it: jobs of an event, their steps one by one, each in a shell.

``run`` steps run as they stand, as ``shell: bash`` runs them (GitHub Docs, workflow syntax, ``jobs.<job_id>.steps[*]
.shell`` [D]). Of actions only what they leave is done: a checkout, credentials of a role by GitHub's token, artifacts.
``pip`` installs nothing, and ``gh`` knows this runner's runs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore import UNSIGNED
from botocore.config import Config as ClientConfig

from tests import aws_cli
from xacct_ml.operations.entry_roles.github import AUDIENCE, ISSUER

_GH = """\
#!/bin/sh
case "$1 $2" in
  "api repos/"*) echo head ;;
  "run list") test -d "$RUNNER_ARTIFACTS" && echo 1 ;;
  "run download") cp "$RUNNER_ARTIFACTS/$5"/* . ;;
esac
"""
_OF_AWS = ("AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED", "NO_PROXY", "no_proxy")


@dataclass
class Runner:
    """Of one repository, whose files are in ``repository``. ``said`` is what the steps printed, as a log."""

    workflow: dict[str, Any]
    repository: Path
    directory: Path
    said: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=lambda: {"${{ vars.XACCT_ML }}": "git+https://…@1"})
    """Of the repository, by the expression that asks for each."""

    def __post_init__(self) -> None:
        programs = self.directory / "programs"
        programs.mkdir(parents=True)
        self._path = aws_cli.install(programs)
        for name, text in {"gh": _GH, "pip": '#!/bin/sh\necho "installed: $*"\n'}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)

    def run(self, event: str, subject: str) -> dict[str, bool]:
        """The job of the event, up to a step that fails; by step, whether it went well."""
        (job,) = (each for each in self.workflow["jobs"].values() if f"'{event}'" in each["if"])
        workspace = self.directory / f"work-{len(self.said)}"
        environment = self._environment(event)
        done: dict[str, bool] = {}
        for step in job["steps"]:
            name = str(step.get("name") or step["uses"])
            self.said.append(f"\n== {event}: {name}")
            if "uses" in step:
                done[name] = self._use(step, workspace, environment, subject)
            else:
                done[name] = self._shell(step, workspace, environment)
            if not done[name] and not step.get("continue-on-error"):
                break
        return done

    def _environment(self, event: str) -> dict[str, str]:
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return {
            **{name: os.environ[name] for name in _OF_AWS if name in os.environ},
            **{name: self.variables.get(value, value) for name, value in self.workflow["env"].items()},
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REPOSITORY": "my-org/churn",
            "GITHUB_SHA": "merged",
            "GITHUB_STEP_SUMMARY": str(self.directory / "summary.md"),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": self._path,
            "RUNNER_ARTIFACTS": str(self.directory / "artifacts"),
        }

    def _use(self, step: dict[str, Any], workspace: Path, environment: dict[str, str], subject: str) -> bool:
        action, given = step["uses"].partition("@")[0], step.get("with", {})
        match action:
            case "actions/checkout":
                shutil.copytree(self.repository, workspace)
            case "aws-actions/configure-aws-credentials":
                environment.update(self._credentials(given["role-to-assume"], given["aws-region"], subject))
            case "actions/upload-artifact":
                kept = self.directory / "artifacts" / given["name"]
                kept.mkdir(parents=True, exist_ok=True)
                for path in given["path"].split():
                    shutil.copy(workspace / path, kept)
            case "github/codeql-action/upload-sarif":
                assert json.loads((workspace / given["sarif_file"]).read_text())["version"] == "2.1.0"
            case "actions/setup-python":
                pass
            case _:
                raise AssertionError(f"this runner does not know {action}")
        self.said.append(f"   {step['uses']} {json.dumps(given)}")
        return True

    def _credentials(self, role: str, region: str, subject: str) -> dict[str, str]:
        """As the action gets them. Raises ClientError where the role does not trust the subject."""
        sts = boto3.Session().client("sts", region_name=region, config=ClientConfig(signature_version=UNSIGNED))
        answer = sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="GitHubActions", WebIdentityToken=token(subject)
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        }

    def _shell(self, step: dict[str, Any], workspace: Path, environment: dict[str, str]) -> bool:
        more = {name: "token" if "${{" in value else value for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=workspace,
            env=environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.said += [f"   $ {line}" for line in step["run"].splitlines()]
        self.said += [f"   {line}" for line in done.stdout.splitlines()] + [f"   exit code {done.returncode}"]
        return done.returncode == 0


def runner(text: str, repository: Path, directory: Path) -> Runner:
    return Runner(yaml.safe_load(text), repository, directory)


def token(subject: str) -> str:
    """What GitHub gives a job, but for its signature."""
    claims = {"iss": f"https://{ISSUER}", "aud": AUDIENCE, "sub": subject}
    parts: list[dict[str, Any]] = [{"alg": "RS256"}, claims, {}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
