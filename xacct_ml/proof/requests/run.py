"""Every request of a run, read off the pipeline's own structure: one module of requests for each kind of action."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from xacct_ml.proof.requests import (
    cloudformation,
    commands,
    lambda_functions,
    operator,
    source,
    start,
    stepfunctions,
)
from xacct_ml.proof.requests.action import PipelineAction, actions_of
from xacct_ml.proof.requests.builder import RequestBuilder
from xacct_ml.proof.requests.hop import Hop, Row, in_stage

Requests = Callable[[PipelineAction], Iterator[Row]]

PROVIDERS: Mapping[str, Requests] = {
    "CloudFormation": cloudformation.requests,
    "CodeCommit": source.codecommit,
    "CodeStarSourceConnection": source.connection,
    "Commands": commands.requests,
    "S3": source.s3,
    "StepFunctions": stepfunctions.requests,
}
"""By the provider of the action's type; those of Lambda are told apart by their function."""

ASKS_NOBODY = frozenset({"Manual"})
"""For an approval the pipeline asks nobody: the person who decides does, with rights of their own."""


def hops(send: RequestBuilder, structure: Mapping[str, Any]) -> Iterator[Hop]:
    """In the order of a run. ``structure`` is the pipeline's, ``send`` sends to its region."""
    yield from in_stage(start.PUSH_STAGE, start.push(send))
    yield from in_stage(start.START_STAGE, start.start(send))
    uploading = send.names.config.accounts.shared.role_arn
    if uploading is not None:
        yield from in_stage(operator.DATA_STAGE, operator.data(send, uploading))
    first, *others = actions_of(structure, send)
    yield from in_stage(first.label, start.service_role(send, first.pipeline_role))
    for action in (first, *others):
        yield from in_stage(action.label, requests_of(action))


def requests_of(action: PipelineAction) -> Iterable[Row]:
    """Nothing where no module knows the action."""
    functions = {
        action.send.names.function: lambda_functions.deploy,
        action.send.names.copy_function: lambda_functions.copy,
    }
    requests = PROVIDERS.get(action.provider)
    if action.provider == "Lambda":
        requests = functions.get(action.configuration["FunctionName"])
    return () if requests is None else requests(action)


def unknown_actions(send: RequestBuilder, structure: Mapping[str, Any]) -> Iterator[PipelineAction]:
    """Actions that have no requests although their kind asks for something."""
    for action in actions_of(structure, send):
        if action.provider not in ASKS_NOBODY and not list(requests_of(action)):
            yield action
