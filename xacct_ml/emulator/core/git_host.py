"""The git host behind a connection: repositories in directories, read with the git that is installed.

Each repository is an ordinary one (bare or not) that anybody can clone from and push to by its path; what GitHub tells
AWS by a webhook is found here by looking at the branches again and again."""

import io
import os
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ISOLATED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
}
_RUNS_NOTHING = (
    "log.showSignature=false",
    *(f"gpg.{program}={os.devnull}" for program in ("program", "ssh.program", "x509.program")),
    f"core.hooksPath={os.devnull}",
)
"""What a repository's own configuration could have run while it is read (git-config, githooks, git(1)) [D]: a directory
may come from somebody else."""


class GitError(Exception):
    """git could not do it; the message is git's."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a host shows it; ``date`` is ISO 8601."""

    id: str
    message: str
    author: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class HostedRepository:
    """One repository. ``path`` is its directory."""

    path: Path

    def heads(self) -> dict[str, str]:
        """Branch to the id of its newest commit."""
        listed = self._git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").decode()
        return dict(line.rsplit(" ", 1) for line in listed.splitlines())

    def commit(self, commit_id: str) -> Commit:
        """Raises :class:`GitError` for an unknown id."""
        fields = self._git("show", "-s", "--format=%H%x00%B%x00%an%x00%ae%x00%cI", commit_id).decode().split("\0")
        full, message, author, email, date = (field.strip() for field in fields)
        return Commit(full, message, author, email, date)

    def files(self, commit_id: str) -> dict[str, tuple[bytes, bool]]:
        """Every file of a commit: path to content and whether it is executable. Links are left out, as AWS does."""
        archive = self._git("archive", "--format=zip", "-0", commit_id)
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return {
                entry.filename: (opened.read(entry), bool(entry.external_attr >> 16 & 0o100))
                for entry in opened.infolist()
                if not entry.is_dir() and entry.external_attr >> 28 != 0o12
            }

    def changed(self, old: str | None, new: str) -> tuple[str, ...]:
        """The paths that differ between two commits; all of the new one's where there is no old one."""
        if old is None:
            listed = self._git("ls-tree", "-r", "-z", "--name-only", new)
        else:
            listed = self._git("diff", "--name-only", "--no-renames", "-z", old, new)
        return tuple(path for path in listed.decode().split("\0") if path)

    def push(self, branch: str, files: Mapping[str, bytes], message: str) -> str:
        """Commit files on top of a branch, as a developer's push would; the commit's id. Paths need no quoting."""
        parent = f"from {head}\n" if (head := self.heads().get(branch)) else ""
        text = message.encode()
        start = f"commit refs/heads/{branch}\ncommitter developer <developer@example.com> now\ndata {len(text)}\n"
        stream = start.encode() + text + b"\n" + parent.encode()
        for path, content in files.items():
            stream += f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
        self._git("fast-import", "--quiet", "--date-format=now", input_=stream)
        return self.heads()[branch]

    def _git(self, *arguments: str, input_: bytes | None = None) -> bytes:
        settings = [word for each in (f"safe.directory={self.path}", *_RUNS_NOTHING) for word in ("-c", each)]
        return _run("git", *settings, "-C", str(self.path), *arguments, input_=input_)


def create(path: Path, branch: str) -> HostedRepository:
    """An empty bare repository. Raises :class:`GitError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _run("git", "init", "--quiet", "--bare", f"--initial-branch={branch}", str(path))
    return HostedRepository(path)


def _run(*words: str, input_: bytes | None = None) -> bytes:
    """Without the user's own configuration: the embedded AWS is the same everywhere."""
    environment: Mapping[str, str] = {**os.environ, **_ISOLATED}
    try:
        return subprocess.run(words, input=input_, capture_output=True, check=True, env=environment).stdout
    except FileNotFoundError:
        raise GitError("git is not installed, and a map with a connection needs it in the embedded AWS") from None
    except subprocess.CalledProcessError as error:
        raise GitError(error.stderr.decode(errors="replace").strip() or f"{words[0]} failed") from None
