"""What an input transformer makes of an event: a line of text, with what the paths find in the place of the names.

A path that the event does not have leaves nothing (EventBridge User Guide, eb-transform-target-input) [D]."""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"<([\w.-]+)>")


def transformed(transformer: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Raises ValueError for a template that is no JSON text."""
    found = {name: _at(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    text = _NAME.sub(lambda one: json.dumps(found.get(one[1], ""))[1:-1], transformer["InputTemplate"])
    return str(json.loads(text))


def _at(event: Mapping[str, Any], path: str) -> str:
    """``$.detail.execution-id``; nothing where it leads nowhere."""
    found: Any = event
    for step in path.removeprefix("$.").split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return "" if found is None else found if isinstance(found, str) else json.dumps(found)
