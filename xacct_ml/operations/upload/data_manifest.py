"""The data set's manifest: what ``upload-data`` writes last, what starts the pipeline, what a run trains on.

The state machine reads ``$.channels.<channel>.manifest_uri`` from it: a manifest file, as SageMaker calls a JSON text
that names the objects of a channel, so that nothing else is read that somebody put beside them (SageMaker API
reference, S3DataSource) [B]."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from xacct_ml.foreign import document
from xacct_ml.system.bucket_layout import DATASET_ID_LENGTH

SCHEMA = "xacct-ml/manifest/3"
SHA256_METADATA = "sha256"
"""What an uploaded object's metadata has the checksum of its content under."""
CHANNELS = ("train", "validation")
CONTENT_TYPES = {"csv": "text/csv", "parquet": "application/x-parquet"}
"""By a channel's format, as SageMaker's XGBoost takes them (SageMaker Developer Guide, xgboost) [D]."""
JSON_TYPE = "application/json"
MOST_OBJECTS = 400
"""Objects of both channels: Step Functions hands no more than 262,144 bytes from state to state (its Developer Guide,
service-quotas) [D], and the whole manifest is read there."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object in the bucket. ``bytes`` is its size."""

    key: str
    sha256: str
    bytes: int
    version_id: str | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's objects, in the order of their keys. ``columns`` counts the label."""

    manifest_uri: str
    format: str
    rows: int
    columns: int
    objects: tuple[StoredObject, ...]

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.objects)

    def to_dict(self) -> dict[str, Any]:
        return {
            "manifest_uri": self.manifest_uri,
            "format": self.format,
            "content_type": CONTENT_TYPES[self.format],
            "rows": self.rows,
            "columns": self.columns,
            "bytes": self.bytes,
            "objects": [asdict(each) for each in self.objects],
        }

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Channel:
        """Raises ValueError, KeyError or TypeError for what :meth:`to_dict` does not make."""
        objects = tuple(StoredObject(**each) for each in found["objects"])
        channel = cls(found["manifest_uri"], found["format"], found["rows"], found["columns"], objects)
        if not objects or channel.to_dict() != found:
            raise ValueError("another channel")
        return channel


@dataclass(frozen=True, slots=True)
class Holdout:
    """The rows that the candidate and the live model are scored on: features and labels apart.

    ``origin`` is ``holdout`` or ``validation``; ``rows`` are those of its file, ``scored`` the first of them, which
    the objects have."""

    origin: str
    rows: int
    scored: int
    features: StoredObject
    labels: StoredObject
    slices: StoredObject | None = None

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        return (self.features, self.labels, *([self.slices] if self.slices is not None else []))

    def to_dict(self) -> dict[str, Any]:
        found = asdict(self)
        return {"from": found.pop("origin"), **found}

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Holdout:
        """As :meth:`Channel.of`."""
        features, labels = StoredObject(**found["features"]), StoredObject(**found["labels"])
        return cls(found["from"], found["rows"], found["scored"], features, labels, _stored(found["slices"]))


@dataclass(frozen=True, slots=True)
class Manifest:
    """``created`` (UTC in ISO 8601) and ``by`` (the ARN of who uploaded) do not count when two are compared.

    ``schema_file`` is the schema that ``prepare`` made, ``profile`` what is known of the training rows; None where
    there is none."""

    dataset: str
    created: str
    by: str
    channels: Mapping[str, Channel]
    holdout: Holdout
    schema_file: StoredObject | None = None
    profile: StoredObject | None = None

    def same_data(self, other: Manifest | None) -> bool:
        return other is not None and self == replace(other, created=self.created, by=self.by)

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """Every object that it names."""
        beside = [each for each in (self.schema_file, self.profile) if each is not None]
        return (*(each for one in self.channels.values() for each in one.objects), *self.holdout.objects, *beside)

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "dataset": self.dataset,
            "created": self.created,
            "by": self.by,
            "channels": {channel: self.channels[channel].to_dict() for channel in CHANNELS},
            "holdout": self.holdout.to_dict(),
            "schema_file": None if self.schema_file is None else asdict(self.schema_file),
            "profile": None if self.profile is None else asdict(self.profile),
        }

    def to_json(self) -> bytes:
        return json.dumps(self.to_dict(), indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, text: bytes) -> Manifest | None:
        """The manifest, or None where the text is not one of ours (another schema, damaged by hand)."""
        try:
            found = document(text)
            if found["schema"] != SCHEMA:
                return None
            return cls(
                str(found["dataset"]),
                str(found["created"]),
                str(found["by"]),
                {channel: Channel.of(found["channels"][channel]) for channel in CHANNELS},
                Holdout.of(found["holdout"]),
                _stored(found["schema_file"]),
                _stored(found["profile"]),
            )
        except (ValueError, KeyError, TypeError):
            return None


def _stored(found: Mapping[str, Any] | None) -> StoredObject | None:
    return None if found is None else StoredObject(**found)


def dataset_id(
    channels: Mapping[str, Sequence[str]], *, holdout: str | None = None, schema_file: str | None = None
) -> str:
    """16 hex digits that name the data: the same content always lies under the same prefix.

    ``channels`` are the SHA-256 of each channel's objects, in whatever order; of the file that the holdout is from
    and of the schema, only where there is one."""
    together = "".join(_together(channels[channel]) for channel in CHANNELS)
    beside = {"holdout": holdout, "schema": schema_file}
    together += "".join(f"{what}:{sha256}" for what, sha256 in beside.items() if sha256 is not None)
    return hashlib.sha256(together.encode()).hexdigest()[:DATASET_ID_LENGTH]


def _together(digests: Sequence[str]) -> str:
    """Of one object its own digest."""
    one, *others = sorted(digests)
    return hashlib.sha256("\n".join([one, *others]).encode()).hexdigest() if others else one


def channel_manifest(prefix_uri: str, names: Sequence[str]) -> bytes:
    """SageMaker's manifest file: the prefix, and what is put behind it, object by object."""
    return json.dumps([{"prefix": prefix_uri}, *names]).encode()
