"""What an update of a stack would do, as a change set tells it (CloudFormation API Reference, ResourceChange [B])."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xacct_ml.emulator.services.cloudformation.stack_resources import (
    RESOURCE_TYPES,
    StackRequest,
    StackResource,
    Wanted,
)


def resource_changes(
    request: StackRequest,
    order: Sequence[str],
    resources: Mapping[str, StackResource],
    wanted_of: Callable[[str], Wanted],
) -> list[dict[str, Any]]:
    """``order`` are the resources that ``request`` has, ``resources`` those that are there. Raises what ``wanted_of``
    does."""
    found: list[dict[str, Any]] = []
    for name in order:
        kind, current = request.template.resources[name]["Type"], resources.get(name)
        if current is None:
            found.append({"Action": "Add", "LogicalResourceId": name, "ResourceType": kind})
            continue
        wanted = wanted_of(name)
        if kind == current.type and current.wanted == wanted:
            continue
        replaced = kind != current.type or RESOURCE_TYPES[kind].replaces(current.wanted, wanted)
        found.append(
            {
                "Action": "Modify",
                "LogicalResourceId": name,
                "PhysicalResourceId": current.physical_id,
                "ResourceType": kind,
                "Replacement": "True" if replaced else "False",
            }
        )
    gone = [(name, resource) for name, resource in resources.items() if name not in order]
    return found + [
        {
            "Action": "Remove",
            "LogicalResourceId": name,
            "PhysicalResourceId": resource.physical_id,
            "ResourceType": resource.type,
        }
        for name, resource in gone
    ]
