"""Tags, in the forms in which the services take and give them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags in the form that most services take."""
    return [{key: name, value: text} for name, text in tags.items()]


def tag_map(tags: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags from either of the forms that services give, without AWS's own, which nobody else can change."""
    pairs = tags.items() if isinstance(tags, Mapping) else ((tag[key], tag[value]) for tag in tags)
    return {name: text for name, text in pairs if not name.startswith("aws:")}


@dataclass(frozen=True)
class Tagging:
    """How a service's calls that add tags and take them off are named, and their parameters: the ``resource``, the
    ``tags`` in their ``form``, and the ``keys`` of those to take off."""

    service: str
    resource: str
    tags: str = "Tags"
    keys: str = "TagKeys"
    form: Callable[[Mapping[str, str]], Any] = tag_list
    add: str = "tag_resource"
    remove: str = "untag_resource"

    def write(self, client: Any, resource: str, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Add or correct ``put``, take off ``drop``; either may be empty, then it costs no call."""
        if put:
            getattr(client, self.add)(**{self.resource: resource, self.tags: self.form(put)})
        if drop:
            getattr(client, self.remove)(**{self.resource: resource, self.keys: list(drop)})


def missing_tags(observed: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, str]:
    """Tags to add or to correct."""
    return {key: value for key, value in desired["tags"].items() if observed["tags"].get(key) != value}


def extra_tags(observed: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
    """Keys of tags that should not be there. Tags that AWS itself gives (``aws:…``) are never seen here."""
    return [key for key in observed["tags"] if key not in desired["tags"]]
