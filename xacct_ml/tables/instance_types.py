"""Which instance types SageMaker takes for what, as botocore's model of its API has them [B]."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path

_FACTS = tomllib.loads(Path(__file__).with_name("data").joinpath("instance_types.toml").read_text("utf-8"))

KNOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    use: {family: tuple(sizes.split()) for family, sizes in families.items()} for use, families in _FACTS.items()
}
"""For ``training``, ``endpoint`` and ``transform``: the sizes of each family, ``m5`` with its ``large``."""


def fault(use: str, given: str) -> str | None:
    """Why an instance type of the right form is refused for a use, or None; with what it is probably meant to be."""
    _, family, size = given.split(".")
    families = KNOWN[use]
    if size in families.get(family, ()):
        return None
    if family in families:
        return f"{given!r} is not known to SageMaker; {family} has the sizes {', '.join(families[family])}"
    near = difflib.get_close_matches(family, families, n=3, cutoff=0.5)
    like = f"did you mean {' or '.join(f'ml.{each}' for each in near)}? " if near else ""
    return f"{given!r} is not known to SageMaker's {_USES[use]}; {like}its families are {', '.join(families)}"


_USES = {"training": "training jobs", "endpoint": "endpoints", "transform": "batch transforms"}
