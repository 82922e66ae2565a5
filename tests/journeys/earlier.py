"""Projects as an earlier release made them, from the API calls that it wrote with (``data/record_release.py``)."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

from tests.journeys.project import DATA, Project

RECORDED = Path(__file__).parent / "data"


def replay(made: Project, recording: str) -> None:
    """The calls in their order, by administrators: what was allowed then is not the question. But objects are put by
    the operator, because the key's policy lets nobody else."""
    made_ids: dict[str, str] = {}
    recorded = json.loads(gzip.decompress((RECORDED / recording).read_bytes()))
    for account, region, service, operation, parameters in recorded:
        client = (
            made.accounts.client(account, service, region)
            if operation == "PutObject"
            else made.aws.administrator(account).client(service, region)
        )
        method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
        answer = getattr(client, method)(**_restored(parameters, made_ids))
        if operation == "CreateKey":
            made_ids[f"<key {region}>"] = answer["KeyMetadata"]["KeyId"]
        if operation == "PutObject":
            made_ids[f"<version {parameters['Key']}>"] = answer["VersionId"]


def _restored(value: Any, made_ids: dict[str, str], key: str = "") -> Any:
    match value:
        case {"base64": text}:
            return base64.b64decode(text)
        case {"text": text}:
            return str(_restored(text, made_ids)).encode()
        case {"file": _}:
            return (DATA / Path(key).name).read_bytes()
        case dict():
            return {name: _restored(one, made_ids, value.get("Key", "")) for name, one in value.items()}
        case list():
            return [_restored(one, made_ids) for one in value]
        case str():
            for name, id_ in made_ids.items():
                value = value.replace(name, id_)
            return value
        case _:
            return value
