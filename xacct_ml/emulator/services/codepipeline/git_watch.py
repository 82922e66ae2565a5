"""What a git host's webhook does: tell CodePipeline of a push, some moments after it."""

from collections.abc import Iterator, Mapping

from xacct_ml.emulator.core.git_host import GitError, HostedRepository
from xacct_ml.emulator.core.runtime import Runtime
from xacct_ml.emulator.services.codepipeline import moto_patches as codepipeline
from xacct_ml.emulator.services.codepipeline.triggers import Push

Heads = Mapping[str, str]


def begin(running: Runtime) -> None:
    """Watch the repositories behind connections in the background, from their present state on."""
    seen: dict[str, Heads] = {name: each.heads() for name, each in running.repositories.items()}

    def work() -> None:
        while True:
            running.pause(running.pace.git_poll)
            for name, repository in running.repositories.items():
                seen[name] = look(name, repository, seen[name], running)

    if seen:
        running.spawn("git host", work)


def look(name: str, repository: HostedRepository, before: Heads, running: Runtime) -> Heads:
    """The branches as they are now; what was pushed since ``before`` was told."""
    try:
        now = repository.heads()
        for push in pushes(name, repository, before, now):
            codepipeline.pushed(push)
    except GitError as error:
        running.notices(f"git host: {name}: {error}")
        return before
    return now


def pushes(name: str, repository: HostedRepository, before: Heads, now: Heads) -> Iterator[Push]:
    """A deleted branch is no push that starts anything."""
    for branch, commit in now.items():
        if commit != before.get(branch):
            yield Push(name, branch, commit, repository.changed(before.get(branch), commit))
