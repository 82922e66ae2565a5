"""Variables of a pipeline: ``#{namespace.key}`` in action configurations.

CodePipeline user guide, "Variables reference" [D]: actions with a namespace publish their output variables under it;
``codepipeline`` and ``variables`` are the service's own namespaces."""

import re
from collections.abc import Mapping
from typing import TypeVar

from xacct_ml.emulator.services.codepipeline.failures import ActionFailed

REFERENCE = re.compile(r"#\{(?P<namespace>[A-Za-z0-9@\-_]+)\.(?P<key>[A-Za-z0-9@\-_]+)\}")
OWN_NAMESPACES = ("codepipeline", "variables")
"""Namespaces no action may take: the execution's own values, and the pipeline-level variables."""

Namespaces = Mapping[str, Mapping[str, str]]
Key = TypeVar("Key")


def references(text: str) -> list[tuple[str, str]]:
    """Each (namespace, key) that ``text`` refers to."""
    return [(found["namespace"], found["key"]) for found in REFERENCE.finditer(text)]


def resolve(configuration: Mapping[Key, str], namespaces: Namespaces) -> dict[Key, str]:
    """The configuration, or numbered commands, with every reference replaced by its value.

    :raises ActionFailed: a reference has no value; CodePipeline fails the action then [D], the wording is assumed [U]
    """

    def value(found: re.Match[str]) -> str:
        known = namespaces.get(found["namespace"], {})
        if found["key"] not in known:
            raise ActionFailed(
                "ConfigurationError", f"Unresolved variable reference {found[0]} in action configuration"
            )
        return known[found["key"]]

    return {key: REFERENCE.sub(value, text) for key, text in configuration.items()}
