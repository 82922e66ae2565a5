"""Where resources and operations get their clients from. Loads nothing of botocore."""

from typing import Any, Protocol


class Clients(Protocol):
    """Of the accounts of a map."""

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        """A boto3 client for this account, in the map's region where none is given."""
