"""Whether AWS would take what a map says: the limits of every service that a value, a name or a document flows into."""

from pathlib import Path

from xacct_ml.config import load as account_map
from xacct_ml.config.model import Config
from xacct_ml.validation.limits import problems


def load(path: Path) -> Config:
    """Reads an account map, and every value in it against the limits of the services that it flows into.

    Raises :class:`~xacct_ml.errors.InputError` that names every fault of the file with its line and column."""
    return account_map.load(path, problems)
