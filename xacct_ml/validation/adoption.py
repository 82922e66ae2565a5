"""What the map may adopt: the ids of the things that may have been there before, as ``plan`` shows them."""

from collections.abc import Iterator

from xacct_ml.config.model import Config
from xacct_ml.config.problem import Problem, suggestion
from xacct_ml.system.storage import BUCKET
from xacct_ml.system.thing import Alias, Bucket, Key
from xacct_ml.validation.described import described

_NOT_ADOPTABLE = {
    "shared/key": "an existing key is named by its ARN: give key.arn",
    "shared/alias": "the alias belongs to the key: give key.arn",
    "shared/event-bus-permission": "the statement is named for the project; delete the one that has its name",
    "shared/topic": "an existing topic is named by its ARN: give notifications.topic_arn",
    "shared/connection": "a connection is never made, changed or deleted: it stays as it is anyhow",
    "shared/source": "a zip that is there is never written again anyhow",
    "training/stack": "a stack cannot be adopted: the pipeline would delete whatever else is in it; "
    "delete the stack or give another project",
}

_ELSEWHERE = "in other regions than the map's, keys and buckets are made"


def adoptable(config: Config) -> tuple[str, ...]:
    """Ids, in the order in which things are made."""
    refused = not_adoptable(config)
    return tuple(thing.id for thing in described(config) if thing.id not in refused)


def not_adoptable(config: Config) -> dict[str, str]:
    """Why not, by id."""
    storage = (thing.id for thing in described(config) if isinstance(thing, Key | Alias | Bucket))
    elsewhere = (id_ for id_ in storage if id_ not in {BUCKET, *_NOT_ADOPTABLE})
    return {**_NOT_ADOPTABLE, **dict.fromkeys(elsewhere, _ELSEWHERE)}


def problems(config: Config) -> Iterator[Problem]:
    """Entries of ``adopt`` that name nothing, twice the same, or what cannot be adopted."""
    if not config.adopt:
        return
    known, refused = adoptable(config), not_adoptable(config)
    for position, id_ in enumerate(config.adopt):
        path = ("adopt", position)
        if id_ in refused:
            yield Problem(path, f"adopt: {id_}: {refused[id_]}")
        elif id_ not in known:
            hint = suggestion(id_, known)
            yield Problem(path, f"adopt: there is no resource {id_!r}{hint} xacct-ml plan --output json has all ids")
        elif id_ in config.adopt[:position]:
            yield Problem(path, f"adopt: {id_} is given twice")
