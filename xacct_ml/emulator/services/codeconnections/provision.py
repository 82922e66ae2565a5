"""The connection and the git host behind it, as they are in the embedded AWS from the start."""

from collections.abc import Mapping
from pathlib import Path

from xacct_ml.emulator.core import git_host
from xacct_ml.emulator.core.git_host import GitError, HostedRepository
from xacct_ml.emulator.initial_state import Connection
from xacct_ml.emulator.services.codeconnections import moto_patches as codeconnections

PROVIDER = "GitHub"


def provision(
    connection: Connection | None, directory: Path, given: Mapping[str, Path], *, pending: bool = False
) -> dict[str, HostedRepository]:
    """The repositories by full name: those ``given``, and the connection's, made in ``directory``, bare and empty,
    unless it is among them. The connection is completed unless ``pending``.

    Raises :class:`GitError` without git, or for a directory that is no repository."""
    hosted = {name: HostedRepository(path.resolve()) for name, path in given.items()}
    for name, repository in hosted.items():
        try:
            repository.heads()
        except GitError as error:
            raise GitError(f"{name}: {repository.path} is not a git repository: {error}") from None
    if connection is not None:
        status = codeconnections.PENDING if pending else codeconnections.AVAILABLE
        codeconnections.put(connection.arn, connection.name, PROVIDER, status)
        if (name := connection.repository) not in hosted:
            hosted[name] = git_host.create(directory / "git" / f"{name}.git", connection.branch)
    return hosted
