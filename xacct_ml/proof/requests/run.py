"""Every request of a run that trains and of one that releases, read off the pipelines' own structures.

A module of requests has ``ACTIONS``: by the provider of an action's type, what gives the requests of such an action. No
list names these modules."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from xacct_ml.proof import requests
from xacct_ml.proof.requests import batch, capture, notifications, operator, schedule, start
from xacct_ml.proof.requests.action import PipelineAction, actions_of
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Hop, Row, in_stage

Requests = Callable[[PipelineAction], Iterator[Row]]

ASKS_NOBODY = frozenset({"Manual"})
"""For an approval the pipeline asks nobody: the person who decides does, with rights of their own."""


def hops(send: RequestBuilder, structure: Mapping[str, Any], release: Mapping[str, Any]) -> Iterator[Hop]:
    """In the order of a run of the pipeline with this ``structure``, then of one that releases. ``send`` sends to their
    region."""
    yield from in_stage(start.PUSH_STAGE, start.push(send))
    yield from in_stage(start.START_STAGE, start.start(send))
    yield from in_stage(schedule.SCHEDULE_STAGE, schedule.requests(send))
    yield from in_stage(notifications.NOTIFICATION_STAGE, notifications.requests(send))
    uploading = send.names.config.accounts.shared.role_arn
    if uploading is not None:
        yield from in_stage(operator.DATA_STAGE, operator.data(send, uploading))
    for target in send.names.capturing:
        if target.role_arn is not None:
            yield from in_stage(capture.CAPTURE_STAGE, capture.read(send, target, target.role_arn))
    yield from _of_structure(send, structure)
    yield from in_stage(start.RELEASE_STAGE, start.release(send))
    yield from _of_structure(send, release)
    yield from in_stage(batch.BATCH_STAGE, batch.requests(send))


def _of_structure(send: RequestBuilder, structure: Mapping[str, Any]) -> Iterator[Hop]:
    first, *others = actions_of(structure, send)
    yield from in_stage(first.label, start.service_role(send, first))
    for action in (first, *others):
        yield from in_stage(action.label, requests_of(action))


def requests_of(action: PipelineAction) -> Iterable[Row]:
    """Nothing where no module knows the action."""
    of_kind = _by_provider().get(action.provider)
    return () if of_kind is None else of_kind(action)


@cache
def _by_provider() -> Mapping[str, Requests]:
    """What the modules beside this one have for each provider."""
    modules = [import_module(module.name) for module in iter_modules(requests.__path__, f"{requests.__name__}.")]
    return {provider: of_kind for module in modules for provider, of_kind in getattr(module, "ACTIONS", {}).items()}


def unknown_actions(send: RequestBuilder, structure: Mapping[str, Any]) -> Iterator[PipelineAction]:
    """Actions that have no requests although their kind asks for something."""
    for action in actions_of(structure, send):
        if action.provider not in ASKS_NOBODY and not list(requests_of(action)):
            yield action
