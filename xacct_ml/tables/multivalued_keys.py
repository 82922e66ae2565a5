"""Which condition keys may have several values in one request. The facts and their sources are in
``data/multivalued_keys.toml``."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FACTS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("data").joinpath("multivalued_keys.toml").read_text("utf-8")
)

_ALL = {
    f"{prefix}:{name}".lower()
    for section in ("global", "services", "further")
    for prefix, names in _FACTS[section].items()
    for name in names.split()
}
_PLACEHOLDER = "${"

MULTIVALUED = frozenset(key for key in _ALL if _PLACEHOLDER not in key)
"""Lower-case names of such keys."""

_BEGINNINGS = tuple(key.partition(_PLACEHOLDER)[0] for key in _ALL if _PLACEHOLDER in key)

_ONE_VALUE: Mapping[str, frozenset[str]] = MappingProxyType(
    {action.lower(): frozenset(keys.split()) for action, keys in _FACTS["one-value"].items()}
)


def is_multivalued(key: str, action: str) -> bool:
    """Whether requests of ``action`` may have several values of ``key``; both in lower case."""
    if key not in MULTIVALUED and not key.startswith(_BEGINNINGS):
        return False
    return key not in _ONE_VALUE.get(action, ())
