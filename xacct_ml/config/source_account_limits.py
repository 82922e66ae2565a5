"""What a map with a source account may say."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem

RESERVED_TARGET = "source"


def problems(config: Config) -> Iterator[Problem]:
    """A source account owns a CodeCommit repository, so nothing else can be the source; its name is taken."""
    if config.accounts.source is None:
        return
    for section, what in (("connection", "a connection"), ("source_object", "an S3 object")):
        if getattr(config.pipeline, section) is not None:
            reason = f"the source is {what}, but accounts.source is there to own a CodeCommit repository; leave one out"
            yield Problem(("pipeline", section), reason, at_key=True)
    for index, target in enumerate(config.accounts.production):
        if target.name == RESERVED_TARGET:
            reason = f"{RESERVED_TARGET!r} is the name of accounts.source in output; give this target another name"
            yield Problem(("accounts", "production", index, "name"), reason)
