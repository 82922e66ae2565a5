"""``drift``: whether what an endpoint is asked lies as the data lay that its model was trained on.

Read is what SageMaker captured, by the operator of the production account, and the profile of the training data, by
that of the shared one. The comparison is the one of two data sets (:mod:`xacct_ml.dataset.profile`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.errors import absent_as_none
from xacct_ml.aws.pages import listed
from xacct_ml.config.model import Config, ProductionTarget
from xacct_ml.dataset.captured import Asked
from xacct_ml.dataset.profile import ROWS_NEEDED, Profile, Values, shifts, values_of
from xacct_ml.errors import NotReady
from xacct_ml.operations.command_names import STATUS
from xacct_ml.operations.preconditions import MISSING_OBJECT, not_ready, object_bytes
from xacct_ml.operations.predict import Served, served
from xacct_ml.resources.kms_key import its_key
from xacct_ml.resources.rights import Place, Rights, within
from xacct_ml.system.names import Names
from xacct_ml.system.statements import Conditions
from xacct_ml.tables.regions import service_host

CAPTURED = "captured requests"
"""What the rights on the bucket of them are declared under."""


def _through_s3(place: Place) -> Conditions:
    """Of each region in which the account has a target."""
    names = place.names
    hosts = [service_host("s3", names.region_of(each)) for each in names.capturing if each.id == place.account]
    return {"StringEquals": {"kms:ViaService": hosts[0] if len(hosts) == 1 else hosts}}


RIGHTS = {
    CAPTURED: (
        Rights("bucket/Bucket", "s3: ListBucket"),
        Rights("bucket/Captured", "s3: GetObject", on=(within("/*"),)),
        Rights("key/ReadCapturedThroughS3", "kms: Decrypt", on=(its_key,), condition=_through_s3),
    ),
    "AWS::SageMaker::Endpoint": (Rights("endpoint/Endpoint", "sagemaker: DescribeEndpoint"),),
}

MOST_FILES, MOST_BYTES, MOST_ROWS, MOST_VALUES = 2_000, 256 << 20, 100_000, 5_000_000
"""So much of what was captured is read: files at even distances in time, where there are more. ``MOST_VALUES`` bounds
the memory: of many features, fewer rows are kept."""
_LISTED = 200_000

DRIFT, NO_DRIFT, TOO_FEW = "drift", "no drift", "too few rows"


@dataclass(frozen=True, slots=True)
class Feature:
    """``column`` counts from 1; ``name`` is the schema's, where there is one. ``outside`` is the share of the rows
    whose value lies outside the training data's range; ``shifts`` are the kind and the words of each way in which the
    column lies otherwise than it did."""

    column: int
    name: str
    trained: Values
    asked: Values
    outside: float
    shifts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """``files`` were read of ``found`` captured ones since then; ``rows`` of ``counted`` gave the figures. ``skipped``
    says what does not count, and how often."""

    serving: Served
    since: datetime
    found: int
    files: int
    requests: int
    counted: int
    rows: int
    skipped: Mapping[str, int]
    features: tuple[Feature, ...]
    captures: bool
    """Whether the endpoint captures now; it does from the first deployment on after the map says so."""

    @property
    def verdict(self) -> str:
        """Too few rows are no proof of anything."""
        if self.rows < ROWS_NEEDED:
            return TOO_FEW
        return DRIFT if self.shifted else NO_DRIFT

    @property
    def shifted(self) -> tuple[Feature, ...]:
        return tuple(feature for feature in self.features if feature.shifts)


def drift(config: Config, accounts: Clients, target: ProductionTarget, since: datetime) -> Drift:
    """Of what was asked since then. Raises :class:`NotReady` where nothing can be compared."""
    names = Names(config)
    if target not in names.capturing:
        raise NotReady(
            "the map captures nothing of what endpoints are asked",
            next_step="give endpoint.capture in the map, then xacct-ml bootstrap, and deploy",
        )
    serving = served(config, accounts, target)
    profile = _profile(config, accounts, serving)
    columns = len(profile.columns)
    asked = Asked(columns, min(MOST_ROWS, max(ROWS_NEEDED, MOST_VALUES // max(1, columns))))
    since = since.astimezone(UTC)  # as the captured files' keys have it
    found, files = _read(names, accounts, target, since, asked)
    return Drift(
        serving,
        since,
        found,
        files,
        asked.requests,
        asked.counted,
        len(asked.rows),
        dict(asked.skipped.most_common()),
        tuple(_features(serving, profile, asked.rows)),
        _captures(names, accounts, target),
    )


def _profile(config: Config, accounts: Clients, serving: Served) -> Profile:
    """Of the training data of what serves."""
    if serving.dataset is None:
        raise NotReady(
            f"what {serving.target.name} serves is no model of a run that the pipeline's history still tells of, so "
            "that its training data are not known",
            next_step=STATUS,
        )
    key = Names(config).profile_key(serving.dataset)
    text = object_bytes(config, accounts, key)
    profile = None if text is None else Profile.parse(text)
    if profile is None:
        why = "has no profile: it was uploaded by an earlier release" if text is None else "has a profile that is none"
        raise NotReady(
            f"data set {serving.dataset}, which {serving.target.name} was trained on, {why}",
            next_step="upload the data with this release, and deploy what is trained on them",
        )
    return profile


def _captures(names: Names, accounts: Clients, target: ProductionTarget) -> bool:
    sagemaker = accounts.client(target.id, "sagemaker", names.region_of(target))
    found = sagemaker.describe_endpoint(EndpointName=names.endpoint).get("DataCaptureConfig") or {}
    return bool(found.get("EnableCapture"))


# -- what was captured -------------------------------------------------------------------------------------------------
def _read(names: Names, accounts: Clients, target: ProductionTarget, since: datetime, asked: Asked) -> tuple[int, int]:
    """How many files there are, and how many were read. An object may expire between."""
    s3 = accounts.client(target.id, "s3", names.region_of(target))
    bucket = {"Bucket": names.capture_bucket(target), "ExpectedBucketOwner": target.id}
    objects = _captured(names, s3, bucket, since)
    chosen, size, read = _spread(objects), 0, 0
    for each in chosen:
        size += int(each["Size"])
        if size > MOST_BYTES or asked.counted >= asked.most:
            break
        answer = absent_as_none(MISSING_OBJECT, s3.get_object, Key=each["Key"], **bucket)
        if answer is not None:
            asked.add(answer["Body"].read(MOST_BYTES).split(b"\n"))
            read += 1
    return len(objects), read


def _captured(names: Names, s3: Any, bucket: Mapping[str, str], since: datetime) -> list[dict[str, Any]]:
    """From the hour of ``since`` on: the keys have the time in them, to the hour, and are listed in its order."""
    prefix = names.capture_prefix
    begin = f"{prefix}{since:%Y/%m/%d/%H}"
    missing = f"there is no bucket {bucket['Bucket']} yet"
    with not_ready({"NoSuchBucket": missing}):
        found = listed(s3, "list_objects_v2", "Contents", **bucket, Prefix=prefix, StartAfter=begin)
        return [each for each in islice(found, _LISTED) if each["LastModified"] >= since]


def _spread(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At even distances; those that are read first lie far apart, so that an end in between leaves none of the time
    out."""
    count = len(objects)
    if count > MOST_FILES:
        objects = [objects[place * count // MOST_FILES] for place in range(MOST_FILES)]
    return [objects[place] for place in _halving(len(objects))]


def _halving(count: int) -> Iterator[int]:
    """Each place once: those of the coarsest grid first."""
    step = 1
    while step < count:
        step *= 2
    seen = set()
    while step >= 1:
        for place in range(0, count, step):
            if place not in seen:
                seen.add(place)
                yield place
        step //= 2


# -- compared ----------------------------------------------------------------------------------------------------------
def _features(serving: Served, profile: Profile, rows: list[list[float]]) -> Iterator[Feature]:
    if not rows:
        return
    named = serving.schema.features if serving.schema is not None else ()
    for place, trained in enumerate(profile.columns):
        column = [row[place] for row in rows]
        present = [value for value in column if value == value]
        asked = values_of(column, 1 - len(present) / len(rows))
        outside = sum(not _within(trained, value) for value in present) / len(rows)
        name = named[place].name if place < len(named) else f"column {place + 1}"
        yield Feature(
            place + 1, name, trained, asked, outside, tuple(shifts(trained, asked, profile.sampled, len(rows)))
        )


def _within(trained: Values, value: float) -> bool:
    return trained.low is not None and trained.high is not None and trained.low <= value <= trained.high


def finding(found: Drift) -> str:
    """The verdict as a sentence without its end, for people and for who is told of it."""
    where = f"what {found.serving.target.name} was asked since {found.since:%Y-%m-%d %H:%M} UTC"
    if found.verdict == TOO_FEW:
        return f"{where} are {found.rows} rows: too few to tell, {ROWS_NEEDED} are needed"
    if found.verdict == NO_DRIFT:
        return f"{where} lies as the training data of its model do ({found.rows:,} rows)"
    named = [feature.name for feature in found.shifted]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    one = "1 feature lies" if len(named) == 1 else f"{len(named)} features lie"
    return f"{where} has drifted: {one} otherwise than in the training data: {', '.join(named[:5])}{more}"
