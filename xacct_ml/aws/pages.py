"""What a service lists page by page."""

from collections.abc import Iterator
from typing import Any


def listed(client: Any, call: str, member: str, **arguments: Any) -> Iterator[Any]:
    """The entries in ``member`` of every page; a page is asked for when the ones before are used up."""
    return (entry for page in client.get_paginator(call).paginate(**arguments) for entry in page.get(member, ()))
