"""The data set's manifest: what ``upload-data`` writes last, what starts the pipeline, what a run trains on.

The state machine reads ``$.channels.<channel>.manifest_uri`` from it: a manifest file, as SageMaker calls a JSON text
that names the objects of a channel, so that nothing else is read that somebody put beside them (SageMaker API
reference, S3DataSource) [B]."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xacct_ml.foreign import document
from xacct_ml.system.names import DATASET_ID_LENGTH

SCHEMA = "xacct-ml/manifest/2"
SHA256_METADATA = "sha256"
"""What an uploaded object's metadata has the checksum of its content under."""
CHANNELS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class ChannelObject:
    """One channel's object in the bucket. ``bytes`` is its size, ``columns`` counts the label."""

    key: str
    uri: str
    manifest_uri: str
    sha256: str
    rows: int
    columns: int
    bytes: int
    version_id: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """``created`` is UTC in ISO 8601 and does not count when two manifests are compared."""

    dataset: str
    created: str
    channels: Mapping[str, ChannelObject]

    def same_data(self, other: Manifest | None) -> bool:
        return other is not None and (self.dataset, dict(self.channels)) == (other.dataset, dict(other.channels))

    def to_dict(self) -> dict[str, Any]:
        channels = {channel: asdict(self.channels[channel]) for channel in CHANNELS}
        return {"schema": SCHEMA, "dataset": self.dataset, "created": self.created, "channels": channels}

    def to_json(self) -> bytes:
        return json.dumps(self.to_dict(), indent=2).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes) -> Manifest | None:
        """The manifest, or None where the text is not one of ours (another schema, damaged by hand)."""
        try:
            found = document(text)
            if found["schema"] != SCHEMA:
                return None
            channels = {channel: ChannelObject(**found["channels"][channel]) for channel in CHANNELS}
            return cls(found["dataset"], found["created"], channels)
        except (ValueError, KeyError, TypeError):
            return None


def dataset_id(sha256: Mapping[str, str]) -> str:
    """16 hex digits that name the data: the same content always lies under the same prefix."""
    return hashlib.sha256("".join(sha256[channel] for channel in CHANNELS).encode()).hexdigest()[:DATASET_ID_LENGTH]


def channel_manifest(prefix_uri: str, names: Sequence[str]) -> bytes:
    """SageMaker's manifest file: the prefix, and what is put behind it, object by object."""
    return json.dumps([{"prefix": prefix_uri}, *names]).encode()
