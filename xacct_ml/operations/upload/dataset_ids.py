"""Which data sets there are, and whether one that somebody names is among them."""

import re

from xacct_ml.aws.clients import Clients
from xacct_ml.config.model import Config
from xacct_ml.errors import InputError
from xacct_ml.foreign import line
from xacct_ml.operations.preconditions import folders_under, object_bytes
from xacct_ml.operations.upload.data_manifest import Manifest
from xacct_ml.system.bucket_layout import DATASET_ID_LENGTH
from xacct_ml.system.names import Names

_NAMED = 10
DATASET_ID = re.compile(rf"[0-9a-f]{{{DATASET_ID_LENGTH}}}")


def ids(config: Config, accounts: Clients) -> list[str]:
    """Of all data sets in the bucket."""
    return [
        each for each in folders_under(config, accounts, f"{Names(config).data_prefix}/") if DATASET_ID.fullmatch(each)
    ]


def require(config: Config, accounts: Clients, dataset: str) -> Manifest:
    """The data set's own manifest. Raises :class:`InputError` where there is none, with those there are."""
    kept = None
    if DATASET_ID.fullmatch(dataset):
        kept = object_bytes(config, accounts, Names(config).dataset_manifest_key(dataset))
    manifest = None if kept is None else Manifest.parse(kept)
    if manifest is not None and manifest.dataset == dataset:
        return manifest
    there = ids(config, accounts)
    if dataset in there:
        raise InputError(
            f"data set {dataset} is an earlier release's, or its upload broke off: it has no manifest of its own",
            next_step="upload its files again: what is there already is not sent",
        )
    raise _unknown(dataset, there)


def require_known(config: Config, accounts: Clients, dataset: str) -> None:
    """Raises :class:`InputError` for a data set of which the bucket has nothing, with those there are."""
    there = ids(config, accounts)
    if dataset not in there:
        raise _unknown(dataset, there)


def _unknown(dataset: str, there: list[str]) -> InputError:
    more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
    known = f"there are {', '.join(sorted(there)[:_NAMED])}{more}" if there else "there are none yet"
    return InputError(f"there is no data set {line(dataset)}; {known}", next_step="xacct-ml data lists them")
