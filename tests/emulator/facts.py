"""Answers recorded from AWS, and asking the embedded AWS the same.

The facts stand in ``recorded/<service>.yaml``. Each has an ``id``, its ``source`` (where the recorded answer stands:
``LS`` is a snapshot of LocalStack's tests, ``tests/aws/services/…/*.snapshot.json`` at 8b9a79f, recorded from AWS;
``MV`` one of moto's tests that are marked as verified on AWS; where it is of another call than the fact's, the code and
the words are those of that service's sibling call), ``uses`` (who depends on the answer: ``cli``,
``pipeline``, ``lambda`` or ``client``), ``steps`` and ``want``.

A step is ``[service.operation, parameters, options]``: ``as`` keeps the answer under a name, ``region`` asks another
region, an operation that ends in ``!`` may fail. ``role:<service>`` makes a role that the service may assume, ``until``
repeats a step until it ``see``s, ``http`` asks a URL. ``{name}`` and ``{name.Member}`` in texts come from kept answers,
``{acct}``, ``{region}`` and ``{rnd}`` from here. The last step's answer is judged: ``want`` is ``error: [code, status,
message]`` or ``see: {JMESPath: value}``; a value may be ``~regular expression``, ``!absent`` or ``!any``."""

from __future__ import annotations

import io
import json
import re
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jmespath
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from xacct_ml.emulator.core.identity import Credentials

RECORDED = Path(__file__).parent / "recorded"

Fact = Mapping[str, Any]
Kept = dict[str, Any]


def facts() -> Iterator[Fact]:
    """Every recorded fact, by file."""
    for path in sorted(RECORDED.glob("*.yaml")):
        yield from yaml.safe_load(path.read_text())


def _code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("handler.py", "def handler(event, context):\n    return event\n")
    return archive.getvalue()


_TEXTS = {"$CODE": _code(), "$NOT_A_ZIP": b"no zip", "$5K": "x" * 5000}


def _filled(value: Any, kept: Kept) -> Any:
    if isinstance(value, str):
        if value in _TEXTS:
            return _TEXTS[value]
        if value.startswith("$repeat:"):
            _, text, times = value.split(":")
            return text * int(times)
        if whole := re.fullmatch(r"\{([\w.\[\]-]+)\}", value):
            return _kept(whole[1], kept)
        return re.sub(r"\{([A-Za-z_][\w.\[\]-]*)\}", lambda found: str(_kept(found[1], kept)), value)
    if isinstance(value, dict):
        return {_filled(name, kept) if isinstance(name, str) else name: _filled(v, kept) for name, v in value.items()}
    return [_filled(item, kept) for item in value] if isinstance(value, list) else value


def _kept(path: str, kept: Kept) -> Any:
    try:
        found = jmespath.search(path, kept)
    except jmespath.exceptions.JMESPathError:
        found = None
    return "{" + path + "}" if found is None else found


def _same(wanted: Any, got: Any) -> bool:
    if wanted == "!absent":
        return got is None
    if wanted == "!any":
        return got is not None
    if isinstance(wanted, str) and wanted.startswith("~"):
        return got is not None and re.search(wanted[1:], str(got), re.DOTALL) is not None
    return bool(wanted == got)


class Replay:
    """Asks one account of the embedded AWS."""

    def __init__(self, credentials: Credentials, account: str, region: str) -> None:
        self._credentials = credentials
        self._account = account
        self._region = region
        self._roles: dict[str, Any] = {}

    def difference(self, fact: Fact) -> str | None:
        """What the embedded AWS answers instead; ``None`` where it answers as recorded."""
        kept: Kept = {"acct": self._account, "region": self._region, "rnd": uuid.uuid4().hex[:8]}
        for name, value in (fact.get("set") or {}).items():
            kept[name] = _filled(value, kept)
        try:
            for step in fact["steps"][:-1]:
                self._step(step, kept)
        except (ClientError, BotoCoreError) as error:
            return f"before the last step: {error}"
        try:
            answer = self._step(fact["steps"][-1], kept)
        except ClientError as error:
            return _other_error(fact["want"], error, kept)
        except BotoCoreError as error:
            return f"{type(error).__name__}: {error}"
        if "error" in fact["want"]:
            return f"recorded {fact['want']['error']}, here answered"
        wanted = {path: _filled(value, kept) for path, value in fact["want"]["see"].items()}
        got = {path: jmespath.search(path, answer) for path in wanted}
        other = [f"{path}: recorded {wanted[path]!r}, here {got[path]!r}" for path in wanted]
        return (
            "; ".join(one for one, path in zip(other, wanted, strict=True) if not _same(wanted[path], got[path]))
            or None
        )

    def _step(self, step: list[Any], kept: Kept) -> Any:
        call, given, options = [*step, {}, {}][:3]
        if call == "until":
            return self._until(given, options["see"], kept)
        if call.startswith("role:"):
            answer: Any = {"Role": self._role(call.removeprefix("role:"))}
        elif call == "http":
            answer = _http(_filled(given, kept))
        else:
            answer = self._call(call, _filled(given, kept), options.get("region") or self._region)
        if "as" in options:
            kept[options["as"]] = answer
        return answer

    def _until(self, step: list[Any], wanted: Mapping[str, Any], kept: Kept) -> Any:
        for _ in range(400):
            answer = self._step(step, kept)
            if all(_same(_filled(value, kept), jmespath.search(path, answer)) for path, value in wanted.items()):
                break
            time.sleep(0.02)
        return answer

    def _call(self, call: str, parameters: dict[str, Any], region: str) -> Any:
        service, operation = call.rstrip("!").split(".")
        client = self._credentials.client(service, region)
        try:
            if operation == "presign":
                return {"url": client.generate_presigned_url(parameters["op"], Params=parameters["params"])}
            answer = getattr(client, operation)(**parameters)
        except ClientError:
            if call.endswith("!"):
                return {}
            raise
        return {name: v.read().decode(errors="replace") if hasattr(v, "read") else v for name, v in answer.items()}

    def _role(self, service: str) -> Any:
        if service not in self._roles:
            who = {"Service": f"{service}.amazonaws.com"}
            if service == "account":
                who = {"AWS": f"arn:aws:iam::{self._account}:root"}
            actions = ["sts:AssumeRole", "sts:TagSession"] if service == "account" else ["sts:AssumeRole"]
            trust = {"Effect": "Allow", "Principal": who, "Action": actions}
            everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
            iam, name = self._credentials.client("iam"), f"recorded-{service}"
            made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_document(everything))
            self._roles[service] = made["Role"]
        return self._roles[service]


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _http(given: Mapping[str, Any]) -> dict[str, Any]:
    data = given.get("data", "").encode() or None
    headers = given.get("headers", {})
    request = urllib.request.Request(given["url"], data=data, method=given.get("method", "GET"), headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}


def _other_error(want: Mapping[str, Any], error: ClientError, kept: Kept) -> str | None:
    said: Any = error.response
    got = (said["Error"].get("Code"), said["ResponseMetadata"].get("HTTPStatusCode"), said["Error"].get("Message"))
    if "error" not in want:
        return f"recorded an answer, here {got}"
    wanted = [_filled(value, kept) for value in want["error"]]
    return None if all(map(_same, wanted, got)) else f"recorded {wanted}, here {got}"
