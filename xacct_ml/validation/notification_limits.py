"""What a map may say of its notifications: addresses, or a topic of the shared account that is there already."""

import re
from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Path, Problem, at
from xacct_ml.system.names import Names
from xacct_ml.tables.regions import REGIONS, partition

_MOST_EMAILS = 50
"""SNS takes 12,500,000 (SNS service quotas) [D]; each of ours is looked at by each bootstrap."""
_EMAIL = re.compile(r"[^\s@\x00-\x1f<>()\[\],;:\\\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TOPIC_ARN = re.compile(r"arn:([a-z-]+):sns:([a-z0-9-]+):([0-9]{12}):[A-Za-z0-9_-]{1,256}", re.ASCII)
_EMAILS: Path = ("notifications", "emails")
_TOPIC: Path = ("notifications", "topic_arn")


def problems(config: Config) -> Iterator[Problem]:
    """Nothing to say of a map without notifications."""
    given = config.notifications
    if given is None:
        return
    if given.topic_arn is not None:
        if given.emails:
            yield Problem(_EMAILS, "the subscribers of an existing topic are its owner's: give either", at_key=True)
        yield from at(_TOPIC, _topic_fault(given.topic_arn, config))
        return
    if not given.emails:
        reason = "notifications tell nobody: give emails, or the ARN of a topic"
        yield Problem(("notifications",), reason, at_key=True)
    if len(given.emails) > _MOST_EMAILS:
        yield Problem(_EMAILS, f"{len(given.emails)} addresses; allowed: up to {_MOST_EMAILS}: give a list's address")
    for position, email in enumerate(given.emails):
        if not _EMAIL.fullmatch(email):
            yield from at((*_EMAILS, position), f"{email!r} is no e-mail address, such as ml-team@example.com")
        elif email in given.emails[:position]:
            yield from at((*_EMAILS, position), f"{email!r} is given twice")


def _topic_fault(arn: str, config: Config) -> str | None:
    """EventBridge and alarms publish to topics of their own region; one ARN is of one region."""
    match, names = _TOPIC_ARN.fullmatch(arn), Names(config)
    shared, region = names.shared, config.region
    if not match:
        return f"{arn!r} is not the ARN of a standard topic, such as arn:aws:sns:{region}:{shared}:ml-events"
    if match[3] != shared:
        return f"the topic belongs to account {match[3]}, not to the shared account {shared}"
    if match[2] != region:
        return f"the topic is in {match[2]}, and the pipeline in {region}: give one there"
    if region in REGIONS and match[1] != partition(region):
        return f"the topic is in partition {match[1]}; region {region} is in {partition(region)}"
    if config.region in REGIONS and names.other_regions:
        others = ", ".join(names.other_regions)
        return f"targets are in {others} too, and alarms tell topics of their own region only: give emails instead"
    return None
