"""What commands take from outside: the map, the accounts, time. Tests pass their own."""

from __future__ import annotations

import time
from pathlib import Path

from xacct_ml.aws.accounts import Accounts
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.validation import load
from xacct_ml.validation.document_sizes import check_sizes

DEFAULT_CONFIG = Path("config.yaml")


class Services:
    """The real ones."""

    def config(self, path: Path) -> Config:
        """The map, checked against all limits.

        Raises :class:`InputError`; if the default map is missing it says what to do.
        """
        if path == DEFAULT_CONFIG and not path.exists():
            raise InputError(
                "there is no config.yaml here",
                next_step="copy config.example.yaml to config.yaml and put your accounts in, or give --config FILE",
            )

        config = load(path)
        check_sizes(config, path)
        return config

    def accounts(self, config: Config) -> Accounts:
        """Sessions for the map's accounts; no call is made yet."""
        return Accounts(config)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
