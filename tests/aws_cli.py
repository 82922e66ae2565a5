"""The part of the AWS CLI that documents tell to type, on botocore: a shell runs ``python -m tests.aws_cli iam …``.

Parameters are the service model's, hyphenated; ``file://`` is read, JSON parsed, ``--query`` is JMESPath, ``--output``
text or json (AWS CLI User Guide, cli-usage-parameters [D])."""

from __future__ import annotations

import json
import os
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name

ROOT = Path(__file__).parents[1]


def install(directory: Path) -> str:
    """Puts ``aws`` into the directory; what PATH then is to begin with."""
    program = directory / "aws"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m tests.aws_cli "$@"\n')
    program.chmod(0o755)
    return f"{directory}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def main(words: list[str]) -> int:
    if words[:2] == ["configure", "set"]:
        return _configure(words[2], words[3], words[words.index("--profile") + 1])
    service, operation, *rest = words
    given = _options(rest)
    profile = given.pop("profile", [None])[0]
    query, output = given.pop("query", [None])[0], given.pop("output", ["json"])[0]
    client = botocore.session.Session(profile=profile).create_client(service)
    called = next(name for name in client.meta.method_to_api_mapping if name.replace("_", "-") == operation)
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[called]).input_shape.members
    names = {xform_name(name, "-"): name for name in members}
    request = {names[name]: _value(members[names[name]], values) for name, values in given.items()}
    answer = getattr(client, called)(**request)
    answer.pop("ResponseMetadata", None)
    found = answer if query is None else jmespath.search(query, answer)
    print(found if output == "text" and isinstance(found, str) else json.dumps(found, default=str))  # noqa: T201
    return 0


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word.removeprefix("--")
            found[name] = []
        else:
            found[name].append(word)
    return found


def _value(shape: Any, given: list[str]) -> Any:
    texts = [Path(text.removeprefix("file://")).read_text() if text.startswith("file://") else text for text in given]
    if shape.type_name == "boolean":
        return True
    if shape.type_name in ("structure", "map") or (shape.type_name == "list" and texts[0].startswith("[")):
        return json.loads(texts[0])
    if shape.type_name == "list":
        return texts
    return int(texts[0]) if shape.type_name in ("integer", "long") else texts[0]


def _configure(key: str, value: str, profile: str) -> int:
    keys = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", Path.home() / ".aws" / "credentials"))
    parser = RawConfigParser()
    parser.read(keys)
    if not parser.has_section(profile):
        parser.add_section(profile)
    parser.set(profile, key, value)
    keys.parent.mkdir(parents=True, exist_ok=True)
    with keys.open("w") as file:
        parser.write(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
