"""Git's smart HTTP protocol over a repository's objects, which dulwich speaks: clone, fetch, and push of branches."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dulwich.object_store import iter_tree_contents
from dulwich.objects import Commit as GitCommit
from dulwich.objects import ObjectID, ShaFile
from dulwich.refs import Ref
from dulwich.repo import MemoryRepo
from dulwich.server import Backend
from dulwich.web import GunzipFilter, HTTPGitApplication, LimitedInputFilter

from xacct_ml.emulator.core.moto_dispatch import Environ
from xacct_ml.emulator.services.codecommit.git import GIT_MODES, Commit, File, Signature
from xacct_ml.emulator.services.codecommit.repository import HEADS, Push, Repository

_COMMAND = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) ([^\x00\n]+)")
_NOTHING = "0" * 40
_FILE_MODES = {int(digits, 8): mode for mode, digits in GIT_MODES.items()}
_PERSON = re.compile(rb"(.*?) ?<([^>]*)>.*")


@dataclass(frozen=True, slots=True)
class Command:
    """What a push wants of one reference; ``new`` is ``None`` where it is to go."""

    reference: str
    new: str | None

    @property
    def branch(self) -> str | None:
        return self.reference.removeprefix(HEADS) if self.reference.startswith(HEADS) else None


def commands(body: bytes) -> list[Command]:
    """Of a request to git-receive-pack: its lines before the pack."""
    found, at = [], 0
    while (length := _length(body[at : at + 4])) > 4:
        line = _COMMAND.match(body, at + 4)
        if line is not None:
            new = line[2].decode()
            found.append(Command(line[3].decode(errors="replace"), None if new == _NOTHING else new))
        at += length
    return found


def _length(digits: bytes) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        return 0


def serve(repository: Repository, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Answer one request; a push has moved :attr:`Repository.branches` when it is done."""
    served = MemoryRepo()
    served.object_store = repository.objects.store
    for branch, commit in repository.branches.items():
        served.refs[Ref(f"{HEADS}{branch}".encode())] = ObjectID(commit.encode())
    if repository.default_branch is not None:
        served.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(f"{HEADS}{repository.default_branch}".encode()))
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read())
    application = GunzipFilter(LimitedInputFilter(HTTPGitApplication(_Backend(served))))
    answer = [*application(environ, start_response)]
    if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/git-receive-pack"):
        now = {bytes(name).decode(): sha.decode() for name, sha in served.get_refs().items()}
        _take(repository, {name.removeprefix(HEADS): sha for name, sha in now.items() if name.startswith(HEADS)})
    return answer


class _Backend(Backend):
    def __init__(self, repository: MemoryRepo) -> None:
        self._repository = repository

    def open_repository(self, path: str) -> Any:  # noqa: ARG002 - the one that the URL named
        return self._repository


def _take(repository: Repository, branches: dict[str, str]) -> None:
    for commit_id in branches.values():
        for commit, files in _new_commits(repository, commit_id):
            repository.objects.take(commit, files)
    repository.branches = branches
    if repository.default_branch is None and branches:
        repository.default_branch = next(iter(branches))


def pushes(before: dict[str, str], after: dict[str, str]) -> list[Push]:
    """The branches that moved."""
    return [
        Push(branch, before.get(branch), after.get(branch))
        for branch in sorted({*before, *after})
        if before.get(branch) != after.get(branch)
    ]


def _new_commits(repository: Repository, head: str) -> Iterator[tuple[Commit, dict[str, File]]]:
    waiting, seen = [head], set(repository.objects.commits)
    while waiting:
        commit_id = waiting.pop()
        if commit_id in seen:
            continue
        seen.add(commit_id)
        found: ShaFile = repository.objects.store[ObjectID(commit_id.encode())]
        if not isinstance(found, GitCommit):
            continue
        parents = tuple(parent.decode() for parent in found.parents)
        waiting.extend(parents)
        author = _signature(found.author, found.author_time)
        committer = _signature(found.committer, found.commit_time)
        message = found.message.decode(errors="replace")
        yield (
            Commit(commit_id, found.tree.decode(), parents, author, committer, message),
            {
                entry.path.decode(errors="replace"): File(entry.sha.decode(), _FILE_MODES[entry.mode])
                for entry in iter_tree_contents(repository.objects.store, found.tree)
                if entry.mode in _FILE_MODES and entry.path is not None and entry.sha is not None
            },
        )


def _signature(identity: bytes, time: int) -> Signature:
    person = _PERSON.fullmatch(identity)
    name, mail = (person[1], person[2]) if person is not None else (identity, b"")
    return Signature(name.decode(errors="replace"), mail.decode(errors="replace"), int(time))
