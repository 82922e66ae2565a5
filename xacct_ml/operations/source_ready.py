"""Whether the source has a revision that run 1 can work with, as far as that can be seen from here."""

from __future__ import annotations

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.engine.plan import Action, Plan
from xacct_ml.errors import NotReady
from xacct_ml.operations.command_names import BOOTSTRAP, UPLOAD_SOURCE
from xacct_ml.operations.preconditions import branch_head, object_bytes
from xacct_ml.operations.upload.source_files import SourceFault, check, unpacked
from xacct_ml.resources.connection import Connection
from xacct_ml.resources.pipeline import Pipeline
from xacct_ml.system.names import Names
from xacct_ml.system.template import CONFIGURATION_FILE, TEMPLATE_FILE


def check_connection(planned: Plan) -> None:
    """Raises what the map's connection was refused for; nothing is to be made before a person has completed it."""
    for step in planned.refused:
        if isinstance(step.resource, Connection) and step.error is not None:
            raise step.error


def check_revision(config: Config, accounts: Clients) -> None:
    """Raises :class:`NotReady` without a revision, or with one that a run could not work with.

    What is behind a connection cannot be looked at: nothing is raised then, and :func:`unseen` says what it must hold.
    """
    names = Names(config)
    if names.uses_codecommit:
        branch_head(config, accounts)
    elif names.source_key is not None:
        content = object_bytes(config, accounts, names.source_key)
        uri = f"s3://{names.bucket}/{names.source_key}"
        if content is None:
            raise NotReady(f"there is no source {uri} yet", next_step=BOOTSTRAP)
        try:
            check(unpacked(content))
        except SourceFault as fault:
            raise NotReady(f"run 1 would fail: {uri} {fault}", next_step=UPLOAD_SOURCE) from None


def unseen(config: Config, planned: Plan) -> tuple[str, ...]:
    """What a pipeline that is about to be made takes for granted; empty where everything could be looked at."""
    creating = any(step.action is Action.CREATE and isinstance(step.resource, Pipeline) for step in planned.steps)
    if config.pipeline.connection is None or not creating:
        return ()
    names = Names(config)
    return (
        f"run 1 reads {TEMPLATE_FILE} and {CONFIGURATION_FILE} at the top of {names.repository}, branch "
        f"{names.branch}, where only the pipeline can look; if they are not there yet: xacct-ml render --out rendered "
        f"writes both to rendered/{names.shared}/repository, push them",
    )
