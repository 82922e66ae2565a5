"""What the schedule did at its times: the notes that its function left in the bucket, the skipped ones above all."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from xacct_ml.aws.clients import Clients
from xacct_ml.aws.concurrently import concurrently
from xacct_ml.config.model import Config
from xacct_ml.foreign import ForeignTextError, document, line
from xacct_ml.operations.preconditions import object_bytes, objects_under
from xacct_ml.system.bucket_layout import SCHEDULE_PREFIX
from xacct_ml.system.names import Names

_LOOKED_AT = 100_000
"""Keys are listed from the oldest on; a note every hour comes to that in eleven years."""


@dataclass(frozen=True, slots=True)
class ScheduleNote:
    """``run`` is the one that was started, or that was in the way: then ``reason`` says what it did."""

    time: datetime
    skipped: bool
    run: str
    reason: str


def notes(config: Config, accounts: Clients, most: int) -> tuple[ScheduleNote, ...]:
    """The ``most`` newest, newest first; none where the map has no schedule. What is no note is left out."""
    if config.schedule is None:
        return ()
    names = Names(config)
    listed = islice(objects_under(config, accounts, f"{SCHEDULE_PREFIX}/"), _LOOKED_AT)
    keys = sorted((str(each["Key"]) for each in listed), reverse=True)[:most]
    read = [partial(object_bytes, config, accounts, key) for key in keys if key == names.schedule_key(_time_in(key))]
    found = (_note(content) for content in concurrently(read) if content is not None)
    return tuple(note for note in found if note is not None)


def _time_in(key: str) -> str:
    return key.removeprefix(f"{SCHEDULE_PREFIX}/").removesuffix(".json")


def _note(content: bytes) -> ScheduleNote | None:
    try:
        given = document(content)
        time = datetime.fromisoformat(str(given["time"]))
        texts = {name: line(str(given[name])) for name in ("outcome", "run", "reason")}
    except (ForeignTextError, ValueError, KeyError, TypeError):
        return None
    return ScheduleNote(time, texts["outcome"] == "skipped", texts["run"], texts["reason"])
