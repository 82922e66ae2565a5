"""Which files ``upload-data`` sends while it checks them: large ones, each a channel of its own, that the fast reader
may read. All others, and whatever cannot be sent yet, it sends after the check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.dataset import blocks
from xacct_ml.engine.progress import Reporter
from xacct_ml.errors import XacctError
from xacct_ml.operations.preconditions import key_arn, require_bucket
from xacct_ml.operations.upload import checked_content, data, data_manifest, tables
from xacct_ml.operations.upload.ahead import Ahead, Planned, sending
from xacct_ml.operations.upload.channel_files import named
from xacct_ml.operations.upload.data_check import HOLDOUT
from xacct_ml.operations.upload.data_files import Given
from xacct_ml.operations.upload.withdrawal import require_not_withdrawn
from xacct_ml.operations.upload.written_once import Shelf
from xacct_ml.system.names import Names

AHEAD_FROM = 64 << 20
"""Bytes; smaller files are checked before the accounts are entered, in less than a second."""


@contextmanager
def sent_ahead(
    config: Config,
    enter: Callable[[], Clients],
    given: Mapping[str, Given],
    schema: bytes | None,
    reporter: Reporter,
    large: int = AHEAD_FROM,
) -> Iterator[Ahead | None]:
    """What is on its way until the context is left; None where nothing is. ``given`` are the channels and perhaps the
    holdout, one of them with ``large`` bytes; ``schema`` is the file that will go with them if it is theirs.

    Why nothing can be sent, whoever sends it after the check says."""
    paths = {name: path for name, path in given.items() if isinstance(path, Path) and _is_csv(path)}
    shelf = None
    if blocks.available() and len(paths) == len(given) and any(path.stat().st_size >= large for path in paths.values()):
        try:
            accounts = enter()
            shelf = _shelf(config, accounts, reporter)
        except XacctError:
            shelf = None
    if shelf is None:
        yield None
        return
    with sending(shelf, partial(_plan, config, accounts, paths, schema)) as ahead:
        yield ahead


def _is_csv(path: Path) -> bool:
    return path.is_file() and not tables.begins_so(path)


def _shelf(config: Config, accounts: Clients, reporter: Reporter) -> Shelf:
    names = Names(config)
    require_bucket(config, accounts)
    return Shelf(accounts.client(names.shared, "s3"), names, key_arn(config, accounts), reporter)


def _plan(config: Config, accounts: Clients, paths: Mapping[str, Path], schema: bytes | None) -> Iterator[Planned]:
    """As :func:`xacct_ml.operations.upload.data.upload_data` will name them, if the check passes."""
    found = {name: checked_content.digests(path, data.objects(config, name)) for name, path in paths.items()}
    dataset = data_manifest.dataset_id(
        {channel: [part.sha256 for part in found[channel][1]] for channel in data_manifest.CHANNELS},
        holdout=found[HOLDOUT][0] if HOLDOUT in found else None,
        schema_file=None if schema is None else sha256(schema).hexdigest(),
    )
    require_not_withdrawn(config, accounts, dataset)
    for channel in data_manifest.CHANNELS:
        yield from named(Names(config), dataset, channel, found[channel][1])
