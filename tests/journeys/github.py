"""A developer who works with the repository behind a connection."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.journeys.project import Project
from xacct_ml.emulator.core.runtime import current


class Developer:
    """With a clone in ``clone``."""

    def __init__(self, made: Project, clone: Path) -> None:
        self.clone, self.branch = clone, made.names.branch
        origin = current().repositories[made.names.repository].path
        self.git("clone", "--quiet", str(origin), str(clone), at=clone.parent)
        self.git("checkout", "--quiet", "-B", self.branch)

    def push(self, files: dict[str, bytes], message: str) -> str:
        """The id of the commit."""
        for path, content in files.items():
            (self.clone / path).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / path).write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        self.git("push", "--quiet", "origin", self.branch)
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str, at: Path | None = None) -> str:
        who = {f"GIT_{role}_{what}": "dev" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", "-C", str(at or self.clone), *words],
            check=True,
            capture_output=True,
            env={**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull},
        )
        return done.stdout.decode().strip()
