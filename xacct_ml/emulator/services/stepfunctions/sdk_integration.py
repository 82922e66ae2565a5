"""How Step Functions names and converts what its AWS SDK integrations send and receive.

Step Functions developer guide, "Integrating Step Functions with other AWS services", AWS SDK integrations [D]: member
names are those of the AWS SDK for Java 2 in PascalCase, so S3's ``SSEKMSKeyId`` is ``SsekmsKeyId``; blobs are text;
times are ISO 8601. The optimized SageMaker integration keeps the API's own names; that its times are milliseconds
since the epoch is observed [C]."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, ServiceModel

Naming = Callable[[str], str]
"""Member name in the API → member name in the definition."""

_ACRONYM = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+$")
"""At the beginning of a name; the Java SDK takes it for one word (``SSEKMS`` of ``SSEKMSKeyId``), later ones stay."""


def sdk_name(member: str) -> str:
    """The Java SDK's name of an API member in PascalCase: ``SsekmsKeyId``, but ``ChecksumCRC32``, as recorded [C]."""
    return _ACRONYM.sub(lambda found: found[0].capitalize(), member, count=1) if _ACRONYM.match(member) else member


def api_name(member: str) -> str:
    """The name as it is; for the optimized integrations."""
    return member


def operation(models: Callable[[str], Any], service: str, action: str) -> OperationModel | None:
    """The operation behind ``getObject`` of ``s3``; ``None`` where the service has none."""
    try:
        model = models({"sfn": "stepfunctions"}.get(service, service))
    except Exception as error:  # botocore and moto each have an own error for an unknown service
        if type(error).__name__ not in ("UnknownServiceError", "DataNotFoundError"):
            raise
        return None
    name = next((name for name in model.operation_names if name[0].lower() + name[1:] == action), None)
    return None if name is None else model.operation_model(name)


def errors(service: ServiceModel) -> set[str]:
    """The errors that any of the service's operations models: they have a class in the SDK, and so a name of their own
    (``S3.NoSuchBucketException``) from whichever operation they come. A denied call of S3 is reported as
    ``S3.S3Exception`` [C], although one late operation models AccessDenied."""
    operations = map(service.operation_model, service.operation_names)
    return {shape.name for operation in operations for shape in operation.error_shapes} - {"AccessDenied"}


def problems(shape: Any, given: Any, naming: Naming, path: str) -> Iterator[str]:
    """Fields that Step Functions does not support, and required ones that are missing, as CreateStateMachine says
    it."""
    if shape is None:
        return
    if shape.type_name == "list" and isinstance(given, list):
        for position, item in enumerate(given):
            yield from problems(shape.member, item, naming, f"{path}[{position}]")
    if shape.type_name != "structure" or not isinstance(given, Mapping):
        return
    members = {naming(name): member for name, member in shape.members.items()}
    fields = {field.removesuffix(".$") for field in given}
    for field in given:
        plain = field.removesuffix(".$")
        if plain not in members:
            yield f'SCHEMA_VALIDATION_FAILED: The field "{plain}" is not supported by Step Functions at {path}'
        elif field == plain:
            yield from problems(members[plain], given[field], naming, f"{path}/{plain}")
    for name in shape.required_members:
        if naming(name) not in fields:
            yield f'SCHEMA_VALIDATION_FAILED: The field "{naming(name)}" is required but was missing at {path}'


def to_request(shape: Any, given: Any, naming: Naming) -> Any:
    """A task's parameters as boto3 takes them."""
    if shape is None:
        return given
    kind = shape.type_name
    if kind == "structure" and isinstance(given, Mapping):
        members = {naming(name): (name, member) for name, member in shape.members.items()}
        return {
            members[field][0]: to_request(members[field][1], value, naming)
            for field, value in given.items()
            if field in members
        }
    if kind == "list" and isinstance(given, list):
        return [to_request(shape.member, item, naming) for item in given]
    if kind == "map" and isinstance(given, Mapping):
        return {key: to_request(shape.value, item, naming) for key, item in given.items()}
    if kind == "blob":
        # an object's body is always JSON, also a text's: with its quotes, as recorded [C]
        as_it_is = isinstance(given, str) and not shape.serialization.get("streaming")
        return (given if as_it_is else json.dumps(given, separators=(",", ":"), ensure_ascii=False)).encode()
    return given


def from_response(shape: Any, answer: Any, naming: Naming, time: Callable[[datetime], Any]) -> Any:
    """boto3's answer as the task's result, JSON throughout; streams and blobs become text."""
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure":
        return {
            naming(name): from_response(member, answer[name], naming, time)
            for name, member in shape.members.items()
            if answer.get(name) is not None
        }
    if kind == "list":
        return [from_response(shape.member, item, naming, time) for item in answer]
    if kind == "map":
        return {key: from_response(shape.value, item, naming, time) for key, item in answer.items()}
    if kind == "timestamp":
        return time(answer)
    if kind == "blob":
        content = answer.read() if hasattr(answer, "read") else answer
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return answer


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
