"""The map's connection and what is behind it, as they are in the embedded AWS from the start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xacct_ml.config.model import Config
from xacct_ml.emulator.core import git_host
from xacct_ml.emulator.core.git_host import GitError, HostedRepository
from xacct_ml.emulator.services.codeconnections import moto_patches as codeconnections
from xacct_ml.system.names import Names

PROVIDER = "GitHub"


def plant(
    config: Config, directory: Path, given: Mapping[str, Path], *, pending: bool = False
) -> dict[str, HostedRepository]:
    """The repositories by full name. The map's connection is there, completed unless ``pending``; the map's repository
    is made, bare and empty, in ``directory`` unless it is ``given``.

    Raises :class:`GitError` without git, or for a directory that is no repository.
    """
    hosted = {name: HostedRepository(path.resolve()) for name, path in given.items()}
    for name, repository in hosted.items():
        try:
            repository.heads()
        except GitError as error:
            raise GitError(f"{name}: {repository.path} is not a git repository: {error}") from None
    connection = config.pipeline.connection
    if connection is not None:
        full_name = Names(config).repository
        status = codeconnections.PENDING if pending else codeconnections.AVAILABLE
        codeconnections.put(connection.arn, config.project, PROVIDER, status)
        if full_name not in hosted:
            hosted[full_name] = git_host.create(directory / "git" / f"{full_name}.git", config.pipeline.branch)
    return hosted
