"""CodeConnections, under both of its names: moto 5.2.5 has no backend for either.

A connection is PENDING until somebody completes it (:func:`complete`), which on AWS takes a browser. It is one thing,
called by whichever prefix (Developer Tools console user guide, "Connections rename" [D])."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.utils import get_service_model

from xacct_ml.arn import Arn
from xacct_ml.emulator.core import moto_dispatch as dispatch
from xacct_ml.emulator.core.api_error import ApiError
from xacct_ml.emulator.core.constraints import message, violations
from xacct_ml.emulator.core.moto_operations import page
from xacct_ml.emulator.services.codeconnections import authorization
from xacct_ml.tables.regions import REGIONS

AVAILABLE, PENDING, ERROR = "AVAILABLE", "PENDING", "ERROR"
_CONNECTIONS_PAGE = 100

Params = Mapping[str, Any]


@dataclass
class Connection:
    arn: str
    name: str
    provider: str
    owner: str
    status: str = PENDING
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    def shown(self) -> dict[str, Any]:
        return {
            "ConnectionName": self.name,
            "ConnectionArn": self.arn,
            "ProviderType": self.provider,
            "OwnerAccountId": self.owner,
            "ConnectionStatus": self.status,
        }


class CodeConnectionsBackend(BaseBackend):
    """The connections of one account and region, by the id at the end of their ARN."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connections: dict[str, Connection] = {}

    def connection(self, arn: str) -> Connection:
        """Raises ResourceNotFoundException."""
        found = self.connections.get(arn.rsplit("/", 1)[-1])
        if found is None or _where(arn) != _where(found.arn):
            raise ApiError("ResourceNotFoundException", f"Connection not found: {arn}")
        return found


def _where(arn: str) -> tuple[str, str]:
    """Region and account."""
    return Arn.parse(arn).region, Arn.parse(arn).account


backends = BackendDict(
    CodeConnectionsBackend, "codeconnections", use_boto3_regions=False, additional_regions=[*REGIONS]
)


def backend(account: str, region: str) -> CodeConnectionsBackend:
    found: CodeConnectionsBackend = backends[account][region]
    return found


def lookup(arn: str) -> Connection:
    """The connection with this ARN, whoever asks. Raises ApiError ResourceNotFoundException."""
    region, account = _where(arn)
    return backend(account, region).connection(arn)


def put(arn: str, name: str, provider: str, status: str) -> None:
    """A connection that somebody made before."""
    region, account = _where(arn)
    backend(account, region).connections[arn.rsplit("/", 1)[-1]] = Connection(arn, name, provider, account, status)


def complete(arn: str) -> None:
    """What a person does in the console. Raises ApiError ResourceNotFoundException."""
    lookup(arn).status = AVAILABLE


# -- operations --------------------------------------------------------------------------------------------------------
def create_connection(backend: CodeConnectionsBackend, service: str, params: Params) -> Mapping[str, Any]:
    if not params.get("ProviderType"):
        raise ApiError("InvalidInputException", "A provider type or a host is needed; hosts are not emulated")
    if any(known.name == params["ConnectionName"] for known in backend.connections.values()):
        raise ApiError("LimitExceededException", f"A connection named {params['ConnectionName']} exists already")
    arn = f"arn:{backend.partition}:{service}:{backend.region_name}:{backend.account_id}:connection/{uuid.uuid4()}"
    tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or ()}
    made = Connection(arn, params["ConnectionName"], params["ProviderType"], backend.account_id, tags=tags)
    backend.connections[made.id] = made
    return {"ConnectionArn": arn, "Tags": _listed(tags)}


def get_connection(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    return {"Connection": backend.connection(params["ConnectionArn"]).shown()}


def list_connections(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    wanted = params.get("ProviderTypeFilter")
    found = [known.shown() for known in backend.connections.values() if wanted in (None, known.provider)]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults") or _CONNECTIONS_PAGE)
    return {"Connections": shown, **({} if token is None else {"NextToken": token})}


def delete_connection(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    del backend.connections[backend.connection(params["ConnectionArn"]).id]
    return {}


def list_tags_for_resource(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    return {"Tags": _listed(backend.connection(params["ResourceArn"]).tags)}


def tag_resource(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    backend.connection(params["ResourceArn"]).tags.update({tag["Key"]: tag["Value"] for tag in params["Tags"]})
    return {}


def untag_resource(backend: CodeConnectionsBackend, _: str, params: Params) -> Mapping[str, Any]:
    tags = backend.connection(params["ResourceArn"]).tags
    for key in params["TagKeys"]:
        tags.pop(key, None)
    return {}


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


_OPERATIONS = {
    "CreateConnection": create_connection,
    "GetConnection": get_connection,
    "ListConnections": list_connections,
    "DeleteConnection": delete_connection,
    "ListTagsForResource": list_tags_for_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}


def application(_: dispatch.Environ, start_response: Any) -> list[bytes]:
    """Serves the call that the gate recognised and allowed."""
    call = dispatch.served_call.get()
    try:
        if call.operation not in _OPERATIONS:
            raise NotImplementedError(f"{call.service}:{call.operation}")
        shape = get_service_model(call.service).operation_model(call.operation).input_shape
        if found := list(violations(shape, call.params)):
            raise ApiError("ValidationException", message(found))
        here = backend(call.account, call.region)
        status, body = HTTPStatus.OK, _OPERATIONS[call.operation](here, call.service, call.params)
    except ApiError as error:
        status, body = HTTPStatus.BAD_REQUEST, {"__type": error.code, "message": error.message}
    content = json.dumps(body).encode()
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(content)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [content]


def install() -> None:
    """Serve both of the service's names."""
    for service in authorization.SERVICE:
        dispatch.own_services[service] = application
