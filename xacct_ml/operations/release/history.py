"""What served where from when until when: as the judge wrote it down after each deployment, and what it has not written
down yet, from the pipelines' histories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config
from xacct_ml.evidence.live import LiveRecord, parse
from xacct_ml.operations.preconditions import object_bytes, objects_under
from xacct_ml.operations.release.serving import deployed_since
from xacct_ml.operations.runs.endpoint import EndpointState
from xacct_ml.system.bucket_layout import HISTORY_PREFIX
from xacct_ml.system.names import Names

MOST = 1_000
"""So many deployments of a target, the newest, are read."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """``since`` when a target served what was deployed, ``until`` when the next one took its place; None of the newest.

    ``execution`` is the run of ``pipeline`` that deployed, ``run`` the one that trained and judged: another one of a
    release. ``recorded``: as the judge wrote it down, under ``key``; else as CodePipeline has it, which keeps it for
    twelve months [D]."""

    target: str
    since: datetime
    pipeline: str
    execution: str
    run: str | None
    digest: str | None
    job: str | None = None
    record_key: str | None = None
    record_digest: str | None = None
    approved_by: tuple[str, ...] = ()
    verdict: str | None = None
    key: str | None = None
    until: datetime | None = None

    @property
    def recorded(self) -> bool:
        return self.key is not None


def history(config: Config, accounts: Clients, targets: Sequence[str] | None = None) -> tuple[Deployment, ...]:
    """Of these targets, or of all that the map has, newest first. Raises :class:`xacct_ml.errors.NotReady` without the
    bucket."""
    names = [target.name for target in config.accounts.production] if targets is None else list(targets)
    recorded = [each for target in names for each in _recorded(config, accounts, target)]
    known: dict[str, datetime] = {}
    for each in recorded:
        known[each.target] = max(each.since, known.get(each.target, each.since))
    later = (
        Deployment(
            each.target,
            each.since,
            each.pipeline,
            each.execution,
            each.run,
            each.digest,
            each.job,
            verdict=each.verdict,
        )
        for each in deployed_since(config, accounts, known)
        if each.target in names
    )
    return _in_turn([*recorded, *later])


def at(deployments: Iterable[Deployment], time: datetime) -> tuple[Deployment, ...]:
    """Those that served then."""
    return tuple(each for each in deployments if each.since <= time and (each.until is None or time < each.until))


def before(deployments: Iterable[Deployment], target: str) -> tuple[Deployment | None, Deployment | None]:
    """What a target serves, and what it served before that one was deployed first: who goes back twice comes to the one
    before that, not to the one that they left. None where there is none."""
    way: list[Deployment] = []
    for each in sorted((each for each in deployments if each.target == target), key=lambda one: one.since):
        known = next((place for place, one in enumerate(way) if one.digest == each.digest), None)
        way = [*(way if known is None else way[:known]), each]
    return (way[-1] if way else None), (way[-2] if len(way) > 1 else None)


def written_down(config: Config, accounts: Clients, endpoints: Sequence[EndpointState]) -> tuple[EndpointState, ...]:
    """``endpoints`` with what the judge wrote about what they serve, where that is what they really serve."""
    read = [partial(_live, config, accounts, each) for each in endpoints]
    return tuple(map(_told, endpoints, concurrently(read)))


def _live(config: Config, accounts: Clients, endpoint: EndpointState) -> LiveRecord | None:
    if endpoint.digest is None:
        return None
    text = object_bytes(config, accounts, Names(config).live_key(endpoint.target))
    return None if text is None else parse(text)


def _told(endpoint: EndpointState, live: LiveRecord | None) -> EndpointState:
    if live is None or live.model_digest != endpoint.digest:
        return endpoint
    release = None if live.execution == live.run else live.execution
    return replace(
        endpoint,
        run=live.run,
        job=live.training_job,
        since=live.deployed,
        approved_by=live.approved_by,
        release=release,
    )


def _recorded(config: Config, accounts: Clients, target: str) -> Iterator[Deployment]:
    prefix = f"{HISTORY_PREFIX}/{target}/"
    # The names begin with the time.
    keys = sorted(str(each["Key"]) for each in objects_under(config, accounts, prefix))[-MOST:]
    texts = concurrently([partial(object_bytes, config, accounts, key) for key in keys])
    for key, text in zip(keys, texts, strict=True):
        found = None if text is None else parse(text)
        if found is not None and found.target == target:
            yield _of(found, key)


def _of(found: LiveRecord, key: str) -> Deployment:
    return Deployment(
        target=found.target,
        since=found.deployed,
        pipeline=found.pipeline,
        execution=found.execution,
        run=found.run,
        digest=found.model_digest,
        job=found.training_job,
        record_key=found.record_key,
        record_digest=found.record_digest,
        approved_by=found.approved_by,
        verdict=found.verdict,
        key=key,
    )


def _in_turn(found: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """Newest first, each until the next one of its target."""
    after: dict[str, datetime] = {}
    in_turn = []
    for each in sorted(found, key=lambda one: (one.since, one.execution), reverse=True):
        in_turn.append(replace(each, until=after.get(each.target)))
        after[each.target] = each.since
    return tuple(in_turn)
