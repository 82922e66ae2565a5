"""Every action that AWS defines for the services the project touches, with resource types and condition keys.

Source: the Service Authorization Reference, written to ``data/actions.json`` by ``tools/make_actions.py``."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Action:
    """``name`` is ``service:Operation``. ``types`` are the resource types it can be granted on, none for actions
    that only exist on ``*``; ``needs_resource`` where one of them is required. ``keys`` are its condition keys as AWS
    writes them (``aws:ResourceTag/${TagKey}``)."""

    name: str
    types: tuple[str, ...]
    needs_resource: bool
    keys: tuple[str, ...]

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]

    def fills(self, key: str) -> bool:
        """Whether a request of this action can carry the condition key; global keys (``aws:``) always."""
        wanted = key.lower()
        return wanted.startswith("aws:") or any(_key_pattern(known).fullmatch(wanted) for known in self.keys)


@dataclass(frozen=True, slots=True)
class ServiceActions:
    """Actions by lower-case name, and the ARN template of each ``(service, resource type)``."""

    source: str
    actions: Mapping[str, Action]
    templates: Mapping[tuple[str, str], str]


@cache
def service_actions() -> ServiceActions:
    text = resources.files("xacct_ml.proof").joinpath("data", "actions.json").read_text(encoding="utf-8")
    content = json.loads(text)
    actions: dict[str, Action] = {}
    templates: dict[tuple[str, str], str] = {}
    for service, given in content["services"].items():
        for kind, template in given["types"].items():
            templates[service, kind] = template
        for operation, (types, keys) in given["actions"].items():
            name = f"{service}:{operation}"
            plain = tuple(dict.fromkeys(kind.rstrip("*") for kind in types))
            required = any(kind.endswith("*") for kind in types)
            actions[name.lower()] = Action(name, plain, required, tuple(given["keys"][key] for key in keys))
    return ServiceActions(content["source"], actions, templates)


def filled(template: str, partition: str, region: str, account: str, filler: str) -> str:
    """A concrete ARN of a resource type, ``filler`` in every place that the account map does not decide."""
    known = {"${Partition}": partition, "${Region}": region, "${Account}": account}
    return _PLACEHOLDER.sub(lambda found: known.get(found[0], filler), template).replace("*", filler)


@cache
def _key_pattern(key: str) -> re.Pattern[str]:
    literals = _PLACEHOLDER.split(key.lower())
    return re.compile(".+".join(re.escape(literal) for literal in literals))
