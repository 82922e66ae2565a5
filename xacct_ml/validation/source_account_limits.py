"""What a map with a source account may say."""

from __future__ import annotations

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem

RESERVED_TARGET = "source"


def problems(config: Config) -> Iterator[Problem]:
    """Its name in output is taken. That it and another source exclude each other is in ``pipeline_source_limits``."""
    if config.accounts.source is None:
        return
    for index, target in enumerate(config.accounts.production):
        if target.name == RESERVED_TARGET:
            reason = f"{RESERVED_TARGET!r} is the name of accounts.source in output; give this target another name"
            yield Problem(("accounts", "production", index, "name"), reason)
